/** A part of a text that does not cut a character, or an escape of ` (esc)`, in two. */
export function sliceText(text: string, from: number, to: number): string {
  return text.slice(afterCharacter(text, from), beforeCharacter(text, to));
}

const ESCAPE = /\\(?:x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\}|[^xu])|[\ud800-\udbff][\udc00-\udfff]/g;
const LONGEST = 10;

/** The character or escape that a cut would divide. */
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

/** A part of a long text, and how much of it stands before and after that. */
export interface Excerpt {
  readonly before: number;
  readonly text: string;
  readonly after: number;
}

/**
 * What of a text is shown where it has more than `limit` UTF-16 units: a stretch around `at`. Two texts that are the same
 * up to there begin at the same place where `longest` is the length of the longer one.
 */
export function excerpt(text: string, at: number, limit: number, longest: number = text.length): Excerpt {
  const from = afterCharacter(text, Math.max(0, Math.min(at - Math.floor(limit / 5), longest - limit)));
  const to = beforeCharacter(text, Math.min(text.length, from + limit));
  return { before: from, text: text.slice(from, to), after: text.length - to };
}

/** How much two texts have in common at their beginnings. */
export function commonPrefix(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}
