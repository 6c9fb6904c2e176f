/**
 * The comparison of a reply with what the document expects, for people: the differing lines with some around them, line
 * numbers of the document in the gutter, differences within a line marked. The output is short however long the reply is.
 */
import type picocolors from "picocolors";
import type { DiffRow } from "../play/outcome.ts";
import { markLines } from "./marks.ts";
import { type Piece, plainLine, underline, wrap } from "./pieces.ts";
import { formatCount } from "./text.ts";

export type Paint = ReturnType<typeof picocolors.createColors>;

/** The room for a comparison. */
export interface DiffRoom {
  /** Columns for everything: indentation, gutter and text. */
  readonly columns: number;
  readonly indent: string;
  /** Lines around each difference. */
  readonly context: number;
  /** The most lines to show, context included. */
  readonly lines: number;
}

/** A line of a reply takes at most this many rows of the terminal. A longer one is cut around its difference. */
const ROWS_PER_LINE = 3;
const NARROWEST = 20;
/** Room for the notes on the parts left out at both ends of a line. */
const ASIDES = 34;

type Mark = "-" | "+" | " ";
type Tint = (text: string) => string;

/** The lines to print, without line ends. */
export async function renderDiff(rows: readonly DiffRow[], room: DiffRoom, paint: Paint): Promise<string[]> {
  const { diffArrays } = await import("diff");
  const hunks = chooseHunks(rows, room);
  const gutter = gutterWidth(rows, hunks);
  const width = Math.max(NARROWEST, room.columns - room.indent.length - gutter - 5);
  const limit = width * ROWS_PER_LINE - ASIDES;
  const out: string[] = [];
  const aside = (text: string) => out.push(`${room.indent}${" ".repeat(gutter)} ${paint.dim(`│   ${text}`)}`);

  const line = (number: number | undefined, mark: Mark, lineRows: readonly Piece[][], tint: Tint, carets = true) => {
    for (const [index, row] of lineRows.entries()) {
      const place = (index === 0 && number !== undefined ? String(number) : "").padStart(gutter);
      const text = row.map((piece) => paintPiece(piece, tint, paint)).join("");
      const sign = index === 0 ? mark : " ";
      out.push(`${room.indent}${paint.dim(`${place} │`)} ${sign === " " ? sign : tint(sign)} ${text}`.trimEnd());
      const below = carets && !paint.isColorSupported ? underline(row) : "";
      if (below !== "") out.push(`${room.indent}${" ".repeat(gutter)} │   ${below}`);
    }
  };

  const lay = (pieces: readonly Piece[]) => wrap(pieces, width);

  let at = 0;
  for (const hunk of hunks) {
    if (hunk.from > at) aside(`… ${moreLines(hunk.from - at)} …`);
    for (const row of rows.slice(hunk.from, hunk.to)) {
      if (row.kind === "same") line(undefined, " ", lay(plainLine(row.received, limit)), paint.dim);
      else if (row.kind === "expected") line(row.line, "-", lay(plainLine(row.expected, limit)), paint.green);
      else if (row.kind === "received") line(undefined, "+", lay(plainLine(row.received, limit)), paint.red);
      else {
        const marked = markLines(row.expected, row.received, limit, diffArrays);
        const [expected, received] = [lay(marked.expected), lay(marked.received)];
        // Carets that are the same for both lines are shown below the second only.
        const twice = expected.length > 1 || received.length > 1 || underline(expected[0]!) !== underline(received[0]!);
        line(row.line, "-", expected, paint.green, twice);
        line(undefined, "+", received, paint.red);
      }
    }
    at = hunk.to;
  }
  if (at < rows.length) {
    let different = 0;
    for (let i = at; i < rows.length; i++) if (rows[i]!.kind !== "same") different++;
    const of =
      different === 0
        ? ""
        : different === rows.length - at
          ? ", all different"
          : `, ${formatCount(different)} of them different`;
    aside(`… ${moreLines(rows.length - at)}${of} …`);
  }
  return out;
}

const moreLines = (count: number): string => `${formatCount(count)} more line${count === 1 ? "" : "s"}`;

/** Rows to show, from `from` up to but not including `to`. */
interface Hunk {
  readonly from: number;
  to: number;
}

/** The differing rows with their context, as many as there is room for; the last rows where none differs. */
function chooseHunks(rows: readonly DiffRow[], { context, lines }: DiffRoom): Hunk[] {
  const hunks: Hunk[] = [];
  let room = lines;
  for (let i = 0; i < rows.length && room > 0; i++) {
    const row = rows[i]!;
    if (row.kind === "same") continue;
    const last = hunks.at(-1);
    const start = Math.max(0, i - context);
    const to = Math.min(rows.length, i + 1 + context);
    // Showing one line takes no more room than saying that it is left out.
    const joins = last !== undefined && start <= last.to + 1;
    const from = joins ? last.to : start === 1 ? 0 : start;
    room -= to - from + (row.kind === "changed" ? 1 : 0);
    if (joins) last.to = to;
    else hunks.push({ from, to });
  }
  const end = hunks.at(-1);
  if (!end) return rows.length > 0 ? [{ from: Math.max(0, rows.length - Math.max(1, context)), to: rows.length }] : [];
  if (end.to === rows.length - 1 && room > 0) end.to++;
  return hunks;
}

function gutterWidth(rows: readonly DiffRow[], hunks: readonly Hunk[]): number {
  let widest = 2;
  for (const { from, to } of hunks) {
    for (const row of rows.slice(from, to)) if ("line" in row) widest = Math.max(widest, String(row.line).length);
  }
  return widest;
}

function paintPiece(piece: Piece, tint: Tint, paint: Paint): string {
  if (piece.style === "aside") return paint.dim(piece.text);
  return tint(piece.style === "marked" ? paint.inverse(piece.text) : piece.text);
}
