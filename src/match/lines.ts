/**
 * Written lines in their order against what comes: a simulation with a set of positions in the reply, like Pike's for
 * regular expressions. Every position is held once, by the try that came there in the earliest way the format guide
 * prefers, so that the work for a received line is bounded by the number of written ones.
 *
 * Most replies are compared line by line. Where a run of ` (hex)` bytes or a ` (no-eol)` text is due, bytes are taken
 * one by one, and what stands beside them waits for its LF.
 */
import type { ByteString } from "../base/bytes.ts";
import { type Element, elementsOf, endsOpen, patternAt, statesOf } from "./elements.ts";
import type { Captures, Matcher, Progress, Unmatched } from "./matcher.ts";
import type { ByteItem } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import {
  boundValue,
  type Captured,
  capture,
  capturedMap,
  type EndingRules,
  explain,
  fits,
  matchLine,
  matchText,
  NOTHING_CAPTURED,
} from "./text.ts";
import type { Scope } from "./variables.ts";

/** A place that the reply may have come to. */
interface Position {
  /** Index of the element that takes what comes next. */
  readonly element: number;
  /** Within a run of bytes: the item, and how many of its bytes were taken. */
  readonly item: number;
  readonly offset: number;
  /** Of a line: where it began in what is partial. */
  readonly start: number;
  /** Bytes taken for the placeholder at `item`, as they are not known before its end. */
  readonly taken: ByteString;
  readonly captured: Captured;
  /** The last written line that was matched on the way. */
  readonly matched: LinePattern | undefined;
}

export class LinesMatcher implements Matcher {
  readonly #elements: readonly Element[];
  readonly #scope: Scope;
  readonly #rules: EndingRules;
  /** Whether bytes are looked at one by one anywhere in this reply. */
  readonly #bytewise: boolean;
  readonly #open: boolean;
  readonly #endsInText: boolean;
  /** The number of each element's first position, its items counted; the last one is that of the end. */
  readonly #states: readonly number[];
  /** By those numbers: the step in which a position was last come to. */
  readonly #marks: Int32Array;
  #generation = 1;
  /** The same for positions within an item. */
  readonly #seenWithin = new Set<number>();
  #positions: Position[] = [];
  /** Whether one of them takes bytes, not lines. */
  #bytesDue = false;
  /** The one that came furthest of all: what it waits for is what a reader misses. */
  #leader: Position = START;
  /** The position behind the last element, once one came there. */
  #accepted: Position | undefined;
  /** What positions that wait for the end of a line still need, and where the byte behind the last one taken is in it. */
  #partial: ByteString = "";
  #next = 0;
  /** How many bytes were dropped from it. */
  #forgotten = 0;
  /** In what is being taken: where a byte stands next, as far as that was looked for. */
  readonly #nextPlaces = new Map<ByteString, number>();
  #received = 0;
  #unmatched: Unmatched | undefined;
  readonly mayBeEmpty: boolean;
  rest: ByteString = "";

  constructor(expects: readonly LinePattern[], scope: Scope, rules: EndingRules) {
    this.#elements = elementsOf(expects, scope);
    this.#scope = scope;
    this.#rules = rules;
    this.#bytewise = this.#elements.some(({ kind }) => kind === "bytes" || kind === "tail");
    this.#endsInText = this.#elements.at(-1)?.kind === "bytes" && expects.at(-1)?.body.kind === "text";
    this.#open = rules.endKnown === true || endsOpen(this.#elements) || this.#endsInText;
    this.#states = statesOf(this.#elements);
    this.#marks = new Int32Array(this.#states.at(-1)! + 1);
    this.#enter(START);
    this.mayBeEmpty = this.#accepted !== undefined;
  }

