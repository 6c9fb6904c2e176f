/**
 * Replays one document: its examples in order, each decided when it ends, and all of them once more when the connections
 * end (format guide, section 5).
 */
import { now, sleep } from "../base/clock.ts";
import type { PlannedDocument, PlannedExample } from "../plan/planned.ts";
import { Variables } from "../plan/variables.ts";
import { Connections } from "../play/connections.ts";
import type { PlayContext, Teller, Unreachable } from "../play/context.ts";
import type { Conversation } from "../play/conversation.ts";
import type { Note } from "../play/note.ts";
import type { DocumentResult } from "../play/outcome.ts";
import { Play } from "../play/play.ts";
import { Runner, type Script } from "../play/script.ts";
import { Account } from "./account.ts";
import { Beginning } from "./beginning.ts";
import type { ReplayContext } from "./context.ts";
import { type Begun, Ordinary } from "./ordinary.ts";
import { type Played, Results } from "./results.ts";
import { Switchboard } from "./switchboard.ts";
import { Untried } from "./untried.ts";
import type { ReplyUpdate } from "./update.ts";
import { runScript, waitFor } from "./wait.ts";
import type { WatchedServer } from "./watched-server.ts";

/** How an example went. */
interface Attempt {
  readonly notes: readonly Note[];
  /** Why the document's first connection could not be opened, if so. */
  readonly unreachable: Unreachable | undefined;
}

/** How long the next document waits for servers to close this one's connections, in milliseconds. */
const PROMPTLY = 2;

/** @param onPlayed called when all is said, and only the ends of the connections are awaited. */
export async function replayDocument(
  planned: PlannedDocument,
  context: ReplayContext,
  onPlayed: () => void,
): Promise<DocumentResult> {
  const { update } = context;
  const updating = update && (await import("./update.ts")).createUpdate(planned, update);
  return new DocumentReplay(updating?.document ?? planned, context, updating).run(onPlayed);
}

class DocumentReplay {
  readonly #planned: PlannedDocument;
  readonly #context: ReplayContext;
  readonly #variables: Variables;
  readonly #runner = new Runner();
  readonly #switchboard: Switchboard;
  readonly #connections: Connections;
  readonly #results: Results;
  readonly #account: Account;
  readonly #untried: Untried;
  readonly #update: ReplyUpdate | undefined;
  /** The exchanges of openings whose replies are written anew, as they are told with the example that is played. */
  readonly #amended: Note[] = [];
  readonly #ordinary: Ordinary;
  #unreachable: { readonly line: number; readonly message: string; readonly details: readonly string[] } | undefined;

