/**
 * Runs a program (program.ts) over bytes: a simulation with a list of threads in their order of preference, like Pike's
 * for regular expressions. Of the threads that come to one instruction at the same byte, only the first one goes on: what
 * follows can match for the others no better. So the work for a byte is bounded by the size of what is written.
 */
import type { ByteString } from "../base/bytes.ts";
import { holdsAt } from "./assertions.ts";
import { type Capture, CaptureValues, captureAt } from "./capture-values.ts";
import { characterAt } from "./characters.ts";
import { Followers } from "./followers.ts";
import type { LinePattern } from "./pattern.ts";
import type { Instruction, Program } from "./program.ts";
import { ReceivedBytes } from "./received-bytes.ts";

/** A try: it waits at an instruction. */
export interface Thread {
  readonly pc: number;
  /** How many bytes the instruction has taken; of a line or a count, where it began; below zero: bytes of a character to come. */
  readonly offset: number;
  readonly captures: Capture | undefined;
  /** The last written line that was matched on the way. */
  readonly matched: LinePattern | undefined;
  /** At a count: those that came there later and are preferred next, so that only the first one needs a look. */
  readonly followers: Followers | undefined;
}

/** What the automaton does not know itself. */
export interface LineTaker {
  /** What is captured once the line between two places is taken; undefined where it does not match. */
  takeLine(pattern: LinePattern, start: number, end: number, captures: Capture | undefined): Captures;
}
type Captures = { readonly captures: Capture | undefined } | undefined;

/** So many values of one name are compared at a time, those that are preferred. */
const MOST_VALUES = 64;

export class Automaton {
  readonly #program: Program;
  readonly #lines: LineTaker | undefined;
  /** Whether more than the shortest match is wanted: nothing is cut off where the end is reached. */
  readonly #goesOn: boolean;
  /** By instruction: the step in which it was come to, and the same for what may follow an assertion of the end. */
  readonly #marks: Int32Array;
  readonly #endMarks: Int32Array;
  /** By instruction: how many threads compare a value there, or wait for the end of a line. */
  readonly #waiting: Int32Array;
  #generation = 1;
  /** The character that begins with the byte that is taken. */
  #code = 0;
  #size = 1;
  /** The thread that takes it. */
  #taker: Thread | undefined;
  readonly #received = new ReceivedBytes();
  readonly #values = new CaptureValues(this.#received);
  /** How many bytes were taken. */
  #at = 0;
  #isEnded = false;
  /** Whether a thread takes characters, so that all of one has to be there. */
  #charactersDue = false;
  threads: Thread[] = [];
  accepted: Thread | undefined;
  /** The one that came furthest of all. */
  leader: Thread = { pc: 0, offset: 0, captures: undefined, matched: undefined, followers: undefined };

  constructor(program: Program, goesOn: boolean, lines?: LineTaker) {
    this.#program = program;
    this.#goesOn = goesOn;
    this.#lines = lines;
    const size = program.instructions.length;
    this.#marks = new Int32Array(size);
    this.#endMarks = new Int32Array(program.looksAhead || hasAssertions(program) ? size : 0);
    this.#waiting = new Int32Array(size);
  }

  /** Enters the first instruction. */
  start(): void {
    this.#enter(0, undefined, undefined, false);
  }

  get at(): number {
    return this.#at;
  }

  get length(): number {
    return this.#received.length;
  }

  append(bytes: ByteString): void {
    this.#received.append(bytes);
  }

  /** No more bytes come: what may begin a character is none. */
  close(): void {
    this.#isEnded = true;
  }

  slice(start: number, end: number): ByteString {
    return this.#received.slice(start, end);
  }

  valueOf(capture: Capture): ByteString {
    return this.#values.valueOf(capture);
  }

  get lastByte(): number | undefined {
    return this.#received.data[this.#at - 1];
  }

