/**
 * A response as it is written, completed where the document leaves it open: the empty line after the headers, and
 * `Content-Length`, without which a client waits for the close (RFC 9112, section 6.3), and the body as its headers say
 * that it travels.
 */
import { type ByteString, toBytes } from "../../base/bytes.ts";
import type { OutgoingLine } from "../codec.ts";
import { LineError } from "../errors.ts";
import { isEventStream } from "./headers.ts";
import {
  AS_WRITTEN,
  asWritten,
  type Completion,
  checkEnding,
  checkHeader,
  endingOfHead,
  namesFraming,
  splitMessage,
} from "./outgoing.ts";
import type { RequestHead } from "./request.ts";
import { bodyInTransit, isChunked } from "./response-body.ts";

export interface EncodedResponse {
  readonly bytes: Uint8Array;
  /** The status code of the last response in it; undefined where that cannot be read. */
  readonly status: number | undefined;
  /** Whether its body may go on in further lines, up to the close. */
  readonly isEndless: boolean;
  /** Whether its body travels in chunks. */
  readonly isChunked: boolean;
}

const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: |$)/;
const statusOf = (line: OutgoingLine | undefined): number | undefined => {
  const code = line && STATUS_LINE.exec(line.bytes)?.[1];
  return code === undefined ? undefined : Number(code);
};

/** Whether lines begin as a response does. */
export const isResponse = ([first]: readonly OutgoingLine[]): boolean => statusOf(first) !== undefined;

/** 101 is final: after it the protocol is another one. */
export const isInterimStatus = (status: number): boolean => status < 200 && status !== 101;

/** Whether a response ends HTTP on its connection. */
export const changesProtocol = (status: number, request: RequestHead | undefined): boolean =>
  status === 101 || (request?.method === "CONNECT" && status >= 200 && status < 300);

/**
 * Interim responses, which have no body, and then a final one to `request`. `later` are lines of its body that are sent
 * later.
 * @throws {LineError} where it is to be completed and cannot be read.
 */
export function encodeResponse(
  lines: readonly OutgoingLine[],
  later: readonly OutgoingLine[] | undefined,
  request: RequestHead | undefined,
  completion: Completion,
): EncodedResponse {
  let text = "";
  let rest = lines;
  for (let status = statusOf(rest[0]); status !== undefined && isInterimStatus(status); status = statusOf(rest[0])) {
    const next = rest.findIndex((line, i) => i > 0 && line.bytes.startsWith("HTTP/"));
    if (next < 0) break;
    text += encodeOne(rest.slice(0, next), undefined, request, completion).text;
    rest = rest.slice(next);
  }
  const { text: last, ...body } = encodeOne(rest, later, request, completion);
  return { bytes: toBytes(text + last), status: statusOf(rest[0]), ...body };
}

function encodeOne(
  lines: readonly OutgoingLine[],
  later: readonly OutgoingLine[] | undefined,
  request: RequestHead | undefined,
  completion: Completion,
): { readonly text: ByteString; readonly isEndless: boolean; readonly isChunked: boolean } {
  const { head, headers, empty, body } = splitMessage(lines);
  const status = statusOf(lines[0]);
  const isEndless = !namesFraming(headers) && isEventStream(headers);
  if (!completion.complete) return { text: asWritten(lines), isEndless, isChunked: false };

  const [first] = lines;
  if (first && status === undefined)
    throw new LineError(first, `a response begins with a line like "HTTP/1.1 200 OK" (${AS_WRITTEN})`);
  for (const line of head) {
    if (line !== first) checkHeader(line);
    checkEnding(line);
  }
  const ending = endingOfHead(completion);
  const beforeBody = (length: string): ByteString => asWritten(head) + length + (empty?.ending || ending);
  if (status === undefined || changesProtocol(status, request))
    return { text: beforeBody("") + asWritten(body), isEndless, isChunked: false };
  // A single empty line in the place of a body says that there is none.
  const isMarkedEmpty = body.length === 1 && body[0]!.bytes === "" && !body[0]!.endingWritten;
  const lineOfBody = isMarkedEmpty ? undefined : body[0];
  if (!mayHaveBody(status, request)) {
    if (!lineOfBody) return { text: beforeBody(""), isEndless: false, isChunked: false };
    const what = request?.method === "HEAD" ? "to HEAD" : `with status ${status}`;
    throw new LineError(lineOfBody, `a response ${what} has no body (${AS_WRITTEN})`);
  }
  const bytes = isMarkedEmpty ? "" : bodyInTransit(body, headers, later === undefined);
  const length = bytes.length + asWritten(later ?? []).length;
  const needsLength = !namesFraming(headers) && !isEndless;
  const text = beforeBody(needsLength ? `Content-Length: ${length}${ending}` : "") + bytes;
  return { text, isEndless, isChunked: isChunked(headers) };
}

/** RFC 9110, section 6.4.1. */
const mayHaveBody = (status: number, request: RequestHead | undefined): boolean =>
  status >= 200 && status !== 204 && status !== 304 && request?.method !== "HEAD";
