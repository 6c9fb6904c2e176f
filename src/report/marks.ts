/**
 * Where two lines differ: the line that was written and the line that came, cut to the part that matters and divided
 * into pieces of which some are marked. A placeholder is taken to agree with any value that it allows.
 *
 * Non-goals: it does not decide whether lines match; that was decided before, with every rule. This is only for the eye.
 */
import { escapeInvisible } from "../base/bytes.ts";
import { cutAround, type Piece, plainLine, showTrailing } from "./pieces.ts";
import { sliceText } from "./text.ts";

export interface MarkedLines {
  readonly expected: readonly Piece[];
  readonly received: readonly Piece[];
}

const PLACEHOLDER = /\{\{[A-Za-z_][\w.-]*(?::(?:\/[^\n]*?\/|[^}\n]*)|\|\w+)?\}\}/y;
const TOKEN = /[\p{L}\p{M}\p{N}_.-]+|\s+|[\s\S]/uy;
const VALUES: Readonly<Record<string, RegExp>> = {
  int: /[+-]?\d+/y,
  word: /\S+/y,
  hex: /[0-9A-Fa-f]+/y,
  base64: /[A-Za-z0-9+/]+={0,2}/y,
  uuid: /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/y,
};
/** Lines longer than this are compared by their beginnings and ends alone. */
const LONGEST_READ = 20_000;
/** How different two lines may be, in words, before marking words stops to help. */
const MOST_EDITS = 60;

function matchAt(regex: RegExp, text: string, at: number): string | undefined {
  regex.lastIndex = at;
  return regex.exec(text)?.[0];
}

/** The line cut into placeholders and what is between them, or into words too. */
function split(text: string, words: boolean): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const placeholder = text.startsWith("{{", at) ? matchAt(PLACEHOLDER, text, at) : undefined;
    const part = placeholder ?? (words ? matchAt(TOKEN, text, at)! : undefined);
    if (part === undefined) {
      at++;
      continue;
    }
    if (from < at) parts.push(text.slice(from, at));
    parts.push(part);
    from = at += part.length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

const isPlaceholder = (part: string): boolean => part.startsWith("{{") && part.endsWith("}}");
const typeOf = (placeholder: string): string => /:(.+)\}\}$/.exec(placeholder)?.[1] ?? "";

/** Where the value of a placeholder ends; undefined where none begins at `at`. */
function valueEnd(placeholder: string, received: string, at: number, next: string | undefined): number | undefined {
  const value = VALUES[typeOf(placeholder)];
  if (value) {
    const found = matchAt(value, received, at);
    return found === undefined ? undefined : at + found.length;
  }
  if (next === undefined) return received.length > at ? received.length : undefined;
  const whole = received.indexOf(next, at + 1);
  const end = whole >= 0 ? whole : received.indexOf(next[0]!, at + 1);
  return end >= 0 ? end : undefined;
}

function commonPrefix(a: string, b: string, from: number): number {
  const most = Math.min(a.length, b.length - from);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(from + length)) length++;
  return length;
}

/** How much of both lines agrees from the start. */
function agreement(expected: string, received: string): { expected: number; received: number } {
  const parts = expected.length <= LONGEST_READ ? split(expected, false) : [expected];
  let i = 0;
  let j = 0;
  for (const [index, part] of parts.entries()) {
    if (isPlaceholder(part) && parts.length > 1) {
      const end = valueEnd(part, received, j, parts[index + 1]);
      if (end === undefined) break;
      j = end;
    } else {
      const length = commonPrefix(part, received, j);
      j += length;
      if (length < part.length) return { expected: i + length, received: j };
    }
    i += part.length;
  }
  return { expected: i, received: j };
}

/** Every character beyond ASCII as an escape, for lines that look the same and are not. */
const escapeAccents = (text: string): string =>
  text.replace(/[^\x00-\x7f]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);

type DiffArrays = typeof import("diff").diffArrays;

/** Both lines in words, those that differ marked; undefined where too little is the same for marks to help. */
function markWords(expected: string, received: string, diffArrays: DiffArrays): MarkedLines | undefined {
  const agree = (written: string, came: string) => {
    if (written === came) return true;
    if (!isPlaceholder(written) || /^\s+$/.test(came)) return false;
    const value = VALUES[typeOf(written)];
    return value ? matchAt(value, came, 0) === came : true;
  };
  const tokens = split(expected, true);
  const changes = diffArrays(tokens, split(received, true), { comparator: agree, maxEditLength: MOST_EDITS });
  if (!changes) return undefined;
  const left: Piece[] = [];
  const right: Piece[] = [];
  let same = 0;
  let at = 0;
  for (const { added, removed, value } of changes) {
    const text = value.join("");
    if (!added) {
      // What agrees is told as it was received, which for a placeholder is not what was written.
      const own = tokens.slice(at, at + value.length).join("");
      at += value.length;
      left.push({ text: own, style: removed ? "marked" : "plain" });
    }
    if (!removed) right.push({ text, style: added ? "marked" : "plain" });
    if (!added && !removed) same += text.replace(/[^\p{L}\p{N}]/gu, "").length;
  }
  if (same === 0 || same * 4 < Math.min(expected.length, received.length)) return undefined;
  return { expected: tellApart(left, right), received: tellApart(right, left) };
}

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
  const start = commonPrefix(expected, received, 0);
  let end = 0;
  while (end < most - start && expected.at(-1 - end) === received.at(-1 - end)) end++;
  if (most === 0 || (start + end) * 2 < most) return undefined;
  const mark = (text: string): Piece[] =>
    [
      { text: sliceText(text, 0, start), style: "plain" } as const,
      { text: text.slice(sliceText(text, 0, start).length, text.length - end), style: "marked" } as const,
      { text: text.slice(text.length - end), style: "plain" } as const,
    ].filter((piece) => piece.text !== "");
  return { expected: mark(expected), received: mark(received) };
}

const SUFFIXES = /(?: \((?:re|esc|json|\?|\*)\))+$/;

/**
 * A written line and the one that came in its place, each cut to `limit` UTF-16 units around the first difference, with
 * what differs marked; nothing is marked where hardly anything is the same.
 */
export function markLines(expected: string, received: string, limit: number, diffArrays: DiffArrays): MarkedLines {
  const suffix = SUFFIXES.exec(expected.slice(-40))?.[0] ?? "";
  const escaped = suffix.includes("(esc)") && received.length <= LONGEST_READ;
  const written = expected.slice(0, expected.length - suffix.length);
  const came = escaped ? escapeInvisible(received.replaceAll("\\", "\\\\").replace(/ \(esc\)$/, "")) : received;
  const agreed = agreement(written, came);
  const left = cutAround(written, agreed.expected, limit);
  const right = cutAround(came, agreed.received, limit);
  const trail = left.after.length + right.after.length === 0;
  const [a, b] = trail ? [showTrailing(left.text), showTrailing(right.text)] : [left.text, right.text];
  const isRegex = suffix.includes("(re)");
  const marked = isRegex || written === came ? undefined : (markWords(a, b, diffArrays) ?? markMiddle(a, b));
  const pieces = (side: typeof left, text: string, own: readonly Piece[] | undefined): Piece[] => [
    ...side.before,
    ...(own ?? [{ text, style: "plain" }]),
    ...side.after,
  ];
  const empty = (line: string, own: Piece[]) => (line === "" ? plainLine(line, limit) : own);
  return {
    expected: empty(expected, [
      ...pieces(left, a, marked?.expected),
      ...(suffix ? [{ text: suffix, style: "plain" } as const] : []),
    ]),
    received: empty(received, pieces(right, b, marked?.received)),
  };
}
