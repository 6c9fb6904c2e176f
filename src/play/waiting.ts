/** What came while there was no listener, and what is left of a reply that differs. */
import type { Decoded } from "../dialects/codec.ts";
import type { Matcher } from "../match/matcher.ts";
import type { Anytime } from "./anytime.ts";
import type { Incoming } from "./incoming.ts";
import type { Note } from "./note.ts";

/** The connection that it waits on. */
interface Owner {
  readonly anytime: Anytime;
  readonly incoming: Incoming;
  readonly openReply: Matcher | undefined;
}

export class Waiting {
  readonly #owner: Owner;
  /** Without the lines that may come at any time. */
  #messages: Decoded[] = [];
  /** A reply that differs and has more lines than are written: the rest stays for exchanges that send nothing. */
  #surplus: { readonly note: Note; readonly own: number } | undefined;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  get isFull(): boolean {
    return this.#messages.length > 0;
  }

  get hasSurplus(): boolean {
    return this.#surplus !== undefined;
  }

  /** Takes out of what came what may come at any time. */
  watch(): void {
    const { anytime, incoming, openReply } = this.#owner;
    if (!anytime.watches) return;
    for (const message of incoming.arrivals.takeDue()) {
      const { lines, ends, part } = message;
      const kept = lines.flatMap((line) => anytime.offer(line, openReply?.takes(line, part) ?? false));
      if (kept.length > 0 || ends) this.#messages.push({ ...message, lines: kept });
    }
  }

  /** What waits comes before what arrives from now on. */
  takeUp(): void {
    if (this.#messages.length === 0) return;
    this.#owner.incoming.arrivals.putBack(this.#messages);
    this.#messages = [];
  }

  /**
   * The reply of a note differs: what came beyond its first `own` lines stays for exchanges that send nothing. Beyond a
   * request it is the next one.
   */
  leaveSurplus(note: Note, own: number, surplus: readonly Decoded[]): void {
    if (own >= note.received.length) return;
    if (note.role === "client") this.#surplus = { note, own };
    else note.received = note.received.slice(0, own);
    this.#owner.incoming.arrivals.putBack(surplus);
  }

  /**
   * Adds what is left of a surplus to the reply that it came with; `last`: nothing will take it any more.
   * @returns the exchange of that reply, where there is a surplus.
   */
  showSurplus(last: boolean): Note | undefined {
    if (!this.#surplus) return undefined;
    const { note, own } = this.#surplus;
    const { incoming } = this.#owner;
    this.takeUp();
    if (last) incoming.flush("silence");
    const left = incoming.arrivals.takeDue();
    note.received = [...note.received.slice(0, own), ...left.flatMap(({ lines }) => lines)];
    if (last) this.#surplus = undefined;
    else incoming.arrivals.putBack(left);
    return note;
  }
}
