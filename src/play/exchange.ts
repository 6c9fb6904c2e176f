/**
 * One exchange on a connection: one's own lines are sent, the other party's are awaited, and what became of it is noted
 * (format guide, section 5).
 */

import type { Encoded, OutgoingLine } from "../dialects/codec.ts";
import { isLineError } from "../dialects/errors.ts";
import { isMine, type Party, type Say } from "../plan/moves.ts";
import { speak } from "../plan/speak.ts";
import type { Variables } from "../plan/variables.ts";
import type { Conversation } from "./conversation.ts";
import { ReplyHearing } from "./hearing.ts";
import { type Note, snapshot } from "./note.ts";
import type { Host } from "./port.ts";
import type { Runner, Script } from "./script.ts";
import { judge } from "./verdict.ts";

export interface ExchangeContext {
  readonly role: Party;
  readonly runner: Runner;
  readonly host: Pick<Host, "onCapture">;
  readonly variables: Variables;
}

/**
 * `usable`: the connection can be used further; `over`: it cannot; `again`: it had been closed before, and the request is to
 * be sent once more on a new one; `unanswered`: no reply is awaited; `unsent`: a line cannot be sent.
 */
export type ExchangeOutcome = "usable" | "over" | "again" | "unanswered" | "unsent";

export class Exchange {
  readonly #context: ExchangeContext;
  readonly #conversation: Conversation;
  readonly #note: Note;

  constructor(context: ExchangeContext, conversation: Conversation, note: Note) {
    this.#context = context;
    this.#conversation = conversation;
    this.#note = note;
  }

  /**
   * @param isMineFirst whether one's own lines come first, or answer what comes.
   * @param at the index of the move after the exchange.
   */
  *script(lines: readonly OutgoingLine[], isMineFirst: boolean, at: number): Script<ExchangeOutcome> {
    const conversation = this.#conversation;
    const note = this.#note;
    const started = this.#context.runner.now;
    const isReused = conversation.exchanges++ > 0;
    conversation.incoming.bytes = 0;
    const sent = isMineFirst ? this.#send(lines, at) : undefined;
    if (sent === "unsent") return sent;
    if (!isMineFirst) conversation.incoming.arrivals.ledger.sent([], note);
    if (note.expects.length === 0) return "unanswered";
    const hearing = new ReplyHearing(conversation, note, this.#context.variables, isMineFirst);
    hearing.start();
    while (hearing.end === undefined) yield;
    note.ms = this.#context.runner.now - started;
    if (hearing.end === "closed" && isReused && conversation.incoming.bytes === 0 && isIdempotent(sent)) return "again";
    const isRight = this.#judge(hearing);
    if (note.failed) {
      note.scope ??= snapshot(this.#context.variables, note.expects);
      // What another protocol says could not be understood where the document does not expect it.
      if (conversation.incoming.hasTurned) conversation.incoming.isOver = true;
    }
    if (!isMineFirst && lines.length > 0 && !note.failed) this.#send(lines, at);
    return hearing.isOver || !isRight ? "over" : "usable";
  }

  /** Sends one's own lines. "unsent": a line cannot be sent, or there is nothing that it could go on with. */
  #send(lines: readonly OutgoingLine[], at: number): Encoded | "unsent" {
    const conversation = this.#conversation;
    const note = this.#note;
    try {
      const encoded = conversation.send(lines, this.#later(at), note);
      // What the server said instead failed the exchange before, unless it waits to be taken.
      if (encoded.withheld === undefined || conversation.hasWaiting) return encoded;
      note.skipReason = `not sent: ${encoded.withheld}`;
    } catch (error) {
      if (!isLineError(error)) throw error;
      // Lines without names were rehearsed: they are right, had the server done what is written before them.
      if (note.sent.length === 0) note.skipReason = `not sent: ${error.message}`;
      else note.failUnsent("protocol", error.line.line, error.message);
    }
    return "unsent";
  }

  /** The lines in which the request goes on; undefined where it does not. */
  #later(at: number): readonly OutgoingLine[] | undefined {
    const { example, expects, on } = this.#note;
    if (!this.#conversation.reading?.goesOn?.(expects)) return undefined;
    const { role, variables } = this.#context;
    const next = example.moves.find(
      (move, i): move is Say => i >= at && move.kind === "say" && move.on === on && isMine(move, role),
    );
    return (next && speak(next.lines, example.settings.eol, variables)) ?? [];
  }

  /** Notes what became of the reply; false where its lines are right, and it is not. */
  #judge(hearing: ReplyHearing): boolean {
    const conversation = this.#conversation;
    const note = this.#note;
    if (hearing.undecoded) note.receiveUndecoded(hearing.undecoded);
    else {
      note.received = hearing.received;
      note.parts = hearing.parts;
    }
    const { end } = hearing;
    if (end === "open") conversation.leaveOpen(hearing.matcher);
    if (end === "complete" || end === "open") {
      this.#keepCaptures(hearing);
      const objection = this.#objectTo(hearing);
      if (objection !== undefined) {
        note.fail("protocol", note.lineOfExtra, objection);
        return false;
      }
    }
    // The common case needs no reasons.
    if (end !== "complete") judge(hearing, note, conversation);
    if (end === "failed" && !hearing.isOver) conversation.waiting.leaveSurplus(note, hearing.own);
    if (end === "timeout" || end === "closed") this.#showHeld();
    return true;
  }

  /** Why a reply is wrong although its lines are all as written: a message that answers nothing took the place of a reply. */
  #objectTo({ stray }: ReplyHearing): string | undefined {
    if (
      stray === undefined ||
      !this.#note.expects.every(({ repeat, body }) => repeat === "once" && body.kind !== "ellipsis")
    )
      return undefined;
    const open = this.#conversation.incoming.arrivals.ledger.ownOpen(this.#note.expects.length);
    return open && `${stray} came; ${open.name ?? "a request"} has no reply`;
  }

  /** Replies that came before one that is due before them did not come: the report shows them. */
  #showHeld(): void {
    const note = this.#note;
    for (const { sender, lines } of this.#conversation.incoming.arrivals.takeUnasked())
      if (sender === note) note.received = [...note.received, ...lines];
  }

  #keepCaptures(hearing: ReplyHearing): void {
    const { variables, host } = this.#context;
    for (const [name, value] of hearing.captures) {
      variables.captured.set(name, value);
      variables.boundBy.set(name, this.#note.expects);
      host.onCapture(name, value);
    }
  }
}

/** Whether all that was sent may be sent once more. */
const isIdempotent = (sent: Encoded | undefined): boolean =>
  sent !== undefined &&
  sent.withheld === undefined &&
  sent.requests.length > 0 &&
  sent.requests.every((request) => request.isIdempotent);
