/** What has become of a document so far: its examples in the order they were played, and the events that tell of them. */
import { now } from "../base/clock.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { Note } from "../play/note.ts";
import { isFailed } from "../play/outcome.ts";
import type { ReplayContext } from "./context.ts";
import type { Played, Results } from "./results.ts";
import { untriedNotes } from "./untried.ts";

export interface AccountContext extends Pick<ReplayContext, "emit" | "noteFailure" | "progressEvents"> {
  readonly path: string;
  readonly results: Results;
  /** Whether an example that failed still counts as passed (`--update`). */
  readonly canPass: ((played: Played) => boolean) | undefined;
}

export class Account {
  readonly played: Played[] = [];
  readonly #context: AccountContext;

  constructor(context: AccountContext) {
    this.#context = context;
  }

  /** @param started when the first attempt began, in milliseconds of base/clock.ts. */
  add(example: PlannedExample, notes: readonly Note[], attempts: number, started: number): Played {
    return this.#push({ example, notes, attempts, ms: now() - started, skipped: undefined });
  }

  /** Adds an example that is not played. */
  skip(example: PlannedExample, skipped: string): Played {
    return this.#push({ example, notes: untriedNotes(example, skipped), attempts: 0, ms: 0, skipped });
  }

  #push(played: Played): Played {
    this.played.push(played);
    return played;
  }

  /** An exchange is decided, as far as is known now. */
  tell(note: Note): void {
    const { emit, progressEvents, path, results } = this.#context;
    if (progressEvents) emit({ kind: "exchange", path, example: note.example.name, exchange: results.told(note) });
  }

  /** The same of an example. */
  decide(played: Played): void {
    const { emit, noteFailure, progressEvents, path, results, canPass } = this.#context;
    if (isFailed(results.status(played)) && !canPass?.(played)) noteFailure();
    if (progressEvents) emit({ kind: "example", path, example: results.example(played) });
  }
}
