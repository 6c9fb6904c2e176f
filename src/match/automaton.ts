/**
 * Runs a program (program.ts) over bytes: a simulation with a list of threads in their order of preference (threads.ts),
 * like Pike's for regular expressions. So the work for a byte is bounded by the size of what is written.
 */
import type { ByteString } from "../base/bytes.ts";
import { type Capture, CaptureValues } from "./capture-values.ts";
import { characterAt } from "./characters.ts";
import type { LinePattern } from "./pattern.ts";
import type { Instruction, Program } from "./program.ts";
import { ReceivedBytes } from "./received-bytes.ts";
import { type Thread, Threads } from "./threads.ts";

/** What the automaton does not know itself. */
export interface LineTaker {
  /** What is captured once the line between two places is taken; undefined where it does not match. */
  takeLine(pattern: LinePattern, start: number, end: number, captures: Capture | undefined): Captures;
}
type Captures = { readonly captures: Capture | undefined } | undefined;

export class Automaton {
  readonly #program: Program;
  readonly #lines: LineTaker | undefined;
  readonly #received = new ReceivedBytes();
  readonly #values = new CaptureValues(this.#received);
  readonly #threads: Threads;
  /** The character that begins with the byte that is taken. */
  #code = 0;
  #size = 1;
  #isEnded = false;

  /** @param goesOn whether more than the shortest match is wanted. */
  constructor(program: Program, goesOn: boolean, lines?: LineTaker) {
    this.#program = program;
    this.#lines = lines;
    this.#threads = new Threads(program, this.#received, this.#values, goesOn);
  }

  /** Enters the first instruction. */
  start(): void {
    this.#threads.enter(0, undefined, undefined);
  }

  /** How many bytes were taken. */
  get at(): number {
    return this.#threads.at;
  }

  get threads(): readonly Thread[] {
    return this.#threads.list;
  }

  /** The thread that has come to the end of the program with the last byte. */
  get accepted(): Thread | undefined {
    return this.#threads.accepted;
  }

  /** The thread that came furthest of all. */
  get leader(): Thread {
    return this.#threads.leader;
  }

  get length(): number {
    return this.#received.length;
  }

  append(bytes: ByteString): void {
    this.#received.append(bytes);
    // An expression at the very beginning may look at the first byte.
    if (this.at === 0 && this.#program.looksAhead?.[0]) {
      this.#threads.moveTo(0);
      this.#threads.enter(0, undefined, undefined);
    }
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
    return this.#received.data[this.at - 1];
  }

