/**
 * What came on a connection and was not taken yet. Lines are taken in the order they came in, except that a reply to a
 * request waits until it is due (see ledger.ts).
 */
import type { ByteString } from "../base/bytes.ts";
import type { Decoded } from "../dialects/codec.ts";
import { Ledger } from "./ledger.ts";

/** A line that waits; `last`: its message ends with it (`line` is undefined where the end adds no line). */
export interface Arrival {
  readonly line: ByteString | undefined;
  readonly part: string;
  readonly last: boolean;
  /** The message that it is of. */
  readonly of: Decoded;
}

/** What was taken, as it can be put back; whom it answers is decided already. */
export const messageOf = ({ line, part, last, of }: Arrival): Decoded => ({
  lines: line === undefined ? [] : [line],
  part,
  to: undefined,
  ends: last ? of.ends : undefined,
  ...(last && of.request && { request: of.request }),
});

export class Arrivals<Sender> {
  readonly ledger: Ledger<Sender> = new Ledger<Sender>();
  #messages: Decoded[] = [];
  #nextMessage = 0;
  #nextLine = 0;
  /** Messages that are not due, in the order they came in. */
  #held: Decoded[] = [];

  push(message: Decoded): void {
    this.#messages.push(message);
  }

  /** Whether nothing waits, due or not. */
  get isEmpty(): boolean {
    return this.#nextMessage === this.#messages.length && this.#held.length === 0;
  }

  /** How many messages wait for others that are due before them. */
  get held(): number {
    return this.#held.filter(({ ends }) => ends !== undefined).length;
  }

  /** What is due next; undefined where nothing is. It stays until {@link take}. */
  peek(): Arrival | undefined {
    const message = this.#due();
    if (!message) return undefined;
    const { lines, ends, part } = message;
    const line = lines[this.#nextLine];
    return { line, part, last: ends !== undefined && this.#nextLine >= lines.length - 1, of: message };
  }

  #due(): Decoded | undefined {
    if (this.#held.length > 0 && this.#nextLine === 0) this.#recall();
    for (let message = this.#messages[this.#nextMessage]; message; message = this.#messages[this.#nextMessage]) {
      const { to } = message;
      if (to === undefined || this.#nextLine > 0 || this.ledger.isDue(to)) return message;
      if (!this.ledger.isDropped(to, message.ends !== undefined && !message.interim)) this.#held.push(message);
      this.#advance();
    }
    return undefined;
  }

  /** Puts the first message that was held back and is due now before the others. */
  #recall(): void {
    const at = this.#held.findIndex(({ to }) => this.ledger.isDue(to!));
    if (at >= 0) this.putBack(this.#held.splice(at, 1));
  }

  take(): void {
    const message = this.#messages[this.#nextMessage];
    if (!message) return;
    this.#nextLine++;
    const isTaken = this.#nextLine >= message.lines.length;
    if (message.to !== undefined && !message.interim)
      this.ledger.took(message.to, isTaken && message.ends !== undefined);
    if (isTaken) this.#advance();
  }

  #advance(): void {
    this.#nextLine = 0;
    this.#nextMessage++;
    if (this.#nextMessage === this.#messages.length) {
      this.#messages = [];
      this.#nextMessage = 0;
    }
  }

  /** Puts back what was taken, before what waits. */
  putBack(messages: readonly Decoded[]): void {
    this.#messages = [...messages, ...this.#rest()];
    this.#nextMessage = 0;
    this.#nextLine = 0;
  }

  #rest(): readonly Decoded[] {
    const [first, ...rest] = this.#messages.slice(this.#nextMessage);
    if (!first) return [];
    return this.#nextLine === 0 ? [first, ...rest] : [{ ...first, lines: first.lines.slice(this.#nextLine) }, ...rest];
  }

  /** Takes everything that is due, to be looked at and put back: it counts as taken only after that. */
  takeDue(): readonly Decoded[] {
    const due: Decoded[] = [];
    for (let message = this.#due(); message; message = this.#due()) {
      due.push(this.#nextLine === 0 ? message : { ...message, lines: message.lines.slice(this.#nextLine) });
      this.#advance();
    }
    return due;
  }

  /** Takes the replies that no exchange has asked for, with who sent their requests. */
  takeUnasked(): readonly { readonly sender: Sender | undefined; readonly lines: readonly ByteString[] }[] {
    const unasked = [...this.#held, ...this.#rest()];
    this.#held = [];
    this.#messages = [];
    this.#nextMessage = 0;
    this.#nextLine = 0;
    return unasked.flatMap(({ lines, to, ends }) => {
      const isLast = ends !== undefined;
      const sender = to === undefined ? undefined : this.ledger.senderOf(to);
      if (to !== undefined) this.ledger.took(to, isLast);
      return lines.length === 0 || (to !== undefined && this.ledger.isDropped(to, isLast)) ? [] : [{ sender, lines }];
    });
  }
}
