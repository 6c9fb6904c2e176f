import { join } from "node:path";
import { encodeText } from "../../../src/base/bytes.ts";
import type { DialectOptions } from "../../../src/base/settings.ts";
import type { Codec, CodecContext, Decoded, Direction, OutgoingLine } from "../../../src/dialects/codec.ts";
import { isFramingError } from "../../../src/dialects/errors.ts";
import { doozer, protobuf } from "../../../src/dialects/protobuf/protobuf.ts";

export const protoFile = (name: string): string => join(import.meta.dirname, "../../fixtures/proto", name);
/** The one that docs/protobuf.md shows. */
export const DOOZER_PROTO: string = join(import.meta.dirname, "../../../docs/doozer.proto");

const context = { eol: "lf", limit: 1_000_000, host: "localhost", options: {} } as const;

/** Codecs of the dialect protobuf with these options; every call opens a connection. */
export async function speaking(options: DialectOptions, rest: Partial<CodecContext> = {}): Promise<() => Codec> {
  await protobuf.load?.(options);
  return () => protobuf.createCodec({ ...context, ...rest, options });
}

export const everything = (options: DialectOptions = {}, rest: Partial<CodecContext> = {}): Promise<() => Codec> =>
  speaking({ schema: protoFile("everything.proto"), request: "All", response: "All", ...options }, rest);

export async function speakingDoozer(rest: Partial<CodecContext> = {}): Promise<() => Codec> {
  await doozer.load?.({});
  return () => doozer.createCodec({ ...context, ...rest });
}

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** Lines as a plan hands them over. */
export const outgoing = (lines: readonly string[]): readonly OutgoingLine[] =>
  lines.map((text, i) => ({ bytes: encodeText(text), ending: "\n", endingWritten: false, line: i + 1, column: 5 }));

/** What a direction sends, in hexadecimal. */
export function encode(direction: Direction, lines: readonly string[], to?: number): string {
  const encoded = direction.encode(outgoing(lines), undefined, to);
  if (encoded.withheld !== undefined) throw new Error(encoded.withheld);
  return Buffer.from(encoded.bytes).toString("hex");
}

/** What a client sends, in hexadecimal. */
export const send = ({ requests }: Codec, lines: readonly string[]): string => encode(requests, lines);

export const textOf = (messages: readonly Decoded[]): readonly string[] =>
  messages.flatMap(({ lines }) => lines.map((line) => line.trimEnd()));

/** What comes out of bytes that arrive so cut: the lines, and after them what broke the framing. */
export function decode(direction: Direction, chunks: readonly Uint8Array[]): readonly string[] {
  const lines: string[] = [];
  for (const chunk of chunks) {
    try {
      lines.push(...textOf(direction.decode(chunk)));
    } catch (error) {
      if (!isFramingError(error)) throw error;
      lines.push(...textOf(error.messages), `! ${error.message}`);
      break;
    }
  }
  return lines;
}

/** What a client receives. */
export const receive = ({ responses }: Codec, chunks: readonly Uint8Array[]): readonly string[] =>
  decode(responses, chunks);

export const singly = (bytes: Uint8Array): readonly Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));
