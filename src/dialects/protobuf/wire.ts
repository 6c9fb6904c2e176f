/**
 * The wire format of Protocol Buffers: fields, each a key (number and wire type) and a value, one after the other
 * (protobuf.dev, "Encoding"). Read in place, without copies and without a schema: what comes may be hostile.
 */
import type { ByteString } from "../../base/bytes.ts";

export const VARINT = 0;
export const FIXED64 = 1;
/** A length, and so many bytes: text, bytes, a message, packed numbers. */
export const LENGTH = 2;
export const GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

/** How deep messages and groups may be nested, as in the other implementations. */
export const MAX_DEPTH = 100;
const LONGEST_VARINT = 10;
export const LARGEST_NUMBER: number = 2 ** 29 - 1;

/** The bytes are not a message; `at` counts from its first byte. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** A cursor over the fields of a message. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #at: number;
  /** Of the field it stands on. Its value is taken with the method for its wire type, or passed over. */
  number = 0;
  wire = -1;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#start = start;
    this.#at = start;
    this.#end = end;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** Goes to the next field; false where there is none. @throws {WireError} */
  next(): boolean {
    if (this.#at === this.#end) return false;
    const at = this.#at;
    const key = this.varint();
    this.number = Number(key >> 3n);
    this.wire = Number(key & 7n);
    if (this.number === 0 || this.number > LARGEST_NUMBER)
      throw new WireError(`a field has the number ${this.number}, which none can have`, at);
    if (this.wire > FIXED32) throw new WireError(`a field is of the wire type ${this.wire}, which does not exist`, at);
    return true;
  }

  /** The next varint, as an unsigned number of 64 bits. @throws {WireError} */
  varint(): bigint {
    const start = this.#at;
    let low = 0;
    let value = 0n;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      if (this.#at >= this.#end) throw new WireError("it ends within a number", this.#at);
      const byte = this.#bytes[this.#at++]!;
      // Most numbers are small, and small numbers are cheap.
      if (i < 4) low |= (byte & 0x7f) << (7 * i);
      else value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return i < 4 ? BigInt(low) : BigInt.asUintN(64, value | BigInt(low));
    }
    throw new WireError("a number is longer than ten bytes", start);
  }

  /** The next so many bytes, the lowest first, as an unsigned number. @throws {WireError} */
  fixed(count: 4 | 8): bigint {
    const at = this.#pass(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    return value;
  }

  /** What comes after the length that is next. @throws {WireError} */
  delimited(): WireReader {
    const at = this.#at;
    const length = this.varint();
    if (length > this.left)
      throw new WireError(`a field of ${length} bytes begins where only ${this.left} are left`, at);
    const start = this.#pass(Number(length));
    return new WireReader(this.#bytes, start, this.#at);
  }

  /** What is between the mark just read, of the group `number`, and its end. @throws {WireError} */
  group(): WireReader {
    const start = this.#at;
    const open = [this.number];
    for (;;) {
      const at = this.#at;
      if (!this.next()) throw new WireError(`the group ${open.at(-1)} has no end`, start);
      if (this.wire === GROUP) {
        if (open.push(this.number) > MAX_DEPTH) throw new WireError(`groups are nested deeper than ${MAX_DEPTH}`, at);
      } else if (this.wire !== END_GROUP) this.skip();
      else {
        if (open.pop() !== this.number) throw new WireError(`the end of a group ${this.number} is misplaced`, at);
        if (open.length === 0) return new WireReader(this.#bytes, start, at);
      }
    }
  }

  /** Passes over the value. @throws {WireError} */
  skip(): void {
    if (this.wire === VARINT) this.varint();
    else if (this.wire === FIXED64) this.#pass(8);
    else if (this.wire === FIXED32) this.#pass(4);
    else if (this.wire === LENGTH) this.delimited();
    else if (this.wire === GROUP) this.group();
    else throw new WireError(`a group ${this.number} ends that has not begun`, this.#at);
  }

  /** A reader of the same bytes. */
  again(): WireReader {
    return new WireReader(this.#bytes, this.#start, this.#end);
  }

  /** All of its bytes, in place. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  #pass(count: number): number {
    const at = this.#at;
    if (count > this.left) throw new WireError("it ends within a field", this.#end);
    this.#at += count;
    return at;
  }
}

/** A number of at most 64 bits as a varint; a negative one takes ten bytes. */
export function varint(value: bigint): ByteString {
  let bytes = "";
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes += String.fromCharCode(Number(rest & 0x7fn) | 0x80);
  return bytes + String.fromCharCode(Number(rest));
}

/** So many bytes of a number, the lowest first. */
export function fixed(value: bigint, count: 4 | 8): ByteString {
  let bytes = "";
  for (let i = 0n; i < BigInt(count); i++) bytes += String.fromCharCode(Number((value >> (8n * i)) & 0xffn));
  return bytes;
}

export const key = (number: number, wire: number): ByteString => varint((BigInt(number) << 3n) | BigInt(wire));

export const delimited = (bytes: ByteString): ByteString => varint(BigInt(bytes.length)) + bytes;
