/**
 * The threads at one place of what came, the preferred ones first (Pike's list of threads). Of those that reach the same
 * instruction at the same byte only the first goes on: what follows can match for the others no better. So a list is never
 * longer than the program.
 */
import { holdsAt } from "./assertions.ts";
import { type Capture, type CaptureValues, captureAt } from "./capture-values.ts";
import type { LinePattern } from "./pattern.ts";
import type { Instruction, Program } from "./program.ts";
import type { ReceivedBytes } from "./received-bytes.ts";
import { type Thread, ThreadQueue } from "./thread.ts";

/** At most so many threads compare a value, or wait for the end of a line, at one instruction. */
const MOST_WAITING = 64;

export class ThreadList {
  readonly #program: Program;
  readonly #received: ReceivedBytes;
  readonly #values: CaptureValues;
  /** Whether threads less preferred than an accepted one go on, as the reply may be longer. */
  readonly #goesOn: boolean;
  /** By instruction: the step in which it was last reached, and the same for what may follow an assertion of the end. */
  readonly #marks: Int32Array;
  readonly #endMarks: Int32Array;
  #generation = 1;
  /** By instruction: how many threads wait there. */
  readonly #waiting: Int32Array;
  /** The place: how many bytes have been taken. */
  at = 0;
  threads: Thread[] = [];
  /** The preferred thread that is at the end of the program. */
  accepted: Thread | undefined;
  /** The thread that got furthest of all, ever. */
  leader: Thread = { pc: 0, offset: 0, captures: undefined, matched: undefined, followers: undefined };
  /** Whether a thread takes characters, so that a whole one has to be there. */
  takesCharacters = false;
  /** Whether what a thread leads to depends on the byte after the next one. */
  looksAhead = false;
  /** The thread that takes the next byte; one that stays as it is is kept without a copy. */
  taker: Thread | undefined;

  constructor(program: Program, received: ReceivedBytes, values: CaptureValues, goesOn: boolean) {
    this.#program = program;
    this.#received = received;
    this.#values = values;
    this.#goesOn = goesOn;
    const size = program.instructions.length;
    this.#marks = new Int32Array(size);
    this.#endMarks = hasAssertions(program) ? new Int32Array(size) : NO_MARKS;
    this.#waiting = new Int32Array(size);
  }

  /** Begins the list of the next place. Returns the threads of this one. */
  advance(): readonly Thread[] {
    const before = this.threads;
    this.threads = [];
    this.accepted = undefined;
    this.takesCharacters = false;
    this.looksAhead = false;
    this.#generation++;
    for (const { pc } of before) this.#waiting[pc] = 0;
    return before;
  }

  /** Runs what steps ahead, then goes back to the list from before. */
  peek<Result>(look: () => Result): Result {
    const { at, threads, accepted, leader } = this;
    const result = look();
    Object.assign(this, { at, threads, accepted, leader });
    this.#waiting.fill(0);
    this.takesCharacters = false;
    this.looksAhead = false;
    for (const { pc, offset } of threads) this.#noteNeeds(pc, offset);
    return result;
  }

