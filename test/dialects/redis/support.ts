import type { DialectOptions } from "../../../src/base/settings.ts";
import type { Codec, CodecContext, Message } from "../../../src/dialects/dialect.ts";
import { isFramingError } from "../../../src/dialects/dialect.ts";
import { redis } from "../../../src/dialects/redis/redis.ts";

await redis.load?.({});

export const codec = (options: DialectOptions = {}, context: Partial<CodecContext> = {}): Codec =>
  redis.createCodec("client", { eol: "lf", limit: 1_000_000, host: "localhost", options, ...context });

/** What came of bytes: the lines of each message, each with its ending, and why it ended. */
export interface Decoded {
  readonly messages: readonly string[];
  readonly error: string | undefined;
}

const text = ({ lines }: Message): string => lines.join("");

/** Decodes bytes in pieces of these sizes, the last one again and again. */
export function decode(codec: Codec, bytes: Uint8Array, ...sizes: readonly number[]): Decoded {
  const messages: Message[] = [];
  try {
    let at = 0;
    for (let i = 0; at < bytes.length; i++) {
      const size = sizes[Math.min(i, sizes.length - 1)] ?? bytes.length;
      messages.push(...codec.decode(bytes.subarray(at, at + size)));
      at += size;
    }
    messages.push(...codec.end(true));
  } catch (error) {
    if (!isFramingError(error)) throw error;
    return { messages: [...messages, ...error.messages].map(text), error: error.message };
  }
  return { messages: messages.map(text), error: undefined };
}

/** The same, whole and byte by byte, on two connections. */
export const decodeBothWays = (bytes: string, open: () => Codec = codec): readonly Decoded[] => {
  const raw = Buffer.from(bytes, "latin1");
  return [decode(open(), raw), decode(open(), raw, 1)];
};
