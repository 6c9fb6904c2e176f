/** Lines on their way to rows of a terminal: cut where they are too long, divided into pieces, laid out in columns. */
import { charWidth, formatCount, sliceText, textWidth, visible } from "./text.ts";

/** A stretch of a line; `marked` where it differs from the other line, `aside` where it is not of the line itself. */
export interface Piece {
  readonly text: string;
  readonly style: "plain" | "marked" | "aside";
}

/** A line cut to `limit` UTF-16 units around `at`, with what was cut off said at either side. */
export function cutAround(text: string, at: number, limit: number): { before: Piece[]; text: string; after: Piece[] } {
  if (text.length <= limit) return { before: [], text, after: [] };
  const from = Math.max(0, Math.min(at - Math.floor(limit / 5), text.length - limit));
  const to = from + limit;
  const aside = (count: number): Piece[] =>
    count > 0 ? [{ text: `…(${formatCount(count)} more)…`, style: "aside" }] : [];
  return { before: aside(from), text: sliceText(text, from, to), after: aside(text.length - to) };
}

/** Trailing spaces as dots: a space at the end of a line is what nobody sees. */
export const showTrailing = (text: string): string => text.replace(/ +$/, (spaces) => "·".repeat(spaces.length));

/** One line that has no counterpart, as pieces of at most `limit` units in all. */
export function plainLine(text: string, limit: number): Piece[] {
  if (text === "") return [{ text: "(empty line)", style: "aside" }];
  const cut = cutAround(text, 0, limit);
  const shown = cut.after.length > 0 ? cut.text : showTrailing(cut.text);
  return [...cut.before, { text: shown, style: "plain" }, ...cut.after];
}

/** Pieces made visible and laid out in rows of so many columns. An escape is never broken over two rows. */
export function wrap(pieces: readonly Piece[], columns: number): Piece[][] {
  const rows: Piece[][] = [[]];
  let left = columns;
  for (const { text, style } of pieces) {
    let part = "";
    const finish = () => {
      if (part !== "") rows.at(-1)!.push({ text: part, style });
      part = "";
    };
    for (const char of text) {
      const shown = style === "aside" ? char : visible(char);
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

/** `^^^` below what is marked, where there is no colour to tell; empty where nothing is. */
export function underline(row: readonly Piece[]): string {
  let carets = "";
  for (const { text, style } of row) {
    for (const char of text) carets += (style === "marked" ? "^" : " ").repeat(charWidth(char));
  }
  return carets.trimEnd();
}

/** A line that begins with a prefix, on at most two rows and a bit, those after the first indented as far as the text is. */
export function hanging(prefix: string, prefixWidth: number, text: string, columns: number): string[] {
  const width = Math.max(20, columns - prefixWidth);
  const rows = text === "" ? [[]] : wrap(plainLine(text, width * 2), width);
  return rows.map((row, index) =>
    `${index === 0 ? prefix : " ".repeat(prefixWidth)}${row.map((piece) => piece.text).join("")}`.trimEnd(),
  );
}
