/**
 * Written replies that hold runs of ` (hex)` bytes, or text without an ending: compared byte by byte, as where a line
 * begins can depend on what a wildcard before it takes. The whole reply is one program (reply-program.ts); only lines
 * that have to be there as a whole, of JSON or an expression, are compared when their LF comes.
 */
import type { ByteString } from "../base/bytes.ts";
import { Automaton, type LineTaker, type TakenLine } from "./automaton.ts";
import type { Capture } from "./capture-values.ts";
import { type Captured, capture, NOTHING_CAPTURED } from "./captures.ts";
import { type Element, elementsOf, endsOpen } from "./elements.ts";
import type { Captures, Matcher, Progress, Unmatched } from "./matcher.ts";
import type { LinePattern } from "./pattern.ts";
import type { Instruction, Program } from "./program.ts";
import { replyProgram } from "./reply-program.ts";
import { ENDINGS, type EndingRules, explain, matchLine, matchText } from "./text.ts";
import type { Thread } from "./thread.ts";
import { type Scope, scopeWith } from "./variables.ts";

export class BytesMatcher implements Matcher, LineTaker {
  readonly #elements: readonly Element[];
  /** With names that are settled (see {@link Automaton.settled}). */
  #scope: Scope;
  readonly #settled = new Map<string, ByteString>();
  readonly #rules: EndingRules;
  #program: Program;
  #automaton: Automaton;
  /** Whether the reply may go on when it is complete. */
  readonly #open: boolean;
  /** Whether it ends in a text without an ending, so that what follows on the line would be too much. */
  readonly #endsInText: boolean;
  /** The last thread that was at the end. */
  #complete: Thread | undefined;
  #received = 0;
  #unmatched: Unmatched | undefined;
  readonly mayBeEmpty: boolean;
  rest: ByteString = "";

  constructor(expects: readonly LinePattern[], scope: Scope, rules: EndingRules) {
    this.#elements = elementsOf(expects, scope);
    this.#scope = scope;
    this.#rules = rules;
    const last = this.#elements.at(-1);
    this.#endsInText = last?.kind === "bytes" && expects.at(-1)?.body.kind === "text";
    this.#open = rules.endKnown === true || this.#endsInText || endsOpen(this.#elements);
    this.#program = replyProgram(this.#elements, scope, rules);
    this.#automaton = new Automaton(this.#program, this.#open, this);
    this.#take();
    this.#automaton.takeTails();
    this.#complete = this.#automaton.accepted;
    this.mayBeEmpty = this.#complete !== undefined;
  }

  feed(piece: ByteString, _part = ""): Progress {
    this.#automaton.append(piece);
    const progress = this.#take();
    if (progress) return progress;
    const automaton = this.#automaton;
    automaton.takeTails();
    this.#complete = automaton.accepted ?? this.#complete;
    return this.#progress();
  }

  /** Takes what has come; what became of the reply, where that is decided. */
  #take(): Progress | undefined {
    const automaton = this.#automaton;
    for (;;) {
      const settled = this.#program.hasAgain ? automaton.settled() : undefined;
      if (settled) return this.#settle(settled);
      automaton.skip();
      if (automaton.at >= automaton.length) return undefined;
      const before = automaton.threads;
      const complete = automaton.accepted;
      if (!automaton.step()) return undefined;
      const { accepted } = automaton;
      const isOver = automaton.threads.length === 0;
      if (!accepted && isOver) return this.#fail(before, complete);
      if (automaton.lastByte === LF) this.#received++;
      if (!accepted) continue;
      this.#complete = accepted;
      if (this.#open && (!isOver || this.#endsInText || this.#rules.endKnown)) continue;
      this.rest = automaton.slice(automaton.at, automaton.length);
      return "done";
    }
  }