  /** Whether a thread other than one of `...` would take bytes that come next; changes nothing. */
  wouldTake(bytes: ByteString): boolean {
    const { threads, accepted, leader } = this;
    const at = this.#at;
    const { length } = this.#received;
    this.threads = threads
      .filter(({ pc }) => this.#program.instructions[pc]!.kind !== "any line")
      .map((thread) => (thread.followers ? { ...thread, followers: thread.followers.copy() } : thread));
    this.append(bytes);
    let isTaken = false;
    while (this.threads.length > 0 && this.#at < this.#received.length && this.step())
      isTaken ||= this.accepted !== undefined;
    isTaken ||= this.threads.length > 0;
    this.#waiting.fill(0);
    Object.assign(this, { threads, accepted, leader });
    this.#at = at;
    this.#received.cutAt(length);
    this.#charactersDue = threads.some((thread) => this.#takesCharacter(thread));
    return isTaken;
  }

  #takesCharacter({ pc, offset }: Thread): boolean {
    return offset >= 0 && this.#program.instructions[pc]!.kind === "character";
  }

  /**
   * Passes over bytes that change nothing: where all that is taken is any byte, or any line, until what follows it begins.
   * The last of them is taken as ever, so that what can end there does.
   */
  skip(): void {
    const { instructions, loops } = this.#program;
    let next = this.#received.length;
    for (const { pc, offset } of this.threads) {
      const { kind, bytes } = instructions[pc]!;
      if (kind === "any line") next = Math.min(next, this.#received.placeOf(LF, this.#at));
      else if (kind === "byte" && loops[pc] === pc) continue;
      else if (kind === "text" && offset === 0 && this.threads.some((loop) => loop.pc === loops[pc]))
        next = Math.min(next, this.#received.placeOf(bytes.charCodeAt(0), this.#at));
      else return;
      if (next <= this.#at) return;
    }
    if (this.threads.length > 0) this.#at = Math.max(this.#at, next - 1);
  }

  /** Takes what follows to the end of what has come so far, as far as written lines wait for just that. */
  takeTails(): void {
    for (const { pc, offset, captures } of this.threads) {
      const { kind, pattern, next } = this.#program.instructions[pc]!;
      if (kind !== "tail") continue;
      const taken = this.#lines!.takeLine(pattern!, offset, this.#received.length, captures);
      if (taken)
        this.accepted ??= { pc: next, offset: 0, captures: taken.captures, matched: pattern, followers: undefined };
    }
  }

  /** Takes the next byte; false where it has to wait for more. */
  step(): boolean {
    const at = this.#at;
    const byte = this.#received.data[at]!;
    this.#code = byte;
    this.#size = 1;
    if (byte >= 0x80 && this.#charactersDue) {
      const character = characterAt(this.#received.data, at, this.#received.length);
      if (!character && !this.#isEnded) return false;
      this.#code = character?.code ?? 0xdc00 + byte;
      this.#size = character?.size ?? 1;
    }
    if (this.#program.looksAhead && !this.#isEnded && at + 1 >= this.#received.length) return false;
    this.#at = at + 1;
    const before = this.#clear();
    for (const thread of before) this.#take(thread, byte);
    this.#taker = undefined;
    return true;
  }

  #clear(): readonly Thread[] {
    const before = this.threads;
    this.threads = [];
    this.accepted = undefined;
    this.#charactersDue = false;
    this.#generation++;
    for (const { pc } of before) this.#waiting[pc] = 0;
    return before;
  }

  #take(thread: Thread, byte: number): void {
    const { pc, offset, captures, matched } = thread;
    this.#taker = thread;
    if (offset < 0) {
      if (offset === -1) this.#enter(pc, captures, matched, false);
      else this.#keep(pc, offset + 1, captures, matched);
      return;
    }
    const instruction = this.#program.instructions[pc]!;
    const { next } = instruction;
    switch (instruction.kind) {
      case "text":
        if (instruction.bytes.charCodeAt(offset) !== byte) return;
        if (offset + 1 === instruction.bytes.length) this.#enter(next, captures, matched, false);
        else this.#keep(pc, offset + 1, captures, matched);
        return;
      case "byte":
        if (instruction.test!(byte)) this.#enter(next, captures, matched, false);
        return;
      case "character":
        if (!instruction.test!(this.#code)) return;
        if (this.#size === 1) this.#enter(next, captures, matched, false);
        else this.#keep(next, 1 - this.#size, captures, matched);
        return;
      case "count":
        if (this.#at - offset < instruction.count) this.threads.push(thread);
        else {
          this.#enter(next, captures, matched, false);
          this.#follow(thread);
        }
        return;
      case "value":
        return this.#takeValue(thread, instruction, byte);
      case "any line":
        if (byte === LF) this.#enter(next, captures, matched, false);
        else this.#keep(pc, offset, captures, matched);
        return;
      case "line":
        if (byte !== LF) return this.#wait(pc, offset, captures, matched);
        return this.#takeLine(thread, instruction, this.#at);
      case "tail":
        if (byte !== LF) this.#keep(pc, offset, captures, matched);
        return;
      case "lf":
        if (byte === LF && !(instruction.alone && this.#received.data[this.#at - 2] === CR))
          this.#enter(next, captures, matched, false);
        return;
      default:
        return;
    }
  }

  #takeLine({ offset, captures, matched }: Thread, { pattern, next }: Instruction, end: number): void {
    const taken = this.#lines!.takeLine(pattern!, offset, end, captures);
    if (taken) this.#enter(next, taken.captures, matched, false);
  }

  /** The end of what has come: lines without their LF are taken as far as `takes` allows, and ends of what must end here. */
  finish(takes: (instruction: Instruction) => boolean): void {
    const before = this.#clear();
    for (const thread of before) {
      const instruction = this.#program.instructions[thread.pc]!;
      const { kind, next } = instruction;
      if (thread.offset < 0 || !takes(instruction)) continue;
      if (kind === "line") this.#takeLine(thread, instruction, this.#received.length);
      else this.#enter(next, thread.captures, thread.matched, false);
    }
  }

  #takeValue({ pc, offset, captures, matched }: Thread, { placeholder, next }: Instruction, byte: number): void {
    if (this.#values.byteOf(placeholder!, captures, offset) !== byte) return;
    if (offset + 1 === this.#values.lengthOf(placeholder!, captures)) this.#enter(next, captures, matched, false);
    else this.#wait(pc, offset + 1, captures, matched);
  }

  /** Comes to an instruction, and on to those that are reached without taking anything. */
  #enter(pc: number, captures: Capture | undefined, matched: LinePattern | undefined, isEnd: boolean): void {
    const marks = isEnd ? this.#endMarks : this.#marks;
    if (marks[pc] === this.#generation) return;
    marks[pc] = this.#generation;
    const instruction = this.#program.instructions[pc]!;
    const { kind, next, placeholder } = instruction;
    const at = this.#at;
    switch (kind) {
      case "fork":
        for (const way of instruction.ways) this.#enter(way, captures, matched, isEnd);
        return;
      case "open":
        return this.#enter(next, captureAt(placeholder!.name, at, -1, captures), matched, false);
      case "close": {
        const { start, before } = captures!;
        const kept = placeholder!.name === "_" ? before : captureAt(placeholder!.name, start, at, before);
        return this.#enter(next, kept, matched, false);
      }
      case "matched":
        return this.#enter(next, captures, instruction.pattern, false);
      case "assertion":
        return this.#assert(instruction, captures, matched, isEnd);
      case "accept":
        this.accepted ??= { pc, offset: 0, captures, matched, followers: undefined };
        return;
      case "text":
        if (instruction.bytes === "") return this.#enter(next, captures, matched, false);
        return this.#keep(pc, 0, captures, matched);
      case "value": {
        const length = this.#values.lengthOf(placeholder!, captures);
        if (length === 0) this.#enter(next, captures, matched, false);
        else if (length !== undefined) this.#wait(pc, 0, captures, matched);
        return;
      }
      case "line":
        return this.#wait(pc, at, captures, matched);
      case "tail":
        return this.#keep(pc, at, captures, matched);
      case "count":
        return this.#count(pc, captures, matched);
      case "character":
        // Behind an assertion of the end nothing may be taken.
        if (isEnd) return;
        return this.#keep(pc, 0, captures, matched);
      default:
        return this.#keep(pc, 0, captures, matched);
    }
  }

  #assert(
    { count: assertion, next }: Instruction,
    captures: Capture | undefined,
    matched: LinePattern | undefined,
    isEnd: boolean,
  ): void {
    const at = this.#at;
    const { data, length } = this.#received;
    const before = at === captures!.start ? undefined : data[at - 1];
    const holds = holdsAt(assertion, before, at < length && !isEnd ? data[at] : undefined);
    if (holds) this.#enter(next, captures, matched, isEnd || holds === "at the end");
  }

  /** Begins to count bytes, behind threads that do so already. */
  #count(pc: number, captures: Capture | undefined, matched: LinePattern | undefined): void {
    const last = this.threads.at(-1);
    if (last?.pc !== pc || last.offset < 0) return this.#keep(pc, this.#at, captures, matched, new Followers());
    last.followers!.add({ pc, offset: this.#at, captures, matched, followers: undefined });
  }

  /** The first thread at a count has left it: the next one takes its place. */
  #follow({ followers }: Thread): void {
    const next = followers!.take();
    if (next) this.#keep(next.pc, next.offset, next.captures, next.matched, followers);
  }

  /** The same as {@link #keep}, where there may be any number of threads at one instruction. */
  #wait(pc: number, offset: number, captures: Capture | undefined, matched: LinePattern | undefined): void {
    if (this.#waiting[pc]! >= MOST_VALUES) return;
    this.#waiting[pc]!++;
    this.#keep(pc, offset, captures, matched);
  }

  #keep(
    pc: number,
    offset: number,
    captures: Capture | undefined,
    matched: LinePattern | undefined,
    followers?: Followers,
  ): void {
    // Behind an end that was reached nothing more is needed.
    if (this.accepted && !this.#goesOn) return;
    const taker = this.#taker;
    // Most threads go on as they were.
    const isSame =
      taker?.pc === pc && taker.offset === offset && taker.captures === captures && taker.matched === matched;
    const thread = isSame ? taker : { pc, offset, captures, matched, followers };
    if (pc >= this.leader.pc) this.leader = thread;
    if (offset >= 0 && this.#program.instructions[pc]!.kind === "character") this.#charactersDue = true;
    this.threads.push(thread);
  }
}

const LF = 10;
const CR = 13;

const hasAssertions = ({ instructions }: Program): boolean => instructions.some(({ kind }) => kind === "assertion");
