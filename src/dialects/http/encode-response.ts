/**
 * A response as it is written, completed where the document leaves it open: the empty line after the headers, and
 * `Content-Length`, without which a client waits for the close (RFC 9112, section 6.3). The body goes as it is written,
 * with all its endings; so chunks are written as they are sent.
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

export interface EncodedResponse {
  readonly bytes: Uint8Array;
  /** The status code of the last response in it; undefined where that cannot be read. */
  readonly status: number | undefined;
  /** Whether its body may go on in further lines, up to the close. */
  readonly isEndless: boolean;
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
  const { text: last, isEndless } = encodeOne(rest, later, request, completion);
  return { bytes: toBytes(text + last), status: statusOf(rest[0]), isEndless };
}

function encodeOne(
  lines: readonly OutgoingLine[],
  later: readonly OutgoingLine[] | undefined,
  request: RequestHead | undefined,
  completion: Completion,
): { readonly text: ByteString; readonly isEndless: boolean } {
  const { head, headers, empty, body } = splitMessage(lines);
  const status = statusOf(lines[0]);
  const isEndless = !namesFraming(headers) && isEventStream(headers);
  if (!completion.complete) return { text: asWritten(lines), isEndless };

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
    return { text: beforeBody("") + asWritten(body), isEndless };
  // A single empty line in the place of a body says that there is none.
  const lineOfBody = body.length === 1 && body[0]!.bytes === "" && !body[0]!.endingWritten ? undefined : body[0];
  if (!mayHaveBody(status, request)) {
    if (!lineOfBody) return { text: beforeBody(""), isEndless: false };
    const what = request?.method === "HEAD" ? "to HEAD" : `with status ${status}`;
    throw new LineError(lineOfBody, `a response ${what} has no body (${AS_WRITTEN})`);
  }
  const bytes = lineOfBody ? bodyOf(body, headers) : "";
  const length = bytes.length + asWritten(later ?? []).length;
  const needsLength = !namesFraming(headers) && !isEndless;
  return { text: beforeBody(needsLength ? `Content-Length: ${length}${ending}` : "") + bytes, isEndless };
}

/** RFC 9110, section 6.4.1. */
const mayHaveBody = (status: number, request: RequestHead | undefined): boolean =>
  status >= 200 && status !== 204 && status !== 304 && request?.method !== "HEAD";

/** A body without the ending of its last line where the written length does not count that. */
function bodyOf(body: readonly OutgoingLine[], headers: ReadonlyMap<string, ByteString>): ByteString {
  const bytes = asWritten(body);
  const last = body.at(-1)!;
  const withoutLast = bytes.length - last.ending.length;
  const isShorter = !last.endingWritten && headers.get("content-length") === String(withoutLast);
  return isShorter ? bytes.slice(0, withoutLast) : bytes;
}
