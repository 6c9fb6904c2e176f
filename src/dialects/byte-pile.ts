import { type ByteString, fromBytes } from "../base/bytes.ts";

/** Bytes that wait for more; at most twice as many as came. */
export class BytePile {
  #bytes = Buffer.alloc(0);
  length = 0;

  add(piece: Buffer): void {
    const length = this.length + piece.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, Math.min(this.#bytes.length * 2, 1 << 30)));
      this.#bytes.copy(grown, 0, 0, this.length);
      this.#bytes = grown;
    }
    piece.copy(this.#bytes, this.length);
    this.length = length;
  }

  /** All of it, and the last piece. */
  take(piece: Buffer): ByteString {
    if (this.length === 0) return fromBytes(piece);
    this.add(piece);
    const text = fromBytes(this.#bytes.subarray(0, this.length));
    this.#bytes = Buffer.alloc(0);
    this.length = 0;
    return text;
  }
}
