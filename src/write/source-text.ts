/** The text of a document as lines with their endings, so that some can be replaced and all others stay as they are. */
import { type Markers, readMarker } from "../transcript/markers.ts";

/** A line of the file; `ending` is empty at the end of a file without a last line ending. */
export interface SourceLine {
  readonly text: string;
  readonly ending: string;
}

/** Lines of the file, counted from 1: those from `from` up to `to` are replaced. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly SourceLine[];
}

/** Before its first line a file may have a byte order mark, which no line and no column counts. */
const MARK = "\ufeff";

export class SourceText {
  readonly lines: readonly SourceLine[];
  readonly #mark: string;

  constructor(text: string) {
    this.#mark = text.startsWith(MARK) ? MARK : "";
    this.lines = [...text.slice(this.#mark.length).matchAll(/([^\r\n]*)(\r\n?|\n|$)/g)]
      .map(([, line, ending]) => ({ text: line!, ending: ending! }))
      .filter(({ text: line, ending }, i, all) => line !== "" || ending !== "" || i < all.length - 1);
  }

  /** A line by its number, from 1. */
  at(line: number): SourceLine {
    return this.lines[line - 1] ?? { text: "", ending: "\n" };
  }

  /** The whole text with these edits, which do not overlap. */
  edited(edits: readonly Edit[]): string {
    const pieces: (readonly SourceLine[])[] = [];
    let next = 1;
    for (const { from, to, lines: written } of edits.toSorted((a, b) => a.from - b.from)) {
      pieces.push(this.lines.slice(next - 1, from - 1), written);
      next = to;
    }
    pieces.push(this.lines.slice(next - 1));
    const lines = pieces.flat();
    const isEnded = this.lines.at(-1)?.ending !== "";
    const usual = this.lines[0]?.ending || "\n";
    return (
      this.#mark +
      lines.map(({ text, ending }, i) => text + (i < lines.length - 1 || isEnded ? ending || usual : "")).join("")
    );
  }
}

/** A written line in the file: what stands before it, its marker, and what comes after its text. */
export interface LinePlace {
  /** Quote marks, the indentation of lists and the like. */
  readonly lead: string;
  /** Empty where the line bears none. */
  readonly marker: string;
  /** Of a comment that ends on the line. */
  readonly tail: string;
}

/** @param column where the text begins, from 1. */
export function placeOf(
  raw: string,
  { source, column, marked }: { readonly source: string; readonly column: number; readonly marked: boolean },
  markers: Markers,
): LinePlace {
  const at = column - 1;
  const tail = raw.slice(at + source.length);
  if (!marked) return { lead: raw.slice(0, at), marker: "", tail };
  const end = at + source.length;
  for (let from = 0; from < at; from++) {
    const read = readMarker(raw.slice(from, end), markers);
    if ((read.kind === "reply" || read.kind === "client") && read.text === source && from + read.column === at)
      return { lead: raw.slice(0, from), marker: raw.slice(from, at), tail };
  }
  return { lead: raw.slice(0, at), marker: "", tail };
}
