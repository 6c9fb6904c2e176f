/** What the lines of a head say together, its empty line included, that are legal one by one. */
import type { ByteString } from "../../base/bytes.ts";
import { FramingError } from "../errors.ts";
import { type BodyFraming, namedFraming } from "./body-framing.ts";
import { receivedHeader, tokensOf, valuesByName } from "./headers.ts";
import { type RequestHead, requestHead } from "./request.ts";

interface Head {
  readonly headers: ReadonlyMap<string, ByteString>;
  readonly framing: BodyFraming;
}

export interface ResponseHead extends Head {
  readonly status: number;
  /** What follows is no longer HTTP. */
  readonly changesProtocol: boolean;
  /** Whether another response may follow on the connection. */
  readonly keepAlive: boolean;
}

const headersOf = (lines: readonly ByteString[]): ReadonlyMap<string, ByteString> =>
  valuesByName(lines.slice(1, -1).map(receivedHeader));

/** RFC 9112, section 6.3, in its order. @throws {FramingError} where the lines contradict each other. */
export function readResponseHead(lines: readonly ByteString[], request: RequestHead | undefined): ResponseHead {
  const [, minor, code] = /^HTTP\/1\.(.) (...)/.exec(lines[0]!)!;
  const status = Number(code);
  const isOld = minor === "0";
  const headers = headersOf(lines);
  const changesProtocol = status === 101 || (request?.method === "CONNECT" && status >= 200 && status < 300);
  const framing = changesProtocol || status < 200 ? NONE : framingOf(headers, status, isOld, request?.method);
  const options = tokensOf(headers.get("connection"));
  const persists = !isOld || options.includes("keep-alive");
  const keepAlive = persists && !options.includes("close") && framing.kind !== "close";
  return { headers, framing, status, changesProtocol, keepAlive };
}

function framingOf(
  headers: ReadonlyMap<string, ByteString>,
  status: number,
  isOld: boolean,
  method: string | undefined,
): BodyFraming {
  const framing = namedFraming(headers, isOld, "response") ?? { kind: "close" };
  return method === "HEAD" || status === 204 || status === 304 ? NONE : framing;
}

/** @throws {FramingError} where the lines contradict each other. */
export function readRequestHead(lines: readonly ByteString[]): Head & { readonly request: RequestHead } {
  const headers = headersOf(lines);
  const framing = namedFraming(headers, /HTTP\/1\.0\r?\n$/.test(lines[0]!), "request") ?? NONE;
  if (framing.kind === "close")
    throw new FramingError("the Transfer-Encoding of the request does not end in chunked, so its end cannot be told");
  return { headers, framing, request: requestHead(lines[0]!, headers) };
}

const NONE: BodyFraming = { kind: "none" };
