/**
 * Runs a program (program.ts) over bytes, all ways to line them up at once, like Pike's simulation of regular expressions.
 * The work for a byte is bounded by the size of what is written, whatever comes.
 */
import type { ByteString } from "../base/bytes.ts";
import { type Capture, CaptureValues, findCapture } from "./capture-values.ts";
import { characterAt } from "./characters.ts";
import type { LinePattern } from "./pattern.ts";
import type { Instruction, Program } from "./program.ts";
import { ReceivedBytes } from "./received-bytes.ts";
import type { Thread } from "./thread.ts";
import { ThreadList } from "./thread-list.ts";

/** What the automaton does not know itself: lines that are compared as a whole. */
export interface LineTaker {
  /** What is captured once the line between two places is taken; undefined where it does not match. */
  takeLine(pattern: LinePattern, start: number, end: number, captures: Capture | undefined): TakenLine | undefined;
}
export interface TakenLine {
  readonly captures: Capture | undefined;
}

export class Automaton {
  readonly #program: Program;
  readonly #lines: LineTaker | undefined;
  readonly #received = new ReceivedBytes();
  readonly #values = new CaptureValues(this.#received);
  readonly #list: ThreadList;
  /** Whether no more bytes come. */
  isEnded = false;
  /** The character that begins with the byte that is taken. */
  #code = 0;
  #size = 1;

  /** @param goesOn whether to look for more than the shortest match. */
  constructor(program: Program, goesOn: boolean, lines?: LineTaker) {
    this.#program = program;
    this.#lines = lines;
    this.#list = new ThreadList(program, this.#received, this.#values, goesOn);
    this.#list.enter(0, undefined, undefined);
  }

  /** How many bytes have been taken. */
  get at(): number {
    return this.#list.at;
  }

  /** How many bytes have come. */
  get length(): number {
    return this.#received.length;
  }

  get threads(): readonly Thread[] {
    return this.#list.threads;
  }

  /** The thread for which all that has been taken is a match. */
  get accepted(): Thread | undefined {
    return this.#list.accepted;
  }

  /** The thread that got furthest of all, ever. */
  get leader(): Thread {
    return this.#list.leader;
  }

  /** The last byte that was taken. */
  get lastByte(): number | undefined {
    return this.#received.data[this.at - 1];
  }

  /**
   * What a thread took for a name that the same run uses again. Where the second use ends does not help to find the first
   * one, so the preferred thread has it, and waits there until the program is made anew with that value. At the end of what
   * comes, threads that wait for something else have lost.
   */
  settled(): Capture | undefined {
    const { instructions } = this.#program;
    const isWaiting = ({ pc }: Thread): boolean => instructions[pc]!.again;
    const isOver = this.isEnded && this.at === this.length;
    const thread = isOver ? this.threads.find(isWaiting) : this.threads[0];
    return thread && isWaiting(thread)
      ? findCapture(instructions[thread.pc]!.placeholder!.name, thread.captures)
      : undefined;
  }

  append(bytes: ByteString): void {
    this.#received.append(bytes);
    // An expression at the very beginning may look at the first byte.
    if (this.at === 0 && this.#program.looksAhead?.[0]) {
      this.#list.advance();
      this.#list.enter(0, undefined, undefined);
    }
  }

  /** No more bytes come: an incomplete character is single bytes. */
  close(): void {
    this.isEnded = true;
  }

  slice(start: number, end: number): ByteString {
    return this.#received.slice(start, end);
  }

  valueOf(capture: Capture): ByteString {
    return this.#values.valueOf(capture);
  }

