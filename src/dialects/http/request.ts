/**
 * A request as it is written, completed where the document leaves it open (format guide, section 8; RFC 9112, sections
 * 2 to 3 and 6): the empty line after the headers, `Host`, and `Content-Length` where there is a body.
 */
import type { ByteString } from "../../base/bytes.ts";
import { decodeText, toBytes } from "../../base/bytes.ts";
import type { OutgoingLine } from "../codec.ts";
import { LineError } from "../errors.ts";
import { tokensOf } from "./headers.ts";
import {
  AS_WRITTEN,
  asWritten,
  type Completion,
  checkEnding,
  checkHeader,
  endingOfHead,
  NO_HEADERS,
  namesFraming,
  splitMessage,
} from "./outgoing.ts";

/** What of a request tells how its response is framed, and what may follow it. */
export interface RequestHead {
  readonly method: string;
  /** It says that the connection ends with its response. */
  readonly closes: boolean;
  /** It has a `Transfer-Encoding`, so its body is sent as it stands. */
  readonly encoded: boolean;
  /** It asks for a change of protocol. */
  readonly changes: boolean;
}

/** @param line the request line. */
export function requestHead(line: ByteString, headers: ReadonlyMap<string, ByteString>): RequestHead {
  const space = line.search(/\s/);
  const method = space < 0 ? line : line.slice(0, space);
  const connection = headers.get("connection");
  return {
    method,
    closes: connection !== undefined && tokensOf(connection).includes("close"),
    encoded: headers.has("transfer-encoding"),
    changes: method === "CONNECT" || headers.has("upgrade"),
  };
}

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"]);
export const isIdempotent = ({ method }: RequestHead): boolean => IDEMPOTENT.has(method);

const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ .*\S HTTP\/1\.[01]$/;
const LIKE_REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ .*\S HTTP\/\d(?:\.\d)?$/;

/** Whether client lines begin as a request does. */
export const isRequest = ([first]: readonly OutgoingLine[]): boolean =>
  first !== undefined && REQUEST_LINE.test(first.bytes);

/** Body lines: an ending between them, and none after the last but a written one. */
export function encodeBody(lines: readonly OutgoingLine[]): ByteString {
  const last = lines.at(-1);
  if (!last || last.endingWritten) return asWritten(lines);
  return asWritten(lines.slice(0, -1)) + last.bytes;
}

/**
 * Whether no other request is sent before the response to this one: it is not idempotent (RFC 9112, section 9.3.2), it
 * may end the connection or its protocol, or its body waits for `100 Continue`.
 */
export function standsAlone(lines: readonly OutgoingLine[]): boolean {
  if (!isRequest(lines)) return true;
  const { head: headLines, headers } = splitMessage(lines);
  const head = requestHead(asWritten(headLines), headers);
  return head.closes || head.changes || headers.has("expect") || !isIdempotent(head);
}

export interface EncodedRequest {
  readonly bytes: Uint8Array;
  readonly head: RequestHead;
}

/**
 * The bytes of a request; `rest` are lines of its body that are sent later, which its length counts.
 * @throws {LineError} where it is to be completed and cannot be read.
 */
export function encodeRequest(
  lines: readonly OutgoingLine[],
  rest: readonly OutgoingLine[],
  completion: Completion,
): EncodedRequest {
  if (lines.length === 1 && rest.length === 0 && completion.complete) return encodeLine(lines[0]!, completion);
  const { head: headLines, headers, empty, body: bodyLines } = splitMessage(lines);
  const written = asWritten(headLines);
  const head = requestHead(written, headers);
  const hasFraming = namesFraming(headers);
  if (bodyLines.length > 0 && !hasFraming && WITHOUT_BODY.has(head.method)) checkIsNoRequest(head.method, bodyLines);
  if (!completion.complete) return { bytes: toBytes(asWritten(lines)), head };

  // Where the first line is the empty one, that is what stands in the place of the request line.
  checkRequestLine(lines[0]!);
  checkEnding(lines[0]!);
  for (let i = 1; i < headLines.length; i++) {
    checkHeader(headLines[i]!);
    checkEnding(headLines[i]!);
  }
  const body = head.encoded ? asWritten(bodyLines) : encodeBody(bodyLines);
  const ending = endingOfHead(completion);
  const requestLine = written.slice(0, written.indexOf("\n") + 1);
  const needsHost = !headers.has("host") && requestLine.trimEnd().endsWith("HTTP/1.1");
  const needsLength = !hasFraming && bodyLines.length + rest.length > 0;
  const text =
    requestLine +
    (needsHost ? `Host: ${completion.host}${ending}` : "") +
    written.slice(requestLine.length) +
    (needsLength ? `Content-Length: ${body.length + encodeBody(rest).length}${ending}` : "") +
    (empty?.ending || ending) +
    body;
  return { bytes: toBytes(text), head };
}

/** A request line alone, as most requests are written. @throws {LineError} */
function encodeLine(line: OutgoingLine, completion: Completion): EncodedRequest {
  checkRequestLine(line);
  checkEnding(line);
  const ending = endingOfHead(completion);
  const needsHost = line.bytes.endsWith("HTTP/1.1");
  const text = line.bytes + line.ending + (needsHost ? `Host: ${completion.host}${ending}` : "") + ending;
  return { bytes: toBytes(text), head: requestHead(line.bytes, NO_HEADERS) };
}

/** Methods of requests that have no body unless a header announces one. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/** What would be sent as a body and reads as the next request is meant as that. @throws {LineError} */
function checkIsNoRequest(method: string, body: readonly OutgoingLine[]): void {
  const first = body.find(({ bytes }) => bytes !== "");
  if (first && LIKE_REQUEST_LINE.test(first.bytes))
    throw new LineError(
      first,
      `this line would be sent as the body of the ${method} request: write the reply first, or pipelined requests in "dialect: line"`,
    );
}

/** @throws {LineError} */
function checkRequestLine(line: OutgoingLine): void {
  if (!REQUEST_LINE.test(line.bytes)) throw new LineError(line, whatIsWrong(decodeText(line.bytes)));
}

function whatIsWrong(line: string): string {
  const version = /^[A-Z]+ \S+ (HTTP\/\S*)$/i.exec(line)?.[1];
  if (version) return `"${version}" is not spoken here; write HTTP/1.1 or HTTP/1.0 (${AS_WRITTEN})`;
  if (/^[A-Z]+ \S+$/.test(line)) return `the request line has no version; write "${line} HTTP/1.1" (${AS_WRITTEN})`;
  return `a request begins with a line like "GET / HTTP/1.1" (${AS_WRITTEN})`;
}
