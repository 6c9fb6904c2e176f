/** The quick way for lines: written lines in their order, each one plain, compared in place in what comes. */
import type { ByteString } from "../base/bytes.ts";
import { type Captured, capturedMap, NOTHING_CAPTURED } from "../match/captures.ts";
import { isPlainLine, matchInPlace, type PlainLine } from "../match/in-place.ts";
import type { Captures } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Scope } from "../match/variables.ts";
import type { Decoded, Expectation, ExpectationContext } from "./codec.ts";

/** @param limit the longest line in bytes, without its LF. */
export function expectLines(
  lines: readonly LinePattern[],
  { eol, unordered, scope }: ExpectationContext,
  limit: number,
): Expectation | undefined {
  if (unordered || eol === "any" || lines.length === 0) return undefined;
  for (let i = 0; i < lines.length; i++) if (!isPlainLine(lines[i]!)) return undefined;
  return new LineExpectation(lines as readonly PlainLine[], eol === "crlf", scope, limit);
}

class LineExpectation implements Expectation {
  readonly #lines: readonly PlainLine[];
  /** Whether lines end with CRLF; else with LF, and a CR before it is text. */
  readonly #isCrlf: boolean;
  readonly #scope: Scope;
  readonly #limit: number;
  /** The written line that is awaited, and the beginning of the line that has come for it. */
  #at = 0;
  #partial: ByteString = "";
  #captured: Captured = NOTHING_CAPTURED;
  /** All that came. */
  #raw: ByteString = "";
  rest = 0;

  constructor(lines: readonly PlainLine[], isCrlf: boolean, scope: Scope, limit: number) {
    this.#lines = lines;
    this.#isCrlf = isCrlf;
    this.#scope = scope;
    this.#limit = limit;
  }

  read(bytes: ByteString, isFollowed: boolean): "all" | "more" | "other" {
    this.#raw = this.#raw === "" ? bytes : this.#raw + bytes;
    let lf = bytes.indexOf("\n");
    let text = bytes;
    if (this.#partial !== "") {
      // A long line may come in many pieces: they are put together once, when its LF is there.
      if (lf >= 0) lf += this.#partial.length;
      text = this.#partial + bytes;
    }
    let from = 0;
    while (lf >= 0 && (this.#at < this.#lines.length || !isFollowed)) {
      if (!this.#takes(text, from, lf)) return "other";
      from = lf + 1;
      lf = from < text.length ? text.indexOf("\n", from) : -1;
    }
    if (this.#at === this.#lines.length) return this.#end(text.length - from, isFollowed);
    this.#partial = from === 0 ? text : text.slice(from);
    return this.#partial.length > this.#limit ? "other" : "more";
  }

  #end(rest: number, isFollowed: boolean): "all" | "other" {
    if (rest === 0) return "all";
    if (!isFollowed) return "other";
    this.rest = rest;
    this.#raw = this.#raw.slice(0, this.#raw.length - rest);
    return "all";
  }

  /** Compares the line up to an LF with the awaited one. */
  #takes(text: ByteString, from: number, lf: number): boolean {
    if (this.#at === this.#lines.length || lf - from > this.#limit) return false;
    let to = lf;
    if (this.#isCrlf) {
      to--;
      if (to < from || text.charCodeAt(to) !== CR) return false;
    }
    const captured = matchInPlace(this.#lines[this.#at++]!, text, from, to, this.#scope, this.#captured);
    if (captured === undefined) return false;
    this.#captured = captured;
    return true;
  }

  get captured(): Captures {
    return capturedMap(this.#captured);
  }

  decoded(): readonly Decoded[] {
    return [{ lines: this.#raw.split(AFTER_LF), part: "", to: undefined, ends: undefined }];
  }
}

const CR = 13;
const AFTER_LF = /(?<=\n)/;
