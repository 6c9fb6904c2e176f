/** What came, as it grows. */
import type { ByteString } from "../base/bytes.ts";

export class ReceivedBytes {
  #data: Buffer = Buffer.alloc(0);
  #length = 0;
  /** By byte: the place where it was found last. */
  #places: Int32Array | undefined;

  get length(): number {
    return this.#length;
  }

  /** Of these the first {@link length} have come. */
  get data(): Uint8Array {
    return this.#data;
  }

  append(bytes: ByteString): void {
    const length = this.#length + bytes.length;
    if (length > this.#data.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#data.length * 2));
      grown.set(this.#data.subarray(0, this.#length));
      this.#data = grown;
    }
    this.#data.write(bytes, this.#length, "latin1");
    this.#length = length;
    this.#places?.fill(UNKNOWN);
  }

  /** Forgets what came after so many bytes. */
  cutAt(length: number): void {
    this.#length = length;
    this.#places?.fill(UNKNOWN);
  }

  slice(start: number, end: number): ByteString {
    return this.#data.toString("latin1", start, end);
  }

  /** Where a byte stands next; the end where it does not. Each time `from` is the same or greater. */
  placeOf(byte: number, from: number): number {
    this.#places ??= new Int32Array(256).fill(UNKNOWN);
    if (this.#places[byte]! < from) {
      const place = this.#data.indexOf(byte, from);
      this.#places[byte] = place < 0 || place > this.#length ? this.#length : place;
    }
    return this.#places[byte]!;
  }
}

const UNKNOWN = -1;
