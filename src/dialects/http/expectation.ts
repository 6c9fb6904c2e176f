/**
 * The quick way for an ordinary response: one final response whose length its head names, on a connection that stays
 * open. One expression says whether the head is well-formed and ordinary, the written headers are looked for as they are
 * spelt, and the body is compared where it stands. Whatever is unusual is left to the full way.
 */
import type { ByteString } from "../../base/bytes.ts";
import { Recent } from "../../base/recent.ts";
import { type Captured, capturedMap, NOTHING_CAPTURED } from "../../match/captures.ts";
import { matchInPlace } from "../../match/in-place.ts";
import type { Captures } from "../../match/matcher.ts";
import type { LinePattern } from "../../match/pattern.ts";
import type { Scope } from "../../match/variables.ts";
import type { Decoded, Expectation, ExpectationContext } from "../codec.ts";
import { type PlainHeader, type PlainResponse, plainResponse } from "./plain-response.ts";

/** What the codec knows of the response that is due, and has to be told. */
export interface DueResponse {
  /** The number of the request that it answers, which is neither HEAD nor CONNECT, nor one that ends the connection. */
  readonly to: number;
  /** The largest response in bytes, its head included. */
  readonly limit: number;
  /** The response has come: the request is answered. */
  took(): void;
  /** What the connection knows from before. */
  readonly known: KnownResponses;
}

/** What was read of written and received responses lately, as the same ones come again and again. */
export class KnownResponses {
  readonly #written = new Recent<readonly LinePattern[], PlainResponse>();
  /** The last head that was ordinary, and what it says of the body's length. */
  #head: ByteString = "\0";
  #length: string | undefined;

