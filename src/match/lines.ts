/**
 * Written lines in their order against what comes: a simulation with a set of positions in the reply, like Pike's for
 * regular expressions. Every position is held once, by the try that came there in the earliest way the format guide
 * prefers, so that the work for a received line is bounded by the number of written ones.
 */
import type { ByteString } from "../base/bytes.ts";
import { type Captured, capturedMap, NOTHING_CAPTURED } from "./captures.ts";
import type { Captures, Matcher, Progress, Unmatched } from "./matcher.ts";
import type { LinePattern } from "./pattern.ts";
import { type EndingRules, explain, matchLine } from "./text.ts";
import type { Scope } from "./variables.ts";

/** A place in the reply that may have been reached. */
interface Position {
  /** Index of the written line that takes what comes next. */
  readonly line: number;
  readonly captured: Captured;
  /** The last written line that was matched on the way. */
  readonly matched: LinePattern | undefined;
}

export class LinesMatcher implements Matcher {
  readonly #expects: readonly LinePattern[];
  readonly #scope: Scope;
  readonly #rules: EndingRules;
  /** Whether the reply may go on when it is complete. */
  readonly #open: boolean;
  /** By line, and for the end: the step in which its position was last reached. */
  readonly #marks: Int32Array;
  #generation = 1;
  #positions: Position[] = [];
  /** The position that got furthest of all: what it waits for is what a reader misses. */
  #leader: Position = START;
  /** The position after the last line, once it is reached. */
  #accepted: Position | undefined;
  /** The beginning of a line whose LF has not come. */
  #partial: ByteString = "";
  #received = 0;
  #unmatched: Unmatched | undefined;
  readonly mayBeEmpty: boolean;
  readonly rest = "";

  constructor(expects: readonly LinePattern[], scope: Scope, rules: EndingRules) {
    this.#expects = expects;
    this.#scope = scope;
    this.#rules = rules;
    const last = expects.at(-1);
    this.#open = rules.endKnown === true || (last !== undefined && mayBeAbsent(last));
    this.#marks = new Int32Array(expects.length + 1);
    this.#enter(0, NOTHING_CAPTURED, undefined);
    this.mayBeEmpty = this.#accepted !== undefined;
  }

  feed(line: ByteString, _part = ""): Progress {
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

  /** A line without its LF is taken by `...`, and where its ending is optional; else it is too much, or not as written. */
  end(): Progress {
    const piece = this.#partial;
    this.#partial = "";
    if (piece !== "" && (this.#positions.length > 0 || this.#accepted)) this.#feedLine(piece);
    const progress = this.#progress();
    return progress === "open" && this.#rules.endKnown ? "done" : progress;
  }

  takes(line: ByteString, _part = ""): boolean {
    return this.#positions.some(({ line: at, captured }) => this.#match(at, line, captured) !== undefined);
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
    return this.#rules.endKnown || (this.#open && this.#positions.length > 0) ? "open" : "done";
  }

  /** What a line other than `...` captures. */
  #match(at: number, line: ByteString, captured: Captured): Captured | undefined {
    return matchLine(this.#expects[at]!, line, this.#rules, this.#scope, captured);
  }

  /** Adds a position, and those reached from it without taking anything, the preferred ones first. */
  #enter(line: number, captured: Captured, matched: LinePattern | undefined): void {
    if (this.#marks[line] === this.#generation) return;
    this.#marks[line] = this.#generation;
    const position = { line, captured, matched };
    const pattern = this.#expects[line];
    if (!pattern) {
      this.#accepted = position;
      return;
    }
    if (mayBeAbsent(pattern)) this.#enter(line + 1, captured, matched);
    // Once an end was reached nothing more is needed, unless the reply may go on.
    if (this.#accepted && !this.#open) return;
    if (line >= this.#leader.line) this.#leader = position;
    this.#positions.push(position);
  }

  /** What comes next is taken by every position: the ones it leads to are collected anew. */
  #feedLine(line: ByteString): void {
    const before = this.#positions;
    const complete = this.#accepted;
    this.#generation++;
    this.#positions = [];
    this.#accepted = undefined;
    for (const { line: at, captured, matched } of before) {
      const pattern = this.#expects[at]!;
      if (pattern.body.kind === "ellipsis") this.#enter(at, captured, matched);
      else {
        const result = this.#match(at, line, captured);
        if (result) this.#enter(pattern.repeat === "any" ? at : at + 1, result, pattern);
      }
    }
    if (this.#positions.length === 0 && !this.#accepted) this.#fail(before, complete, line);
    this.#received++;
  }

  #fail(before: readonly Position[], complete: Position | undefined, line: ByteString): void {
    const furthest = before.reduce<Position | undefined>(
      (best, one) => (best && best.line >= one.line ? best : one),
      undefined,
    );
    this.#unmatched = {
      pattern: complete || !furthest ? undefined : this.#awaited(furthest),
      after: (complete ?? furthest)?.matched,
      received: this.#received,
      detail:
        furthest && !complete
          ? explain(this.#expects[furthest.line]!, line, this.#rules, this.#scope, furthest.captured)
          : "",
    };
  }

  /** The written line that a position waits for, past those that may be absent. */
  #awaited({ line }: Position): LinePattern | undefined {
    const required = this.#expects.slice(line).find((pattern) => !mayBeAbsent(pattern));
    const own = this.#expects[line];
    return required ?? (own?.body.kind === "ellipsis" ? undefined : own);
  }
}

const mayBeAbsent = ({ body, repeat }: LinePattern): boolean => body.kind === "ellipsis" || repeat !== "once";

const START: Position = { line: 0, captured: NOTHING_CAPTURED, matched: undefined };
