/**
 * A reply with ` (hex)` lines beside the bytes that came, for people: what came is laid out as the author laid out the
 * written lines, with the same spaces and texts in quotes, so that only what differs looks different.
 */
import { type ByteString, decodeText, escapeInvisible, writeBytes } from "../base/bytes.ts";
import { dumpLines, writeDump } from "../base/dump.ts";
import { ANY, alignBytes, type Cell, MANY } from "./byte-alignment.ts";
import { isOfAnotherKind, plainDump } from "./byte-kind.ts";
import { boundValue, type Captured, capture, NOTHING_CAPTURED } from "./captures.ts";
import { type Diff, type Difference, type DiffRow, type LineComparison, ReplyDiff, type ShownLine } from "./diff.ts";
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
  /** Of a line that is not bytes: the cells that stand for it. */
  readonly cells: number | undefined;
}

/** How the lines that stand among bytes are compared and shown. */
export interface ByteComparison extends LineComparison {
  /** The suffix that a line of bytes needs: ` (hex)`, or nothing where the dialect implies it. */
  readonly suffix: string;
  /** The ending of a line whose suffixes name none. */
  readonly ending: ByteString;
  /** Whether words that match stand as they are written, in what came too: for the text of a document. */
  readonly keepsWords?: boolean;
  show(line: ByteString): string;
}

