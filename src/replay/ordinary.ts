/**
 * Plays ordinary examples one after the other, as most of a long document are: they are played once, on the connections
 * that are there, and pass. They need no coroutine each.
 */
import { now } from "../base/clock.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { Play } from "../play/play.ts";
import type { Task } from "../play/script.ts";

/** A play that has begun. */
export interface Begun {
  readonly play: Play;
  /** Milliseconds of base/clock.ts. */
  readonly started: number;
}

export interface OrdinaryContext {
  /** Whether nothing is to be done before an example, between tries of it, or after it if it passes. */
  isOrdinary(example: PlannedExample): boolean;
  begin(example: PlannedExample): Play;
  onPassed(begun: Begun): void;
}

export class Ordinary implements Task {
  readonly #examples: readonly PlannedExample[];
  readonly #context: OrdinaryContext;
  #next = 0;
  #begun: Begun | undefined;

  constructor(examples: readonly PlannedExample[], context: OrdinaryContext) {
    this.#examples = examples;
    this.#context = context;
  }

  /** The next example, which is for the caller: it is not ordinary, or did not simply pass. Undefined after the last one. */
  takeNext(): PlannedExample | undefined {
    return this.#examples[this.#next++];
  }

  /** The play of the example that was taken last, where it has begun. */
  takeBegun(): Begun | undefined {
    const begun = this.#begun;
    this.#begun = undefined;
    return begun;
  }

  advance(): boolean {
    for (;;) {
      if (this.#begun) {
        const { play } = this.#begun;
        if (!play.advance()) return false;
        if (!play.hasPassed) return true;
        play.end();
        if (play.notes.some(({ failed, skipped }) => failed || skipped)) return true;
        this.#next++;
        this.#context.onPassed(this.takeBegun()!);
      }
      const example = this.#examples[this.#next];
      if (!example || !this.#context.isOrdinary(example)) return true;
      this.#begun = { play: this.#context.begin(example), started: now() };
    }
  }
}
