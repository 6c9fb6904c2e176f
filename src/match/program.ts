/**
 * Written text as instructions for an automaton (automaton.ts): literal bytes, single characters, forks of which the
 * earlier ways are preferred. They stand in the order of what is written, so that a greater number is further on.
 */
import type { ByteString } from "../base/bytes.ts";
import { ASSERTIONS, type Assertion, lazySteps } from "../base/regex.ts";
import type { ByteItem, Piece, Placeholder } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";

type Kind =
  /** Takes its bytes; `value`: those of a name bound in this reply. */
  | "text"
  | "value"
  /** Takes a byte, or a whole character of UTF-8, that passes its test. */
  | "byte"
  | "character"
  /** Takes so many bytes. */
  | "count"
  /** Takes a line with its LF; `any` whichever it is, `line` one that is compared when all of it is there. */
  | "any line"
  | "line"
  /** Takes what follows to the end of all that comes. */
  | "tail"
  /** The LF of a line; where it must not end in CRLF, `alone`. */
  | "lf"
  | "fork"
  | "assertion"
  /** A placeholder begins, and ends. */
  | "open"
  | "close"
  /** A written line was matched. */
  | "matched"
  | "accept";

type Test = (code: number) => boolean;

/** All of one shape, since they are what the automaton spends its time with. */
export interface Instruction {
  readonly kind: Kind;
  next: number;
  readonly bytes: ByteString;
  readonly test: Test | undefined;
  readonly count: number;
  readonly ways: readonly number[];
  readonly placeholder: Placeholder | undefined;
  readonly alone: boolean;
  /** Of a value: whether its name was bound in the same run of bytes, with no length given. Threads wait there. */
  readonly again: boolean;
  /** The written line that it is of. */
  pattern: LinePattern | undefined;
}

export interface Program {
  readonly instructions: readonly Instruction[];
  /** Of an instruction that takes any byte again and again, itself; of one that may follow it, that one; else -1. */
  readonly loops: Int32Array;
  /** By instruction: whether an expression looks at the next byte when the instruction is reached. Undefined: none does. */
  readonly looksAhead: Uint8Array | undefined;
  /** Whether threads wait for a name to be settled: it has an instruction with `again`. */
  readonly hasAgain: boolean;
}

const NO_WAYS: readonly number[] = [];
const always: Test = () => true;
const notLf: Test = (code) => code !== 10;

export class ProgramBuilder {
  readonly instructions: Instruction[] = [];
  #looksAhead = false;
  #hasAgain = false;
  /** Names that the reply has bound before. */
  readonly bound: Set<string> = new Set<string>();
  /** The written line to which what is added belongs. */
  pattern: LinePattern | undefined;

  get here(): number {
    return this.instructions.length;
  }

  add(kind: Kind, given: Partial<Instruction> = {}): Instruction {
    const instruction: Instruction = {
      kind,
      next: this.here + 1,
      bytes: "",
      test: undefined,
      count: 0,
      ways: NO_WAYS,
      placeholder: undefined,
      alone: false,
      again: false,
      pattern: this.pattern,
      ...given,
    };
    this.instructions.push(instruction);
    return instruction;
  }

  end(): Program {
    this.add("accept");
    const { instructions } = this;
    return {
      instructions,
      hasAgain: this.#hasAgain,
      loops: loopsIn(instructions),
      looksAhead: this.#looksAhead ? looksIn(instructions) : undefined,
    };
  }

  /** What `add` adds may be absent; the way past it is preferred. */
  optional(add: () => void): void {
    const ways: number[] = [];
    this.add("fork", { ways });
    const inside = this.here;
    add();
    ways.push(this.here, inside);
  }

  /** It may come any number of times, the fewest preferred. */
  repeated(add: () => void): void {
    const start = this.here;
    this.optional(() => {
      add();
      this.instructions.at(-1)!.next = start;
    });
  }

  /**
   * Bytes and wildcards one after the other. In a `line` no wildcard takes an LF; in `bytes` a name is bound for what
   * stands after it, elsewhere for the lines that follow. `before` is called before each item is added.
   */
  items(items: readonly ByteItem[], within: "line" | "bytes" | "text", before?: (index: number) => void): void {
    const open = new Set<string>();
    for (const [i, item] of items.entries()) {
      before?.(i);
      if (item.kind === "text") this.add("text", { bytes: item.bytes });
      else if (item.kind === "byte") this.add("byte", { test: always });
      else if (item.kind === "bytes") this.repeated(() => this.add("byte", { test: always }));
      else if (this.bound.has(item.name)) {
        const again = open.has(item.name);
        this.#hasAgain ||= again;
        this.add("value", { placeholder: item, again });
      }
      // A filter of a free name never matches.
      else if (item.filter) this.add("fork");
      else {
        if (within === "bytes" && item.name !== "_") {
          this.bound.add(item.name);
          if (item.type.kind !== "bytes") open.add(item.name);
        }
        this.#free(item, within, within === "bytes" && this.#cutsBytes(items, i + 1));
      }
    }
  }

