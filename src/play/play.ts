/**
 * Plays the moves of one example, or of an opening, and notes what became of them (format guide, sections 3, 5 and 6).
 */
import { formatSize } from "../base/size.ts";
import type { OutgoingLine } from "../dialects/codec.ts";
import { type Act, answerTo, isMine, type Party, type Pause, type Say } from "../plan/moves.ts";
import type { PlannedExample } from "../plan/planned.ts";
import { LONGEST_LINE, speak } from "../plan/speak.ts";
import type { Variables } from "../plan/variables.ts";
import { playAct, type Stage } from "./acts.ts";
import { CloseHearing } from "./closing.ts";
import type { Connections, NoConnection } from "./connections.ts";
import type { Conversation } from "./conversation.ts";
import { Exchange } from "./exchange.ts";
import { checkBeforeSay, checkEnd, checkExtra } from "./findings.ts";
import { Note } from "./note.ts";
import type { Host } from "./port.ts";
import type { Runner, Script } from "./script.ts";
import { unboundName } from "./unbound.ts";
import { closedBefore, GIVEN_UP } from "./verdict.ts";

export interface PlayContext {
  readonly role: Party;
  readonly runner: Runner;
  readonly host: Host;
  readonly connections: Connections;
  readonly variables: Variables;
  /** What a passed reply said is wanted by a report. */
  readonly keepReplies: boolean;
  /** Gets each exchange once it is decided; undefined: exchanges are not reported. */
  readonly teller: Teller | undefined;
  /** Decides when exchanges may begin; undefined: at once. */
  readonly gate?: Gate;
}

export interface Gate {
  /** Asked before each exchange. False: the play waits, and asks again when it is woken. */
  mayBegin(): boolean;
}

export interface Teller {
  /** Waits until a failure can be reported: what compares replies is loaded with the first one. */
  prepare(): Script<void>;
  /** An exchange is decided, as far as is known now. */
  onExchange(note: Note): void;
}

/** The document's first connection could not be opened, so that nothing of it can be played. */
export interface Unreachable {
  readonly message: string;
  readonly line: number;
}

