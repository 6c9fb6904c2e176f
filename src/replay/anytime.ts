/**
 * Examples that may come at any time (format guide, section 2, `anytime`): their reply lines are passed over wherever no
 * written line takes them, and answered at once.
 */
import type { ByteString } from "../base/bytes.ts";
import { encodeExchange } from "../dialects/encode.ts";
import type { Matcher } from "../match/matcher.ts";
import { matchInOrder } from "../match/sequence.ts";
import { CaptureScope, type Scope } from "../match/variables.ts";
import type { PlannedExample, PlannedExchange } from "../plan/planned.ts";

interface Attempt {
  readonly example: PlannedExample;
  readonly matcher: Matcher;
}

/** Watches one connection. */
export class AnytimeFilter {
  readonly #examples: () => readonly PlannedExample[];
  readonly #scope: Scope;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #host: string;
  /** Of an example with several reply lines: the ones that came so far. */
  #attempt: Attempt | undefined;
  #held: ByteString[] = [];

  constructor(
    examples: () => readonly PlannedExample[],
    scope: Scope,
    host: string,
    send: (bytes: Uint8Array) => void,
  ) {
    this.#examples = examples;
    this.#scope = scope;
    this.#host = host;
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
      const { expects } = example.steps[0] as PlannedExchange;
      const eol = example.dialect.freeEndings ? "any" : example.settings.eol;
      const matcher = matchInOrder(expects, this.#scope, { eol, endingOptional: false });
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
    const { settings, dialect } = example;
    const context = {
      eol: settings.eol,
      limit: settings.limit,
      host: this.#host,
      options: settings.options[dialect.name] ?? {},
    };
    for (const step of example.steps) {
      if (step.kind !== "exchange" || step.sends.length === 0) continue;
      const outgoing = encodeExchange(step.sends, [], settings.eol, scope);
      // A codec of its own: the reply that is being read keeps its state.
      if (outgoing) this.#send(dialect.createCodec("client", context).begin(outgoing));
    }
  }
}
