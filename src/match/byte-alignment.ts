/**
 * Which of the bytes that came stand for which written ones: the alignment with the fewest bytes changed, too many or
 * too few (Levenshtein), the earliest where there are several. That keeps the fields of a binary message in their places
 * when one of them differs or has another length.
 *
 * Non-goals: it does not decide whether a reply matches. It looks at single bytes, not at what a placeholder allows.
 */
import type { ByteString } from "../base/bytes.ts";

/** A written byte (one value), one of any value, or any number of them. */
export type Cell = ByteString | typeof ANY | typeof MANY;
export const ANY = 1;
export const MANY = 2;

/** The table of an alignment has at most so many fields, of a byte each; what is larger is aligned by position alone. */
const LARGEST_TABLE = 4_000_000;

const CHANGE = 0;
const DROP = 1;
const ADD = 2;

const agrees = (cell: Cell, byte: ByteString): boolean => cell === ANY || cell === byte;

/**
 * Where each cell's bytes end in what came; they begin where those of the cell before end. Bytes that no cell stands for
 * belong to the cell before them; those after the last cell to none, and those before the first to the first.
 */
export function alignBytes(cells: readonly Cell[], received: ByteString): readonly number[] {
  const most = Math.min(cells.length, received.length);
  let start = 0;
  while (start < most && agrees(cells[start]!, received[start]!)) start++;
  let end = 0;
  if (isLarge(cells.length - start, received.length - start))
    while (end < most - start && agrees(cells.at(-1 - end)!, received.at(-1 - end)!)) end++;
  const middle = cells.slice(start, cells.length - end);
  const bytes = received.slice(start, received.length - end);
  const ends = Array.from({ length: start }, (_, i) => i + 1);
  if (isLarge(middle.length, bytes.length)) byPosition(middle, bytes.length, start, ends);
  else byDistance(middle, bytes, start, ends);
  if (end > 0 && ends.length > 0) ends[ends.length - 1] = received.length - end;
  for (let i = end; i > 0; i--) ends.push(received.length - i + 1);
  return ends;
}

const isLarge = (cells: number, bytes: number): boolean => (cells + 1) * (bytes + 1) > LARGEST_TABLE;

/** One byte a cell; what is too much goes to the first cell that can take it. */
function byPosition(cells: readonly Cell[], length: number, start: number, ends: number[]): void {
  let surplus = Math.max(0, length - cells.filter((cell) => cell !== MANY).length);
  let at = 0;
  for (const cell of cells) {
    at = Math.min(length, at + (cell === MANY ? surplus : 1));
    if (cell === MANY) surplus = 0;
    ends.push(start + at);
  }
}

function byDistance(cells: readonly Cell[], received: ByteString, start: number, ends: number[]): void {
  const width = received.length + 1;
  const edits = editsOf(cells, received);
  let at = 0;
  for (let cell = 0; cell < cells.length; ) {
    const edit = edits[cell * width + at];
    if (edit !== DROP) at++;
    if (edit === ADD) {
      if (cells[cell] !== MANY && ends.length > 0) ends[ends.length - 1] = start + at;
      continue;
    }
    ends.push(start + at);
    cell++;
  }
}

/** For each number of cells and bytes passed, what to do next on the cheapest way to the end. */
function editsOf(cells: readonly Cell[], received: ByteString): Uint8Array {
  const width = received.length + 1;
  const edits = new Uint8Array((cells.length + 1) * width).fill(ADD);
  let below = Int32Array.from({ length: width }, (_, at) => received.length - at);
  for (let row = cells.length - 1; row >= 0; row--) {
    const cell = cells[row]!;
    const costs = new Int32Array(width);
    costs[width - 1] = below[width - 1]! + (cell === MANY ? 0 : 1);
    edits[row * width + width - 1] = DROP;
    for (let at = width - 2; at >= 0; at--) {
      const add = costs[at + 1]! + (cell === MANY ? 0 : 1);
      const drop = below[at]! + (cell === MANY ? 0 : 1);
      const change = cell === MANY ? Number.POSITIVE_INFINITY : below[at + 1]! + (agrees(cell, received[at]!) ? 0 : 1);
      const least = Math.min(change, drop, add);
      costs[at] = least;
      edits[row * width + at] = least === change ? CHANGE : least === drop ? DROP : ADD;
    }
    below = costs;
  }
  return edits;
}