  constructor(planned: PlannedDocument, context: ReplayContext, update: ReplyUpdate | undefined) {
    this.#planned = planned;
    this.#update = update;
    this.#context = context;
    this.#variables = new Variables(planned.variables);
    this.#untried = new Untried(this.#variables);
    this.#results = new Results(this.#variables, context.keepReplies, planned.unsupported);
    this.#account = new Account({
      ...context,
      path: planned.path,
      results: this.#results,
      canPass: update && ((played) => update.canPass(played)),
    });
    this.#switchboard = new Switchboard(context, this.#runner);
    this.#connections = new Connections({
      role: "client",
      runner: this.#runner,
      host: this.#switchboard,
      variables: this.#variables,
      documentPlace: planned.place,
      playOpening: (opening, conversation) => this.#playOpening(opening, conversation),
    });
    this.#ordinary = new Ordinary(planned.examples, {
      isOrdinary: (example) => this.#isOrdinary(example),
      begin: (example) => this.#begin(example),
      onPassed: ({ play: { example, notes }, started }) =>
        this.#account.decide(this.#account.add(example, notes, 1, started)),
    });
  }

  async run(onPlayed: () => void): Promise<DocumentResult> {
    const started = now();
    let isInterrupted: boolean;
    try {
      isInterrupted = await runScript(this.#runner, this.#script(onPlayed), this.#context.signal);
      if (this.#unreachable && !isInterrupted) this.#giveUp();
      if (this.#account.played.some(({ notes }) => notes.some(({ failed }) => failed))) await this.#results.load();
    } finally {
      this.#connections.abandon();
      this.#switchboard.dispose();
    }
    const isWhole = !isInterrupted && !this.#unreachable;
    const errors = isWhole && (await this.#update?.finish(this.#account.played, this.#results, this.#context.signal));
    return {
      path: this.#planned.path,
      errors: this.#unreachable ? [{ kind: "connect", column: 1, ...this.#unreachable }] : errors || [],
      examples: this.#account.played.map((played) => this.#results.example(played)),
      interrupted: isInterrupted,
      ms: now() - started,
    };
  }

  *#script(onPlayed: () => void): Script<void> {
    const settle = Math.max(0, ...this.#planned.examples.map((example) => example.settings.settle));
    for (;;) {
      if (!this.#ordinary.advance()) yield this.#ordinary;
      const example = this.#ordinary.takeNext();
      if (!example) break;
      yield* this.#step(example, settle);
      if (this.#unreachable) return;
    }
    // A server that closes connections does so at once; the next document need not wait for others.
    const timer = setTimeout(onPlayed, PROMPTLY);
    try {
      yield* this.#connections.end(settle);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The first connection could not be opened, so nothing of the document was tried. */
  #giveUp(): void {
    this.#account.played.length = 0;
    for (const example of this.#planned.examples)
      if (example.role === "example") this.#skip(example, example.skip ?? "the server could not be reached");
  }

  *#step(example: PlannedExample, settle: number): Script<void> {
    const { skip, role, fresh } = example;
    const begun = this.#ordinary.takeBegun();
    if (role !== "example") {
      if (skip !== undefined) return;
      if (role === "opening") this.#connections.opening = example;
      else this.#connections.anytime = [...this.#connections.anytime, example];
      return;
    }
    const reason = begun ? undefined : this.#whySkipped(example);
    if (reason !== undefined) return this.#account.decide(this.#skip(example, reason));
    const isAlone = this.#planned.connection === "example";
    if (fresh || isAlone) yield* this.#connections.end(settle);
    const played = yield* this.#play(example, begun);
    if (!played) return;
    this.#account.decide(played);
    if (isAlone) yield* this.#connections.end(settle);
  }

  #whySkipped(example: PlannedExample): string | undefined {
    return (
      example.skip ??
      (this.#context.isStopped() ? "the run stopped after a failure (--bail)" : undefined) ??
      this.#startedServer(example)?.skipReason ??
      this.#untried.reasonFor(example)
    );
  }

  #isOrdinary(example: PlannedExample): boolean {
    const { role, fresh, settings } = example;
    if (role !== "example" || fresh || settings.retry > 0) return false;
    return !this.#update && this.#planned.connection !== "example" && this.#whySkipped(example) === undefined;
  }

  #startedServer({ place }: PlannedExample): WatchedServer | undefined {
    return place?.kind === "server" ? this.#context.startedServer(place.name) : undefined;
  }

  /** Adds to the first failure how the server ended, if it did. @returns whether it did. */
  *#noteServerEnd(example: PlannedExample, notes: readonly Note[]): Script<boolean> {
    const note = notes.find(({ finding }) => finding && finding.kind !== "unbound");
    const server = note && this.#startedServer(example);
    if (!note?.finding || !server) return false;
    const failure = this.#results.failureOf(note)!;
    const explained = yield* waitFor(this.#runner, server.explain(failure, /^(?:closed|connect)$/.test(failure.kind)));
    if (!explained) return false;
    this.#results.explain(note, explained);
    if (example.xfail === undefined)
      yield* waitFor(this.#runner, server.giveUp(`${this.#planned.path}:${explained.line}`));
    return true;
  }

  /** The same for the document's first connection. @returns whether the server has ended. */
  *#noteUnreachable({ message, line }: Unreachable, example: PlannedExample): Script<boolean> {
    const server = this.#startedServer(example);
    const explained = server && (yield* waitFor(this.#runner, server.explain({ message, details: [] }, true)));
    this.#unreachable = { line, message: explained?.message ?? message, details: explained?.details ?? [] };
    if (server && explained) yield* waitFor(this.#runner, server.giveUp(`${this.#planned.path}:${line}`));
    return explained !== undefined;
  }

  #skip(example: PlannedExample, reason: string): Played {
    const played = this.#account.skip(example, reason);
    for (const note of played.notes) this.#untried.add(note);
    return played;
  }

  /** @returns undefined where the document's first connection cannot be opened. */
  *#play(example: PlannedExample, begun: Begun | undefined): Script<Played | undefined> {
    const { retry, every } = example.settings;
    const beginning = retry > 0 ? new Beginning(this.#variables, this.#connections) : undefined;
    const started = begun?.started ?? now();
    for (let attempt = 1; ; attempt++) {
      const mayTryAgain = attempt <= retry;
      const { notes, unreachable } = yield* this.#attempt(begun?.play ?? this.#begin(example));
      if (unreachable) {
        if ((yield* this.#noteUnreachable(unreachable, example)) || !mayTryAgain) return undefined;
        this.#unreachable = undefined;
      } else {
        const hasEnded = yield* this.#noteServerEnd(example, notes);
        const hasFailed = notes.some(({ finding }) => finding && finding.kind !== "unbound");
        if (!mayTryAgain || hasEnded || !hasFailed) {
          if (retry > 0) for (const note of notes) if (!note.skipped) this.#account.tell(note);
          return this.#account.add(example, notes, attempt, started);
        }
      }
      beginning?.restore(example);
      yield* waitFor(
        this.#runner,
        sleep(every, this.#context.signal).catch(() => {}),
      );
    }
  }

  #begin(example: PlannedExample): Play {
    this.#connections.beginExample();
    const tellsAtOnce = this.#context.progressEvents && example.settings.retry === 0;
    return new Play(this.#playContext(tellsAtOnce ? this.#teller : undefined, this.#context.pipeline), example);
  }

  *#attempt(play: Play): Script<Attempt> {
    const unreachable = yield* play.script();
    for (const note of this.#amended.splice(0)) play.include(note);
    let hasFailed = false;
    for (const note of play.notes) {
      if (note.skipped) this.#untried.add(note);
      if (note.failed) hasFailed = true;
    }
    if (hasFailed) {
      yield* this.#loadDiffer();
      for (const note of play.notes) if (this.#results.isRefused(note)) this.#untried.add(note, "is not supported");
    }
    return { notes: play.notes, unreachable };
  }

  #playContext(teller: Teller | undefined, pipeline: number): PlayContext {
    return {
      role: "client",
      runner: this.#runner,
      host: this.#switchboard,
      connections: this.#connections,
      variables: this.#variables,
      keepReplies: this.#context.keepReplies,
      ...this.#update?.hooks,
      teller,
      pipeline,
    };
  }

  readonly #teller: Teller = {
    onExchange: (note) => this.#account.tell(note),
    prepare: () => this.#loadDiffer(),
  };

  *#loadDiffer(): Script<void> {
    if (!this.#results.canCompare) yield* waitFor(this.#runner, this.#results.load());
  }

  /** Plays an opening, of which nothing is told unless it fails. */
  *#playOpening(opening: PlannedExample, conversation: Conversation): Script<Note | undefined> {
    const play = new Play(this.#playContext(undefined, 0), opening, conversation);
    yield* play.script();
    this.#amended.push(...play.notes.filter(({ isAmended }) => isAmended));
    return play.notes.find(({ failed, isAmended }) => failed && !isAmended);
  }
}