export function diffBytes(expected: readonly LinePattern[], received: ByteString, comparison: ByteComparison): Diff {
  const { scope, suffix } = comparison;
  const cells: Cell[] = [];
  const sizes = new Map<string, number>();
  const lines = expected.map((pattern) => placeLine(pattern, cells, sizes, comparison));
  const ends = alignBytes(cells, received);
  if (isOfAnotherKind(cells, ends, received)) return plainDump(expected, received, suffix);
  const rows: DiffRow[] = [];
  const differences: Difference[] = [];
  const known = { captured: NOTHING_CAPTURED, scope };
  let cell = 0;
  let from = 0;
  /** Where the present run of bytes begins. */
  let begin = 0;
  const note = (pattern: LinePattern, bytes: ByteString, added: readonly DiffRow[], offset: number): void => {
    rows.push(...added);
    const [first] = added;
    if (first?.kind !== "changed" && first?.kind !== "expected") return;
    const line = first.kind === "changed" ? { bytes, shown: first.received } : undefined;
    const { expected } = first;
    differences.push({ pattern, received: line, captured: known.captured, json: undefined, expected, offset });
  };
  for (const line of lines) {
    if (line.cells !== undefined) {
      cell += line.cells;
      const to = line.cells === 0 ? from : ends[cell - 1]!;
      const came: readonly ShownLine[] = (received.slice(from, to).match(/[^\n]*\n|[^\n]+$/g) ?? []).map((bytes) => ({
        bytes,
        shown: comparison.show(bytes),
      }));
      const diff = new ReplyDiff(comparison, known.captured);
      diff.lines([line.pattern], came);
      known.captured = diff.captured;
      rows.push(...diff.rows);
      differences.push(...diff.differences);
      from = to;
      begin = to;
      continue;
    }
    const start = from;
    const slices = line.words.map((word) => {
      cell += word.cells;
      const to = word.cells === 0 ? from : ends[cell - 1]!;
      const bytes = received.slice(from, to);
      const at = from;
      from = to;
      const [item] = word.items;
      const isPlain = line.text[word.from] !== '"' && item?.kind === "placeholder";
      const value = isPlain ? boundValue(item, scope, known.captured) : undefined;
      return { word, bytes, at, value, matched: matchWord(word, bytes, known) };
    });
    const firstWrong = slices.find(({ matched }) => !matched);
    const offset = firstWrong ? firstWrong.at + differenceWithin(firstWrong, scope) : start;
    note(line.pattern, received.slice(start, from), rowsOf(line, slices, comparison), offset - begin);
  }
  const rest = received.slice(from);
  const isText = lines.at(-1)?.cells !== undefined;
  const shown = isText ? (rest.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(comparison.show) : dumpLines(rest, suffix);
  for (const line of shown) rows.push({ kind: "received", received: line });
  return { rows, differences };
}

/** Where the bytes of a word that does not match part from it. */
function differenceWithin({ word, bytes, value: known }: Slice, scope: Scope): number {
  let at = 0;
  for (const item of word.items) {
    const value =
      item.kind === "text"
        ? item.bytes
        : item.kind === "placeholder"
          ? (known ?? boundValue(item, scope, NOTHING_CAPTURED))
          : undefined;
    if (value === undefined) return at;
    for (const byte of value) {
      if (bytes[at] !== byte) return at;
      at++;
    }
  }
  return at;
}

function placeLine(
  pattern: LinePattern,
  cells: Cell[],
  sizes: Map<string, number>,
  { scope, ending }: ByteComparison,
): PlacedLine {
  const { body } = pattern;
  if (body.kind !== "bytes" && body.kind !== "ellipsis") {
    const before = cells.length;
    if (body.kind === "text" && pattern.repeat === "once")
      for (const part of body.parts) placeItem(part, cells, sizes, scope);
    else cells.push(MANY);
    const own = { written: ending, none: "", lf: "\n", crlf: "\r\n" }[pattern.ending];
    cells.push(...own);
    return { pattern, text: "", suffix: "", words: [], cells: cells.length - before };
  }
  const suffix = SUFFIXES.exec(pattern.source)?.[0] ?? "";
  const text = pattern.source.slice(0, pattern.source.length - suffix.length);
  const words = readByteWords(text, pattern.column, true).map((word) => {
    const before = cells.length;
    for (const item of word.items) placeItem(item, cells, sizes, scope);
    return { ...word, cells: cells.length - before };
  });
  return { pattern, text, suffix, words, cells: undefined };
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
  /** Where the bytes begin in what came. */
  readonly at: number;
  readonly matched: boolean;
  /** Of a placeholder outside of quotes: the value that its name has. */
  readonly value: ByteString | undefined;
}

function rowsOf(
  line: PlacedLine,
  slices: readonly Slice[],
  { suffix, keepsWords = false }: ByteComparison,
): readonly DiffRow[] {
  const { pattern } = line;
  const expected = pattern.source;
  const [first] = slices;
  const isSame = slices.every(({ matched }) => matched);
  if (isSame && keepsWords) return [{ kind: "same", expected, received: expected }];
  if (first && slices.length === 1 && first.word.items[0]?.kind === "bytes")
    return dumpLines(first.bytes, suffix).map((received) => ({ kind: "same", expected, received }));
  if (!isSame && slices.every(({ bytes }) => bytes === "")) return [{ kind: "expected", expected, line: pattern.line }];
  if (isSame)
    return [{ kind: "same", expected, received: layOut(line, slices, (slice, text) => writeWord(text, slice, true)) }];
  const received = layOut(line, slices, (slice, text) =>
    keepsWords && slice.matched ? text : writeWord(text, slice, false),
  );
  const spelled = layOut(line, slices, (slice, text) => spellWord(text, slice));
  return [{ kind: "changed", expected: spelled, received, line: pattern.line }];
}

/** Words with the white space of the written ones between them. */
function layOut(line: PlacedLine, slices: readonly Slice[], write: (slice: Slice, text: string) => string): string {
  let text = "";
  let end = 0;
  for (const slice of slices) {
    const shown = write(slice, line.text.slice(slice.word.from, slice.word.to));
    const gap = line.text.slice(end, slice.word.from);
    if (shown !== "") text += text === "" ? shown : gap + shown;
    end = slice.word.to;
  }
  return text + line.suffix;
}

/** A written word; placeholders as the value that they have, or as what they took, and so are wildcards. */
function spellWord(written: string, slice: Slice): string {
  const [item] = slice.word.items;
  if (slice.value !== undefined) {
    const bytes = writeBytes(slice.value);
    return slice.matched ? bytes.replaceAll(" ", "") : bytes;
  }
  const isFree = item?.kind === "placeholder" || (item?.kind !== "text" && slice.bytes !== "");
  return slice.matched && isFree ? writeWord(written, slice, false) : written;
}

/** In a line that differs, values of placeholders are written in one piece, so that they do not look different. */
function writeWord(written: string, { word, bytes, matched }: Slice, isSame: boolean): string {
  const [item] = word.items;
  if (!written.startsWith('"')) {
    if (!matched || item?.kind === "text") return matched ? written : writeDump(bytes);
    if (item?.kind === "placeholder") return isSame ? writeBytes(bytes) : writeBytes(bytes).replaceAll(" ", "");
    return bytes.length <= SHORT ? writeBytes(bytes) : written;
  }
  if (matched && word.items.every(({ kind }) => kind === "text")) return written;
  const text = decodeText(bytes);
  const isText = text !== "" && escapeInvisible(text) === text && !/"|\{\{/.test(text);
  return isText ? `"${text}"` : writeDump(bytes);
}