  /** Whether a thread other than one of `...` would take bytes that come next; changes nothing. */
  wouldTake(bytes: ByteString): boolean {
    const list = this.#list;
    const { length } = this.#received;
    const isTaken = list.peek(() => {
      this.append(bytes);
      list.threads = list.threads
        .filter(({ pc }) => this.#program.instructions[pc]!.kind !== "any line")
        .map((thread) => (thread.followers ? { ...thread, followers: thread.followers.copy() } : thread));
      while (list.threads.length > 0 && list.at < this.#received.length && this.step()) if (list.accepted) return true;
      return list.threads.length > 0;
    });
    this.#received.cutAt(length);
    return isTaken;
  }

  /**
   * Passes over bytes that change nothing: where every thread takes any byte, or any line, until what follows it begins.
   * The last of these bytes is left for {@link step}, so that what can end there does.
   */
  skip(): void {
    const { instructions, loops } = this.#program;
    const { threads, at } = this.#list;
    let next = this.#received.length;
    for (const { pc, offset } of threads) {
      const { kind, bytes } = instructions[pc]!;
      if (kind === "any line") next = Math.min(next, this.#received.placeOf(LF, at));
      else if (kind === "byte" && loops[pc] === pc) continue;
      else if (kind === "text" && offset === 0 && loops[pc]! >= 0 && threads.some((loop) => loop.pc === loops[pc]))
        next = Math.min(next, this.#received.placeOf(bytes.charCodeAt(0), at));
      else return;
      if (next <= at) return;
    }
    if (threads.length > 0) this.#list.at = Math.max(at, next - 1);
  }

  /** Accepts, where a thread waits for a line without an ending, and all that has come is that line. */
  takeTails(): void {
    for (const { pc, offset, captures } of this.#list.threads) {
      const { kind, pattern, next } = this.#program.instructions[pc]!;
      if (kind !== "tail") continue;
      const taken = this.#lines!.takeLine(pattern!, offset, this.#received.length, captures);
      if (taken)
        this.#list.accepted ??= {
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
    const list = this.#list;
    const { at } = list;
    const received = this.#received;
    const byte = received.data[at]!;
    this.#code = byte;
    this.#size = 1;
    if (byte >= 0x80 && list.takesCharacters) {
      const character = characterAt(received.data, at, received.length);
      if (!character && !this.isEnded) return false;
      this.#code = character?.code ?? 0xdc00 + byte;
      this.#size = character?.size ?? 1;
    }
    if (list.looksAhead && !this.isEnded && at + 1 >= received.length) return false;
    list.at = at + 1;
    for (const thread of list.advance()) {
      list.taker = thread;
      this.#take(thread, byte);
    }
    list.taker = undefined;
    return true;
  }

  #take(thread: Thread, byte: number): void {
    const list = this.#list;
    const { pc, offset, captures, matched } = thread;
    if (offset < 0) {
      if (offset === -1) list.enter(pc, captures, matched);
      else list.keep(pc, offset + 1, captures, matched);
      return;
    }
    const instruction = this.#program.instructions[pc]!;
    const { next } = instruction;
    switch (instruction.kind) {
      case "text":
        if (instruction.bytes.charCodeAt(offset) !== byte) return;
        if (offset + 1 === instruction.bytes.length) list.enter(next, captures, matched);
        else list.keep(pc, offset + 1, captures, matched);
        return;
      case "byte":
        if (instruction.test!(byte)) list.enter(next, captures, matched);
        return;
      case "character":
        if (!instruction.test!(this.#code)) return;
        if (this.#size === 1) list.enter(next, captures, matched);
        else list.keep(next, 1 - this.#size, captures, matched);
        return;
      case "count":
        if (list.at - offset < instruction.count) list.stay(thread);
        else {
          list.enter(next, captures, matched);
          list.follow(thread);
        }
        return;
      case "value":
        return this.#takeValue(thread, instruction, byte);
      case "any line":
        if (byte === LF) list.enter(next, captures, matched);
        else list.keep(pc, offset, captures, matched);
        return;
      case "line":
        if (byte !== LF) return list.wait(pc, offset, captures, matched);
        return this.#takeLine(thread, instruction, list.at);
      case "tail":
        if (byte !== LF) list.keep(pc, offset, captures, matched);
        return;
      case "lf":
        if (byte === LF && !(instruction.alone && this.#received.data[list.at - 2] === CR))
          list.enter(next, captures, matched);
        return;
      default:
        return;
    }
  }

  #takeValue({ pc, offset, captures, matched }: Thread, instruction: Instruction, byte: number): void {
    const { placeholder, next, again } = instruction;
    if (again) return this.#list.enter(pc, captures, matched);
    if (this.#values.byteOf(placeholder!, captures, offset) !== byte) return;
    if (offset + 1 === this.#values.lengthOf(placeholder!, captures)) this.#list.enter(next, captures, matched);
    else this.#list.wait(pc, offset + 1, captures, matched);
  }

  #takeLine({ offset, captures, matched }: Thread, { pattern, next }: Instruction, end: number): void {
    const taken = this.#lines!.takeLine(pattern!, offset, end, captures);
    if (taken) this.#list.enter(next, taken.captures, matched);
  }

  /** Nothing more comes: threads go on from the instructions that `mayEnd` allows to end without their LF. */
  finish(mayEnd: (instruction: Instruction) => boolean): void {
    for (const thread of this.#list.advance()) {
      const instruction = this.#program.instructions[thread.pc]!;
      if (thread.offset < 0 || !mayEnd(instruction)) continue;
      if (instruction.kind === "line") this.#takeLine(thread, instruction, this.#received.length);
      else this.#list.enter(instruction.next, thread.captures, thread.matched);
    }
  }
}

const LF = 10;
const CR = 13;
