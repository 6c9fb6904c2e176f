/**
 * Plays the moves of one example, or of an opening, and notes what became of them (format guide, sections 3, 5 and 6).
 */
import { type Act, answerTo, type Move, nothingSaid, type Party, type Pause, type Say } from "../plan/moves.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import { playAct, type Stage } from "./acts.ts";
import { Ahead } from "./ahead.ts";
import { CloseHearing } from "./closing.ts";
import type { Connections, NoConnection } from "./connections.ts";
import type { PlayContext, Unreachable } from "./context.ts";
import type { Conversation } from "./conversation.ts";
import { Exchange } from "./exchange.ts";
import { checkEnd, checkExtra } from "./findings.ts";
import { Note } from "./note.ts";
import type { Host } from "./port.ts";
import type { Script, Task } from "./script.ts";
import { closedBefore, GIVEN_UP } from "./verdict.ts";

/** Whether the example can go on; "again": its exchange is to be played once more on a new connection. */
type Outcome = boolean | "again";

export class Play implements Stage, Task {
  readonly example: PlannedExample;
  readonly role: Party;
  readonly host: Host;
  readonly connections: Connections;
  readonly variables: Variables;
  readonly notes: Note[] = [];
  readonly #context: PlayContext;
  /** The one connection that an opening is played on. */
  readonly #only: Conversation | undefined;
  /** The next move. */
  #at = 0;
  readonly #ahead: Ahead | undefined;
  /** The exchange that is under way, and the note of the present one. */
  #exchange: Exchange | undefined;
  #note: Note | undefined;
  /** How the present exchange ended, where it did not simply pass. */
  #outcome: Outcome | undefined;
  /** The last exchange's connection, where the exchange awaited no reply. */
  #unanswered: string | undefined;
  /** Why the rest of the example is not tried; undefined: it is. */
  #givenUp: string | Note | undefined;
  /** The last exchange, which is not reported yet: the acts after it may still fail it. */
  #untold: Note | undefined;
  #unreachable: Unreachable | undefined;

  constructor(context: PlayContext, example: PlannedExample, only?: Conversation) {
    this.#context = context;
    this.role = context.role;
    this.host = context.host;
    this.connections = context.connections;
    this.variables = context.variables;
    this.example = example;
    this.#only = only;
    if (context.pipeline > 0) this.#ahead = new Ahead(context, context.pipeline);
  }

