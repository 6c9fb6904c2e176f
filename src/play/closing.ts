/** Waits for the other side to close. What comes meanwhile is not taken. */
import type { Conversation } from "./conversation.ts";
import type { Listener } from "./listener.ts";

/** A server that never falls silent is listened to no longer than this at the end of a connection, in milliseconds. */
const LONGEST_END = 2000;
/** What comes while a close is awaited is shown at most this far, in bytes: it is a failure anyway. */
const LARGEST_EXTRA = 1 << 20;

export class CloseHearing implements Listener {
  readonly #conversation: Conversation;
  readonly #ms: number;
  readonly #endsWithSilence: boolean;
  /** Whether the other side has closed; undefined: not yet known. */
  isClosed: boolean | undefined;

  /**
   * @param ms how long a close is awaited, in milliseconds.
   * @param endsWithSilence whether that counts anew whenever something comes.
   */
  constructor(conversation: Conversation, ms: number, endsWithSilence: boolean) {
    this.#conversation = conversation;
    this.#ms = ms;
    this.#endsWithSilence = endsWithSilence;
  }

  start(): void {
    this.#conversation.listen(this, this.#endsWithSilence ? Math.max(this.#ms, LONGEST_END) : this.#ms);
    this.onActivity();
  }

  get hasEnded(): boolean {
    return this.isClosed !== undefined;
  }

  onActivity(): void {
    const { closed, framingError, byteCount } = this.#conversation.incoming;
    if (closed || framingError) this.#finish(true);
    else if (byteCount > LARGEST_EXTRA) this.#finish(false);
    else if (this.#endsWithSilence) this.#conversation.awaitSilence(this.#ms);
  }

  onDeadline(): void {
    this.#finish(false);
  }

  onSilence(): void {
    this.#finish(false);
  }

  #finish(isClosed: boolean): void {
    this.isClosed = isClosed;
    this.#conversation.rest();
  }
}
