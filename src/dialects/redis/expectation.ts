/**
 * The quick way for an ordinary reply: one value without parts, to one command, shown as one line. Whatever is unusual is
 * left to the full way.
 */
import type { ByteString } from "../../base/bytes.ts";
import { type Captured, capturedMap, NOTHING_CAPTURED } from "../../match/captures.ts";
import { isPlainLine, matchInPlace, type PlainLine } from "../../match/in-place.ts";
import type { Captures } from "../../match/matcher.ts";
import type { LinePattern } from "../../match/pattern.ts";
import type { Scope } from "../../match/variables.ts";
import type { Decoded, Expectation } from "../codec.ts";
import { withSpace } from "./tree.ts";

/** What the codec knows of the reply that is due, and has to be told. */
export interface DueReply {
  /** The number of the request that it answers. */
  readonly to: number;
  /** The largest reply in bytes. */
  readonly limit: number;
  /** How its lines end. */
  readonly ending: ByteString;
  /** The reply has come: the request is answered. */
  took(): void;
}

/** Undefined where something else is written than one ordinary line. */
export function expectReply(lines: readonly LinePattern[], scope: Scope, due: DueReply): Expectation | undefined {
  const [line] = lines;
  if (line === undefined || lines.length > 1 || !isPlainLine(line)) return undefined;
  return withSpace(line.source) === line.source ? new ReplyExpectation(line, scope, due) : undefined;
}

class ReplyExpectation implements Expectation {
  readonly #line: PlainLine;
  readonly #scope: Scope;
  readonly #due: DueReply;
  #shown: ByteString = "";
  #captured: Captured = NOTHING_CAPTURED;
  rest = 0;

  constructor(line: PlainLine, scope: Scope, due: DueReply) {
    this.#line = line;
    this.#scope = scope;
    this.#due = due;
  }

  /** A small reply comes in one piece, nearly always. */
  read(bytes: ByteString, isFollowed: boolean): "all" | "other" {
    const end = isFollowed ? endOf(bytes) : bytes.length;
    const reply = end === bytes.length ? bytes : bytes.slice(0, end);
    const shown = show(reply);
    // Within a transaction it is no reply yet.
    if (shown === undefined || shown === "QUEUED") return "other";
    if (Math.max(reply.length, shown.length) + 2 > this.#due.limit) return "other";
    const captured = matchInPlace(this.#line, shown, 0, shown.length, this.#scope, NOTHING_CAPTURED);
    if (captured === undefined) return "other";
    this.#captured = captured;
    this.#shown = shown;
    this.rest = bytes.length - reply.length;
    this.#due.took();
    return "all";
  }

  get captured(): Captures {
    return capturedMap(this.#captured);
  }

  decoded(): readonly Decoded[] {
    const { to, ending } = this.#due;
    return [{ lines: [this.#shown + ending], part: "", to, ends: "message" }];
  }
}

/** Where the first value ends, if it is one without parts. */
function endOf(bytes: ByteString): number {
  const end = bytes.indexOf("\r\n") + 2;
  const length = bytes[0] === "$" ? Number(bytes.slice(1, end - 2)) : -1;
  return length >= 0 ? end + length + 2 : end;
}

/** The line that a value is shown as; undefined where that takes more thought, or the bytes are not one whole value. */
function show(bytes: ByteString): ByteString | undefined {
  const end = bytes.indexOf("\r\n");
  if (end < 1) return undefined;
  switch (bytes[0]) {
    case "+":
      return isText(bytes, end) ? bytes.slice(1, end) : undefined;
    case "-":
      return isText(bytes, end) ? `(error) ${bytes.slice(1, end)}` : undefined;
    case ":":
      return INTEGER.test(bytes) ? `(integer) ${bytes.slice(1, end)}` : undefined;
    case "$":
      return showString(bytes, end);
    default:
      return undefined;
  }
}

const INTEGER = /^:(?:0|-?[1-9]\d{0,17})\r\n$/;
const LENGTH = /^\$(?:0|[1-9]\d{0,7})\r$/;
/** What a string in quotes writes in another way. */
const ESCAPED = /[^\x20-\x7e]|["\\]/;

/** Whether a line of printable text is all that came; `end`: where its CRLF is. */
const isText = (bytes: ByteString, end: number): boolean =>
  end + 2 === bytes.length && !CONTROL.test(bytes.slice(1, end));
const CONTROL = /[^\x20-\xff]/;

function showString(bytes: ByteString, end: number): ByteString | undefined {
  if (bytes === "$-1\r\n") return "(nil)";
  if (!LENGTH.test(bytes.slice(0, end + 1))) return undefined;
  const from = end + 2;
  const to = from + Number(bytes.slice(1, end));
  if (bytes.length !== to + 2 || !bytes.endsWith("\r\n")) return undefined;
  const text = bytes.slice(from, to);
  return ESCAPED.test(text) ? undefined : `"${text}"`;
}
