/**
 * A run of ` (hex)` lines beside the bytes that came, for people: what came is laid out as the author laid out the
 * written lines, with the same spaces and texts in quotes, so that only what differs looks different.
 */
import { type ByteString, decodeText, escapeInvisible, writeByteLines, writeBytes } from "../base/bytes.ts";
import { ANY, alignBytes, type Cell, MANY } from "./byte-alignment.ts";
import { boundValue, type Captured, capture, NOTHING_CAPTURED } from "./captures.ts";
import type { DiffRow } from "./diff.ts";
import { fits } from "./fit.ts";
import { type ByteWord, readByteWords } from "./hex.ts";
import type { ByteItem } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import type { Scope } from "./variables.ts";

/** What `...` took is shown where it is no longer than this. */
const SHORT = 16;
/** A placeholder for more bytes than this is not held to its length here. */
const LONGEST_FIELD = 1000;
const SUFFIXES = /(?: \((?:hex|no-eol)\))+$/;

/** A word with its place in the run: the cells that stand for it. */
interface PlacedWord extends ByteWord {
  readonly cells: number;
}

interface PlacedLine {
  readonly pattern: LinePattern;
  readonly text: string;
  readonly suffix: string;
  readonly words: readonly PlacedWord[];
}

/** @param suffix what every line of bytes bears that is not written by the author: ` (hex)`, or nothing. */
export function diffBytes(
  expected: readonly LinePattern[],
  received: ByteString,
  scope: Scope,
  suffix: string,
): readonly DiffRow[] {
  const cells: Cell[] = [];
  const sizes = new Map<string, number>();
  const lines = expected.map((pattern) => placeLine(pattern, cells, sizes, scope));
  const ends = alignBytes(cells, received);
  const rows: DiffRow[] = [];
  const known = { captured: NOTHING_CAPTURED, scope };
  let cell = 0;
  let from = 0;
  for (const line of lines) {
    const slices = line.words.map((word) => {
      cell += word.cells;
      const to = word.cells === 0 ? from : ends[cell - 1]!;
      const bytes = received.slice(from, to);
      from = to;
      return { word, bytes, matched: matchWord(word, bytes, known) };
    });
    rows.push(...rowsOf(line, slices, suffix));
  }
  for (const shown of writeByteLines(received.slice(from), suffix)) rows.push({ kind: "received", received: shown });
  return rows;
}

function placeLine(pattern: LinePattern, cells: Cell[], sizes: Map<string, number>, scope: Scope): PlacedLine {
  const suffix = SUFFIXES.exec(pattern.source)?.[0] ?? "";
  const text = pattern.source.slice(0, pattern.source.length - suffix.length);
  const words = readByteWords(text, pattern.column, true).map((word) => {
    const before = cells.length;
    for (const item of word.items) placeItem(item, cells, sizes, scope);
    return { ...word, cells: cells.length - before };
  });
  return { pattern, text, suffix, words };
}

function placeItem(item: ByteItem, cells: Cell[], sizes: Map<string, number>, scope: Scope): void {
  if (item.kind === "bytes") cells.push(MANY);
  else if (item.kind === "byte") cells.push(ANY);
  else {
    const value = item.kind === "text" ? item.bytes : boundValue(item, scope, NOTHING_CAPTURED);
    if (value !== undefined) {
      for (const byte of value) cells.push(byte);
      return;
    }
    const { name, type, filter } = item as Extract<ByteItem, { kind: "placeholder" }>;
    const size = type.kind === "bytes" ? type.count : filter ? undefined : sizes.get(name);
    if (size === undefined || size > LONGEST_FIELD) cells.push(MANY);
    else for (let i = 0; i < size; i++) cells.push(ANY);
    if (size !== undefined && name !== "_") sizes.set(name, size);
  }
}

/** Whether the bytes are what a word stands for, as far as the words before it tell; keeps what it binds. */
function matchWord(word: ByteWord, bytes: ByteString, known: { captured: Captured; readonly scope: Scope }): boolean {
  let at = 0;
  for (const [i, item] of word.items.entries()) {
    const value =
      item.kind === "text"
        ? item.bytes
        : item.kind === "placeholder"
          ? boundValue(item, known.scope, known.captured)
          : undefined;
    if (value !== undefined) {
      if (!bytes.startsWith(value, at)) return false;
      at += value.length;
    } else if (item.kind === "byte") at++;
    else {
      const until = endOfValue(word.items, i, bytes, at);
      if (until < 0) return false;
      const rest = bytes.slice(at, until);
      if (item.kind === "placeholder") {
        if (item.filter || !fits(item, rest)) return false;
        known.captured = capture(known.captured, item.name, rest);
      }
      at = until;
    }
  }
  return at === bytes.length;
}

function endOfValue(items: readonly ByteItem[], i: number, bytes: ByteString, at: number): number {
  const item = items[i]!;
  if (item.kind === "placeholder" && item.type.kind === "bytes") return Math.min(bytes.length, at + item.type.count);
  const next = items[i + 1];
  return next?.kind === "text" ? bytes.indexOf(next.bytes, at + 1) : bytes.length;
}

interface Slice {
  readonly word: PlacedWord;
  readonly bytes: ByteString;
  readonly matched: boolean;
}

function rowsOf(line: PlacedLine, slices: readonly Slice[], suffix: string): readonly DiffRow[] {
  const { pattern } = line;
  const expected = pattern.source;
  const [first] = slices;
  if (first && slices.length === 1 && first.word.items[0]?.kind === "bytes")
    return writeByteLines(first.bytes, suffix).map((received) => ({ kind: "same", expected, received }));
  const isSame = slices.every(({ matched }) => matched);
  if (!isSame && slices.every(({ bytes }) => bytes === "")) return [{ kind: "expected", expected, line: pattern.line }];
  let received = "";
  let end = 0;
  for (const slice of slices) {
    const shown = writeWord(line.text.slice(slice.word.from, slice.word.to), slice, isSame);
    const gap = line.text.slice(end, slice.word.from);
    if (shown !== "") received += received === "" ? shown : gap + shown;
    end = slice.word.to;
  }
  received += line.suffix;
  return [isSame ? { kind: "same", expected, received } : { kind: "changed", expected, received, line: pattern.line }];
}

/**
 * In a line that differs, wildcards that took what came stay as they are, so that they do not look different; values of
 * placeholders are written in one piece for the same reason.
 */
function writeWord(written: string, { word, bytes, matched }: Slice, isSame: boolean): string {
  const [item] = word.items;
  if (!written.startsWith('"')) {
    if (!matched || item?.kind === "text") return matched ? written : writeBytes(bytes);
    if (item?.kind === "placeholder") return isSame ? writeBytes(bytes) : writeBytes(bytes).replaceAll(" ", "");
    return isSame && bytes.length <= SHORT ? writeBytes(bytes) : written;
  }
  if (matched && word.items.every(({ kind }) => kind === "text")) return written;
  const text = decodeText(bytes);
  const isText = text !== "" && escapeInvisible(text) === text && !/"|\{\{/.test(text);
  return isText ? `"${text}"` : writeBytes(bytes);
}
