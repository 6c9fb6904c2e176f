/** Plays the server's part of a document once: its examples in order (`--mode script`). */
import { now } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import type { OutgoingLine } from "../dialects/codec.ts";
import type { LinePattern } from "../match/pattern.ts";
import { SampleError } from "../match/sample.ts";
import { nothingSaid } from "../plan/moves.ts";
import type { PlannedDocument, PlannedExample } from "../plan/planned.ts";
import { Variables } from "../plan/variables.ts";
import { Connections } from "../play/connections.ts";
import type { PlayContext, Teller } from "../play/context.ts";
import type { Conversation } from "../play/conversation.ts";
import { Note } from "../play/note.ts";
import type { DocumentResult, RunEvent } from "../play/outcome.ts";
import { Play } from "../play/play.ts";
import type { Eventual, OpenRequest } from "../play/port.ts";
import { Runner, type Script } from "../play/script.ts";
import { Account } from "../replay/account.ts";
import { Results } from "../replay/results.ts";
import { runScript, waitFor } from "../replay/wait.ts";
import type { ClientWire } from "./client-wire.ts";
import { Inventor } from "./invent.ts";
import type { Lobby } from "./lobby.ts";
import { countConnections, servedExamples } from "./parts.ts";
import { smallTalkOf } from "./small-talk.ts";
import { ServerStage } from "./stage.ts";

export interface ServiceContext {
  readonly lobby: Lobby;
  readonly signal: AbortSignal;
  readonly keepReplies: boolean;
  emit(event: RunEvent): void;
}

/** Serves a document once. Ends when everything was said, or with the signal. */
export async function serveScript(document: PlannedDocument, context: ServiceContext): Promise<DocumentResult> {
  const first = document.examples.find(({ role }) => role === "example")!;
  return new ScriptService(document, context, await smallTalkOf(first)).run();
}

class ScriptService {
  readonly #document: PlannedDocument;
  readonly #context: ServiceContext;
  readonly #examples: readonly PlannedExample[];
  readonly #variables: Variables;
  readonly #inventor = new Inventor();
  readonly #runner = new Runner();
  readonly #stage: ServerStage;
  readonly #connections: Connections;
  readonly #results: Results;
  readonly #account: Account;
  /** How many connections a client opens that does as written. */
  readonly #most: number;
  /** Clients that connected although no part was left. */
  #tooMany = 0;
  #hasFailed = false;
  /** Why the rest of the document is not tried. */
  #deserted: string | undefined;

