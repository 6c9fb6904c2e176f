/**
 * One exchange on a connection: one's own lines are sent, the other party's are awaited, and what became of it is noted
 * (format guide, section 5).
 */

import { toBytes } from "../base/bytes.ts";
import { formatSize } from "../base/size.ts";
import type { Encoded, OutgoingLine, Request } from "../dialects/codec.ts";
import { isLineError } from "../dialects/errors.ts";
import type { Captures } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import { sayFrom } from "../plan/moves.ts";
import { LONGEST_LINE, speak } from "../plan/speak.ts";
import { isIdempotent } from "./again.ts";
import { restOfMessage, wasLeft } from "./answering.ts";
import type { ExchangeContext } from "./context.ts";
import type { Conversation } from "./conversation.ts";
import { checkBeforeSay, type Include } from "./findings.ts";
import { ReplyHearing } from "./hearing.ts";
import { type Note, snapshot } from "./note.ts";
import type { ReplyReader } from "./reply-reader.ts";
import { unboundName } from "./unbound.ts";
import { judge } from "./verdict.ts";

const NO_LINES: readonly OutgoingLine[] = [];

/**
 * `usable`: the connection can be used further; `over`: it cannot; `again`: it had been closed before, and the request is to
 * be sent once more on a new one; `unanswered`: no reply is awaited; `unsent`: a line cannot be sent; `unbound`:
 * a name in a line has no value.
 */
export type ExchangeEnd = "usable" | "over" | "again" | "unanswered" | "unsent" | "unbound";

export class Exchange {
  readonly conversation: Conversation;
  readonly note: Note;
  readonly #context: ExchangeContext;
  /** One's own lines. */
  #lines: readonly OutgoingLine[] = NO_LINES;
  /** Whether the connection carried an exchange before. */
  readonly #isReused: boolean;
  #sent: Encoded | undefined;
  /** Their requests, where they were sent before its turn. */
  #ahead: readonly Request[] | undefined;
  #hearing: ReplyHearing | undefined;
  /** The index of the move after it. */
  #at = 0;
  #end: ExchangeEnd | undefined;

  constructor(context: ExchangeContext, conversation: Conversation, note: Note) {
    this.#context = context;
    this.conversation = conversation;
    this.note = note;
    note.started = context.runner.now;
    this.#isReused = conversation.exchanges++ > 0;
  }

