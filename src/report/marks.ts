/**
 * Where two lines differ: the line that was written and the line that came, cut to the part that matters and divided
 * into pieces of which some are marked. Placeholders already stand as what they took.
 *
 * Non-goals: it does not decide whether lines match; that was decided before, with every rule. This is only for the eye.
 */
import { escapeAccents } from "../base/bytes.ts";
import { commonPrefix, sliceText } from "../base/excerpt.ts";
import {
  cutAround,
  inEscapes,
  needsEscapes,
  type Piece,
  plainLine,
  showTrailing,
  suffixesOf,
  suffixPiece,
} from "./pieces.ts";

export interface MarkedLines {
  readonly expected: readonly Piece[];
  readonly received: readonly Piece[];
}

/** Words, and what stays in one piece: a placeholder that took nothing, an escape. */
const TOKEN =
  /\{\{[A-Za-z_][\w.-]*(?::(?:\/[^\n]*?\/|[^}\n]*)|\|\w+)?\}\}|\\(?:x[0-9a-f]{2}|u\{[0-9a-f]+\}|[rnt0\\])|[\p{L}\p{M}\p{N}_.-]+|\s+|[\s\S]/gu;
/** Lines longer than this are compared by their beginnings and ends alone. */
const LONGEST_READ = 20_000;
/** How different two lines may be, in words, before marking words stops to help. */
const MOST_EDITS = 60;

type DiffArrays = typeof import("diff").diffArrays;

const tokensOf = (text: string): string[] => text.match(TOKEN) ?? [];

const lettersIn = (text: string): number => text.replace(/[^\p{L}\p{N}]/gu, "").length;

/** Both lines in words, those that differ marked; undefined where too little is the same for marks to help. */
function markWords(expected: string, received: string, diffArrays: DiffArrays): MarkedLines | undefined {
  const changes = diffArrays(tokensOf(expected), tokensOf(received), { maxEditLength: MOST_EDITS });
  if (!changes) return undefined;
  const left: Piece[] = [];
  const right: Piece[] = [];
  let same = 0;
  for (const { added, removed, value } of changes) {
    const text = value.join("");
    if (!added) left.push({ text, style: removed ? "marked" : "plain" });
    if (!removed) right.push({ text, style: added ? "marked" : "plain" });
    if (!added && !removed) same += lettersIn(text);
  }
  if (same === 0 || same * 4 < Math.min(lettersIn(expected), lettersIn(received))) return undefined;
  return { expected: tellApart(left, right), received: tellApart(right, left) };
}

/** Pieces that are escapes where the line itself holds none. */
const isToldApart = ({ text, style }: Piece): boolean => style === "marked" && /\\u\{[0-9a-f]+\}/.test(text);

/** Marked pieces that look the same on both sides (composed and combining accents) as escapes. */
function tellApart(own: readonly Piece[], other: readonly Piece[]): Piece[] {
  const looks = new Set(other.filter(({ style }) => style === "marked").map(({ text }) => text.normalize()));
  return own.map((piece) =>
    piece.style === "marked" && looks.has(piece.text.normalize())
      ? { ...piece, text: escapeAccents(piece.text) }
      : piece,
  );
}

/** What both lines begin and end with left plain, the rest marked; undefined where that is less than half of a line. */
function markMiddle(expected: string, received: string): MarkedLines | undefined {
  const most = Math.min(expected.length, received.length);
  const start = commonPrefix(expected, received);
  let end = 0;
  while (end < most - start && expected.at(-1 - end) === received.at(-1 - end)) end++;
  if (most === 0 || (start + end) * 2 < most) return undefined;
  const mark = (text: string): Piece[] =>
    [
      { text: sliceText(text, 0, start), style: "plain" } as const,
      { text: text.slice(sliceText(text, 0, start).length, text.length - end), style: "marked" } as const,
      { text: text.slice(text.length - end), style: "plain" } as const,
    ].filter((piece) => piece.text !== "");
  const [left, right] = [mark(expected), mark(received)];
  return { expected: tellApart(left, right), received: tellApart(right, left) };
}

/**
 * A written line and the one that came in its place, each cut to `limit` UTF-16 units around the first difference, with
 * what differs marked; nothing is marked where hardly anything is the same.
 */
export function markLines(expected: string, received: string, limit: number, diffArrays: DiffArrays): MarkedLines {
  const isShort = expected.length + received.length <= LONGEST_READ;
  const escapes = isShort && (needsEscapes(expected) || needsEscapes(received));
  const [one, other] = escapes ? [inEscapes(expected), inEscapes(received)] : [expected, received];
  const [suffix, otherSuffix] = [suffixesOf(one), suffixesOf(other)];
  const written = one.slice(0, one.length - suffix.length);
  const came = other.slice(0, other.length - otherSuffix.length);
  const at = commonPrefix(written, came);
  const longest = Math.max(written.length, came.length);
  const left = cutAround(written, at, limit, longest);
  const right = cutAround(came, at, limit, longest);
  const trail = left.after.length + right.after.length === 0;
  const [a, b] = trail ? [showTrailing(left.text), showTrailing(right.text)] : [left.text, right.text];
  const isRegex = suffix.includes("(re)");
  const marked = isRegex || written === came ? undefined : (markWords(a, b, diffArrays) ?? markMiddle(a, b));
  const pieces = (side: typeof left, text: string, own: readonly Piece[] | undefined, end: Piece[]): Piece[] => [
    ...side.before,
    ...(own ?? [{ text, style: "plain" }]),
    ...side.after,
    ...(!escapes && own?.some(isToldApart) ? suffixPiece(" (esc)") : []),
    ...end,
  ];
  // Suffixes are marked where nothing else tells the lines apart: an ending that differs.
  const [end, otherEnd] = [suffix, otherSuffix].map((own): Piece[] =>
    written === came && suffix !== otherSuffix && own !== "" ? [{ text: own, style: "marked" }] : suffixPiece(own),
  ) as [Piece[], Piece[]];
  return {
    expected: expected === "" ? plainLine("", limit) : pieces(left, a, marked?.expected, end),
    received: received === "" ? plainLine("", limit) : pieces(right, b, marked?.received, otherEnd),
  };
}
