/** What an expression says of a place between two characters: `^`, `$`, `\\b` and others. */
import { ASSERTIONS, type Assertion } from "../base/regex.ts";

/**
 * Whether it is right between two bytes, undefined where the text begins or ends; `at the end`: if nothing more is taken
 * for the expression.
 */
export function holdsAt(
  assertion: Assertion,
  before: number | undefined,
  after: number | undefined,
): boolean | "at the end" {
  const isBoundary = isWord(before) !== isWord(after);
  if (assertion & ASSERTIONS.start && before !== undefined) return false;
  if (assertion & ASSERTIONS.lineStart && before !== undefined && before !== LF) return false;
  if (assertion & ASSERTIONS.wordBoundary && !isBoundary) return false;
  if (assertion & ASSERTIONS.noWordBoundary && isBoundary) return false;
  const mustEnd = (assertion & ASSERTIONS.end) !== 0 || ((assertion & ASSERTIONS.lineEnd) !== 0 && after !== LF);
  return mustEnd ? "at the end" : true;
}

const LF = 10;

const isWord = (byte: number | undefined): boolean => byte !== undefined && /\w/.test(String.fromCharCode(byte));
