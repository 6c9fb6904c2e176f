/**
 * Shares a text out among placeholders of which each takes characters of certain classes, with written text between them.
 * Linear in the text: from its end back to its beginning, it is marked where each placeholder may end so that the rest
 * matches; then each one takes the shortest value that ends at a mark.
 */
import { type ByteString, toBytes } from "../base/bytes.ts";
import { isWithin, sizeAt } from "./characters.ts";
import type { Piece } from "./parts.ts";

/** Every beginning of a value, but for a few bytes, is a value too: so the shortest one is found without going back. */
export interface CharacterClass {
  readonly pieces: readonly Piece[];
  /** Tests a whole value. */
  readonly whole: RegExp;
}

/** By place, from 0 to the length of the text: 1 where something may begin or end. */
type Marks = Uint8Array;

/**
 * The value of each class; undefined where the text does not match.
 *
 * @param bytes begin with the first of `texts` and end with the last one, which do not overlap.
 * @param texts what stands before, between and after the classes: one more than there are classes.
 */
export function splitByClasses(
  bytes: ByteString,
  texts: readonly ByteString[],
  classes: readonly CharacterClass[],
): readonly ByteString[] | undefined {
  const text = new MarkedText(bytes);
  const ends: Marks[] = [];
  let marks = text.markedAt(bytes.length - texts.at(-1)!.length);
  for (let i = classes.length - 1; i >= 0; i--) {
    ends[i] = marks;
    marks = marks.slice();
    for (const piece of classes[i]!.pieces.toReversed()) text.goBefore(piece, marks);
    marks = text.before(texts[i]!, marks);
  }
  if (!marks[0]) return undefined;
  const values: ByteString[] = [];
  let start = texts[0]!.length;
  for (const [i, { whole }] of classes.entries()) {
    let end = ends[i]!.indexOf(1, start);
    while (isWithin(bytes, start, end) || !whole.test(bytes.slice(start, end))) end = ends[i]!.indexOf(1, end + 1);
    values.push(bytes.slice(start, end));
    start = end + texts[i + 1]!.length;
  }
  return values;
}

class MarkedText {
  readonly #bytes: ByteString;
  readonly #data: Uint8Array;

  constructor(bytes: ByteString) {
    this.#bytes = bytes;
    this.#data = toBytes(bytes);
  }

  markedAt(place: number): Marks {
    const marks = new Uint8Array(this.#data.length + 1);
    marks[place] = 1;
    return marks;
  }

  /** Moves marks to where the characters of a piece may begin that end at one. */
  goBefore({ test, least, most }: Piece, marks: Marks): void {
    const takes = tableOf(test);
    if (most === Number.POSITIVE_INFINITY) this.#addRuns(takes, marks);
    else for (let i = least; i < most; i++) this.#addOne(takes, marks);
    for (let i = 0; i < least; i++) this.#goBeforeOne(takes, marks);
  }

  /** From the end to the beginning: what is marked last counts for what is before it. */
  #addRuns(takes: Uint8Array, marks: Marks): void {
    const data = this.#data;
    for (let at = marks.lastIndexOf(1) - 1; at >= 0; at--) {
      const byte = data[at]!;
      marks[at]! |= takes[byte]! & marks[byte < BEYOND_ASCII ? at + 1 : this.#after(at)]!;
    }
  }

  #addOne(takes: Uint8Array, marks: Marks): void {
    const data = this.#data;
    const end = marks.lastIndexOf(1);
    for (let at = firstBefore(marks); at < end; at++) {
      const byte = data[at]!;
      marks[at]! |= takes[byte]! & marks[byte < BEYOND_ASCII ? at + 1 : this.#after(at)]!;
    }
  }

  #goBeforeOne(takes: Uint8Array, marks: Marks): void {
    const data = this.#data;
    const end = marks.lastIndexOf(1);
    for (let at = firstBefore(marks); at < end; at++) {
      const byte = data[at]!;
      marks[at] = takes[byte]! & marks[byte < BEYOND_ASCII ? at + 1 : this.#after(at)]!;
    }
    if (end >= 0) marks[end] = 0;
  }

  #after(at: number): number {
    return at + sizeAt(this.#bytes, at);
  }

  /** Marks where a text begins that ends at one. */
  before(text: ByteString, marks: Marks): Marks {
    if (text === "") return marks;
    const moved = new Uint8Array(marks.length);
    // Knuth, Morris and Pratt: linear also where the text repeats itself.
    const data = this.#data;
    const sought = toBytes(text);
    const borders = bordersOf(sought);
    let length = 0;
    for (let at = 0; at < data.length; at++) {
      const byte = data[at]!;
      while (length > 0 && sought[length] !== byte) length = borders[length - 1]!;
      if (sought[length] === byte) length++;
      if (length < sought.length) continue;
      moved[at + 1 - length] = marks[at + 1]!;
      length = borders[length - 1]!;
    }
    return moved;
  }
}

const BEYOND_ASCII = 128;
/** In bytes. */
const LONGEST_CHARACTER = 4;

/** The first place where a character may begin that ends at a mark. */
const firstBefore = (marks: Marks): number => Math.max(0, marks.indexOf(1) - LONGEST_CHARACTER);

/** By byte; a class holds ASCII alone or all beyond it. */
const tableOf = (test: (code: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => Number(test(Math.min(byte, BEYOND_ASCII))));

/** Of each beginning of a text, how many of its bytes both begin and end it, all of them aside. */
function bordersOf(text: Uint8Array): Int32Array {
  const borders = new Int32Array(text.length);
  let length = 0;
  for (let at = 1; at < text.length; at++) {
    while (length > 0 && text[length] !== text[at]) length = borders[length - 1]!;
    if (text[length] === text[at]) length++;
    borders[at] = length;
  }
  return borders;
}
