/** Where the content of a block is in the lines of the file. */
import type { BlockLine } from "./block.ts";

/** Content as a list of its lines; a line ending at its end begins no further line. */
export function contentLines(content: string): string[] {
  const lines = content.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Finds content in the file, whose lines are `source`; `first` is the index of the line with its first one. */
export const place = (content: readonly string[], first: number, source: readonly string[]): readonly BlockLine[] =>
  content.map((text, i) => ({
    text,
    line: first + i + 1,
    column: (source[first + i] ?? "").length - text.length + spacesOfTab(text, source[first + i] ?? "") + 1,
    marked: false,
  }));

/**
 * How many spaces at the start of a line's content are the rest of a tab, whose other columns belong to a list or quote.
 * All else of the content is the end of the line.
 */
function spacesOfTab(text: string, line: string): number {
  let spaces = 0;
  while (!line.endsWith(text.slice(spaces))) spaces++;
  return spaces;
}

/** {@link Extent.prefix}, by a line of the block and the content that it ends with. */
export function prefixOf(line: string, content: string): string {
  const spaces = spacesOfTab(content, line);
  const opening = line.slice(0, line.length - content.length + spaces);
  // Where columns are added or taken away, tabs would change their width.
  const isUneven = spaces > 0 || />(?![ \t])/.test(opening);
  const even = isUneven ? expandTabs(opening) : opening;
  return even
    .slice(0, even.length - spaces)
    .replaceAll(/>(?![ \t])/g, "> ")
    .replaceAll(/[^ \t>]/g, " ");
}

/** CommonMark's tab stops are four columns apart. */
function expandTabs(text: string): string {
  let expanded = "";
  for (const character of text) expanded += character === "\t" ? " ".repeat(4 - (expanded.length % 4)) : character;
  return expanded;
}