  /**
   * Sends one's own lines where they come first, and listens.
   * @param at the index of the move after the exchange.
   */
  begin(at: number, include: Include): void {
    const { conversation, note } = this;
    this.#at = at;
    this.#context.variables.connection = conversation.name;
    if (!this.#ahead) {
      if (note.isMineFirst && !this.#speak()) {
        this.#end = "unbound";
        return;
      }
      // A client may send ahead: what a server has not asked for yet is the next exchange's.
      if (note.isMineFirst && conversation.role === "client" && !conversation.isQuiet)
        checkBeforeSay(conversation, include);
    }
    if (!this.#context.keepReplies) conversation.forgetReply();
    conversation.use(note);
    conversation.incoming.byteCount = 0;
    const { ledger } = conversation.incoming.arrivals;
    if (this.#ahead) ledger.turn(this.#ahead, note);
    else if (!note.isMineFirst) ledger.sent([], note);
    else if (!this.#send()) {
      this.#end = "unsent";
      return;
    }
    if (!note.awaitsReply) {
      const unread = conversation.incoming.takeUnread();
      if (unread !== "") conversation.incoming.decode(toBytes(unread));
      this.#end = "unanswered";
      return;
    }
    const { variables, requiresUnwritten } = this.#context;
    this.#hearing = new ReplyHearing(conversation, note, variables, note.isMineFirst, requiresUnwritten);
    this.#hearing.start();
  }

  /** The bytes of one's own lines, to be sent before the exchange's turn; undefined where they can be sent in their turn only. */
  encodeAhead(): Uint8Array | undefined {
    const { conversation, note } = this;
    this.#context.variables.connection = conversation.name;
    const lines = this.#linesOf(note.sends);
    if (!lines || conversation.dialect.standsAlone?.(lines)) return undefined;
    try {
      const encoded = conversation.incoming.mine.encode(lines);
      if (encoded.withheld !== undefined) return undefined;
      conversation.incoming.arrivals.ledger.sentAhead(encoded.requests);
      this.#keep(lines);
      this.#ahead = encoded.requests;
      this.#sent = encoded;
      return encoded.bytes;
    } catch (error) {
      // Reported in its turn.
      if (!isLineError(error)) throw error;
      return undefined;
    }
  }

  /** Whether nothing is sent after its lines before its reply has come. */
  get standsAlone(): boolean {
    const { dialect, incoming } = this.conversation;
    // Where other replies are numbered, one without a number would be taken for complete before it has come.
    const hasNumber = this.#sent?.withheld !== undefined || this.#sent?.requests.length !== 0;
    if (this.note.awaitsReply && incoming.owed !== undefined && !hasNumber) return true;
    return dialect.standsAlone?.(this.#lines) === true;
  }

  /** Makes one's own lines of their patterns; false where a name has no value, or a line gets too long. */
  #speak(): boolean {
    const { note } = this;
    const { variables, invent } = this.#context;
    const unbound = note.isKnown || invent ? undefined : unboundName(note, variables);
    const lines = note.sends.length === 0 ? NO_LINES : this.#linesOf(note.sends);
    if (unbound || !lines) {
      const sentence = unbound
        ? `{{${unbound.name}}} has no value: the reply that would have bound it was not matched`
        : `a ${note.role} line is longer than ${formatSize(LONGEST_LINE)} with its values`;
      note.failUnsent("unbound", unbound?.line ?? note.line, sentence);
      return false;
    }
    this.#keep(lines);
    return true;
  }

  #keep(lines: readonly OutgoingLine[]): void {
    this.#lines = lines;
    if (this.note.sendsNames && lines.length === this.note.sends.length) this.note.sent = lines;
  }

  #linesOf(say: readonly LinePattern[]): readonly OutgoingLine[] | undefined {
    const { variables, invent } = this.#context;
    return invent ? invent(say, this.note) : speak(say, this.note.example.settings.eol, variables);
  }

  get hasEnded(): boolean {
    return this.#end !== undefined || this.#hearing!.hasEnded;
  }