  /** Whether a thread other than one of `...` would take bytes that come next; changes nothing. */
  wouldTake(bytes: ByteString): boolean {
    const { length } = this.#received;
    this.append(bytes);
    const isTaken = this.#threads.tryOut(
      ({ pc }) => this.#program.instructions[pc]!.kind !== "any line",
      () => this.#takesNext(),
    );
    this.#received.cutAt(length);
    return isTaken;
  }

  #takesNext(): boolean {
    let isTaken = false;
    while (this.threads.length > 0 && this.at < this.length && this.step()) isTaken ||= this.accepted !== undefined;
    return isTaken || this.threads.length > 0;
  }

  /**
   * Passes over bytes that change nothing: where all that is taken is any byte, or any line, until what follows it begins.
   * The last of them is taken as ever, so that what can end there does.
   */
  skip(): void {
    const { instructions, loops } = this.#program;
    const { at, list } = this.#threads;
    let next = this.#received.length;
    for (const { pc, offset } of list) {
      const { kind, bytes } = instructions[pc]!;
      if (kind === "any line") next = Math.min(next, this.#received.placeOf(LF, at));
      else if (kind === "byte" && loops[pc] === pc) continue;
      else if (kind === "text" && offset === 0 && list.some((loop) => loop.pc === loops[pc]))
        next = Math.min(next, this.#received.placeOf(bytes.charCodeAt(0), at));
      else return;
      if (next <= at) return;
    }
    if (list.length > 0) this.#threads.at = Math.max(at, next - 1);
  }

  /** Takes what follows to the end of what has come so far, as far as written lines wait for just that. */
  takeTails(): void {
    for (const { pc, offset, captures } of this.#threads.list) {
      const { kind, pattern, next } = this.#program.instructions[pc]!;
      if (kind !== "tail") continue;
      const taken = this.#lines!.takeLine(pattern!, offset, this.#received.length, captures);
      if (taken)
        this.#threads.accepted ??= {
          pc: next,
          offset: 0,
          captures: taken.captures,
          matched: pattern,
          followers: undefined,
        };
    }
  }

  /** Takes the next byte; false where it has to wait for more. */
  step(): boolean {
    const threads = this.#threads;
    const { at } = threads;
    const byte = this.#received.data[at]!;
    this.#code = byte;
    this.#size = 1;
    if (byte >= 0x80 && threads.charactersDue) {
      const character = characterAt(this.#received.data, at, this.#received.length);
      if (!character && !this.#isEnded) return false;
      this.#code = character?.code ?? 0xdc00 + byte;
      this.#size = character?.size ?? 1;
    }
    if (threads.looksAhead && !this.#isEnded && at + 1 >= this.#received.length) return false;
    for (const thread of threads.moveTo(at + 1)) {
      threads.taker = thread;
      this.#take(thread, byte);
    }
    threads.taker = undefined;
    return true;
  }

  #take(thread: Thread, byte: number): void {
    const { pc, offset, captures, matched } = thread;
    const threads = this.#threads;
    if (offset < 0) {
      if (offset === -1) threads.enter(pc, captures, matched);
      else threads.keep(pc, offset + 1, captures, matched);
      return;
    }
    const instruction = this.#program.instructions[pc]!;
    const { next } = instruction;
    switch (instruction.kind) {
      case "text":
        if (instruction.bytes.charCodeAt(offset) !== byte) return;
        if (offset + 1 === instruction.bytes.length) threads.enter(next, captures, matched);
        else threads.keep(pc, offset + 1, captures, matched);
        return;
      case "byte":
        if (instruction.test!(byte)) threads.enter(next, captures, matched);
        return;
      case "character":
        if (!instruction.test!(this.#code)) return;
        if (this.#size === 1) threads.enter(next, captures, matched);
        else threads.keep(next, 1 - this.#size, captures, matched);
        return;
      case "count":
        if (threads.at - offset < instruction.count) threads.keep(pc, offset, captures, matched, thread.followers);
        else {
          threads.enter(next, captures, matched);
          threads.follow(thread);
        }
        return;
      case "value":
        return this.#takeValue(thread, instruction, byte);
      case "any line":
        if (byte === LF) threads.enter(next, captures, matched);
        else threads.keep(pc, offset, captures, matched);
        return;
      case "line":
        if (byte !== LF) return threads.wait(pc, offset, captures, matched);
        return this.#takeLine(thread, instruction, threads.at);
      case "tail":
        if (byte !== LF) threads.keep(pc, offset, captures, matched);
        return;
      case "lf":
        if (byte === LF && !(instruction.alone && this.#received.data[threads.at - 2] === CR))
          threads.enter(next, captures, matched);
        return;
      default:
        return;
    }
  }

  #takeLine({ offset, captures, matched }: Thread, { pattern, next }: Instruction, end: number): void {
    const taken = this.#lines!.takeLine(pattern!, offset, end, captures);
    if (taken) this.#threads.enter(next, taken.captures, matched);
  }

  /** The end of what has come: lines without their LF are taken as far as `takes` allows, and ends of what must end here. */
  finish(takes: (instruction: Instruction) => boolean): void {
    const threads = this.#threads;
    for (const thread of threads.moveTo(threads.at)) {
      const instruction = this.#program.instructions[thread.pc]!;
      const { kind, next } = instruction;
      if (thread.offset < 0 || !takes(instruction)) continue;
      if (kind === "line") this.#takeLine(thread, instruction, this.#received.length);
      else threads.enter(next, thread.captures, thread.matched);
    }
  }

  #takeValue({ pc, offset, captures, matched }: Thread, { placeholder, next }: Instruction, byte: number): void {
    if (this.#values.byteOf(placeholder!, captures, offset) !== byte) return;
    if (offset + 1 === this.#values.lengthOf(placeholder!, captures)) this.#threads.enter(next, captures, matched);
    else this.#threads.wait(pc, offset + 1, captures, matched);
  }
}

const LF = 10;
const CR = 13;
