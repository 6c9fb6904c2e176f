/**
 * Where an expected and a received line differ: both cut to the part that matters and divided into pieces, of which some are
 * marked. Placeholders are already replaced by the text that they took.
 *
 * The marks are for the eye only. The matcher has decided before whether the lines match.
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

/** Words, and other text that stays in one piece: a placeholder that took nothing, an escape. */
const TOKEN =
  /\{\{[A-Za-z_][\w.-]*(?::(?:\/[^\n]*?\/|[^}\n]*)|\|\w+)?\}\}|\\(?:x[0-9a-f]{2}|u\{[0-9a-f]+\}|[rnt0\\])|[\p{L}\p{M}\p{N}_.-]+|\s+|[\s\S]/gu;
/** Of longer lines only the beginnings and ends are compared. */
const LONGEST_READ = 20_000;
/** With more different words than this, marking words does not help. */
const MOST_EDITS = 60;

type DiffArrays = typeof import("diff").diffArrays;

const tokensOf = (text: string): string[] => text.match(TOKEN) ?? [];

const lettersIn = (text: string): number => text.replace(/[^\p{L}\p{N}]/gu, "").length;

/** Both lines in words, with the differing ones marked; undefined if too little is equal for marks to help. */
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

/** Whether tellApart has written a piece in escapes. */
const isToldApart = ({ text, style }: Piece): boolean => style === "marked" && /\\u\{[0-9a-f]+\}/.test(text);

/** Writes marked pieces in escapes if they look the same on both sides (composed and combining accents). */
function tellApart(own: readonly Piece[], other: readonly Piece[]): Piece[] {
  const looks = new Set(other.filter(({ style }) => style === "marked").map(({ text }) => text.normalize()));
  return own.map((piece) =>
    piece.style === "marked" && looks.has(piece.text.normalize())
      ? { ...piece, text: escapeAccents(piece.text) }
      : piece,
  );
}

/** Marks all but the common beginning and end; undefined if these are less than half of a line. */
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
 * An expected line and the one received in its place, each cut to `limit` UTF-16 units around the first difference, with
 * the differences marked. Nothing is marked if hardly anything is equal.
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
  // Suffixes are marked if the lines differ in nothing else, as with a different ending.
  const [end, otherEnd] = [suffix, otherSuffix].map((own): Piece[] =>
    written === came && suffix !== otherSuffix && own !== "" ? [{ text: own, style: "marked" }] : suffixPiece(own),
  ) as [Piece[], Piece[]];
  return {
    expected: expected === "" ? plainLine("", limit) : pieces(left, a, marked?.expected, end),
    received: received === "" ? plainLine("", limit) : pieces(right, b, marked?.received, otherEnd),
  };
}
