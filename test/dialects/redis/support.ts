import type { DialectOptions } from "../../../src/base/settings.ts";
import type { Codec, CodecContext, Decoded, Direction } from "../../../src/dialects/codec.ts";
import type { ReadingContext } from "../../../src/dialects/dialect.ts";
import { isFramingError } from "../../../src/dialects/errors.ts";
import { redis } from "../../../src/dialects/redis/redis.ts";
import type { Matcher, Progress } from "../../../src/match/matcher.ts";
import { outgoing } from "../http/support.ts";

await redis.load?.({});

/** One connection in both directions. */
export const codec = (options: DialectOptions = {}, context: Partial<CodecContext> = {}): Codec =>
  redis.createCodec({ eol: "lf", limit: 1_000_000, host: "localhost", options, ...context });

export const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** Lines as a direction gets them, ` (no-eol)` and ` (lf)` read. */
export { outgoing };

/** The bytes that a direction encodes lines to. */
export function encoded(direction: Direction, lines: readonly string[], to?: number): string {
  const result = direction.encode(outgoing(...lines), undefined, to);
  if (result.withheld !== undefined) throw new Error(result.withheld);
  return Buffer.from(result.bytes).toString("latin1");
}

/** What a client sends for commands. */
export const request = (one: Codec, lines: readonly string[]): string => encoded(one.requests, lines);

/** What came of bytes: the lines of each message, each with its ending, and why it ended. */
export interface Shown {
  readonly messages: readonly string[];
  readonly error: string | undefined;
}

const text = ({ lines }: Decoded): string => lines.join("");

/** Decodes bytes in pieces of these sizes, the last one again and again. */
export function decode(direction: Direction, bytes: Uint8Array, ...sizes: readonly number[]): Shown {
  const messages: Decoded[] = [];
  try {
    let at = 0;
    for (let i = 0; at < bytes.length; i++) {
      const size = sizes[Math.min(i, sizes.length - 1)] ?? bytes.length;
      messages.push(...direction.decode(bytes.subarray(at, at + size)));
      at += size;
    }
    messages.push(...direction.flush("closed"));
  } catch (error) {
    if (!isFramingError(error)) throw error;
    return { messages: [...messages, ...error.messages].map(text), error: error.message };
  }
  return { messages: messages.map(text), error: undefined };
}

/** The same, whole and byte by byte, on two connections. */
export const decodeBothWays = (bytes: string, open: () => Direction = () => codec().responses): readonly Shown[] => [
  decode(open(), latin1(bytes)),
  decode(open(), latin1(bytes), 1),
];

/** How replies are read in any order, or as they come. */
export const reading = (unordered: boolean): ReadingContext => ({
  eol: "lf",
  unordered,
  options: {},
  isAnswer: true,
});

/** Feeds a matcher with messages until it is certain; `progress` is what it said before. */
export function feed(matcher: Matcher, messages: readonly Decoded[], progress: Progress): Progress {
  let now = progress;
  const certain = (): boolean => now === "done" || now === "failed";
  for (const { lines, part, ends } of messages) {
    for (const line of lines) if (!certain()) now = matcher.feed(line, part);
    if (ends && !certain()) now = matcher.endMessage();
  }
  return now;
}
