/**
 * The head of a response, line by line: whether its bytes are legal (RFC 9112, sections 2 to 5), and what it says of the
 * body after it (section 6). Every line keeps its ending: a document may say which one it has to be.
 */
import { type ByteString, decodeText, displayText } from "../../base/bytes.ts";
import type { Eol } from "../../base/settings.ts";
import { FramingError } from "../dialect.ts";
import { receivedHeader, trimSpace, valuesByName } from "./headers.ts";
import type { RequestHead } from "./request.ts";

export type BodyFraming =
  /** The response ends with its head. */
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  /** The close of the connection ends it. */
  | { readonly kind: "close" }
  /** What follows is no longer HTTP. */
  | { readonly kind: "tunnel" };

export interface ResponseHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, ByteString>;
  readonly framing: BodyFraming;
  /** Whether another response may follow on the connection. */
  readonly keepAlive: boolean;
}

const STATUS = /^HTTP\/1\.([01]) ([1-9]\d\d)(?= |\r?\n|$)/;
/** Searched for, not matched as a whole: a long line would take much memory. */
const ILLEGAL = /[^\t\x20-\x7e\x80-\xff]/;
const ILLEGAL_IN_NAME = /[^!#$%&'*+.^_`|~0-9A-Za-z-]/;
/** So much of a line stands in a sentence, in bytes; the report shows it whole. */
const MOST_QUOTED = 60;

/** A line for a sentence. */
export function quote(line: ByteString): string {
  const text = line.length > 2 ? line.replace(/\r?\n$/, "") : line;
  const shown = displayText(decodeText(text.slice(0, MOST_QUOTED)));
  return `"${shown}${text.length > MOST_QUOTED ? "…" : ""}"`;
}

const NAMES = { "\n": "LF", "\r\n": "CRLF" } as const;

/** The ending of a line has to be the one that `eol` names; `what` says which line it is. @throws {FramingError} */
function checkEnding(line: ByteString, eol: Eol, what: () => string): void {
  const ending = line.endsWith("\r\n") ? "\r\n" : "\n";
  const wanted = eol === "lf" ? "\n" : "\r\n";
  if (eol !== "any" && ending !== wanted)
    throw new FramingError(`${what()} ends with ${NAMES[ending]}, expected ${NAMES[wanted]}`);
}

/** @throws {FramingError} */
export function checkStatusLine(line: ByteString, eol: Eol): void {
  const reason = whyNoStatusLine(line);
  if (reason !== undefined) throw new FramingError(reason);
  checkEnding(line, eol, () => "the status line");
}

/** Why a line, with or without its ending, is not a status line. */
export function whyNoStatusLine(line: ByteString): string | undefined {
  const text = line.replace(/\r?\n$/, "");
  if (STATUS.test(text) && !ILLEGAL.test(text)) return undefined;
  if (text === "") return "an empty line stands before the status line of the response";
  if (/^[\r\n]/.test(text)) return "a CR stands before the status line of the response";
  const version = /^HTTP\/[^\s]*/.exec(text)?.[0];
  if (version === undefined)
    return `the server does not speak HTTP/1: it sent ${quote(line)} where a status line is expected`;
  if (!/^HTTP\/1\.[01]$/.test(version))
    return `the status line names ${quote(version)}: the dialect reads HTTP/1.0 and HTTP/1.1`;
  if (!STATUS.test(text))
    return `the status line has no valid status code (100 to 999, after one space): ${quote(text)}`;
  return `the reason in the status line ${illegal(text)}: ${quote(text)}`;
}

/** Whether the beginning of a line needs no LF to be refused: it is bytes, and enough of them to tell a protocol by. */
export const isBinary = (bytes: ByteString): boolean =>
  bytes.length >= 5 && /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(bytes);

/** A header or a trailer. @returns whether it is the empty line after them. @throws {FramingError} */
export function checkFieldLine(line: ByteString, eol: Eol, what: "header" | "trailer"): boolean {
  const text = line.slice(0, line.endsWith("\r\n") ? -2 : -1);
  if (text === "") {
    checkEnding(line, eol, () => `the empty line after the ${what}s`);
    return true;
  }
  const colon = text.indexOf(":");
  if (colon < 1 || ILLEGAL_IN_NAME.test(text.slice(0, colon)) || ILLEGAL.test(text))
    throw new FramingError(`${whyNoField(text, what)}: ${quote(text)}`);
  checkEnding(line, eol, () => `the ${what} ${quote(text.slice(0, colon))}`);
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

/**
 * What the lines of a head say, its empty line included, that are legal one by one.
 * @throws {FramingError} where they contradict each other.
 */
export function readHead(lines: readonly ByteString[], request: RequestHead | undefined): ResponseHead {
  const [, minor, code] = STATUS.exec(lines[0]!)!;
  const status = Number(code);
  const headers = valuesByName(lines.slice(1, -1).map(receivedHeader));
  const framing = framingOf(headers, status, minor === "0", request?.method);
  const options = tokensOf(headers.get("connection") ?? "");
  const persists = minor === "0" ? options.includes("keep-alive") : true;
  return { status, headers, framing, keepAlive: persists && !options.includes("close") && framing.kind !== "close" };
}

const tokensOf = (list: ByteString): readonly string[] =>
  list
    .toLowerCase()
    .split(",")
    .map(trimSpace)
    .filter((token) => token !== "");

/** RFC 9112, section 6.3, in its order; but headers that contradict each other are refused wherever they stand. */
function framingOf(
  headers: ReadonlyMap<string, ByteString>,
  status: number,
  isOld: boolean,
  method: string | undefined,
): BodyFraming {
  if (status === 101 || (method === "CONNECT" && status >= 200 && status < 300)) return { kind: "tunnel" };
  if (status < 200) return { kind: "none" };
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined && isOld)
    throw new FramingError("the response has a Transfer-Encoding, which HTTP/1.0 does not know");
  if (coding !== undefined && length !== undefined)
    throw new FramingError("the response has both Content-Length and Transfer-Encoding, so where it ends is ambiguous");
  const isChunked = coding !== undefined && endsInChunked(coding);
  const bytes = length === undefined ? undefined : lengthOf(length);
  if (method === "HEAD" || status === 204 || status === 304) return { kind: "none" };
  if (isChunked) return { kind: "chunked" };
  return bytes === undefined ? { kind: "close" } : { kind: "length", length: bytes };
}

function endsInChunked(value: ByteString): boolean {
  const codings = tokensOf(value);
  if (codings.length === 0 || codings.some((coding) => ILLEGAL_IN_NAME.test(nameOf(coding))))
    throw new FramingError("the Transfer-Encoding of the response is malformed");
  const chunked = codings.filter((coding) => nameOf(coding) === "chunked");
  if (chunked.some((coding) => coding !== "chunked"))
    throw new FramingError("the Transfer-Encoding of the response is malformed: chunked takes no parameters");
  if (chunked.length > 1)
    throw new FramingError("the Transfer-Encoding of the response names chunked twice; it may be applied once");
  if (chunked.length === 1 && codings.at(-1) !== "chunked")
    throw new FramingError(
      "the Transfer-Encoding of the response names another coding after chunked, which must be last",
    );
  return chunked.length === 1;
}

/** A transfer coding without its parameters. */
const nameOf = (coding: ByteString): ByteString => trimSpace(coding.slice(0, `${coding};`.indexOf(";")));

function lengthOf(value: ByteString): number {
  if (value.includes(",")) {
    const values = [...new Set(value.split(",").map(trimSpace))];
    throw new FramingError(
      values.length === 1
        ? "the response has two Content-Length headers, or one with two values"
        : `the response has two Content-Length headers that differ: ${values.slice(0, 2).map(quote).join(" and ")}`,
    );
  }
  if (!/^\d+$/.test(value))
    throw new FramingError(`the Content-Length of the response is not a number of bytes: ${quote(value)}`);
  const length = Number(value);
  if (length > Number.MAX_SAFE_INTEGER)
    throw new FramingError(`the Content-Length of the response is too large: ${quote(value)}`);
  return length;
}
