/**
 * Sends client lines before the replies above them have come (`--pipeline`). Nothing is sent ahead of a reply that decides
 * what comes next: one whose end is told by silence alone, or that binds a name the lines use.
 */
import type { LinePattern } from "../match/pattern.ts";
import { answerTo, isMine, type Move } from "../plan/moves.ts";
import type { ExchangeContext } from "./context.ts";
import type { Conversation } from "./conversation.ts";
import { Exchange } from "./exchange.ts";
import { Note } from "./note.ts";
import { unboundName } from "./unbound.ts";

export class Ahead {
  readonly #context: ExchangeContext;
  readonly #most: number;
  /** Exchanges whose client lines were sent, and whose turn is still to come. */
  #sent: Exchange[] = [];
  /** The index of the move after them. */
  #at = 0;

  /** @param most how many exchanges are sent ahead at a time. */
  constructor(context: ExchangeContext, most: number) {
    this.#context = context;
    this.#most = most;
  }

  /** The exchange that a move begins, where its client lines were sent already. */
  take(move: Move): Exchange | undefined {
    return this.#sent[0]?.note.line === move.line ? this.#sent.shift() : undefined;
  }

  /** Whether replies to further exchanges may come on this connection. */
  isOn(conversation: Conversation): boolean {
    return this.#sent[0]?.conversation === conversation;
  }

  /**
   * Sends further client lines in one piece, once no more than half of what may be sent ahead still is.
   * @param present the exchange under way.
   * @param at the index of the move after it.
   */
  fill(present: Exchange, at: number): void {
    const sent = this.#sent;
    const { conversation, note } = present;
    const isElsewhere = sent.length > 0 && !this.isOn(conversation);
    if (isElsewhere || sent.length * 2 > this.#most) return;
    if (sent.length === 0) this.#at = at;
    const bytes: Uint8Array[] = [];
    while (sent.length < this.#most) {
      const next = this.#next(sent.at(-1) ?? present, present);
      const encoded = next?.encodeAhead();
      if (!next || !encoded) break;
      bytes.push(encoded);
      sent.push(next);
      this.#at += next.note.awaitsReply ? 2 : 1;
    }
    if (bytes.length === 0) return;
    const { port } = conversation;
    port.send(bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes));
    const cuts = port.lastCuts === undefined ? "" : `, ${port.lastCuts}`;
    note.cuts ??= `sent together with the client lines up to line ${sent.at(-1)!.note.line} (--pipeline)`;
    const ahead = `sent ahead of the reply to line ${note.line}${cuts} (--pipeline)`;
    for (let i = sent.length - bytes.length; i < sent.length; i++) sent[i]!.note.cuts = ahead;
  }

  /** The next exchange, where nothing that is still awaited decides about it. */
  #next(last: Exchange, present: Exchange): Exchange | undefined {
    const { role, variables } = this.#context;
    const { conversation, note } = last;
    const move = note.example.moves[this.#at];
    if (move?.kind !== "say" || !isMine(move, role) || move.on !== note.on || !endsByItself(note, conversation)) return;
    if (last.standsAlone) return;
    const next = new Note(move, answerTo(move, note.example.moves[this.#at + 1]), note.example, role);
    if (next.sendsNames && [present, ...this.#sent].some(({ note: { expects } }) => mayBind(expects, next.sends)))
      return;
    if (!next.isKnown && unboundName(next, variables)) return;
    return new Exchange(this.#context, conversation, next);
  }
}

/** Whether the end of a reply is known when it is there, without waiting for silence. */
function endsByItself({ example, expects, awaitsReply }: Note, { incoming, reading }: Conversation): boolean {
  if (reading?.goesOn?.(expects)) return false;
  if (incoming.owed !== undefined || !awaitsReply) return true;
  const last = expects.at(-1);
  return last !== undefined && (example.settings.unordered ? expects.every(isDefinite) : isDefinite(last));
}

/** Whether nothing of a line that came as written can still come. */
function isDefinite({ repeat, body, ending }: LinePattern): boolean {
  if (repeat !== "once" || body.kind === "ellipsis") return false;
  if (body.kind === "bytes") return body.items.at(-1)?.kind === "text";
  return ending !== "none";
}

/** Whether reply lines bind a name that client lines use. */
const mayBind = (expects: readonly LinePattern[], sends: readonly LinePattern[]): boolean =>
  sends.some(({ placeholders }) =>
    placeholders.some(({ name }) =>
      expects.some((line) => line.groups.includes(name) || line.placeholders.some((one) => one.name === name)),
    ),
  );
