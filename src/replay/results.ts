/** What is told of the notes of one document: results of exchanges and examples, each made anew where a note has changed. */
import type { Search } from "../base/regex.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import type { Note } from "../play/note.ts";
import type { ExampleResult, ExampleStatus, ExchangeResult, Failure } from "../play/outcome.ts";
import { Passed } from "../play/passed.ts";
import { type Differ, Told } from "../play/result.ts";
import { whyNotTried } from "../play/verdict.ts";
import { Refusals, refusalIn } from "./unsupported.ts";

/** An example that was played, as far as it is decided. */
export interface Played {
  readonly example: PlannedExample;
  readonly notes: readonly Note[];
  readonly attempts: number;
  readonly ms: number;
  /** Why it was not played. */
  readonly skipped: string | undefined;
}

interface Made {
  readonly result: ExampleResult;
  /** How often its notes had changed until then. */
  readonly revision: number;
}

export class Results {
  readonly #variables: Variables;
  readonly #keepReplies: boolean;
  readonly #unsupported: readonly Search[];
  readonly #told = new Map<Note, Told>();
  readonly #made = new Map<Played, Made>();
  /** The example whose exchanges are told. */
  #telling: { readonly example: PlannedExample; readonly refusals: Refusals } | undefined;
  #updated: ReadonlySet<Note> = new Set();
  /** What compares replies, once one differed. */
  #differ: Differ | undefined;
  #loading: Promise<void> | undefined;

  constructor(variables: Variables, keepReplies: boolean, unsupported: readonly Search[]) {
    this.#variables = variables;
    this.#keepReplies = keepReplies;
    this.#unsupported = unsupported;
  }

  /** Whether a failure can be told. */
  get canCompare(): boolean {
    return this.#differ !== undefined;
  }

  /** Loads what compares replies: most runs need none of it. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    const [{ ReplyDiff }, { diffBytes }] = await Promise.all([
      import("../match/diff.ts"),
      import("../match/byte-diff.ts"),
    ]);
    this.#differ = { ReplyDiff, diffBytes };
  }

  /** What is written anew counts as passed. */
  setUpdated(updated: ReadonlySet<Note>): void {
    this.#updated = updated;
    this.#made.clear();
  }

  /** What cannot be written anew says why, where there is more to say than that it failed. */
  explainRefused(refused: ReadonlyMap<Note, string>): void {
    for (const [note, why] of refused) {
      if (why === "") continue;
      const failure = this.failureOf(note);
      if (failure) this.explain(note, { ...failure, details: [...(failure.details ?? []), `not updated: ${why}`] });
    }
    this.#made.clear();
  }

  /** The failure of a note in words. */
  failureOf(note: Note): Failure | undefined {
    return this.#compared(note).failure;
  }

  /** Replaces the failure of a note by one that says more. */
  explain(note: Note, failure: Failure): void {
    this.#compared(note).explain(failure);
  }

  /** Whether the server says that it does not support what an exchange asked. */
  isRefused(note: Note): boolean {
    return refusalIn(this.#exchange(note), this.#unsupported) !== undefined;
  }

  /** The result of an exchange for its event. The exchanges of an example are told in their order. */
  told(note: Note): ExchangeResult {
    if (this.#telling?.example !== note.example)
      this.#telling = { example: note.example, refusals: new Refusals(this.#unsupported) };
    return this.#telling.refusals.judge(this.#exchange(note));
  }

  #exchange(note: Note): ExchangeResult {
    // Most exchanges pass, and nobody wants their replies: they need no more than their notes.
    if (!this.#keepReplies && !note.failed && !note.skipped && !this.#updated.has(note)) return new Passed(note);
    const result = this.#compared(note).result(this.#keepReplies, this.#skippedBy);
    if (!this.#updated.has(note)) return result;
    return { ...result, status: "passed", failure: undefined, diff: undefined, updated: true };
  }

  example(played: Played): ExampleResult {
    const { example, notes, attempts, ms, skipped } = played;
    const revision = notes.reduce((sum, note) => sum + note.revision, 0);
    const made = this.#made.get(played);
    if (made?.revision === revision) return made.result;
    const refusals = new Refusals(this.#unsupported);
    const exchanges = notes.map((note) => refusals.judge(this.#exchange(note)));
    const status = statusOf(played, exchanges);
    const reason = skipped ?? example.xfail ?? (status === "unsupported" ? refusals.reason : undefined);
    const { name, headings, line } = example;
    const result = { name, headings, line, status, reason, attempts, exchanges, ms };
    this.#made.set(played, { result, revision });
    return result;
  }

  /** How an example went, as far as it is decided. One without a failure needs no results for that. */
  status(played: Played): ExampleStatus {
    return played.notes.some(({ failed }) => failed) ? this.example(played).status : statusOf(played, []);
  }

  readonly #skippedBy = (cause: Note): string => whyNotTried(cause, this.#compared(cause).failure?.line);

  #compared(note: Note): Told {
    let told = this.#told.get(note);
    if (!told) {
      told = new Told(note);
      this.#told.set(note, told);
    }
    if (this.#differ) told.compare(this.#differ, this.#variables);
    return told;
  }
}

function statusOf({ example, notes, skipped }: Played, exchanges: readonly ExchangeResult[]): ExampleStatus {
  if (skipped !== undefined) return "skipped";
  if (example.xfail !== undefined) return notes.some(({ failed }) => failed) ? "xfailed" : "xpassed";
  if (exchanges.some(({ status }) => status === "failed")) return "failed";
  return exchanges.some(({ status }) => status === "unsupported") ? "unsupported" : "passed";
}