  /** Begins anew, with one more name that has a value. */
  #settle(capture: Capture): Progress | undefined {
    const before = this.#automaton;
    const { name } = capture;
    const value = before.valueOf(capture);
    this.#settled.set(name, value);
    this.#scope = scopeWith(this.#scope, name, value);
    this.#program = replyProgram(this.#elements, this.#scope, this.#rules);
    this.#automaton = new Automaton(this.#program, this.#open, this);
    this.#automaton.append(before.slice(0, before.length));
    if (before.isEnded) this.#automaton.close();
    this.#received = 0;
    return this.#take();
  }

  endMessage(): Progress {
    return this.end();
  }

  end(): Progress {
    if (this.#unmatched) return "failed";
    this.#automaton.close();
    const progress = this.#take();
    if (progress) return progress;
    const automaton = this.#automaton;
    automaton.takeTails();
    const before = automaton.threads;
    const furthest = furthestOf(before);
    const isWithinLine = automaton.length > 0 && automaton.lastByte !== LF && this.#isInLine(furthest);
    if (!automaton.accepted) {
      if (isWithinLine) automaton.finish((instruction) => this.#mayLackEnding(instruction));
      if (!automaton.accepted && (automaton.threads.length === 0 || this.#isCompleteBefore))
        return this.#fail(before, undefined);
    }
    this.#complete = automaton.accepted ?? this.#complete;
    return automaton.accepted && this.#rules.endKnown ? "done" : this.#progress();
  }

  takes(line: ByteString, _part = ""): boolean {
    return this.#automaton.wouldTake(line);
  }

  captures(): Captures {
    const captures = new Map(this.#complete && this.#settled);
    for (let at = this.#complete?.captures; at; at = at.before)
      if (!captures.has(at.name)) captures.set(at.name, this.#automaton.valueOf(at));
    return captures;
  }

  unmatched(): Unmatched {
    const { accepted, leader } = this.#automaton;
    return (
      this.#unmatched ?? {
        pattern: accepted ? undefined : this.#awaited(leader),
        after: (accepted ?? leader).matched,
        received: this.#received,
        detail: "",
      }
    );
  }

  takeLine(pattern: LinePattern, start: number, end: number, captures: Capture | undefined): TakenLine | undefined {
    if (start === end && pattern.ending !== "none") return undefined;
    const line = this.#automaton.slice(start, end);
    const known = this.#capturedOf(captures);
    const captured =
      pattern.ending === "none"
        ? matchText(pattern, line, this.#scope, known)
        : matchLine(pattern, line, this.#rules, this.#scope, known);
    return captured && { captures: withCaptured(captures, captured, known) };
  }

  #capturedOf(captures: Capture | undefined): Captured {
    return captures
      ? capture(this.#capturedOf(captures.before), captures.name, this.#automaton.valueOf(captures))
      : NOTHING_CAPTURED;
  }

  #progress(): Progress {
    const { accepted, threads } = this.#automaton;
    if (accepted) {
      if (this.#rules.endKnown) return "open";
      return this.#open && (threads.length > 0 || this.#endsInText) ? "open" : "done";
    }
    if (threads.length === 0) return "failed";
    return this.#isCompleteBefore ? "open" : "more";
  }

  /** Whether it was complete, and a line that may come has begun since. */
  get #isCompleteBefore(): boolean {
    const last = this.#elements.at(-1);
    return (
      this.#complete !== undefined && !this.#rules.endKnown && (last?.kind === "line" || last?.kind === "ellipsis")
    );
  }

  /** @param complete the end that had been reached before the byte that does not match. */
  #fail(before: readonly Thread[], complete: Thread | undefined): "failed" {
    const furthest = furthestOf(before);
    const isComplete = complete !== undefined || this.#isCompleteBefore;
    const isBeyond = isComplete && this.#elements.at(-1)?.kind !== "tail";
    this.#unmatched = {
      pattern: isBeyond || !furthest ? undefined : this.#awaited(furthest),
      after: isComplete ? (complete ?? this.#complete)!.matched : furthest?.matched,
      received: this.#received,
      bytes: this.#automaton.at - 1,
      detail: furthest && !isBeyond ? this.#explain(furthest) : "",
    };
    return "failed";
  }

  /** Whether what an instruction waits for may have ended with all that comes; what is to follow a line needs its LF. */
  #mayLackEnding({ kind, count }: Instruction): boolean {
    const last = this.#elements.at(-1)!.kind;
    return kind === "any line"
      ? last === "line" || last === "ellipsis"
      : kind === "line" || (kind === "lf" && count === 1);
  }

  #instructionOf(thread: Thread | undefined): Instruction | undefined {
    return thread && this.#program.instructions[thread.pc];
  }

  #isInLine(thread: Thread | undefined): boolean {
    const pattern = this.#instructionOf(thread)?.pattern;
    return this.#elements.some(
      (element) => (element.kind === "line" || element.kind === "ellipsis") && element.pattern === pattern,
    );
  }

  #explain(furthest: Thread): string {
    const { kind, bytes, pattern } = this.#instructionOf(furthest)!;
    const automaton = this.#automaton;
    if (kind === "line") {
      const line = automaton.slice(furthest.offset, automaton.at);
      return explain(pattern!, line, this.#rules, this.#scope, this.#capturedOf(furthest.captures));
    }
    if (kind === "text" && bytes === ENDINGS.crlf && furthest.offset === 0 && automaton.lastByte === LF)
      return "ends with LF, expected CRLF";
    const ending = automaton.slice(automaton.at - 1, automaton.at + 1);
    return kind === "lf" && (automaton.lastByte === LF || ending === ENDINGS.crlf) ? "ends with CRLF, expected LF" : "";
  }

  /** The written line that a thread waits for, past those that may be absent. */
  #awaited(thread: Thread): LinePattern | undefined {
    const pattern = this.#instructionOf(thread)?.pattern;
    const from = this.#elements.findIndex((element) =>
      element.kind === "bytes" ? element.patterns.includes(pattern!) : element.pattern === pattern,
    );
    const [first, ...others] = this.#elements.slice(Math.max(from, 0));
    if (first?.kind === "bytes") return pattern;
    for (const element of [first, ...others]) {
      if (element?.kind === "bytes") return element.patterns[0];
      if (element?.kind === "tail" || (element?.kind === "line" && element.pattern.repeat === "once"))
        return element.pattern;
    }
    return first?.kind === "line" ? first.pattern : undefined;
  }
}

const LF = 10;

const furthestOf = (threads: readonly Thread[]): Thread | undefined =>
  threads.reduce<Thread | undefined>((best, one) => (best && best.pc >= one.pc ? best : one), undefined);

/** What a line captured, put before what had been. */
function withCaptured(captures: Capture | undefined, captured: Captured, known: Captured): Capture | undefined {
  if (captured === known) return captures;
  const before = withCaptured(captures, captured.before!, known);
  return { name: captured.name, start: 0, end: captured.value.length, value: captured.value, before };
}