  written(lines: readonly LinePattern[]): PlainResponse | undefined {
    if (!this.#written.isOfUse) return plainResponse(lines);
    const known = this.#written.get(lines);
    if (known) return known;
    const read = plainResponse(lines);
    if (read) this.#written.set(lines, read);
    return read;
  }

  /** The head that bytes begin with, where it is ordinary, and what it says of the body's length. */
  head(bytes: ByteString): { readonly end: number; readonly length: string | undefined } | undefined {
    if (bytes.startsWith(this.#head)) return { end: this.#head.length, length: this.#length };
    const head = HEAD.exec(bytes.length > LONGEST_HEAD ? bytes.slice(0, LONGEST_HEAD) : bytes);
    if (head === null) return undefined;
    this.#head = head[0];
    this.#length = head[1];
    return { end: this.#head.length, length: this.#length };
  }
}

/** Undefined where something else was sent or written than one ordinary response. */
export function expectResponse(
  lines: readonly LinePattern[],
  { eol, unordered, scope, options }: ExpectationContext,
  due: DueResponse,
): Expectation | undefined {
  if (unordered || eol !== "crlf" || options.headers === "exact") return undefined;
  const written = due.known.written(lines);
  return written && new ResponseExpectation(written, scope, due);
}

/** A longer head takes the expression too much memory. In bytes. */
const LONGEST_HEAD = 8192;
const TEXT = "[\\t\\x20-\\x7e\\x80-\\xff]*";
/** A header that says nothing of the body's length or coding, nor that the connection ends. */
const FIELD = `(?!content-length:|transfer-encoding:|content-encoding:|connection:(?![ \\t]*keep-alive[ \\t]*\\r)|content-type:[ \\t]*text/event-stream)[!#$%&'*+.^_\`|~0-9a-z-]+:${TEXT}\\r\\n`;
/** A head (RFC 9112, sections 4 and 5); its group is the length of the body (RFC 9110, section 8.6). */
const HEAD = new RegExp(
  `^HTTP/1\\.1 \\d{3}(?: ${TEXT})?\\r\\n(?:${FIELD})*(?:content-length:[ \\t]*(\\d{1,9})[ \\t]*\\r\\n(?:${FIELD})*)?\\r\\n`,
  "i",
);

class ResponseExpectation implements Expectation {
  readonly #written: PlainResponse;
  readonly #scope: Scope;
  readonly #due: DueResponse;
  /** What came, and where in it the body begins and ends; zero before the head. */
  #raw: ByteString = "";
  #body = 0;
  #end = 0;
  #captured: Captured = NOTHING_CAPTURED;
  rest = 0;

  constructor(written: PlainResponse, scope: Scope, due: DueResponse) {
    this.#written = written;
    this.#scope = scope;
    this.#due = due;
  }

  read(bytes: ByteString, isFollowed: boolean): "all" | "more" | "other" {
    if (this.#end === 0) {
      // A head comes in one piece, nearly always. Of one that does not, the full way sees at once what is wrong with it.
      if (!this.#readHead(bytes)) return "other";
      this.#raw = bytes;
    } else this.#raw += bytes;
    if (this.#raw.length < this.#end) return "more";
    this.rest = this.#raw.length - this.#end;
    if (this.rest > 0) {
      if (!isFollowed) return "other";
      this.#raw = this.#raw.slice(0, this.#end);
    }
    if (!this.#readBody(this.#raw)) return "other";
    this.#due.took();
    return "all";
  }

  #readHead(bytes: ByteString): boolean {
    const { status, headers } = this.#written;
    const statusEnd = bytes.indexOf("\r");
    // A status code alone stands for any reason.
    if (!bytes.startsWith(status) || (statusEnd !== status.length && status.length !== CODE_END)) return false;
    const head = this.#due.known.head(bytes);
    if (head === undefined) return false;
    const isEmpty = hasNoBody(status);
    if (head.length === undefined && !isEmpty) return false;
    this.#body = head.end;
    this.#end = isEmpty ? this.#body : this.#body + Number(head.length);
    if (this.#end > this.#due.limit) return false;
    for (let i = 0; i < headers.length; i++) {
      const captured = this.#findHeader(headers[i]!, bytes, statusEnd);
      if (captured === undefined) return false;
      this.#captured = captured;
    }
    return true;
  }

  /** What a written header captures of the one that is spelt as it is. */
  #findHeader(
    { line, start, name, isCaptured }: PlainHeader,
    bytes: ByteString,
    statusEnd: number,
  ): Captured | undefined {
    const end = this.#body - 2;
    let at = bytes.indexOf(start, statusEnd);
    while (at >= 0 && at < end && bytes.charCodeAt(at - 1) !== LF) at = bytes.indexOf(start, at + 1);
    if (at < 0 || at >= end) return undefined;
    const to = bytes.indexOf("\r", at);
    // White space around a value does not count, so none may be captured.
    if (isSpace(bytes.charCodeAt(to - 1)) || isSpace(bytes.charCodeAt(at + start.length))) return undefined;
    // Of several headers with one name the first that matches is captured, however it is spelt.
    if (isCaptured && bytes.slice(statusEnd, at).toLowerCase().includes(`\n${name}:`)) return undefined;
    return matchInPlace(line, bytes, at, to, this.#scope, this.#captured);
  }

  /** Compares the body with the written lines; they end with LF or CRLF, the last one with nothing, too. */
  #readBody(bytes: ByteString): boolean {
    const { lines, body } = this.#written;
    if (body === undefined) return true;
    const end = this.#end;
    let from = this.#body;
    for (let i = body; i < lines.length; i++) {
      if (from === end) return false;
      const lf = bytes.indexOf("\n", from);
      let to = lf < 0 ? end : lf;
      if (lf > from && bytes.charCodeAt(lf - 1) === CR) to--;
      const captured = matchInPlace(lines[i]!, bytes, from, to, this.#scope, this.#captured);
      if (captured === undefined) return false;
      this.#captured = captured;
      from = lf < 0 ? end : lf + 1;
    }
    return from === end;
  }

  get captured(): Captures {
    return capturedMap(this.#captured);
  }

  decoded(): readonly Decoded[] {
    const { to } = this.#due;
    const head = this.#raw.slice(0, this.#body).split(AFTER_LF);
    if (this.#body === this.#end) return [{ lines: head, part: "head", to, interim: false, ends: "message" }];
    const body = this.#raw.slice(this.#body).split(AFTER_LF);
    return [
      { lines: head, part: "head", to, interim: false, ends: undefined },
      { lines: body, part: "body", to, interim: false, ends: "message" },
    ];
  }
}

/** Whether a response with this status line has no body, whatever its head says (RFC 9112, section 6.3). */
const hasNoBody = (status: ByteString): boolean => status.startsWith("204", 9) || status.startsWith("304", 9);

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;

const CR = 13;
const LF = 10;
const CODE_END = "HTTP/1.1 200".length;
const AFTER_LF = /(?<=\n)/;