  /** A placeholder whose name is free. `bytewise`: what follows it may cut a character. */
  #free(placeholder: Placeholder, within: "line" | "bytes" | "text", bytewise: boolean): void {
    const { type, name } = placeholder;
    const kept = name !== "_" || type.kind === "regex";
    if (kept) this.add("open", { placeholder });
    const kind = bytewise ? "byte" : "character";
    switch (type.kind) {
      case "bytes":
        this.add("count", { count: type.count });
        break;
      case "text":
      case "any":
        this.#piece(kind, { test: within === "line" ? notLf : always, least: type.kind === "any" ? 0 : 1, most: MANY });
        break;
      case "class":
        for (const piece of type.pieces) this.#piece(kind, piece);
        break;
      case "regex":
        this.#regex(type.source, within === "line");
        break;
      default:
        return type satisfies never;
    }
    if (kept) this.add("close", { placeholder });
  }

  /**
   * Whether what stands next in a run of bytes is so many bytes, which may begin within a character; else the characters
   * of a text are not shared out.
   */
  #cutsBytes(items: readonly ByteItem[], from: number): boolean {
    for (let i = from; i < items.length; i++) {
      const item = items[i]!;
      if (item.kind === "text" && item.bytes === "") continue;
      return (
        item.kind === "text" ||
        item.kind === "byte" ||
        (item.kind === "placeholder" && (this.bound.has(item.name) || item.type.kind === "bytes"))
      );
    }
    return false;
  }

  #piece(kind: "byte" | "character", { test, least, most }: Piece): void {
    const one = (): void => {
      this.add(kind, { test });
    };
    for (let i = 0; i < least; i++) one();
    if (most === MANY) this.repeated(one);
    else if (most > least) this.optional(() => this.#piece(kind, { test, least: 1, most: most - least }));
  }

  #regex(source: string, isInLine: boolean): void {
    const { start, steps } = lazySteps(source);
    const base = this.here + 1;
    const end = base + steps.length;
    this.add("fork", { ways: [base + start] });
    for (const step of steps) {
      switch (step.kind) {
        case "character": {
          const { test } = step;
          this.add("character", {
            test: isInLine ? (code) => code !== 10 && test(code) : test,
            next: base + step.next,
          });
          break;
        }
        case "fork":
          this.add("fork", { ways: step.ways.map((way) => base + way) });
          break;
        case "assertion":
          if (step.assertion & LOOKS_AHEAD) this.#looksAhead = true;
          this.add("assertion", { count: step.assertion, next: base + step.next });
          break;
        case "match":
          this.add("fork", { ways: [end] });
          break;
        default:
          step satisfies never;
      }
    }
  }
}

const MANY = Number.POSITIVE_INFINITY;
const LOOKS_AHEAD: Assertion = ASSERTIONS.lineEnd | ASSERTIONS.wordBoundary | ASSERTIONS.noWordBoundary;

function loopsIn(instructions: readonly Instruction[]): Int32Array {
  const loops = new Int32Array(instructions.length).fill(-1);
  for (const [pc, { kind, test, next }] of instructions.entries()) {
    const fork = instructions[next];
    if (kind !== "byte" || test !== always || !fork?.ways.includes(pc)) continue;
    loops[pc] = pc;
    let after = fork.ways[0]!;
    while (instructions[after]!.kind === "close") after = instructions[after]!.next;
    loops[after] = pc;
  }
  return loops;
}

function looksIn(instructions: readonly Instruction[]): Uint8Array {
  const looks = (pc: number, seen: Set<number>): boolean => {
    if (seen.has(pc)) return false;
    seen.add(pc);
    const { kind, ways, next, count, bytes } = instructions[pc]!;
    if (kind === "fork") return ways.some((way) => looks(way, seen));
    if (kind === "assertion" && count & LOOKS_AHEAD) return true;
    return (TAKES_NOTHING.has(kind) || (kind === "text" && bytes === "")) && looks(next, seen);
  };
  return Uint8Array.from(instructions, (_, pc) => Number(looks(pc, new Set())));
}

/** The kinds that need not take a byte. */
const TAKES_NOTHING: ReadonlySet<Kind> = new Set<Kind>(["open", "close", "matched", "assertion", "value"]);
