/**
 * A request as it is written, completed where the document leaves it open (format guide, section 8; RFC 9112, sections
 * 2 to 3 and 6): the empty line after the headers, `Host`, and `Content-Length` where there is a body.
 */
import type { ByteString } from "../../base/bytes.ts";
import { decodeText, toBytes } from "../../base/bytes.ts";
import type { Eol } from "../../base/settings.ts";
import { LineError, type OutgoingLine } from "../dialect.ts";
import { receivedHeader, valuesByName } from "./headers.ts";

/** What of a request tells how its response is framed, and what may follow it. */
export interface RequestHead {
  readonly method: string;
  /** It says that the connection ends with its response. */
  readonly closes: boolean;
  /** It has a `Transfer-Encoding`, so its body is sent as it stands. */
  readonly encoded: boolean;
}

export interface RequestContext {
  readonly eol: Eol;
  readonly host: string;
  readonly complete: boolean;
}

const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ .*\S HTTP\/1\.[01]$/;
const LIKE_REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ .*\S HTTP\/\d(?:\.\d)?$/;
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*:/;
const AS_WRITTEN = "http: {complete: false} sends what is written";

/** Every line as it stands, with its ending. */
export const asWritten = (lines: readonly OutgoingLine[]): ByteString =>
  lines.map(({ bytes, ending }) => bytes + ending).join("");

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
 * The bytes of a request; `rest` are lines of its body that are sent later, which its length counts.
 * @throws {LineError} where it is to be completed and cannot be read.
 */
export function encodeRequest(
  lines: readonly OutgoingLine[],
  rest: readonly OutgoingLine[],
  { eol, host, complete }: RequestContext,
): { readonly bytes: Uint8Array; readonly head: RequestHead } {
  const empty = lines.findIndex(({ bytes }) => bytes === "");
  const headLines = empty < 0 ? lines : lines.slice(0, empty);
  const written = asWritten(headLines);
  const headers = valuesByName(
    headLines.flatMap(({ bytes }, i) => (i > 0 && HEADER.test(bytes) ? [receivedHeader(bytes, i)] : [])),
  );
  const head: RequestHead = {
    method: written.slice(0, written.search(/\s|$/)),
    closes: /(?:^|,)\s*close\s*(?:,|$)/i.test(headers.get("connection") ?? ""),
    encoded: headers.has("transfer-encoding"),
  };
  if (!head.encoded && !headers.has("content-length") && WITHOUT_BODY.has(head.method) && empty >= 0)
    checkIsNoRequest(head.method, lines.slice(empty + 1));
  if (!complete) return { bytes: toBytes(asWritten(lines)), head };

  for (const line of headLines) checkHeadLine(line, line === lines[0]);
  if (empty === 0) checkHeadLine(lines[0]!, true);
  const bodyLines = empty < 0 ? [] : lines.slice(empty + 1);
  const body = head.encoded ? asWritten(bodyLines) : encodeBody(bodyLines);
  const ending = eol === "lf" ? "\n" : "\r\n";
  const requestLine = written.slice(0, written.indexOf("\n") + 1);
  const needsHost = !headers.has("host") && requestLine.trimEnd().endsWith("HTTP/1.1");
  const hasBody = bodyLines.length + rest.length > 0;
  const needsLength = hasBody && !head.encoded && !headers.has("content-length");
  const text =
    requestLine +
    (needsHost ? `Host: ${host}${ending}` : "") +
    written.slice(requestLine.length) +
    (needsLength ? `Content-Length: ${body.length + encodeBody(rest).length}${ending}` : "") +
    (empty < 0 ? ending : lines[empty]!.ending || ending) +
    body;
  return { bytes: toBytes(text), head };
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

function checkHeadLine(line: OutgoingLine, first: boolean): void {
  const { bytes, ending } = line;
  if (first && !REQUEST_LINE.test(bytes)) throw new LineError(line, whatIsWrong(decodeText(bytes)));
  if (!first && !HEADER.test(bytes) && !/^[ \t]/.test(bytes)) {
    throw new LineError(
      line,
      `this line is not a header ("Name: value"): write an empty line between the headers and the body (${AS_WRITTEN})`,
    );
  }
  if (ending === "") throw new LineError(line, `a line before the body needs a line ending (${AS_WRITTEN})`);
}

function whatIsWrong(line: string): string {
  const version = /^[A-Z]+ \S+ (HTTP\/\S*)$/i.exec(line)?.[1];
  if (version) return `"${version}" is not spoken here; write HTTP/1.1 or HTTP/1.0 (${AS_WRITTEN})`;
  if (/^[A-Z]+ \S+$/.test(line)) return `the request line has no version; write "${line} HTTP/1.1" (${AS_WRITTEN})`;
  return `a request begins with a line like "GET / HTTP/1.1" (${AS_WRITTEN})`;
}
