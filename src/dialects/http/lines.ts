import type { ByteString } from "../../base/bytes.ts";

/** Bytes that come in pieces, in one buffer that doubles: linear however small the pieces are. */
export class ByteStore {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2, 64));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = needed;
  }

  /** What is stored, until the next piece comes. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes out everything. */
  take(): ByteString {
    if (this.#length === 0) return "";
    const text = this.view().toString("latin1");
    this.clear();
    return text;
  }

  clear(): void {
    this.#length = 0;
    // One long line must not hold its memory for the rest of the connection.
    if (this.#bytes.length > 65_536) this.#bytes = Buffer.alloc(0);
  }
}

/** Cuts bytes into lines, each with its LF; what follows the last LF is held. */
export class LineCutter {
  readonly #held = new ByteStore();

  get held(): number {
    return this.#held.length;
  }

  /** Adds the lines that these bytes complete to `lines`. */
  cut(bytes: Uint8Array, lines: ByteString[]): void {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let from = 0;
    for (let lf = buffer.indexOf(10); lf >= 0; lf = buffer.indexOf(10, from)) {
      const end = buffer.toString("latin1", from, lf + 1);
      lines.push(this.#held.take() + end);
      from = lf + 1;
    }
    if (from < buffer.length) this.#held.push(from === 0 ? buffer : buffer.subarray(from));
  }

  /** Adds the line that has no LF, if there is one. */
  release(lines: ByteString[]): void {
    if (this.#held.length > 0) lines.push(this.#held.take());
  }
}
