/** Written responses that leave no choice: a status line, headers of different names, and lines of text for a body. */
import type { ByteString } from "../../base/bytes.ts";
import { isPlainLine, type PlainLine } from "../../match/in-place.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { isEmptyLine, withoutLayout } from "./written.ts";

export interface PlainResponse {
  /** The status line, or its beginning up to the code, which stands for any reason. */
  readonly status: ByteString;
  /** Those without placeholders first, as they take their headers first. */
  readonly headers: readonly PlainHeader[];
  readonly lines: readonly PlainLine[];
  /** Where in these the body begins: at their end where it has to be empty; undefined where any body will do. */
  readonly body: number | undefined;
}

export interface PlainHeader {
  readonly line: PlainLine;
  /** The text that it begins with, its name and colon included. */
  readonly start: ByteString;
  /** In small letters. */
  readonly name: string;
  readonly isCaptured: boolean;
}

const NO_HEADERS: readonly PlainHeader[] = [];

/** Undefined where the written lines are anything else. */
export function plainResponse(expects: readonly LinePattern[]): PlainResponse | undefined {
  const lines = expects[0]?.literal === "" ? withoutLayout(expects) : expects;
  let separator = -1;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (!isPlainLine(line)) return undefined;
    if (separator < 0 && isEmptyLine(line)) separator = i;
  }
  const plain = lines as readonly PlainLine[];
  const status = plain[0] && statusOf(plain[0]);
  if (status === undefined) return undefined;
  const headers = plainHeaders(plain, separator < 0 ? plain.length : separator);
  const body = separator < 0 ? undefined : bodyAfter(plain, separator);
  if (headers === undefined || (body !== undefined && mayBeJson(plain[body]))) return undefined;
  return { status, headers, lines: plain, body };
}

/** The status line of a final response in HTTP/1.1, without space at its end. */
function statusOf({ source, literal }: PlainLine): ByteString | undefined {
  const isFinal = source.startsWith("HTTP/1.1 ") && source.charCodeAt(CODE) >= TWO;
  return isFinal && literal === source && !/\s$/.test(source) ? source : undefined;
}

function plainHeaders(lines: readonly PlainLine[], end: number): readonly PlainHeader[] | undefined {
  if (end === 1) return NO_HEADERS;
  const headers: PlainHeader[] = [];
  let literals = 0;
  for (let i = 1; i < end; i++) {
    const line = lines[i]!;
    const first = line.body.parts[0]!;
    const start = first.kind === "text" ? first.bytes : "";
    const colon = start.indexOf(":");
    if (colon < 1) return undefined;
    const name = start.slice(0, colon).toLowerCase();
    for (let j = 0; j < headers.length; j++) if (headers[j]!.name === name) return undefined;
    const isCaptured = line.literal === undefined && line.placeholders[0]!.name !== "_";
    const header = { line, start, name, isCaptured };
    if (line.literal === undefined || literals === headers.length) headers.push(header);
    else headers.splice(literals, 0, header);
    if (line.literal !== undefined) literals++;
  }
  return headers;
}

function bodyAfter(lines: readonly PlainLine[], separator: number): number | undefined {
  const from = separator + 1;
  // The mark in the place of a body that has to be empty.
  const mark = lines[lines.length - 1]!;
  if (lines.length <= from + 1 && mark.source === "" && mark.marked) return lines.length;
  return from < lines.length ? from : undefined;
}

/** Whether a body that begins so may be JSON, which is more than its text. */
const mayBeJson = (first: PlainLine | undefined): boolean =>
  first !== undefined && first.body.parts[0]!.kind === "text" && !/^[^\s{[]/.test(first.source);

/** The place of the code in a status line, and its lowest first digit. */
const CODE = 9;
const TWO = 50;
