/** One client of a load: it plays a document from its beginning to its end, over and over, on connections of its own. */
import { now } from "../base/clock.ts";
import type { PlannedDocument, PlannedExample } from "../plan/planned.ts";
import { Variables } from "../plan/variables.ts";
import { Connections } from "../play/connections.ts";
import type { PlayContext, Teller, Unreachable } from "../play/context.ts";
import type { Conversation } from "../play/conversation.ts";
import { checkEnd } from "../play/findings.ts";
import type { Note } from "../play/note.ts";
import { Play } from "../play/play.ts";
import { Runner, type Script } from "../play/script.ts";
import { Beginning } from "../replay/beginning.ts";
import { Switchboard, type SwitchboardContext } from "../replay/switchboard.ts";
import { Untried } from "../replay/untried.ts";
import type { Meter } from "./meter.ts";
import { type Pace, PacedGate } from "./pace.ts";

export interface ClientContext {
  /** What its connections need from outside. */
  readonly world: Omit<SwitchboardContext, "signal">;
  readonly meter: Meter;
  readonly pace: Pace;
  /** Set once an exchange was played. */
  isReached: boolean;
  /** The client's first connection could not be opened. */
  onUnreachable(example: PlannedExample, why: Unreachable): void;
  onFailure(note: Note): void;
  /** No exchange is under way any more, and none may begin. Called once. */
  onRest(): void;
  /** A mistake in the program, or in a dialect of one's own. */
  onError(error: unknown): void;
}

/** Milliseconds until a connection that could not be opened is tried again. */
const TRY_AGAIN = 100;

/** Knows how long the play pauses. */
class PausingHost extends Switchboard {
  /** Milliseconds of the runner's clock. */
  pausesUntil = 0;
  onPause: () => void = () => {};

  override alarm(at: number): void {
    this.pausesUntil = at;
    super.alarm(at);
    this.onPause();
  }
}

export class Client implements Teller {
  readonly #planned: PlannedDocument;
  readonly #context: ClientContext;
  readonly #controller = new AbortController();
  readonly #runner = new Runner();
  readonly #variables: Variables;
  readonly #switchboard: PausingHost;
  readonly #connections: Connections;
  readonly #gate: PacedGate;
  readonly #playContext: PlayContext;
  readonly #settle: number;
  #untried: Untried;
  #hasUntried = false;
  /** Failures that were counted. */
  readonly #counted = new WeakSet<Note>();
  /** Exchanges of examples before that what still comes may fail. */
  #users: readonly (Note | undefined)[] = [];
  #rests = false;

