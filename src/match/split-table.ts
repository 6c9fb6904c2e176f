/**
 * Shares a text among placeholders in two passes, at some nanoseconds a byte. The first pass goes from the end of the text
 * to its beginning and notes for each place from which instructions the rest can match: a deterministic automaton, of which
 * states and transitions are made as they are needed, and kept for the next text. The second pass goes forward along the
 * preferred way that can match.
 */
import type { ByteString } from "../base/bytes.ts";
import { codeAt, sizeAt } from "./characters.ts";
import type { Instruction, Program } from "./program.ts";

/** The instructions from which a text can match. */
interface State {
  readonly id: number;
  /** By instruction. */
  readonly matches: Uint8Array;
  /** The state one character earlier, by that character: -1 where it is not known yet. */
  readonly before: Int16Array;
}

/** What happens at a place without taking a byte, until an instruction takes one. */
interface Way {
  readonly pc: number;
  readonly opened: readonly number[];
  readonly closed: readonly number[];
}

const MOST_INSTRUCTIONS = 500;
const MOST_STATES = 1000;
const MOST_TESTS = 12;
const ASCII = 128;

const isSimple = ({ kind, bytes }: Instruction): boolean =>
  kind === "text" ? bytes.length <= 1 : kind !== "assertion" && kind !== "count" && kind !== "value";

export class SplitTable {
  readonly #instructions: readonly Instruction[];
  readonly #states: State[] = [];
  readonly #ids = new Map<string, number>();
  /** The tests of its instructions, each once. A character is of the kind that those which it passes make. */
  readonly #tests: readonly NonNullable<Instruction["test"]>[];
  /** States before a character beyond ASCII, by its kind, its first byte, and the states after that and after all of it. */
  readonly #before = new Map<number, number>();
  /** By instruction and state. */
  readonly #ways = new Map<number, Way>();

  /** Whether it can take a program: one without assertions, of texts of one byte, and not too large. */
  static takes({ instructions }: Program): boolean {
    return (
      instructions.length <= MOST_INSTRUCTIONS &&
      instructions.every(isSimple) &&
      testsIn(instructions).length <= MOST_TESTS
    );
  }

  constructor({ instructions }: Program) {
    this.#instructions = instructions;
    this.#tests = testsIn(instructions);
    this.#add(instructions.map(({ kind }) => Number(kind === "accept")));
  }

  /**
   * What each placeholder takes, by the number that is its name; undefined where the text does not match.
   * @throws {RangeError} too many states: the text is left to others.
   */
  split(bytes: ByteString): readonly ByteString[] | undefined {
    const places = this.#backward(bytes);
    if (!this.#states[places[0]!]!.matches[0]) return undefined;
    const starts: number[] = [];
    const values: ByteString[] = [];
    for (let at = 0, pc = 0; ; ) {
      const way = this.#wayOf(pc, places[at]!);
      for (const name of way.opened) starts[name] = at;
      for (const name of way.closed) values[name] = bytes.slice(starts[name]!, at);
      const { kind, next } = this.#instructions[way.pc]!;
      if (kind === "accept") return values;
      at += kind === "character" ? sizeAt(bytes, at) : 1;
      pc = next;
    }
  }

  /** The state of each place. */
  #backward(bytes: ByteString): Uint16Array {
    const places = new Uint16Array(bytes.length + 1);
    for (let at = bytes.length - 1; at >= 0; at--) {
      const byte = bytes.charCodeAt(at);
      const after = places[at + 1]!;
      if (byte < ASCII) {
        const { before } = this.#states[after]!;
        if (before[byte]! < 0) before[byte] = this.#make(byte, byte, after, after);
        places[at] = before[byte]!;
      } else {
        const code = codeAt(bytes, at);
        const end = places[at + sizeAt(bytes, at)]!;
        let key = (after * MOST_STATES + end) * (1 << 8) + byte;
        for (const test of this.#tests) key = key * 2 + Number(test(code));
        const known = this.#before.get(key);
        places[at] = known ?? this.#make(byte, code, after, end);
        if (known === undefined) this.#before.set(key, places[at]!);
      }
    }
    return places;
  }

  /** The state before a character; `after` and `end` are those after its first byte and after all of it. */
  #make(byte: number, code: number, after: number, end: number): number {
    const afterByte = this.#states[after]!.matches;
    const afterCharacter = this.#states[end]!.matches;
    return this.#add(
      this.#instructions.map(({ kind, bytes, test, next }) => {
        if (kind === "text") return Number(bytes !== "" && bytes.charCodeAt(0) === byte && afterByte[next]);
        if (kind === "byte") return Number(test!(byte) && afterByte[next]);
        return Number(kind === "character" && test!(code) && afterCharacter[next]);
      }),
    );
  }

  /** @param matches by instruction, whether it takes what comes next, and the rest matches; completed with those that lead there. */
  #add(matches: number[]): number {
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      for (let pc = matches.length - 1; pc >= 0; pc--) {
        const instruction = this.#instructions[pc]!;
        if (matches[pc] || takes(instruction) || !waysOf(instruction).some((way) => matches[way])) continue;
        matches[pc] = 1;
        isChanged = true;
      }
    }
    const key = matches.join("");
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#states.length;
    if (id >= MOST_STATES) throw new RangeError("too many states");
    this.#states.push({ id, matches: Uint8Array.from(matches), before: new Int16Array(ASCII).fill(-1) });
    this.#ids.set(key, id);
    return id;
  }

  /** The preferred way from an instruction, at a place where the rest can match. */
  #wayOf(pc: number, state: number): Way {
    const key = pc * MOST_STATES + state;
    let way = this.#ways.get(key);
    if (!way) {
      way = this.#find(pc, this.#states[state]!.matches, new Set())!;
      this.#ways.set(key, way);
    }
    return way;
  }

  #find(pc: number, matches: Uint8Array, seen: Set<number>): Way | undefined {
    if (!matches[pc] || seen.has(pc)) return undefined;
    seen.add(pc);
    const instruction = this.#instructions[pc]!;
    if (takes(instruction)) return { pc, opened: [], closed: [] };
    for (const next of waysOf(instruction)) {
      const way = this.#find(next, matches, seen);
      if (!way) continue;
      const { kind, placeholder } = instruction;
      const own = [Number(placeholder?.name)];
      if (kind === "open") return { ...way, opened: [...own, ...way.opened] };
      return kind === "close" ? { ...way, closed: [...own, ...way.closed] } : way;
    }
    return undefined;
  }
}

const testsIn = (instructions: readonly Instruction[]): readonly NonNullable<Instruction["test"]>[] => [
  ...new Set(instructions.flatMap(({ test }) => test ?? [])),
];

/** Whether an instruction is passed only with a byte, or never. */
const takes = ({ kind, bytes }: Instruction): boolean =>
  kind === "character" || kind === "byte" || kind === "accept" || (kind === "text" && bytes !== "");

const waysOf = ({ kind, ways, next }: Instruction): readonly number[] => (kind === "fork" ? ways : [next]);
