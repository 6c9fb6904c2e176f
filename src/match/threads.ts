/**
 * The threads of an automaton (automaton.ts) at one place of what came, in their order of preference. A thread that comes
 * to an instruction goes on to those that are reached without taking anything. Of the threads that come to one instruction
 * at the same byte, only the first one goes on: what follows can match for the others no better.
 *
 * Non-goals: it takes no bytes.
 */
import { holdsAt } from "./assertions.ts";
import { type Capture, type CaptureValues, captureAt } from "./capture-values.ts";
import type { LinePattern } from "./pattern.ts";
import type { Instruction, Program } from "./program.ts";
import { Queue } from "./queue.ts";
import type { ReceivedBytes } from "./received-bytes.ts";

/** A try: it waits at an instruction. */
export interface Thread {
  readonly pc: number;
  /** How many bytes the instruction has taken; of a line or a count, where it began; below zero: bytes of a character to come. */
  readonly offset: number;
  readonly captures: Capture | undefined;
  /** The last written line that was matched on the way. */
  readonly matched: LinePattern | undefined;
  /** At a count: those that came there later and are preferred next, so that only the first one needs a look. */
  readonly followers: Queue<Thread> | undefined;
}

/** So many values of one name are compared at a time, those that are preferred. */
const MOST_VALUES = 64;

const START: Thread = { pc: 0, offset: 0, captures: undefined, matched: undefined, followers: undefined };

export class Threads {
  readonly #program: Program;
  readonly #received: ReceivedBytes;
  readonly #values: CaptureValues;
  /** Whether more than the shortest match is wanted: nothing is cut off where the end is reached. */
  readonly #goesOn: boolean;
  /** By instruction: the step in which it was come to, and the same for what may follow an assertion of the end. */
  readonly #marks: Int32Array;
  readonly #endMarks: Int32Array;
  /** By instruction: how many threads compare a value there, or wait for the end of a line. */
  readonly #waiting: Int32Array;
  #generation = 1;
  /** The place: how many bytes were taken. */
  at = 0;
  list: Thread[] = [];
  accepted: Thread | undefined;
  /** The one that came furthest of all. */
  leader: Thread = START;
  /** The thread that takes a byte, from which the next ones come. */
  taker: Thread | undefined;
  /** Whether a thread takes characters, so that all of one has to be there. */
  charactersDue = false;
  /** Whether what a thread leads to depends on the byte after the next one. */
  looksAhead = false;

  constructor(program: Program, received: ReceivedBytes, values: CaptureValues, goesOn: boolean) {
    this.#program = program;
    this.#received = received;
    this.#values = values;
    this.#goesOn = goesOn;
    const size = program.instructions.length;
    this.#marks = new Int32Array(size);
    this.#endMarks = new Int32Array(hasAssertions(program) ? size : 0);
    this.#waiting = new Int32Array(size);
  }

  /** Goes to a place, where no thread is yet; those that were there before. */
  moveTo(at: number): readonly Thread[] {
    const before = this.list;
    this.at = at;
    this.list = [];
    this.accepted = undefined;
    this.charactersDue = false;
    this.looksAhead = false;
    this.#generation++;
    for (const { pc } of before) this.#waiting[pc] = 0;
    return before;
  }

  /** Lets `look` move on with those threads that `select` names, and goes back to where they are. */
  tryOut(select: (thread: Thread) => boolean, look: () => boolean): boolean {
    const { at, list, accepted, leader } = this;
    this.list = list
      .filter(select)
      .map((thread) => (thread.followers ? { ...thread, followers: thread.followers.copy() } : thread));
    const result = look();
    this.#waiting.fill(0);
    this.at = at;
    this.list = list;
    this.accepted = accepted;
    this.leader = leader;
    this.charactersDue = false;
    this.looksAhead = false;
    for (const { pc, offset } of list) this.#noteNeeds(pc, offset);
    return result;
  }

  /** Notes what a thread's next byte needs to be taken. */
  #noteNeeds(pc: number, offset: number): void {
    const { instructions, looksAhead } = this.#program;
    const { kind, next } = instructions[pc]!;
    if (kind === "character" && offset >= 0) this.charactersDue = true;
    if (looksAhead?.[offset < 0 ? pc : next]) this.looksAhead = true;
  }

  /**
   * Comes to an instruction, and on to those that are reached without taking anything.
   *
   * @param isEnd whether it comes from an assertion of the end, after which nothing may be taken.
   */
  enter(pc: number, captures: Capture | undefined, matched: LinePattern | undefined, isEnd = false): void {
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

  /** Begins to count bytes, after threads that do so already. */
  #count(pc: number, captures: Capture | undefined, matched: LinePattern | undefined): void {
    const last = this.list.at(-1);
    if (last?.pc !== pc || last.offset < 0) return this.keep(pc, this.at, captures, matched, new Queue());
    last.followers!.add({ pc, offset: this.at, captures, matched, followers: undefined });
  }

  /** The first thread at a count has left it: the next one takes its place. */
  follow({ followers }: Thread): void {
    const next = followers!.take();
    if (next) this.keep(next.pc, next.offset, next.captures, next.matched, followers);
  }

  /** The same as {@link keep}, where there may be any number of threads at one instruction. */
  wait(pc: number, offset: number, captures: Capture | undefined, matched: LinePattern | undefined): void {
    if (this.#waiting[pc]! >= MOST_VALUES) return;
    this.#waiting[pc]!++;
    this.keep(pc, offset, captures, matched);
  }

  /** A thread waits at an instruction for the next byte. */
  keep(
    pc: number,
    offset: number,
    captures: Capture | undefined,
    matched: LinePattern | undefined,
    followers?: Queue<Thread>,
  ): void {
    // After an end that was reached nothing more is needed.
    if (this.accepted && !this.#goesOn) return;
    const { taker } = this;
    // Most threads go on as they were.
    const isSame =
      taker?.pc === pc && taker.offset === offset && taker.captures === captures && taker.matched === matched;
    const thread = isSame ? taker : { pc, offset, captures, matched, followers };
    if (pc >= this.leader.pc) this.leader = thread;
    this.#noteNeeds(pc, offset);
    this.list.push(thread);
  }
}

const hasAssertions = ({ instructions }: Program): boolean => instructions.some(({ kind }) => kind === "assertion");