  feed(line: ByteString, _part = ""): Progress {
    if (this.#bytewise) return this.#feedPiece(line);
    if (!line.endsWith("\n")) this.#partial += line;
    else {
      const whole = this.#partial === "" ? line : this.#partial + line;
      this.#partial = "";
      this.#feedLine(whole);
    }
    return this.#progress();
  }

  endMessage(): Progress {
    return this.end();
  }

  end(): Progress {
    if (this.#positions.some(({ element }) => this.#elements[element]!.kind === "tail")) this.#acceptTail();
    else if (this.#partial !== "" && (this.#positions.length > 0 || this.#accepted)) {
      this.#next = this.#partial.length;
      this.#feedLine(this.#partial);
      this.#partial = "";
    }
    const progress = this.#progress();
    return progress === "open" && this.#rules.endKnown ? "done" : progress;
  }

  takes(line: ByteString, _part = ""): boolean {
    return this.#positions.some(({ element, captured }) => {
      const at = this.#elements[element]!;
      if (at.kind !== "line") return at.kind !== "ellipsis";
      return matchLine(at.pattern, line, this.#rules, this.#scope, captured) !== undefined;
    });
  }

  captures(): Captures {
    return capturedMap(this.#accepted?.captured ?? NOTHING_CAPTURED);
  }

  unmatched(): Unmatched {
    return (
      this.#unmatched ?? {
        pattern: this.#accepted ? undefined : this.#awaited(this.#leader),
        after: (this.#accepted ?? this.#leader).matched,
        received: this.#received,
        detail: "",
      }
    );
  }

  #progress(): Progress {
    if (!this.#accepted) return this.#positions.length > 0 ? "more" : "failed";
    if (this.#rules.endKnown) return "open";
    return this.#open && (this.#positions.length > 0 || this.#endsInText) ? "open" : "done";
  }

  /** Adds a position, and those reached from it without taking anything, the preferred ones first. */
  #enter(position: Position): void {
    const { element, item } = position;
    if (this.#isSeen(element, item, position.offset)) return;
    const at = this.#elements[element];
    if (!at) {
      this.#accepted ??= position;
      return;
    }
    if (at.kind === "ellipsis" || (at.kind === "line" && at.pattern.repeat !== "once"))
      this.#enterElement(element + 1, position);
    else if (at.kind === "bytes") {
      const next = at.items[item];
      if (next === undefined) return this.#enterElement(element + 1, position, at.patterns.at(-1));
      const isEmpty = this.#bytesOf(next, position.captured) === "";
      if (isEmpty || next.kind === "bytes") this.#enterItem(position, item + 1);
      if (isEmpty) return;
    }
    // Behind an end that was reached nothing more is needed, unless the reply may go on.
    if (this.#accepted && !this.#open) return;
    if (element > this.#leader.element || (element === this.#leader.element && item >= this.#leader.item))
      this.#leader = position;
    const begins = this.#bytewise && at.kind !== "bytes" && position.start !== this.#next;
    this.#positions.push(begins ? { ...position, start: this.#next } : position);
    if (at.kind === "bytes" || at.kind === "tail") this.#bytesDue = true;
  }

  #enterElement(element: number, from: Position, matched: LinePattern | undefined = from.matched): void {
    if (this.#marks[this.#states[element]!] === this.#generation) return;
    this.#enter({ element, item: 0, offset: 0, start: from.start, taken: "", captured: from.captured, matched });
  }

  #enterItem(from: Position, item: number, captured: Captured = from.captured): void {
    if (this.#marks[this.#states[from.element]! + item] === this.#generation) return;
    this.#enter({
      element: from.element,
      item,
      offset: 0,
      start: from.start,
      taken: "",
      captured,
      matched: from.matched,
    });
  }

  /** Whether a position was come to since {@link #step} began: it is held by the try that came first. */
  #isSeen(element: number, item: number, offset: number): boolean {
    const state = this.#states[element]! + item;
    if (offset > 0) {
      const key = state * MAX_OFFSET + offset;
      if (this.#seenWithin.has(key)) return true;
      this.#seenWithin.add(key);
      return false;
    }
    if (this.#marks[state] === this.#generation) return true;
    this.#marks[state] = this.#generation;
    return false;
  }

  /** What comes next is taken by every position: the ones it leads to are collected anew. */
  #step(): readonly Position[] {
    const before = this.#positions;
    this.#generation++;
    if (this.#seenWithin.size > 0) this.#seenWithin.clear();
    this.#positions = [];
    this.#accepted = undefined;
    this.#bytesDue = false;
    return before;
  }

  #bytesOf(item: ByteItem, captured: Captured): ByteString | undefined {
    if (item.kind === "text") return item.bytes;
    return item.kind === "placeholder" ? boundValue(item, this.#scope, captured) : undefined;
  }

  #feedLine(line: ByteString): void {
    const complete = this.#accepted;
    const before = this.#step();
    for (const position of before) this.#stepLine(position, line);
    if (this.#positions.length === 0 && !this.#accepted) this.#fail(before, complete, line);
    this.#received++;
  }

  #stepLine(position: Position, line: ByteString): void {
    const at = this.#elements[position.element]!;
    if (at.kind === "ellipsis") return this.#enter(position);
    if (at.kind !== "line") return;
    const whole = this.#bytewise ? this.#partial.slice(position.start, this.#next) : line;
    const captured = matchLine(at.pattern, whole, this.#rules, this.#scope, position.captured);
    if (!captured) return;
    const element = at.pattern.repeat === "any" ? position.element : position.element + 1;
    this.#enter({ element, item: 0, offset: 0, start: position.start, taken: "", captured, matched: at.pattern });
  }

  #fail(before: readonly Position[], complete: Position | undefined, line: ByteString): void {
    const furthest = this.#furthest(before);
    const at = furthest && this.#elements[furthest.element]!;
    const beyond = complete !== undefined && at?.kind !== "tail";
    this.#unmatched = {
      pattern: beyond || !furthest ? undefined : this.#awaited(furthest),
      after: complete?.matched ?? furthest?.matched,
      received: this.#received,
      ...(this.#bytewise && { bytes: this.#forgotten + this.#next - 1 }),
      detail:
        furthest && at?.kind === "line" && !beyond
          ? explain(at.pattern, line, this.#rules, this.#scope, furthest.captured)
          : "",
    };
  }

  #furthest(positions: readonly Position[]): Position | undefined {
    return positions.reduce<Position | undefined>(
      (best, one) => (best && best.element >= one.element ? best : one),
      undefined,
    );
  }

  /** The written line that a position waits for, past those that may be absent. */
  #awaited(furthest: Position): LinePattern | undefined {
    for (const [i, element] of this.#elements.entries()) {
      if (i < furthest.element) continue;
      if (element.kind === "bytes") return patternAt(element.patterns, i === furthest.element ? furthest.item : 0);
      if (element.kind === "tail" || (element.kind === "line" && element.pattern.repeat === "once"))
        return element.pattern;
    }
    const last = this.#elements[furthest.element];
    return last?.kind === "line" ? last.pattern : undefined;
  }

  /** Takes bytes that need not end with a line. */
  #feedPiece(piece: ByteString): Progress {
    let at = this.#partial.length;
    this.#partial += piece;
    this.#nextPlaces.clear();
    const text = this.#partial;
    while (at < text.length) {
      if (this.#bytesDue) {
        at = this.#skipBytes(text, at);
        if (at === text.length) break;
        this.#next = ++at;
        this.#feedByte(text[at - 1]!);
      } else {
        const lf = text.indexOf("\n", at);
        if (lf < 0 && this.#positions.length > 0) break;
        const start = this.#positions[0]?.start ?? at;
        this.#next = at = lf < 0 ? text.length : lf + 1;
        this.#feedLine(text.slice(start, at));
      }
      if (this.#positions.length > 0 && !(this.#accepted && !this.#open)) continue;
      const progress = this.#progress();
      if (progress === "done" || progress === "failed") {
        this.rest = text.slice(at);
        this.#partial = "";
        return progress;
      }
    }
    this.#forgetTaken();
    this.#acceptTail();
    return this.#progress();
  }

  /**
   * Where the next byte stands that could change anything: within `...` of a run of bytes that is the first byte of what
   * follows it.
   */
  #skipBytes(text: ByteString, from: number): number {
    let next = text.length;
    for (const { element, item, offset } of this.#positions) {
      const at = this.#elements[element]!;
      if (at.kind !== "bytes") return from;
      const due = at.items[item]!;
      if (due.kind === "bytes") continue;
      if (due.kind !== "text" || offset > 0 || at.items[item - 1]?.kind !== "bytes") return from;
      const first = due.bytes[0]!;
      let found = this.#nextPlaces.get(first) ?? -1;
      if (found < from) {
        found = text.indexOf(first, from);
        if (found < 0) found = text.length;
        this.#nextPlaces.set(first, found);
      }
      next = Math.min(next, found);
    }
    // Only a `...` at the end still ends the reply after bytes that it takes.
    if (next > from && !endsOpen(this.#elements)) this.#accepted = undefined;
    return next;
  }

  /** Drops what no waiting position needs. */
  #forgetTaken(): void {
    let needed = this.#partial.length;
    for (const { element, start } of this.#positions)
      if (this.#elements[element]!.kind !== "bytes") needed = Math.min(needed, start);
    if (needed === 0) return;
    this.#partial = this.#partial.slice(needed);
    this.#next -= needed;
    this.#forgotten += needed;
    this.#positions = this.#positions.map((position) => ({ ...position, start: position.start - needed }));
  }

  #feedByte(byte: ByteString): void {
    const complete = this.#accepted;
    const before = this.#step();
    for (const position of before) {
      const at = this.#elements[position.element]!;
      if (at.kind === "bytes") this.#stepByte(position, at.items[position.item]!, byte);
      else if (byte === "\n") this.#stepLine(position, "");
      // A line that is not complete: of several tries the one that began first stays.
      else if ((!this.#accepted || this.#open) && !this.#isSeen(position.element, 0, 0)) this.#positions.push(position);
    }
    if (byte === "\n") this.#received++;
    if (this.#positions.length === 0 && !this.#accepted) this.#fail(before, complete, "");
  }

  #stepByte(position: Position, item: ByteItem, byte: ByteString): void {
    const behind = position.item + 1;
    switch (item.kind) {
      case "byte":
        return this.#enterItem(position, behind);
      case "bytes":
        return this.#enter(position);
      case "text":
      case "placeholder": {
        const bytes = this.#bytesOf(item, position.captured);
        const offset = position.offset + 1;
        if (bytes !== undefined) {
          if (bytes[position.offset] !== byte) return;
          return offset === bytes.length ? this.#enterItem(position, behind) : this.#enter({ ...position, offset });
        }
        if (item.kind === "text" || item.filter) return;
        const taken = position.taken + byte;
        const isWhole = item.type.kind === "bytes" ? offset === item.type.count : fits(item, taken);
        if (isWhole) this.#enterItem(position, behind, capture(position.captured, item.name, taken));
        if (!isWhole || item.type.kind !== "bytes") this.#enter({ ...position, taken, offset });
        return;
      }
      default:
        return item satisfies never;
    }
  }

  /** A last line without an ending matches, so far, if its text does. */
  #acceptTail(): void {
    for (const position of this.#positions) {
      const at = this.#elements[position.element]!;
      if (at.kind !== "tail") continue;
      const text = this.#partial.slice(position.start);
      const captured = text === "" ? undefined : matchText(at.pattern, text, this.#scope, position.captured);
      this.#accepted = captured && { ...position, element: position.element + 1, captured, matched: at.pattern };
    }
  }
}

/** Above every length that a JavaScript string can have, and still exact when multiplied by the number of a position. */
const MAX_OFFSET = 2 ** 30;

const START: Position = {
  element: 0,
  item: 0,
  offset: 0,
  start: 0,
  taken: "",
  captured: NOTHING_CAPTURED,
  matched: undefined,
};