  constructor(document: PlannedDocument, context: ServiceContext, smallTalk: readonly PlannedExample[]) {
    this.#document = document;
    this.#context = context;
    this.#examples = servedExamples(document);
    this.#most = countConnections(this.#examples, document.connection);
    this.#variables = new Variables(document.variables);
    this.#results = new Results(this.#variables, context.keepReplies, []);
    this.#account = new Account({
      emit: (event) => context.emit(event),
      noteFailure: () => {},
      progressEvents: true,
      path: document.path,
      results: this.#results,
      canPass: undefined,
    });
    this.#stage = new ServerStage(this.#runner, context.signal, (request) => this.#next(request));
    this.#connections = new Connections({
      role: "server",
      runner: this.#runner,
      host: this.#stage,
      variables: this.#variables,
      documentPlace: document.place,
      playOpening: (opening, conversation) => this.#playOpening(opening, conversation),
    });
    this.#connections.anytime = smallTalk;
    context.lobby.onChange = () => this.#onChange();
  }

  async run(): Promise<DocumentResult> {
    const started = now();
    let isInterrupted: boolean;
    try {
      isInterrupted = await runScript(this.#runner, this.#script(), this.#context.signal);
      this.#addStrangers();
      if (this.#hasFailed || this.#account.played.some(({ notes }) => notes.some(({ failed }) => failed)))
        await this.#results.load();
    } finally {
      this.#connections.abandon();
      this.#stage.dispose();
    }
    return {
      path: this.#document.path,
      errors: [],
      examples: this.#account.played.map((played) => this.#results.example(played)),
      interrupted: isInterrupted,
      ms: now() - started,
    };
  }

  /** Clients that were too many are a failure of the last example that was played. */
  #addStrangers(): void {
    const count = this.#tooMany;
    const { played } = this.#account;
    const at = played.findLastIndex(({ skipped }) => skipped === undefined);
    const last = played[at];
    if (count === 0 || !last) return;
    const note = new Note(nothingSaid("", last.example.line), undefined, last.example, "server");
    const who = count === 1 ? "a client" : `${count} clients`;
    note.fail("extra", last.example.line, `${who} connected when the document had no connection left`);
    played[at] = { ...last, notes: [...last.notes, note] };
  }

  *#script(): Script<void> {
    const settle = Math.max(0, ...this.#examples.map((example) => example.settings.settle));
    for (const example of this.#examples) yield* this.#step(example, settle);
    yield* this.#connections.end(settle);
    this.#countStrangers();
  }

  *#step(example: PlannedExample, settle: number): Script<void> {
    const { skip, role, fresh } = example;
    if (role === "opening") {
      if (skip === undefined) this.#connections.opening = example;
      return;
    }
    const isAlone = this.#document.connection === "example";
    if (skip === undefined && (fresh || isAlone)) yield* this.#connections.end(settle);
    if (skip === undefined && this.#hasFailed) yield* this.#awaitReturn(example);
    const reason = skip ?? this.#deserted;
    if (reason !== undefined) return this.#account.decide(this.#account.skip(example, reason));
    this.#connections.beginExample();
    const started = now();
    const play = new Play(this.#playContext(this.#teller), example);
    let isComplete = false;
    try {
      yield* play.script();
      isComplete = true;
    } finally {
      this.#hasFailed ||= play.notes.some(({ failed }) => failed);
      // Where it is interrupted, only what was wrong so far is told.
      if (!isComplete && play.notes.some(({ failed }) => failed)) this.#account.add(example, play.notes, 1, started);
    }
    if (play.notes.some(({ failed }) => failed)) yield* this.#loadDiffer();
    this.#account.decide(this.#account.add(example, play.notes, 1, started));
    if (isAlone) yield* this.#connections.end(settle);
  }

  /** After a failure a client may have gone for good: nobody waits long for it. */
  *#awaitReturn({ settings: { timeout } }: PlannedExample): Script<void> {
    const { lobby } = this.#context;
    const isThere = (): boolean => lobby.waiting.length > 0 || this.#connections.all().some(({ isUsable }) => isUsable);
    const until = this.#runner.now + timeout;
    if (!isThere()) this.#stage.alarm(until);
    while (!isThere() && this.#runner.now < until) yield;
    if (!isThere()) this.#deserted ??= `no client came back within ${formatDuration(timeout)}`;
  }

  #playContext(teller: Teller | undefined): PlayContext {
    return {
      role: "server",
      runner: this.#runner,
      host: this.#stage,
      connections: this.#connections,
      variables: this.#variables,
      keepReplies: this.#context.keepReplies,
      invent: (say, note) => this.#invent(say, note),
      teller,
      pipeline: 0,
    };
  }

  #invent(say: readonly LinePattern[], note: Note): readonly OutgoingLine[] | undefined {
    try {
      return this.#inventor.lines(say, note.example, this.#variables);
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
      note.fail("protocol", error.pattern.line, `not sent: ${error.message}`);
      return undefined;
    }
  }

  readonly #teller: Teller = {
    onExchange: (note) => this.#account.tell(note),
    prepare: () => this.#loadDiffer(),
  };

  *#loadDiffer(): Script<void> {
    if (!this.#results.canCompare) yield* waitFor(this.#runner, this.#results.load());
  }

  *#playOpening(opening: PlannedExample, conversation: Conversation): Script<Note | undefined> {
    const play = new Play(this.#playContext(undefined), opening, conversation);
    yield* play.script();
    return play.notes.find(({ failed }) => failed);
  }

  /** The client that takes the part that is due now. */
  #next({ example }: OpenRequest): Eventual<ClientWire> {
    const { lobby } = this.#context;
    const { timeout } = example.settings;
    // One that said nothing may have been a probe; a client follows soon, or it was the client.
    const isProbed =
      !example.dialect.reopens && lobby.playing.some(({ hasEnded, hasSpoken }) => hasEnded && !hasSpoken);
    const until = isProbed ? this.#runner.now + timeout : Number.POSITIVE_INFINITY;
    if (isProbed) this.#stage.alarm(until);
    const { reopens } = example.dialect;
    let client = lobby.take(reopens);
    const runner = this.#runner;
    return {
      get value() {
        client ??= lobby.take(reopens);
        if (client || runner.now < until) return client;
        return {
          refused: `a client closed its connection without a word, and no other one came within ${formatDuration(timeout)}`,
        };
      },
    };
  }

  #onChange(): void {
    const { lobby } = this.#context;
    this.#runner.wake(now());
    if (lobby.waiting.length === 0) return;
    if (this.#most < Number.POSITIVE_INFINITY)
      return this.#countStrangers(this.#most + lobby.playing.filter(({ hasEnded }) => hasEnded).length);
    if (!lobby.waiting.some(({ hasSpoken }) => hasSpoken)) return;
    // The next request comes on another connection, so an idle one is not needed any more.
    for (const conversation of this.#connections.all()) {
      const wire = conversation.port as ClientWire;
      if (conversation.dialect.reopens && conversation.isQuiet && wire.isIdle) return wire.leave();
    }
  }

  /** Sends away the clients that no part is left for. */
  #countStrangers(most = 0): void {
    const { lobby } = this.#context;
    while (lobby.waiting.length > 0 && lobby.count - this.#tooMany > most) {
      const stranger = lobby.takeLast()!;
      if (most === 0 && !stranger.hasSpoken) continue;
      this.#tooMany++;
      void lobby.dismiss(stranger);
    }
  }
}