  /** Adds a thread at an instruction, or at those that it leads to without taking a byte. */
  enter(pc: number, captures: Capture | undefined, matched: LinePattern | undefined, isEnd: boolean = false): void {
    const marks = isEnd ? this.#endMarks : this.#marks;
    if (marks[pc] === this.#generation) return;
    marks[pc] = this.#generation;
    const instruction = this.#program.instructions[pc]!;
    const { kind, next, placeholder } = instruction;
    const { at } = this;
    switch (kind) {
      case "fork":
        for (const way of instruction.ways) this.enter(way, captures, matched, isEnd);
        return;
      case "open":
        return this.enter(next, captureAt(placeholder!.name, at, -1, captures), matched);
      case "close": {
        const { start, before } = captures!;
        const kept = placeholder!.name === "_" ? before : captureAt(placeholder!.name, start, at, before);
        return this.enter(next, kept, matched);
      }
      case "matched":
        return this.enter(next, captures, instruction.pattern);
      case "assertion":
        return this.#assert(instruction, captures, matched, isEnd);
      case "accept":
        this.accepted ??= { pc, offset: 0, captures, matched, followers: undefined };
        return;
      case "text":
        if (instruction.bytes === "") return this.enter(next, captures, matched);
        return this.keep(pc, 0, captures, matched);
      case "value": {
        if (instruction.again) return this.keep(pc, 0, captures, matched);
        const length = this.#values.lengthOf(placeholder!, captures);
        if (length === 0) this.enter(next, captures, matched);
        else if (length !== undefined) this.wait(pc, 0, captures, matched);
        return;
      }
      case "line":
        return this.wait(pc, at, captures, matched);
      case "tail":
        return this.keep(pc, at, captures, matched);
      case "count":
        return this.#count(pc, captures, matched);
      case "character":
        // After an assertion of the end nothing may be taken.
        if (isEnd) return;
        return this.keep(pc, 0, captures, matched);
      default:
        return this.keep(pc, 0, captures, matched);
    }
  }

  #assert(
    { count: assertion, next }: Instruction,
    captures: Capture | undefined,
    matched: LinePattern | undefined,
    isEnd: boolean,
  ): void {
    const { at } = this;
    const { data, length } = this.#received;
    const before = at === captures!.start ? undefined : data[at - 1];
    const holds = holdsAt(assertion, before, at < length && !isEnd ? data[at] : undefined);
    if (holds) this.enter(next, captures, matched, isEnd || holds === "at the end");
  }

  /** Begins to count bytes, after the threads that count already. */
  #count(pc: number, captures: Capture | undefined, matched: LinePattern | undefined): void {
    const last = this.threads.at(-1);
    if (last?.pc !== pc || last.offset < 0) return this.keep(pc, this.at, captures, matched, new ThreadQueue());
    last.followers!.add({ pc, offset: this.at, captures, matched, followers: undefined });
  }

  /** The first thread at a count has left: the next one takes its place. */
  follow({ followers }: Thread): void {
    const next = followers!.take();
    if (next) this.keep(next.pc, next.offset, next.captures, next.matched, followers);
  }

  /** The same as {@link keep}, at an instruction that many threads may wait at. */
  wait(pc: number, offset: number, captures: Capture | undefined, matched: LinePattern | undefined): void {
    if (this.#waiting[pc]! >= MOST_WAITING) return;
    this.#waiting[pc]!++;
    this.keep(pc, offset, captures, matched);
  }

  /** Adds a thread as it is. */
  stay(thread: Thread): void {
    if (this.#program.looksAhead) this.#noteNeeds(thread.pc, thread.offset);
    this.threads.push(thread);
  }

  /** Adds a thread that waits for the next byte. */
  keep(
    pc: number,
    offset: number,
    captures: Capture | undefined,
    matched: LinePattern | undefined,
    followers?: ThreadQueue,
  ): void {
    if (this.accepted && !this.#goesOn) return;
    const { taker } = this;
    const isSame =
      taker?.pc === pc && taker.offset === offset && taker.captures === captures && taker.matched === matched;
    const thread = isSame ? taker : { pc, offset, captures, matched, followers };
    if (pc >= this.leader.pc) this.leader = thread;
    this.#noteNeeds(pc, offset);
    this.threads.push(thread);
  }

  /** What the thread's next byte needs to be taken. */
  #noteNeeds(pc: number, offset: number): void {
    const { instructions, looksAhead } = this.#program;
    const { kind, next } = instructions[pc]!;
    if (kind === "character" && offset >= 0) this.takesCharacters = true;
    if (looksAhead?.[offset < 0 ? pc : next]) this.looksAhead = true;
  }
}

const NO_MARKS = new Int32Array(0);

const hasAssertions = ({ instructions }: Program): boolean => instructions.some(({ kind }) => kind === "assertion");
