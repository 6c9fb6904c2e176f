/** What a head says of the body after it (RFC 9112, section 6). Headers that contradict each other are refused wherever they stand. */
import type { ByteString } from "../../base/bytes.ts";
import { FramingError } from "../errors.ts";
import { ILLEGAL_IN_NAME, quote } from "./head-lines.ts";
import { tokensOf, trimSpace } from "./headers.ts";

export type BodyFraming =
  /** The message ends with its head. */
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  /** The close of the connection ends it. */
  | { readonly kind: "close" };

/** The message, for a sentence. */
export type Subject = "request" | "response";

/**
 * The framing that `Transfer-Encoding` or `Content-Length` names; undefined where neither does. `isOld`: under HTTP/1.0.
 * @throws {FramingError}
 */
export function namedFraming(
  headers: ReadonlyMap<string, ByteString>,
  isOld: boolean,
  subject: Subject,
): BodyFraming | undefined {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined && isOld)
    throw new FramingError(`the ${subject} has a Transfer-Encoding, which HTTP/1.0 does not know`);
  if (coding !== undefined && length !== undefined)
    throw new FramingError(
      `the ${subject} has both Content-Length and Transfer-Encoding, so where it ends is ambiguous`,
    );
  if (coding !== undefined) return endsInChunked(coding, subject) ? { kind: "chunked" } : { kind: "close" };
  return length === undefined ? undefined : { kind: "length", length: lengthOf(length, subject) };
}

function endsInChunked(value: ByteString, subject: Subject): boolean {
  const codings = tokensOf(value);
  const what = `the Transfer-Encoding of the ${subject}`;
  if (codings.length === 0 || codings.some((coding) => ILLEGAL_IN_NAME.test(nameOf(coding))))
    throw new FramingError(`${what} is malformed`);
  const chunked = codings.filter((coding) => nameOf(coding) === "chunked");
  if (chunked.some((coding) => coding !== "chunked"))
    throw new FramingError(`${what} is malformed: chunked takes no parameters`);
  if (chunked.length > 1) throw new FramingError(`${what} names chunked twice; it may be applied once`);
  if (chunked.length === 1 && codings.at(-1) !== "chunked")
    throw new FramingError(`${what} names another coding after chunked, which must be last`);
  return chunked.length === 1;
}

/** A transfer coding without its parameters. */
const nameOf = (coding: ByteString): ByteString => trimSpace(coding.slice(0, `${coding};`.indexOf(";")));

function lengthOf(value: ByteString, subject: Subject): number {
  if (value.includes(",")) {
    const values = [...new Set(value.split(",").map(trimSpace))];
    throw new FramingError(
      values.length === 1
        ? `the ${subject} has two Content-Length headers, or one with two values`
        : `the ${subject} has two Content-Length headers that differ: ${values.slice(0, 2).map(quote).join(" and ")}`,
    );
  }
  if (!/^\d+$/.test(value))
    throw new FramingError(`the Content-Length of the ${subject} is not a number of bytes: ${quote(value)}`);
  const length = Number(value);
  if (length > Number.MAX_SAFE_INTEGER)
    throw new FramingError(`the Content-Length of the ${subject} is too large: ${quote(value)}`);
  return length;
}
