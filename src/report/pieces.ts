/** Turns lines into rows of a terminal: cuts long ones, divides them into pieces, wraps them. */
import { excerpt } from "../base/excerpt.ts";
import { clusters, formatCount, textWidth, visible } from "./text.ts";

/** A part of a line: `marked` if it differs from the other line, `aside` if it is a note and not text of the line. */
export interface Piece {
  readonly text: string;
  readonly style: "plain" | "marked" | "aside";
}

/** A line cut to `limit` UTF-16 units around `at`, with a note at each side that was cut. */
export function cutAround(
  text: string,
  at: number,
  limit: number,
  longest: number = text.length,
): { before: Piece[]; text: string; after: Piece[] } {
  const cut = excerpt(text, at, limit, longest);
  const aside = (count: number): Piece[] =>
    count > 0 ? [{ text: `…(${formatCount(count)} more)…`, style: "aside" }] : [];
  return { before: aside(cut.before), text: cut.text, after: aside(cut.after) };
}

/** Trailing spaces as dots, as nobody sees a space at the end of a line. */
export const showTrailing = (text: string): string => text.replace(/ +$/, (spaces) => "·".repeat(spaces.length));

const ESC = " (esc)";
/** The suffixes of a line. They are never cut. */
const SUFFIXES = /(?: \((?:re|esc|hex|no-eol|lf|crlf|json|\?|\*|!)\))+$/;
export const suffixesOf = (line: string): string => SUFFIXES.exec(line.slice(-60))?.[0] ?? "";

/** Whether a line is written in escapes, or has to be to show every character. */
export const needsEscapes = (line: string): boolean => suffixesOf(line).includes(ESC) || visible(line) !== line;

/** Suffixes that do not go with (esc), as a backslash is a backslash there. */
const UNESCAPED = / \((?:re|json|hex)\)/;

/** A line as a document can write it, with every character visible. */
export function inEscapes(line: string): string {
  const suffixes = suffixesOf(line);
  if (suffixes.includes(ESC) || UNESCAPED.test(suffixes)) return visible(line);
  const escaped = visible(line.replaceAll("\\", "\\\\"));
  return escaped === line ? line : escaped + ESC;
}

/** One line that has no counterpart, as pieces of at most `limit` units in all. */
export function plainLine(text: string, limit: number): Piece[] {
  if (text === "") return [{ text: "(empty line)", style: "aside" }];
  // Escapes are not looked for in a text far longer than its room: most of it is cut.
  const line = text.length <= limit * 4 && needsEscapes(text) ? inEscapes(text) : text;
  const suffix = suffixesOf(line);
  const cut = cutAround(line.slice(0, line.length - suffix.length), 0, limit);
  const shown = cut.after.length > 0 ? cut.text : showTrailing(cut.text);
  return [...cut.before, { text: shown, style: "plain" }, ...cut.after, ...suffixPiece(suffix)];
}

export const suffixPiece = (suffix: string): Piece[] => (suffix === "" ? [] : [{ text: suffix, style: "plain" }]);

/** An escape of ` (esc)`, which stays in one piece. */
const ESCAPE = /\\(?:x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{1,6}\}|[rnt0\\])/g;

/** The units that are not divided between two rows. */
function* unitsOf(text: string): Generator<string> {
  let at = 0;
  for (const { 0: unit, index } of text.includes("\\") ? text.matchAll(ESCAPE) : []) {
    yield* clusters(text.slice(at, index));
    yield unit;
    at = index + unit.length;
  }
  yield* clusters(text.slice(at));
}

/** Makes pieces visible and wraps them into rows of this many columns. An escape stays on one row. */
export function wrap(pieces: readonly Piece[], columns: number): Piece[][] {
  const rows: Piece[][] = [[]];
  let left = columns;
  for (const { text, style } of pieces) {
    let part = "";
    const finish = () => {
      if (part !== "") rows.at(-1)!.push({ text: part, style });
      part = "";
    };
    // A suffix stands on one row.
    const units = style === "plain" && SUFFIXES.test(text) && suffixesOf(text) === text ? [text] : unitsOf(text);
    for (const unit of units) {
      const shown = style === "aside" ? unit : visible(unit);
      const width = textWidth(shown);
      if (width > left) {
        finish();
        rows.push([]);
        left = columns;
      }
      part += shown;
      left -= width;
    }
    finish();
  }
  return rows;
}

/** `^^^` below marked pieces, for reports without colors; empty if nothing is marked. */
export function underline(row: readonly Piece[]): string {
  let carets = "";
  for (const { text, style } of row) carets += (style === "marked" ? "^" : " ").repeat(textWidth(text));
  return carets.trimEnd();
}

/** A line after a prefix, cut to about two rows. The later rows are indented as far as the text of the first. */
export function hanging(prefix: string, prefixWidth: number, text: string, columns: number): string[] {
  const width = Math.max(20, columns - prefixWidth);
  const rows = text === "" ? [[]] : wrap(plainLine(text, width * 2), width);
  return rows.map((row, index) =>
    `${index === 0 ? prefix : " ".repeat(prefixWidth)}${row.map((piece) => piece.text).join("")}`.trimEnd(),
  );
}
