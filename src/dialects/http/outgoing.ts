/** The lines of a message that is sent, and what they have in common: a head, an empty line, and a body. */
import type { ByteString } from "../../base/bytes.ts";
import type { Eol } from "../../base/settings.ts";
import type { OutgoingLine } from "../codec.ts";
import { LineError } from "../errors.ts";
import { type ReceivedHeader, receivedHeader, valuesByName } from "./headers.ts";

/** How messages are completed. */
export interface Completion {
  readonly eol: Eol;
  /** What a request names in `Host`. */
  readonly host: string;
  /** Whether they are completed at all. */
  readonly complete: boolean;
}

export const endingOfHead = ({ eol }: Completion): ByteString => (eol === "lf" ? "\n" : "\r\n");

const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*:/;
export const AS_WRITTEN = "http: {complete: false} sends what is written";

/** Every line as it stands, with its ending. */
export function asWritten(lines: readonly OutgoingLine[]): ByteString {
  let text = "";
  for (let i = 0; i < lines.length; i++) text += lines[i]!.bytes + lines[i]!.ending;
  return text;
}

export interface OutgoingMessage {
  readonly head: readonly OutgoingLine[];
  /** What the headers say. */
  readonly headers: ReadonlyMap<string, ByteString>;
  /** The empty line after the head, where one is written. */
  readonly empty: OutgoingLine | undefined;
  readonly body: readonly OutgoingLine[];
}

export function splitMessage(lines: readonly OutgoingLine[]): OutgoingMessage {
  let at = 0;
  const received: ReceivedHeader[] = [];
  for (; at < lines.length && lines[at]!.bytes !== ""; at++) {
    const { bytes } = lines[at]!;
    if (at > 0 && HEADER.test(bytes)) received.push(receivedHeader(bytes, at));
  }
  const headers = received.length > 0 ? valuesByName(received) : NO_HEADERS;
  if (at === lines.length) return { head: lines, headers, empty: undefined, body: NO_LINES };
  return { head: lines.slice(0, at), headers, empty: lines[at], body: lines.slice(at + 1) };
}

export const NO_HEADERS: ReadonlyMap<string, ByteString> = new Map();
const NO_LINES: readonly OutgoingLine[] = [];

/** Whether headers tell where the body ends, or how it is encoded. */
export const namesFraming = (headers: ReadonlyMap<string, ByteString>): boolean =>
  headers.has("content-length") || headers.has("transfer-encoding");

/** Refuses a line after the first one of a head that is no header. @throws {LineError} */
export function checkHeader(line: OutgoingLine): void {
  if (!HEADER.test(line.bytes) && !/^[ \t]/.test(line.bytes))
    throw new LineError(
      line,
      `this line is not a header ("Name: value"): write an empty line between the headers and the body (${AS_WRITTEN})`,
    );
}

/** Refuses a line of a head without an ending. @throws {LineError} */
export function checkEnding(line: OutgoingLine): void {
  if (line.ending === "") throw new LineError(line, `a line before the body needs a line ending (${AS_WRITTEN})`);
}
