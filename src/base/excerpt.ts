/** A part of a text that does not cut a character, or an escape of ` (esc)`, in two. */
export function sliceText(text: string, from: number, to: number): string {
  return text.slice(afterCharacter(text, from), beforeCharacter(text, to));
}

const ESCAPE = /\\(?:x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\}|[^xu])|[\ud800-\udbff][\udc00-\udfff]/g;
const LONGEST = 10;

/** The character or escape that a cut at `at` would divide. */
function divided(text: string, at: number): { readonly from: number; readonly to: number } | undefined {
  const start = Math.max(0, at - LONGEST);
  for (const { 0: unit, index } of text.slice(start, at + LONGEST).matchAll(ESCAPE)) {
    const from = start + index;
    if (from < at && from + unit.length > at) return { from, to: from + unit.length };
  }
  return undefined;
}

const beforeCharacter = (text: string, at: number): number => divided(text, at)?.from ?? at;
const afterCharacter = (text: string, at: number): number => divided(text, at)?.to ?? at;

/** A part of a long text, and the number of UTF-16 units before and after it. */
export interface Excerpt {
  readonly before: number;
  readonly text: string;
  readonly after: number;
}

/**
 * At most `limit` UTF-16 units of a text, around `at`. The excerpts of two texts that are equal up to `at` begin at the same
 * place if `longest` is the length of the longer text.
 */
export function excerpt(text: string, at: number, limit: number, longest: number = text.length): Excerpt {
  const from = afterCharacter(text, Math.max(0, Math.min(at - Math.floor(limit / 5), longest - limit)));
  const to = beforeCharacter(text, Math.min(text.length, from + limit));
  return { before: from, text: text.slice(from, to), after: text.length - to };
}

/** The length of the common beginning of two texts. */
export function commonPrefix(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}
