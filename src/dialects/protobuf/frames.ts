/** Messages, each after its length: cut out of a stream, and put into one. */
import type { ByteString } from "../../base/bytes.ts";
import { formatSize } from "../../base/size.ts";
import { Beginning } from "../beginning.ts";
import { FramingError } from "../errors.ts";
import type { Framing } from "./schema.ts";
import { varint } from "./wire.ts";

export function frame(message: ByteString, framing: Framing): ByteString {
  if (framing === "varint") return varint(BigInt(message.length)) + message;
  const size = Buffer.alloc(4);
  if (framing === "uint32be") size.writeUInt32BE(message.length);
  else size.writeUInt32LE(message.length);
  return size.toString("latin1") + message;
}

/** A length of more bytes than this has a higher one than any `limit`. */
const LONGEST_SIZE = 10;
const SMALLEST_BUFFER = 4096;
const EMPTY = new Uint8Array(0);

/** Cuts a stream into messages. A length beyond the limit is refused before anything is kept for it. */
export class Frames {
  readonly #framing: Framing;
  readonly #limit: number;
  /** The bytes of a length that is not complete. */
  #head: number[] = [];
  /** Bytes of the present message, once its length is known. */
  #size: number | undefined;
  #body: Uint8Array = EMPTY;
  #filled = 0;
  readonly #begun = new Beginning();

  constructor(framing: Framing, limit: number) {
    this.#framing = framing;
    this.#limit = limit;
  }

  /** The first bytes of a message that is not complete, with its length. */
  get begun(): ByteString {
    return this.#begun.bytes;
  }

  /** Whether a message has begun to come and is not complete. */
  get isWithin(): boolean {
    return this.#size !== undefined || this.#head.length > 0;
  }

  /** Hands each message that the chunk completes to `take`. @throws {FramingError} */
  cut(chunk: Uint8Array, take: (message: Uint8Array) => void): void {
    let at = 0;
    let end = 0;
    while (at < chunk.length) {
      if (this.#size === undefined) {
        this.#readSize(chunk[at++]!);
        if (this.#size !== 0) continue;
      }
      const size = this.#size!;
      const count = Math.min(size - this.#filled, chunk.length - at);
      if (count === size) {
        // The whole message is in this chunk: nothing is copied.
        this.#size = undefined;
        take(chunk.subarray(at, at + count));
      } else {
        this.#fill(chunk.subarray(at, at + count), size);
        if (this.#filled === size) take(this.#taken());
      }
      at += count;
      if (!this.isWithin) end = at;
    }
    this.#begun.note(chunk, end);
  }

  #taken(): Uint8Array {
    const message = this.#body.subarray(0, this.#filled);
    this.#size = undefined;
    this.#body = EMPTY;
    this.#filled = 0;
    return message;
  }

  #fill(bytes: Uint8Array, size: number): void {
    const needed = this.#filled + bytes.length;
    if (needed > this.#body.length) {
      const grown = new Uint8Array(Math.min(size, Math.max(needed, 2 * this.#body.length, SMALLEST_BUFFER)));
      grown.set(this.#body.subarray(0, this.#filled));
      this.#body = grown;
    }
    this.#body.set(bytes, this.#filled);
    this.#filled = needed;
  }

  #readSize(byte: number): void {
    this.#head.push(byte);
    const size = this.#framing === "varint" ? this.#varintSize(byte) : this.#fixedSize();
    if (size === undefined) return;
    if (size > this.#limit)
      throw new FramingError(
        `a message of ${size} bytes is announced, more than the limit of ${formatSize(this.#limit)} (the length is ${hexOf(this.#head)})`,
      );
    this.#head = [];
    this.#size = size;
  }

  #fixedSize(): number | undefined {
    if (this.#head.length < 4) return undefined;
    const bytes = Buffer.from(this.#head);
    return this.#framing === "uint32be" ? bytes.readUInt32BE() : bytes.readUInt32LE();
  }

  #varintSize(last: number): number | undefined {
    if (last >= 0x80) {
      if (this.#head.length === LONGEST_SIZE)
        throw new FramingError(`the length of a message is a varint of more than ten bytes: ${hexOf(this.#head)}`);
      return undefined;
    }
    return this.#head.reduceRight((size, byte) => size * 128 + (byte & 0x7f), 0);
  }
}

/** So many bytes are shown of a message that cannot be read. */
const BYTES_SHOWN = 64;

export function hexOf(bytes: Uint8Array | readonly number[]): string {
  const shown = Buffer.from(bytes.slice(0, BYTES_SHOWN))
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
  return bytes.length > BYTES_SHOWN ? `${shown} … (${bytes.length} bytes)` : shown;
}
