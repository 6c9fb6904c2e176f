/**
 * The lines of a head, one by one: whether their bytes are legal (RFC 9112, sections 2 to 5). CRLF and LF are alike here;
 * every line keeps its ending, as a document may say which one it has to be.
 */
import { type ByteString, decodeText, displayText } from "../../base/bytes.ts";
import { FramingError } from "../errors.ts";

const TOKEN = "!#$%&'*+.^_`|~0-9A-Za-z-";
const STATUS_LINE = /^HTTP\/1\.[01] [1-9]\d\d(?= |$)/;
const REQUEST_LINE = new RegExp(`^[${TOKEN}]+ [\\x21-\\x7e\\x80-\\xff]+ HTTP/1\\.[01]$`);
/** Searched for, not matched as a whole: a long line would take much memory. */
const ILLEGAL = /[^\t\x20-\x7e\x80-\xff]/;
export const ILLEGAL_IN_NAME: RegExp = new RegExp(`[^${TOKEN}]`);
/** So much of a line stands in a sentence, in bytes; the report shows it whole. */
const MOST_QUOTED = 60;

/** A line for a sentence. */
export function quote(line: ByteString): string {
  const text = line.length > 2 ? withoutEnding(line) : line;
  const shown = displayText(decodeText(text.slice(0, MOST_QUOTED)));
  return `"${shown}${text.length > MOST_QUOTED ? "…" : ""}"`;
}

const withoutEnding = (line: ByteString): ByteString => line.replace(/\r?\n$/, "");

/** The first line of a message: what tells requests from responses. */
export interface StartLine {
  readonly name: "status line" | "request line";
  /** Why a line, with or without its ending, is none; undefined where it is one. */
  whyNone(line: ByteString): string | undefined;
  /** Whether a line may begin with these bytes. */
  mayBegin(bytes: ByteString): boolean;
}

export const statusLine: StartLine = {
  name: "status line",
  mayBegin: (bytes) => "HTTP/1.".startsWith(bytes.slice(0, 7)),
  whyNone: (line) => {
    const text = withoutEnding(line);
    if (STATUS_LINE.test(text) && !ILLEGAL.test(text)) return undefined;
    const before = whatStandsBefore(text, "status line of the response");
    if (before !== undefined) return before;
    const version = /^HTTP\/[^\s]*/.exec(text)?.[0];
    if (version === undefined)
      return `the server does not speak HTTP/1: it sent ${quote(line)} where a status line is expected`;
    if (!/^HTTP\/1\.[01]$/.test(version))
      return `the status line names ${quote(version)}: the dialect reads HTTP/1.0 and HTTP/1.1`;
    if (!STATUS_LINE.test(text))
      return `the status line has no valid status code (100 to 999, after one space): ${quote(text)}`;
    return `the reason in the status line ${illegal(text)}: ${quote(text)}`;
  },
};

export const requestLine: StartLine = {
  name: "request line",
  mayBegin: (bytes) => {
    const end = bytes.search(ILLEGAL_IN_NAME);
    return end < 0 || (end > 0 && bytes[end] === " ");
  },
  whyNone: (line) => {
    const text = withoutEnding(line);
    if (REQUEST_LINE.test(text)) return undefined;
    const before = whatStandsBefore(text, "request line");
    if (before !== undefined) return before;
    if (!requestLine.mayBegin(text))
      return `the client does not speak HTTP/1: it sent ${quote(line)} where a request line is expected`;
    const version = / (HTTP\/[^\s]*)$/.exec(text)?.[1];
    if (version !== undefined && !/^HTTP\/1\.[01]$/.test(version))
      return `the request line names ${quote(version)}: the dialect reads HTTP/1.0 and HTTP/1.1`;
    if (ILLEGAL.test(text)) return `the request line ${illegal(text)}: ${quote(text)}`;
    return `the request line is not a method, a target and a version with one space between them: ${quote(text)}`;
  },
};

function whatStandsBefore(text: ByteString, what: string): string | undefined {
  if (text === "") return `an empty line stands before the ${what}`;
  return /^[\r\n]/.test(text) ? `a CR stands before the ${what}` : undefined;
}

/** Whether the beginning of a line needs no LF to be refused: it is bytes, and enough of them to tell a protocol by. */
export const isBinary = (bytes: ByteString): boolean =>
  bytes.length >= 5 && /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(bytes);

/** A header or a trailer. @returns whether it is the empty line after them. @throws {FramingError} */
export function checkFieldLine(line: ByteString, what: "header" | "trailer"): boolean {
  const text = line.slice(0, line.endsWith("\r\n") ? -2 : -1);
  if (text === "") return true;
  const colon = text.indexOf(":");
  if (colon < 1 || ILLEGAL_IN_NAME.test(text.slice(0, colon)) || ILLEGAL.test(text))
    throw new FramingError(`${whyNoField(text, what)}: ${quote(text)}`);
  return false;
}

function whyNoField(text: ByteString, what: "header" | "trailer"): string {
  if (/^[ \t]/.test(text)) return `a ${what} goes on in a second line, which HTTP/1.1 forbids`;
  const colon = text.indexOf(":");
  if (colon < 0) return `a line among the ${what}s has no colon`;
  const name = text.slice(0, colon);
  if (name === "") return `a ${what} has no name before its colon`;
  if (/[ \t]$/.test(name)) return `white space stands before the colon of a ${what}`;
  if (ILLEGAL_IN_NAME.test(name)) return `the name of a ${what} holds a character that is not allowed there`;
  return `the value of the ${what} ${quote(name)} ${illegal(text)}`;
}

const illegal = (text: ByteString): string =>
  text.includes("\r")
    ? "holds a CR that is not part of a line ending"
    : text.includes("\0")
      ? "holds a NUL"
      : "holds a control character";
