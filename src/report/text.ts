/**
 * Text on its way to a terminal, a log or a file: nothing in it moves a cursor or hides, and nothing is endless. What
 * servers and documents say passes through here before any reporter writes it.
 */
import { displayText, encodeText, escapeInvisible, isPlainText, writeLine } from "../base/bytes.ts";
import { sliceText } from "../base/excerpt.ts";
import { loadStringWidth } from "../base/packages.ts";

/** The noncharacters that XML forbids and terminals do not show. */
const NONCHARACTER = /[\ufffe\uffff]/g;
/** Spaces that only look like one. */
const ODD_SPACE = /[^\S ]/g;
const LONE_SURROGATE = /[\ud800-\udfff]/u;
const LEFT_OUT = "…";

/** Columns where there is no terminal to ask. */
export const DEFAULT_COLUMNS = 100;
/** Rows of a terminal of which nothing is known. */
export const DEFAULT_ROWS = 24;

const escapeUnit = (char: string): string => `\\u{${char.charCodeAt(0).toString(16)}}`;

/** One line of any program's output: what acts on a terminal, or is not allowed in XML, as an escape. Tabs stay. */
export const harmless = (text: string): string => displayText(text).replace(NONCHARACTER, escapeUnit);

/** One line with everything invisible written as an escape, tabs too, and spaces that only look like one. */
export const visible = (text: string): string =>
  isPlainText(text) ? text : escapeInvisible(text).replace(NONCHARACTER, escapeUnit).replace(ODD_SPACE, escapeUnit);

/** Text with its middle left out where it has more than `limit` UTF-16 units. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.ceil((limit * 2) / 3);
  const left = text.length - limit;
  return `${sliceText(text, 0, head)}${LEFT_OUT}(${formatCount(left)} more)${LEFT_OUT}${sliceText(text, head + left, text.length)}`;
}

/** One line, visible and not endless: for names, paths and sentences. */
export const oneLine = (text: string, limit = 1000): string => visible(shorten(text, limit));

/** The first and the last of many lines, and in their place between them how many were left out. */
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

/** What takes a place of its own on a terminal: a character with the marks and joiners that belong to it. */
export function clusters(text: string): Iterable<string> {
  if (isPlainText(text)) return text;
  segmenter ??= new Intl.Segmenter("en");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns that visible text takes on most terminals: East Asian text and pictures two a character, combining marks none. */
export const textWidth = (text: string): number => (isPlainText(text) ? text.length : loadStringWidth()(text));

/** The beginning of a visible text that fits in so many columns. */
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

/** A text that every reader of UTF-8 can take: with bytes that are no UTF-8 it is written as a document's ` (esc)` line. */
export const wellFormed = (text: string): string => (LONE_SURROGATE.test(text) ? writeLine(encodeText(text)) : text);

/**
 * A text as a JSON string, which is a YAML string too. It says the text exactly; what could act on a terminal is
 * written as `\u` escapes.
 */
export const jsonString = (text: string): string => escapeJson(JSON.stringify(wellFormed(text)));

/** JSON without line breaks, in which no character beyond ASCII could act on a terminal. */
export const escapeJson = (json: string): string =>
  json.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );

/** Milliseconds with the three digits that a clock has, not the fifteen of a double. */
export const roundMs = (ms: number): number => Math.round(ms * 1000) / 1000;