  /** Notes what became of it, once it has ended. */
  finish(): ExchangeEnd {
    if (this.#end !== undefined) return this.#end;
    const { conversation, note } = this;
    const hearing = this.#hearing!;
    note.ms = this.#context.runner.now - note.started;
    const isUntouched = hearing.reader?.end === "closed" && this.#isReused && this.#nothingCame(hearing.reader);
    // Once only: where an opening is played on each connection, a server could close one after another.
    if (isUntouched && !note.isSentInTurn && isIdempotent(this.#sent)) {
      note.isSentInTurn = !this.#ahead;
      return "again";
    }
    if (wasLeft(conversation, note, hearing.reader, this.#isReused)) return "again";
    const isRight = this.#judge(hearing);
    if (note.failed) {
      note.scope ??= snapshot(this.#context.variables, note.expects);
      this.#amend();
    }
    if (conversation.incoming.hasTurned) this.#turn();
    const isOver = (hearing.reader?.isOver && !note.isAmended && note.expects.length > 0) || !isRight;
    if (!note.isMineFirst && !this.#answer(isOver)) return "over";
    return isOver ? "over" : "usable";
  }

  /** Says what answers the other party's lines. What differs is answered all the same, as long as it has come to its end. */
  #answer(isOver: boolean): boolean {
    const { note } = this;
    if (note.sends.length === 0) return true;
    if (!note.failed || !isOver) return this.#speak() && this.#send();
    note.isUnsent = true;
    return false;
  }

  /** A reply that can be written anew counts as if it had been. */
  #amend(): void {
    const { note } = this;
    const captures = this.#context.amend?.(note);
    if (!captures) return;
    note.isAmended = true;
    this.#keepCaptures(captures);
  }

  #nothingCame({ received }: ReplyReader): boolean {
    const { byteCount, theirs } = this.conversation.incoming;
    return this.#ahead ? received.length === 0 && theirs.pending === "nothing" : byteCount === 0;
  }

  /** Sends one's own lines; false where one cannot be sent, or they continue a request that is not there. */
  #send(): boolean {
    const { conversation, note } = this;
    try {
      this.#sent = conversation.send(this.#lines, this.#later(), note, this.#hearing?.reader?.request);
      // What the server said instead failed the exchange before, unless it waits to be taken.
      if (this.#sent.withheld === undefined || conversation.hasWaiting) return true;
      note.skipReason = `not sent: ${this.#sent.withheld}`;
    } catch (error) {
      if (!isLineError(error)) throw error;
      // Lines without names were rehearsed: they are right, had the server done what is written before them.
      if (note.role === "server") note.fail("protocol", error.line.line, `not sent: ${error.message}`);
      else if (note.sent.length === 0) note.skipReason = `not sent: ${error.message}`;
      else note.failUnsent("protocol", error.line.line, error.message);
    }
    return false;
  }

  /** The lines that continue the request; undefined where it is complete. */
  #later(): readonly OutgoingLine[] | undefined {
    const { example, expects, on, role } = this.note;
    if (role === "server") {
      const rest = restOfMessage(example.moves, this.#at, on);
      return rest && this.#linesOf(rest.lines);
    }
    if (!this.conversation.reading?.goesOn?.(expects)) return undefined;
    const next = sayFrom(example.moves, this.#at, role, on);
    return (next && this.#linesOf(next.lines)) ?? [];
  }

  /** Another protocol follows. What it says could not be understood where the status line written is another one. */
  #turn(): void {
    const { conversation, note } = this;
    conversation.incoming.hasTurned = false;
    conversation.incoming.isOver = note.finding?.line === note.expects[0]!.line;
  }

  /** Notes what became of the reply; false where its lines are right, and it is not. */
  #judge(hearing: ReplyHearing): boolean {
    const { conversation, note } = this;
    const { reader, undecoded } = hearing;
    if (undecoded) note.receiveUndecoded(undecoded);
    if (!reader) {
      this.#keepCaptures(hearing.captures);
      return true;
    }
    const { end } = reader;
    note.received = reader.received;
    note.parts = reader.parts;
    note.ends = reader.ends;
    if (end === "open") conversation.leaveOpen(reader.matcher);
    if (end === "complete" || end === "open") {
      this.#keepCaptures(hearing.captures);
      const objection = this.#objectTo(reader);
      if (objection !== undefined) {
        note.fail("protocol", note.lineOfExtra, objection);
        return false;
      }
    }
    // Where no line is written there may be no reply.
    if (note.expects.length === 0 && (end === "timeout" || end === "closed")) return true;
    // The common case needs no reasons.
    if (end !== "complete") judge(reader, note, conversation);
    if (end === "failed" && !reader.isOver) conversation.waiting.leaveSurplus(note, reader.own, reader.surplus);
    if (end === "timeout" || end === "closed") this.#showHeld();
    return true;
  }

  /** Why a reply is wrong although its lines are all as written: a message that answers nothing took the place of a reply. */
  #objectTo({ stray }: ReplyReader): string | undefined {
    if (
      stray === undefined ||
      this.note.expects.length === 0 ||
      !this.note.expects.every(({ repeat, body }) => repeat === "once" && body.kind !== "ellipsis")
    )
      return undefined;
    const open = this.conversation.incoming.arrivals.ledger.ownOpen(this.note.expects.length);
    return open && `${stray} came; ${open.name ?? "a request"} has no reply`;
  }

  /** Replies that came before one that is due before them did not come: the report shows them. */
  #showHeld(): void {
    const note = this.note;
    for (const { sender, lines } of this.conversation.incoming.arrivals.takeUnasked())
      if (sender === note) note.received = [...note.received, ...lines];
  }

  #keepCaptures(captures: Captures): void {
    const { variables, host } = this.#context;
    for (const [name, value] of captures) {
      variables.captured.set(name, value);
      variables.boundBy.set(name, this.note.expects);
      host.onCapture(name, value);
    }
  }
}
