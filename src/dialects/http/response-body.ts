/** The body of a response that is sent: a document shows it decoded, and its headers say how it travels. */
import { type ByteString, fromBytes, toBytes } from "../../base/bytes.ts";
import type { OutgoingLine } from "../codec.ts";
import { type Coding, codingsOf } from "./content.ts";
import { tokensOf } from "./headers.ts";
import { asWritten } from "./outgoing.ts";

type Headers = ReadonlyMap<string, ByteString>;

export const isChunked = (headers: Headers): boolean => tokensOf(headers.get("transfer-encoding")).at(-1) === "chunked";

/** The bytes of a chunk (RFC 9112, section 7.1); nothing for nothing, as that would end the body. */
export const chunk = (bytes: ByteString): ByteString =>
  bytes === "" ? "" : `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
export const LAST_CHUNK = "0\r\n\r\n";

/** The body as it travels. `lines`: as it is written; none: it is not written, so anything will do. */
export function bodyInTransit(lines: readonly OutgoingLine[], headers: Headers, isComplete: boolean): ByteString {
  const written = asWritten(lines);
  if (isChunked(headers)) {
    if (isInChunks(written)) return written;
    return chunk(encoded(written, headers)) + (isComplete ? LAST_CHUNK : "");
  }
  const coded = encoded(written, headers);
  const length = headers.get("content-length");
  if (coded !== written || length === undefined || !/^\d{1,8}$/.test(length) || !isComplete) return coded;
  return ofLength(lines, Number(length));
}

const CODERS: Readonly<Record<Coding, string>> = {
  gzip: "gzipSync",
  deflate: "deflateSync",
  br: "brotliCompressSync",
  zstd: "zstdCompressSync",
};

function encoded(bytes: ByteString, headers: Headers): ByteString {
  const { known } = codingsOf(headers);
  if (bytes === "" || known.length === 0) return bytes;
  const zlib = process.getBuiltinModule("node:zlib") as unknown as Record<
    string,
    ((bytes: Uint8Array) => Uint8Array) | undefined
  >;
  // Node 20 reads no zstd, and writes none: the body stays as it is.
  return known.toReversed().reduce((text, coding) => {
    const encode = zlib[CODERS[coding]];
    return encode ? fromBytes(encode(toBytes(text))) : text;
  }, bytes);
}

/**
 * The endings of its lines are not always those that the server had, which do not count for a client that compares. The
 * length tells.
 */
function ofLength(lines: readonly OutgoingLine[], length: number): ByteString {
  if (lines.length === 0) return " ".repeat(length);
  const [last] = lines.slice(-1);
  for (const ending of ["\r\n", "\n"]) {
    const text = asWritten(lines.map((line) => (line.endingWritten ? line : { ...line, ending })));
    if (text.length === length) return text;
    if (!last!.endingWritten && text.length - ending.length === length) return text.slice(0, -ending.length);
  }
  return asWritten(lines);
}

/** Whether a text is chunks already, up to the last one. */
function isInChunks(text: ByteString): boolean {
  let at = 0;
  for (;;) {
    const [head, digits] = /^([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n/i.exec(text.slice(at, at + 1000)) ?? [];
    if (head === undefined) return false;
    const size = Number.parseInt(digits!, 16);
    at += head.length;
    if (size === 0) return /^(?:[^\r\n:]+:[^\r\n]*\r?\n)*(?:\r?\n)?$/.test(text.slice(at));
    at += size;
    const [end] = /^\r?\n/.exec(text.slice(at, at + 2)) ?? [];
    if (end === undefined) return false;
    at += end.length;
  }
}