export class Play implements Stage {
  readonly example: PlannedExample;
  readonly role: Party;
  readonly host: Host;
  readonly connections: Connections;
  readonly variables: Variables;
  readonly notes: Note[] = [];
  readonly #context: PlayContext;
  /** The one connection that an opening is played on. */
  readonly #only: Conversation | undefined;
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
  }

  /** @returns why the document's first connection could not be opened, if so. */
  *script(): Script<Unreachable | undefined> {
    const { moves } = this.example;
    try {
      for (let at = 0; at < moves.length && !this.#unreachable; ) {
        const move = moves[at++]!;
        if (move.kind !== "say") {
          if (this.#givenUp === undefined && !(yield* playAct(this, move))) this.giveUp();
          continue;
        }
        this.#tell();
        const answer = answerTo(move, moves[at]);
        if (answer) at++;
        const { gate } = this.#context;
        if (gate && this.#givenUp === undefined) while (!gate.mayBegin()) yield;
        const note = this.#note(move, answer);
        if (this.#givenUp !== undefined) {
          note.skipReason = this.#givenUp;
          this.connections.current(move.on, this.example)?.excuse();
          continue;
        }
        let goesOn: boolean | "again" = false;
        do {
          const conversation = this.#quiet(move) ?? (yield* this.#prepare(move, note));
          if (!conversation) break;
          const exchange = this.#begin(conversation, move, answer, note, at);
          while (exchange && !exchange.hasEnded) yield;
          goesOn = exchange ? this.#finish(exchange) : true;
        } while (goesOn === "again");
        if (!goesOn) this.giveUp();
        if (this.#unreachable) break;
        const { teller } = this.#context;
        if (teller && note.failed) yield* teller.prepare();
        this.#untold = note;
        if (at === moves.length || moves[at]!.kind === "say") this.#tell();
      }
      if (!this.#only) for (const conversation of this.connections.all()) checkExtra(conversation, this.#include);
    } finally {
      this.#tell();
    }
    return this.#unreachable;
  }

  #tell(): void {
    if (this.#untold) this.#context.teller?.onExchange(this.#untold);
    this.#untold = undefined;
  }

  /** The rest of the example is not tried, because of the last failure where nothing else is said. */
  giveUp(reason: string | Note = this.notes.findLast(({ failed }) => failed) ?? GIVEN_UP): void {
    this.#givenUp ??= reason;
  }

  #note(first: Say, answer: Say | undefined): Note {
    const note = new Note(first, answer, this.example, this.role);
    this.notes.push(note);
    return note;
  }

  noteAbove({ line, on }: Act | Pause): Note {
    const nothing: Say = { kind: "say", by: "client", on, line, lines: [], answers: undefined, isKnown: true };
    return this.notes.at(-1) ?? this.#note(nothing, undefined);
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
  include(note: Note): void {
    if (!this.notes.includes(note)) this.notes.splice(Math.max(0, this.notes.length - 1), 0, note);
  }

  readonly #include = (note: Note): void => this.include(note);

  /**
   * The server has closed a connection, and the document does not say so. That fails the exchange that needs it now, at
   * `line`, or is a part of the failure that the example has on it already.
   */
  lose(conversation: Conversation, note: Note, line: number = note.line): void {
    checkEnd(conversation, this.#include);
    const { lastUser, incoming } = conversation;
    if (lastUser && lastUser !== note && lastUser.failed) {
      this.giveUp(lastUser);
      note.skipReason = this.#givenUp;
    } else {
      const why = closedBefore(incoming, lastUser);
      if (note === lastUser || note.sends.length === 0) note.fail("closed", line, why);
      else note.failUnsent("closed", line, `not sent: ${why}`);
    }
    this.connections.forget(conversation);
  }

  /** The connection of a say, where it is open and nothing on it has to be waited for: the common case. */
  #quiet({ on }: Say): Conversation | undefined {
    if (this.#unanswered !== undefined && this.#unanswered !== on) return undefined;
    const conversation = this.#only ?? this.connections.ready(on, this.example);
    return conversation?.isQuiet ? conversation : undefined;
  }

  /** The same once nothing has to be waited for any more; undefined where the example cannot go on. */
  *#prepare(first: Say, note: Note): Script<Conversation | undefined> {
    const { connections, example } = this;
    const { settle } = example.settings;
    const isMineFirst = isMine(first, this.role);
    const unanswered = this.#unanswered;
    if (unanswered !== undefined && isMineFirst && unanswered !== first.on) yield* this.pause(settle);
    const conversation =
      this.#only ??
      connections.ready(first.on, example) ??
      (yield* this.connectionFor(note, first.on, first.line, isMineFirst));
    if (!conversation) return undefined;
    // It is a failure already: its end is not to be taken for the next reply.
    if (isMineFirst && conversation.hasExtra) {
      const closing = new CloseHearing(conversation, settle, true);
      closing.start();
      while (!closing.hasEnded) yield;
    }
    if (!conversation.isLost || (!isMineFirst && conversation.hasWaiting)) return conversation;
    this.lose(conversation, note, first.lines[0]?.line);
    return undefined;
  }

  /**
   * Begins an exchange; undefined where its lines cannot be sent as a name in them has no value.
   * @param at the index of the move after it.
   */
  #begin(
    conversation: Conversation,
    first: Say,
    answer: Say | undefined,
    note: Note,
    at: number,
  ): Exchange | undefined {
    const { variables, example } = this;
    const isMineFirst = isMine(first, this.role);
    const mine = isMineFirst ? first : answer;
    this.#unanswered = undefined;
    variables.connection = conversation.name;
    const unbound = first.isKnown && (answer?.isKnown ?? true) ? undefined : unboundName(note, variables);
    const lines = mine === undefined ? NO_LINES : speak(mine.lines, example.settings.eol, variables);
    if (unbound || !lines) {
      const sentence = unbound
        ? `{{${unbound.name}}} has no value: the reply that would have bound it was not matched`
        : `a client line is longer than ${formatSize(LONGEST_LINE)} with its values`;
      note.failUnsent("unbound", unbound?.line ?? note.line, sentence);
      return undefined;
    }
    if (isMineFirst && !conversation.isQuiet) checkBeforeSay(conversation, this.#include);
    if (!this.#context.keepReplies) conversation.forgetReply();
    conversation.use(note);
    if (mine?.isKnown === false) note.sent = lines;
    const exchange = new Exchange(this.#context, conversation, note, lines, isMineFirst);
    exchange.begin(at);
    return exchange;
  }

  /** @returns whether the example can go on; "again": the exchange is to be played once more on a new connection. */
  #finish(exchange: Exchange): boolean | "again" {
    const { conversation, note } = exchange;
    switch (exchange.finish()) {
      case "again":
        note.isSentBefore = true;
        this.connections.forget(conversation);
        return "again";
      case "unanswered":
        this.#unanswered = note.on;
        return true;
      case "unsent":
        return !note.failed;
      case "over":
        if (!note.failed) return true;
        this.connections.forget(conversation);
        return false;
      case "usable":
        return true;
    }
  }

  /** Waits, while what comes meanwhile waits too. */
  *pause(ms: number): Script<void> {
    const { runner, host } = this.#context;
    const until = runner.now + ms;
    host.alarm(until);
    while (runner.now < until) yield;
  }
}

const NO_LINES: readonly OutgoingLine[] = [];