  /** @returns why the document's first connection could not be opened, if so. */
  *script(): Script<Unreachable | undefined> {
    const { moves } = this.example;
    try {
      while (!this.#unreachable) {
        if (!this.advance()) yield this;
        if (this.#outcome !== undefined) yield* this.#conclude(this.#outcome);
        else if (this.#at < moves.length) yield* this.#playMove(moves[this.#at++]!);
        else break;
      }
      this.end();
    } finally {
      this.#tell();
    }
    return this.#unreachable;
  }

  /** Plays exchanges, one after the other, for as long as their connections are open and their replies as written. */
  advance(): boolean {
    const { moves } = this.example;
    while (this.#outcome === undefined) {
      if (this.#exchange) {
        if (!this.#exchange.hasEnded) return false;
        const outcome = this.#finish(this.#exchange);
        if (outcome !== true || this.#note!.failed) {
          this.#outcome = outcome;
          return true;
        }
        this.#done(this.#note!);
      }
      const move = moves[this.#at];
      if (move?.kind !== "say" || this.#givenUp !== undefined) return true;
      const sent = this.#ahead?.take(move);
      const conversation = sent?.conversation ?? this.#quiet(move);
      if (!conversation) return true;
      // What was sent ahead has begun.
      if (!sent && this.#context.gate?.mayBegin() === false) return false;
      this.#at++;
      this.#begin(conversation, this.#take(move, sent?.note), sent);
    }
    return true;
  }

  /** Whether all exchanges simply passed, and nothing is left to be done but {@link end}. Asked while none is under way. */
  get hasPassed(): boolean {
    return this.#outcome === undefined && this.#at === this.example.moves.length;
  }

  /** Looks for output beyond the replies, once all moves are made. */
  end(): void {
    // A client may send ahead: what a server has not asked for yet is the next example's.
    if (!this.#only && this.role === "client")
      for (const conversation of this.connections.all()) checkExtra(conversation, this.include);
    this.#tell();
  }

  *#playMove(move: Move): Script<void> {
    if (move.kind !== "say") {
      if (this.#givenUp === undefined && !(yield* playAct(this, move))) this.giveUp();
      return;
    }
    while (this.#givenUp === undefined && this.#context.gate?.mayBegin() === false) yield;
    const note = this.#take(move);
    if (this.#givenUp === undefined) return yield* this.#conclude(yield* this.#attempt(note));
    note.skipReason = this.#givenUp;
    this.connections.current(move.on, this.example)?.excuse();
  }

  /** Takes a say and the answer to it. */
  #take(first: Say, sent?: Note): Note {
    this.#tell();
    const answer = answerTo(first, this.example.moves[this.#at]);
    if (answer) this.#at++;
    return this.#add(sent ?? new Note(first, answer, this.example, this.role));
  }

  /** Plays an exchange whose connection may have to be opened. @returns see {@link Play.#finish}. */
  *#attempt(note: Note): Script<Outcome> {
    const conversation = this.#quiet(note) ?? (yield* this.#prepare(note));
    if (!conversation) return false;
    const exchange = this.#begin(conversation, note);
    while (!exchange.hasEnded) yield;
    return this.#finish(exchange);
  }

  /** After an exchange that did not simply pass. */
  *#conclude(outcome: Outcome): Script<void> {
    const note = this.#note!;
    let goesOn = outcome;
    while (goesOn === "again") goesOn = yield* this.#attempt(note);
    this.#outcome = undefined;
    if (!goesOn) this.giveUp();
    if (this.#unreachable) return;
    const { teller } = this.#context;
    if (teller && note.failed) yield* teller.prepare();
    this.#done(note);
  }

  /** An exchange is over; the acts after it may still fail it. */
  #done(note: Note): void {
    this.#untold = note;
    const next = this.example.moves[this.#at];
    if (next === undefined || next.kind === "say") this.#tell();
  }

  #tell(): void {
    if (this.#untold) this.#context.teller?.onExchange(this.#untold);
    this.#untold = undefined;
  }

  /** The rest of the example is not tried, because of the last failure where nothing else is said. */
  giveUp(reason: string | Note = this.notes.findLast(({ failed }) => failed) ?? GIVEN_UP): void {
    this.#givenUp ??= reason;
  }

  #add(note: Note): Note {
    this.notes.push(note);
    this.#note = note;
    return note;
  }

  get upcoming(): Move | undefined {
    return this.example.moves.slice(this.#at).find(({ kind }) => kind !== "pause");
  }

  noteAbove({ line, on }: Act | Pause): Note {
    return this.notes.at(-1) ?? this.#add(new Note(nothingSaid(on, line), undefined, this.example, this.role));
  }

  *connectionFor(note: Note, on: string, line: number, sends = true): Script<Conversation | undefined> {
    if (this.#only) return this.#only;
    const opened = yield* this.connections.use(on, this.example, line, sends);
    if (!("failed" in opened)) return opened;
    this.noConnection(note, opened.failed);
    return undefined;
  }

  noConnection(note: Note, why: NoConnection): void {
    if (why.kind === "opening failed") {
      note.skipReason = why.note;
      this.include(why.note);
    } else if (why.isFirst) this.#unreachable = why;
    else note.failUnsent("connect", why.line, why.message);
  }

  /** Adds the note of an opening that failed in front of the one that needed it. */
  readonly include = (note: Note): void => {
    if (!this.notes.includes(note)) this.notes.splice(Math.max(0, this.notes.length - 1), 0, note);
  };

  /**
   * The server has closed a connection that the document goes on with. That fails the present exchange, at `line`, or is a
   * part of the failure that the example has on it already.
   */
  lose(conversation: Conversation, note: Note, line: number = note.line): void {
    checkEnd(conversation, this.include);
    const { lastUser, incoming } = conversation;
    if (lastUser && lastUser !== note && lastUser.failed && !lastUser.isAmended) {
      this.giveUp(lastUser);
      note.skipReason = this.#givenUp;
    } else {
      const why = closedBefore(note, incoming, lastUser);
      if (note === lastUser || note.sends.length === 0) note.fail("closed", line, why);
      else note.failUnsent("closed", line, `not sent: ${why}`);
    }
    this.connections.forget(conversation);
  }

  /** The connection of a say, where it is open and nothing on it has to be waited for: the common case. */
  #quiet({ on }: Say | Note): Conversation | undefined {
    if (this.#unanswered !== undefined && this.#unanswered !== on) return undefined;
    const conversation = this.#only ?? this.connections.ready(on, this.example);
    return conversation?.isQuiet ? conversation : undefined;
  }

  /** The same once nothing has to be waited for any more; undefined where the example cannot go on. */
  *#prepare(note: Note): Script<Conversation | undefined> {
    const { connections, example } = this;
    const { on, line, isMineFirst } = note;
    const { settle } = example.settings;
    const unanswered = this.#unanswered;
    if (unanswered !== undefined && isMineFirst && unanswered !== on) yield* this.pause(settle);
    const conversation =
      this.#only ?? connections.ready(on, example) ?? (yield* this.connectionFor(note, on, line, isMineFirst));
    if (!conversation) return undefined;
    // It is a failure already: its end is not to be taken for the next reply.
    if (isMineFirst && this.role === "client" && conversation.hasExtra) {
      const closing = new CloseHearing(conversation, settle, true);
      closing.start();
      while (!closing.hasEnded) yield;
    }
    // A client that has sent everything may still read.
    const isReadOnly = this.role === "server" && !conversation.incoming.closeError;
    if (!conversation.isLost || (isMineFirst ? isReadOnly : conversation.hasWaiting)) return conversation;
    this.lose(conversation, note, note.firstLine);
    return undefined;
  }

  #begin(conversation: Conversation, note: Note, exchange = new Exchange(this.#context, conversation, note)): Exchange {
    this.#unanswered = undefined;
    this.#exchange = exchange;
    exchange.begin(this.#at, this.include);
    if (note.isMineFirst && !note.failed && !note.skipped) this.#ahead?.fill(exchange, this.#at);
    return exchange;
  }

  /** @returns whether the example can go on; "again": the exchange is to be played once more on a new connection. */
  #finish(exchange: Exchange): Outcome {
    this.#exchange = undefined;
    const { conversation, note } = exchange;
    switch (exchange.finish()) {
      case "again":
        note.isSentBefore = true;
        this.connections.forget(conversation);
        return "again";
      case "unanswered":
        this.#unanswered = note.on;
        return true;
      case "unbound":
        return true;
      case "unsent":
        return !note.failed;
      case "usable":
        // After a failure nobody may know where the replies to what was sent ahead begin.
        if (conversation.incoming.owed !== undefined || !this.#ahead?.isOn(conversation)) return true;
        break;
      case "over":
        break;
    }
    if (!note.failed) return true;
    this.connections.forget(conversation);
    return false;
  }

  *pause(ms: number): Script<void> {
    const until = this.#context.runner.now + ms;
    this.host.alarm(until);
    while (this.#context.runner.now < until) yield;
  }
}