  /** @param due when its first exchange is due, in milliseconds of base/clock.ts. */
  constructor(planned: PlannedDocument, context: ClientContext, due: number) {
    this.#planned = planned;
    this.#context = context;
    this.#settle = Math.max(0, ...planned.examples.map(({ settings }) => settings.settle));
    this.#variables = new Variables(planned.variables);
    this.#untried = new Untried(this.#variables);
    const { signal } = this.#controller;
    this.#switchboard = new PausingHost({ ...context.world, signal }, this.#runner);
    this.#switchboard.onPause = () => this.#rest();
    this.#connections = new Connections({
      role: "client",
      runner: this.#runner,
      host: this.#switchboard,
      variables: this.#variables,
      documentPlace: planned.place,
      playOpening: (opening, conversation) => this.#playOpening(opening, conversation),
    });
    this.#gate = new PacedGate(context.pace, this.#runner, this.#switchboard, due);
    this.#playContext = {
      role: "client",
      runner: this.#runner,
      host: this.#switchboard,
      connections: this.#connections,
      variables: this.#variables,
      keepReplies: false,
      teller: this,
      gate: this.#gate,
      pipeline: 0,
    };
  }

  start(): void {
    const { onError } = this.#context;
    this.#runner.start(this.#rounds(), { onEnd: () => {}, onError }, now());
  }

  /** Closes its connections and plays no further. Not from within its script. */
  stop(): void {
    this.#controller.abort();
    this.#runner.stop();
    this.#connections.abandon();
    this.#switchboard.dispose();
  }

  /** No further exchange may begin: it rests once the one under way is over, or pauses. */
  finish(): void {
    if (this.#rests || (this.#gate.isUnderWay && this.#switchboard.pausesUntil <= this.#runner.now)) return;
    this.#rests = true;
    this.#context.onRest();
  }

  overdueAt(end: number): number {
    return this.#gate.overdueAt(end);
  }

  *#rounds(): Script<void> {
    const { examples, connection } = this.#planned;
    const isAlone = connection === "example";
    while (!this.#context.pace.isOver) {
      const began = this.#runner.now;
      this.#beginRound();
      for (const example of examples) {
        if (!this.#isPlayed(example)) continue;
        if (example.fresh || isAlone) yield* this.#connections.end(this.#settle);
        if (example.settings.retry > 0) yield* this.#tryAgainAndAgain(example);
        else {
          const play = this.#begin(example, this.#playContext);
          if (!this.#count(play, yield* play.script())) yield* this.#pause(TRY_AGAIN);
        }
        if (isAlone) yield* this.#connections.end(this.#settle);
      }
      // A round in which nothing is awaited leaves the others their turn, too.
      if (this.#runner.now === began) yield* this.#pause(0);
    }
  }

  #beginRound(): void {
    const connections = this.#connections;
    this.#variables.captured.clear();
    if (this.#hasUntried) this.#untried = new Untried(this.#variables);
    this.#hasUntried = false;
    connections.opening = undefined;
    connections.anytime = [];
    // What the server closed at the end of the last round is opened anew.
    for (const conversation of connections.all()) {
      if (conversation.isUsable) continue;
      checkEnd(conversation);
      connections.forget(conversation);
    }
  }

  /** Whether an example is to be played at its place. */
  #isPlayed(example: PlannedExample): boolean {
    const { role } = example;
    if (role === "opening") this.#connections.opening = example;
    else if (role === "anytime") this.#connections.anytime = [...this.#connections.anytime, example];
    return role === "example" && this.#untried.reasonFor(example) === undefined;
  }

  #begin(example: PlannedExample, context: PlayContext): Play {
    this.#connections.beginExample();
    return new Play(context, example);
  }

  *#tryAgainAndAgain(example: PlannedExample): Script<void> {
    const { retry, every } = example.settings;
    const beginning = new Beginning(this.#variables, this.#connections);
    for (let left = retry; ; left--) {
      const play = this.#begin(example, { ...this.#playContext, teller: undefined });
      const unreachable = yield* play.script();
      const hasFailed = unreachable !== undefined || play.notes.some(({ failed }) => failed);
      if (!hasFailed || left === 0) {
        for (const note of play.notes) if (!note.skipped) this.#tell(note, note.ms);
        if (!this.#count(play, unreachable)) yield* this.#pause(TRY_AGAIN);
        return;
      }
      this.#end();
      beginning.restore(example);
      yield* this.#pause(every);
    }
  }

  /** Counts what {@link Client.onExchange} was not told. @returns false where a connection could not be opened. */
  #count({ notes, example }: Play, unreachable: Unreachable | undefined): boolean {
    let isConnected = unreachable === undefined;
    for (const note of notes) {
      if (note.skipped) {
        this.#hasUntried = true;
        this.#untried.add(note);
        this.#context.meter.skipped++;
      } else if (note.failed) {
        if (note.finding!.kind === "connect") isConnected = false;
        this.#countLate(note);
      }
    }
    for (const note of this.#users) if (note?.failed) this.#countLate(note);
    this.#users = this.#connections.all().map(({ lastUser }) => lastUser);
    if (unreachable) this.#context.onUnreachable(example, unreachable);
    this.#end();
    return isConnected;
  }

  /** An exchange failed after it was counted, by what came beyond its reply; an opening counts only then. */
  #countLate(note: Note): void {
    if (this.#counted.has(note)) return;
    this.#counted.add(note);
    this.#context.meter.countLate(this.#planned.path, note);
    this.#context.onFailure(note);
  }

  *prepare(): Script<void> {}

  onExchange(note: Note): void {
    if (note.skipped) return;
    this.#tell(note, this.#gate.latencyOf(note));
    this.#end();
  }

  #tell(note: Note, latency: number): void {
    this.#context.isReached = true;
    this.#context.meter.count(this.#planned.path, note, latency);
    if (!note.failed) return;
    this.#counted.add(note);
    this.#context.onFailure(note);
  }

  /** No exchange is under way. */
  #end(): void {
    this.#gate.isUnderWay = false;
    this.#rest();
  }

  #rest(): void {
    if (this.#context.pace.isOver) this.finish();
  }

  /** Plays an opening, which counts only where it fails. */
  *#playOpening(opening: PlannedExample, conversation: Conversation): Script<Note | undefined> {
    const play = new Play({ ...this.#playContext, teller: undefined, gate: undefined }, opening, conversation);
    yield* play.script();
    return play.notes.find(({ failed }) => failed);
  }

  *#pause(ms: number): Script<void> {
    const until = this.#runner.now + ms;
    do {
      this.#switchboard.alarm(until);
      yield;
    } while (this.#runner.now < until);
  }
}
