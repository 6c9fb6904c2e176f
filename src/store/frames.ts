/**
 * Cuts what arrives into messages: four bytes of length, big-endian and with a sign, then as many bytes. What is longer
 * than the limit is passed over as it comes. A message that came in one piece is not copied.
 */
const HEADER = 4;
/** A field's key and a number. */
const LONGEST_TAG = 11;

export type Frame =
  /** A message, in `bytes` from `start` to `end`, until more is pushed. */
  | "message"
  /** The beginning of one that is too long, from `start` to `end`; the rest is passed over. */
  | "too-long"
  /** The header of one that is too long, but not yet the bytes behind it, which may tell its tag. */
  | "too-long-header"
  /** A length below zero. */
  | "violation"
  /** The rest has not come yet. */
  | undefined;

export class Frames {
  readonly #limit: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  /** Whether the bytes are a buffer made here, which may be longer than what it holds. */
  #isOwn = false;
  /** What is still to be passed over. */
  #skipped = 0;
  start = 0;
  end = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** How many bytes are kept. */
  get size(): number {
    return this.#end - this.#at;
  }

  /** Whether the last bytes are a part of something. */
  get isInside(): boolean {
    return this.#skipped > 0 || this.#at < this.#end;
  }

  push(chunk: Buffer): void {
    const skipped = Math.min(this.#skipped, chunk.length);
    this.#skipped -= skipped;
    const rest = this.#end - this.#at;
    if (rest === 0) {
      this.#bytes = chunk;
      this.#at = skipped;
      this.#end = chunk.length;
      this.#isOwn = false;
      return;
    }
    if (!this.#isOwn || this.#bytes.length - this.#end < chunk.length) {
      // Twice what is needed: so each byte is copied a few times at most, however small the pieces are.
      const larger = Buffer.allocUnsafeSlow(2 * (rest + chunk.length));
      larger.set(this.#bytes.subarray(this.#at, this.#end));
      this.#bytes = larger;
      this.#at = 0;
      this.#end = rest;
      this.#isOwn = true;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** @param isUrgent whether a message that is too long is not to be waited for any longer. */
  next(isUrgent = false): Frame {
    const available = this.#end - this.#at - HEADER;
    if (available < 0) return undefined;
    const length = this.#bytes.readInt32BE(this.#at);
    if (length < 0) return "violation";
    this.start = this.#at + HEADER;
    if (length > this.#limit) {
      if (available < LONGEST_TAG && !isUrgent) return "too-long-header";
      const come = Math.min(length, available);
      this.#at = this.end = this.start + come;
      this.#skipped = length - come;
      return "too-long";
    }
    if (available < length) return undefined;
    this.#at = this.end = this.start + length;
    return "message";
  }
}
