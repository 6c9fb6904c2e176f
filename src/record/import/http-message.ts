/**
 * HTTP messages as other programs tell them: of any version, with bodies that are decoded or left out. Here they become the
 * bytes of HTTP/1.1 (RFC 9112), with a `Content-Length` that counts the body that was recorded.
 */
import type { ByteString } from "../../base/bytes.ts";

export interface Header {
  readonly name: ByteString;
  readonly value: ByteString;
}

export interface ToldRequest {
  readonly method: ByteString;
  /** A path or a whole URL. */
  readonly path: ByteString;
  readonly headers: readonly Header[];
  /** What `Host` says where no header does. */
  readonly host: string | undefined;
  readonly body: ByteString;
}

export interface ToldResponse {
  readonly status: number;
  readonly reason: ByteString;
  readonly headers: readonly Header[];
  /** Undefined: the recording does not have it. */
  readonly body: ByteString | undefined;
}

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const FRAMING = /^(?:content-length|transfer-encoding|trailer)$/i;
/** Of an upgrade to HTTP/2, which HTTP/1.1 does without. */
const UPGRADE = /^(?:upgrade|http2-settings|connection)$/i;

/** A line of a head. Undefined: it is no header, or one that only HTTP/2 has. */
export function readHeader(line: ByteString): Header | undefined {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0)).trim();
  return TOKEN.test(name) ? { name, value: cleanValue(line.slice(colon + 1)) } : undefined;
}

/** Nothing in a value may end its line. */
export const cleanValue = (value: ByteString): ByteString => value.replace(/[\0-\x08\x0a-\x1f\x7f]+/g, " ").trim();

export const headerValue = (headers: readonly Header[], name: string): ByteString | undefined =>
  headers.find((header) => header.name.toLowerCase() === name)?.value;

/** The length that a head announces; undefined where it does not. */
export function lengthOf(headers: readonly Header[]): number | undefined {
  const value = headerValue(headers, "content-length");
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** The bytes of a request. Undefined where its first line cannot be said in HTTP/1.1. */
export function requestBytes({ method, path, headers, host, body }: ToldRequest): ByteString | undefined {
  const origin = path.replace(/^https?:\/\/[^/?#]*/i, "").replace(/#.*/s, "");
  const place = origin.startsWith("/") || origin === "*" ? origin : `/${origin}`;
  if (!TOKEN.test(method) || /[\0-\x20\x7f]/.test(place)) return undefined;
  const isUpgrade = headerValue(headers, "http2-settings") !== undefined;
  const kept = headers.filter(({ name }) => !isFraming(name, body) && !(isUpgrade && UPGRADE.test(name)));
  const lines = [
    `${method} ${place} HTTP/1.1`,
    ...(headerValue(headers, "host") === undefined && host !== undefined ? [`Host: ${host}`] : []),
    ...kept.map(({ name, value }) => `${name}: ${value}`),
    ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** `Content-Length: 0` of a request without a body stays. */
const isFraming = (name: ByteString, body: ByteString): boolean =>
  FRAMING.test(name) && !(body === "" && /^content-length$/i.test(name));

/** Whether a response to this method has a body at all (RFC 9112, section 6.3). */
export const hasBody = (method: ByteString, status: number): boolean =>
  method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;

/** A larger body is taken for one that was not recorded: by default no run reads as much. In bytes. */
export const LARGEST_BODY = 15e6;

/** The bytes of a response to a request of this method. */
export function responseBytes(method: ByteString, response: ToldResponse): ByteString {
  const { status, reason, headers, body = "" } = response;
  const isBodied = hasBody(method, status);
  // Most programs tell a body without its coding, and leave the header that names it.
  const isDecoded = response.body === undefined || !isCoded(body);
  const kept = headers.filter(
    ({ name }) => !FRAMING.test(name) && !(isBodied && isDecoded && /^content-encoding$/i.test(name)),
  );
  const lines = [
    `HTTP/1.1 ${status} ${cleanValue(reason)}`,
    ...kept.map(({ name, value }) => `${name}: ${value}`),
    ...(isBodied ? [`Content-Length: ${body.length}`] : []),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${isBodied ? body : ""}`;
}

/** Whether a body can be data of a content coding: all of them begin or go on with bytes that no text has. */
const isCoded = (body: ByteString): boolean => /[\0-\x08\x0e-\x1f]/.test(body.slice(0, 1000));

/** The data of a body in chunks (RFC 9112, section 7.1). Undefined: it is none, or incomplete. */
export function withoutChunks(bytes: ByteString): ByteString | undefined {
  const size = /([0-9a-f]{1,8})[^\r\n]{0,1000}\r\n/iy;
  const data: ByteString[] = [];
  for (let at = 0; ; ) {
    size.lastIndex = at;
    const found = size.exec(bytes);
    if (!found) return undefined;
    const from = size.lastIndex;
    const length = Number.parseInt(found[1]!, 16);
    if (length === 0) return data.join("");
    data.push(bytes.slice(from, from + length));
    at = from + length + 2;
    if (bytes.slice(at - 2, at) !== "\r\n") return undefined;
  }
}
