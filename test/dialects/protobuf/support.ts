import { join } from "node:path";
import { encodeText } from "../../../src/base/bytes.ts";
import type { DialectOptions } from "../../../src/base/settings.ts";
import type { Codec, CodecContext, Message } from "../../../src/dialects/dialect.ts";
import { doozer, protobuf } from "../../../src/dialects/protobuf/protobuf.ts";
import { expected, outgoing } from "../http/support.ts";

export const protoFile = (name: string): string => join(import.meta.dirname, "../../fixtures/proto", name);
/** The one that docs/protobuf.md shows. */
export const DOOZER_PROTO: string = join(import.meta.dirname, "../../../docs/doozer.proto");

const context = { eol: "lf", limit: 1_000_000, host: "localhost", options: {} } as const;

/** Codecs of the dialect protobuf with these options; every call opens a connection. */
export async function speaking(options: DialectOptions, rest: Partial<CodecContext> = {}): Promise<() => Codec> {
  await protobuf.load?.(options);
  return () => protobuf.createCodec("client", { ...context, ...rest, options });
}

export const everything = (options: DialectOptions = {}, rest: Partial<CodecContext> = {}): Promise<() => Codec> =>
  speaking({ schema: protoFile("everything.proto"), request: "All", response: "All", ...options }, rest);

export async function speakingDoozer(rest: Partial<CodecContext> = {}): Promise<() => Codec> {
  await doozer.load?.({});
  return () => doozer.createCodec("client", { ...context, ...rest });
}

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Begins an exchange, and what it sends, in hexadecimal. */
export const send = (codec: Codec, lines: readonly string[], replies: readonly string[] = []): string =>
  Buffer.from(codec.begin({ sends: outgoing(...lines.map(encodeText)), expects: expected(...replies) })).toString(
    "hex",
  );

export const textOf = (messages: readonly Message[]): readonly string[] =>
  messages.flatMap(({ lines }) => lines.map((line) => line.trimEnd()));

/** What comes out of bytes that arrive so cut: the lines, and behind them what broke the framing. */
export function receive(codec: Codec, chunks: readonly Uint8Array[]): readonly string[] {
  const lines: string[] = [];
  for (const chunk of chunks) {
    try {
      lines.push(...textOf(codec.decode(chunk)));
    } catch (error) {
      if ((error as Error).name !== "FramingError") throw error;
      lines.push(...textOf((error as { messages: readonly Message[] }).messages), `! ${(error as Error).message}`);
      break;
    }
  }
  return lines;
}

export const singly = (bytes: Uint8Array): readonly Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));
