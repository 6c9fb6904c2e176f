/**
 * Examples that may come at any time (format guide, section 2, `anytime`): their reply lines are passed over wherever no
 * written line takes them, and answered at once.
 */
import type { ByteString } from "../base/bytes.ts";
import type { OutgoingLine } from "../dialects/codec.ts";
import { matchInOrder } from "../match/in-order.ts";
import type { Matcher } from "../match/matcher.ts";
import { CaptureScope, type Scope } from "../match/variables.ts";
import type { PlannedExample } from "../plan/planned.ts";
import { speak } from "../plan/speak.ts";

interface Attempt {
  readonly example: PlannedExample;
  readonly matcher: Matcher;
}

/** Watches one connection. */
export class Anytime {
  readonly #examples: () => readonly PlannedExample[];
  readonly #scope: Scope;
  readonly #send: (lines: readonly OutgoingLine[]) => void;
  /** Of an example with several reply lines: the ones that came so far. */
  #attempt: Attempt | undefined;
  #held: ByteString[] = [];

  constructor(examples: () => readonly PlannedExample[], scope: Scope, send: (lines: readonly OutgoingLine[]) => void) {
    this.#examples = examples;
    this.#scope = scope;
    this.#send = send;
  }

  get watches(): boolean {
    return this.#examples().length > 0;
  }

  /**
   * Looks at a line that came. @returns the lines that are for the reply: often this one, none while it may belong to an
   * example, and those held before with it when it turns out not to.
   */
  offer(line: ByteString, isTaken: boolean): readonly ByteString[] {
    if (this.#attempt) {
      this.#held.push(line);
      return this.#go(this.#attempt, line) ? [] : this.#release();
    }
    if (isTaken) return [line];
    for (const example of this.#examples()) {
      const [first] = example.moves;
      if (first?.kind !== "say") continue;
      const eol = example.dialect.responses?.freeEndings ? "any" : example.settings.eol;
      const matcher = matchInOrder(first.lines, this.#scope, { eol, endingOptional: false });
      this.#held = [line];
      if (this.#go({ example, matcher }, line)) return [];
    }
    return this.#release();
  }

  #go(attempt: Attempt, line: ByteString): boolean {
    const progress = attempt.matcher.feed(line, "");
    if (progress === "failed") return false;
    this.#attempt = progress === "more" ? attempt : undefined;
    if (progress === "more") return true;
    this.#held = [];
    this.#answer(attempt);
    return true;
  }

  #release(): readonly ByteString[] {
    const lines = this.#held;
    this.#held = [];
    this.#attempt = undefined;
    return lines;
  }

  #answer({ example, matcher }: Attempt): void {
    const scope = new CaptureScope(this.#scope);
    for (const [name, value] of matcher.captures()) scope.captured.set(name, value);
    const [first, ...answers] = example.moves;
    for (const move of answers) {
      if (move.kind !== "say" || move.by === first!.by) continue;
      const lines = speak(move.lines, example.settings.eol, scope);
      if (lines) this.#send(lines);
    }
  }
}
