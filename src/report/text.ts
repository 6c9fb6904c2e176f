/**
 * Makes text safe for a terminal, a log or a file: nothing in it moves a cursor, hides or is endless. All text of servers
 * and documents passes through here before a reporter writes it.
 */
import { displayText, encodeText, escapeInvisible, isPlainText, writeLine } from "../base/bytes.ts";
import { sliceText } from "../base/excerpt.ts";
import { loadStringWidth } from "../base/packages.ts";

/** The noncharacters that XML forbids and terminals do not show. */
const NONCHARACTER = /[\ufffe\uffff]/g;
/** White space other than the plain space. */
const ODD_SPACE = /[^\S ]/g;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const LEFT_OUT = "…";

/** Columns to use without a terminal. */
export const DEFAULT_COLUMNS = 100;
/** Rows to use if those of the terminal are not known. */
export const DEFAULT_ROWS = 24;

const escapeUnit = (char: string): string => `\\u{${char.charCodeAt(0).toString(16)}}`;

/** One line with escapes for characters that act on a terminal or that XML does not allow. Tabs stay. */
export const harmless = (text: string): string => displayText(text).replace(NONCHARACTER, escapeUnit);

/** One line with escapes for everything invisible, tabs and other white space than the plain space included. */
export const visible = (text: string): string =>
  isPlainText(text) ? text : escapeInvisible(text).replace(NONCHARACTER, escapeUnit).replace(ODD_SPACE, escapeUnit);

/** Leaves out the middle of a text of more than `limit` UTF-16 units. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.ceil((limit * 2) / 3);
  const left = text.length - limit;
  return `${sliceText(text, 0, head)}${LEFT_OUT}(${formatCount(left)} more)${LEFT_OUT}${sliceText(text, head + left, text.length)}`;
}

/** One line, visible and short: for names, paths and sentences. */
export const oneLine = (text: string, limit = 1000): string => visible(shorten(text, limit));

/** The first and the last of many lines, and how many between them are left out. */
export function cutLines(
  lines: readonly string[],
  limit: number,
): { head: readonly string[]; left: number; tail: readonly string[] } {
  if (lines.length <= limit) return { head: lines, left: 0, tail: [] };
  const tail = Math.floor(limit / 4);
  const head = limit - 1 - tail;
  return { head: lines.slice(0, head), left: lines.length - head - tail, tail: lines.slice(lines.length - tail) };
}

let segmenter: Intl.Segmenter | undefined;

/** The characters of a text, each with the marks and joiners that belong to it on a terminal. */
export function clusters(text: string): Iterable<string> {
  if (isPlainText(text)) return text;
  segmenter ??= new Intl.Segmenter("en");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns of visible text on most terminals: two for each East Asian character or picture, none for combining marks. */
export const textWidth = (text: string): number => (isPlainText(text) ? text.length : loadStringWidth()(text));

/** The beginning of a visible text that fits into this many columns. */
export function fitWidth(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  let room = 0;
  for (const cluster of clusters(text)) {
    width += textWidth(cluster);
    end += cluster.length;
    if (width > columns) return text.slice(0, room) + LEFT_OUT;
    if (width < columns) room = end;
  }
  return text;
}

/** `1 example`, `12,000 examples`. */
export const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

export const formatCount = (count: number): string =>
  count < 1000 ? String(count) : String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");

/** A text in valid UTF-8. With invalid bytes it is written as a document's ` (esc)` line. */
export const wellFormed = (text: string): string => (LONE_SURROGATE.test(text) ? writeLine(encodeText(text)) : text);

/**
 * A text as a JSON string, which is a YAML string too. Characters that could act on a terminal are `\u` escapes, so the text
 * stays exact.
 */
export const jsonString = (text: string): string => escapeJson(JSON.stringify(wellFormed(text)));

/** Escapes the characters of JSON that could act on a terminal. */
export const escapeJson = (json: string): string =>
  json.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );

/** Rounds milliseconds to the three digits that a clock measures. */
export const roundMs = (ms: number): number => Math.round(ms * 1000) / 1000;
