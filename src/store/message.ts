/**
 * Doozer's messages (ha/doozerd, server/msg.proto): proto2, read and written by hand for these few fields, since that is
 * what a request costs. As protobuf has it, the last of several values counts, what has an unknown number or another
 * type than it should is passed over, and a 32-bit number keeps the low 32 bits of what is sent.
 *
 * No field of the proto file is left out, but `other_tag`, which the server ignores.
 */
export const VERB = {
  GET: 1,
  SET: 2,
  DEL: 3,
  REV: 5,
  WAIT: 6,
  NOP: 7,
  WALK: 9,
  GETDIR: 14,
  STAT: 16,
  SELF: 20,
  ACCESS: 99,
} as const;

export const ERROR = {
  UNKNOWN_VERB: 2,
  TOO_LATE: 4,
  REV_MISMATCH: 5,
  BAD_PATH: 6,
  MISSING_ARG: 7,
  RANGE: 8,
  NOTDIR: 20,
  ISDIR: 21,
  NOENT: 22,
  OTHER: 127,
} as const;
export type ErrorName = keyof typeof ERROR;

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const GROUP = 3;
const GROUP_END = 4;
const FIXED32 = 5;

/** Keys of fields: the number and the wire type. */
const TAG = (1 << 3) | VARINT;
const REQUEST = {
  verb: (2 << 3) | VARINT,
  path: (4 << 3) | BYTES,
  value: (5 << 3) | BYTES,
  offset: (7 << 3) | VARINT,
  rev: (9 << 3) | VARINT,
} as const;
const REPLY = {
  flags: (2 << 3) | VARINT,
  rev: (3 << 3) | VARINT,
  path: (5 << 3) | BYTES,
  value: (6 << 3) | BYTES,
  len: (8 << 3) | VARINT,
  err_code: (100 << 3) | VARINT,
  err_detail: (101 << 3) | BYTES,
} as const;

/** A request; one object serves for all of a server, since each is carried out before the next one is read. */
export class Request {
  tag: number | undefined;
  /** 0 where there is none: no verb has it. */
  verb = 0;
  /** A character for each byte. */
  path: string | undefined;
  /** Brought into the range of safe integers. */
  rev: number | undefined;
  offset: number | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #valueStart = 0;
  #valueEnd = 0;
  #at = 0;
  #low = 0;
  #high = 0;

  /** Reads the message between two places; false where it is none. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.tag = this.path = this.rev = this.offset = undefined;
    this.verb = this.#valueStart = this.#valueEnd = 0;
    this.#bytes = bytes;
    this.#at = start;
    while (this.#at < end) {
      if (!this.#readVarint(end)) return false;
      const key = this.#low;
      if (this.#high !== 0 || key >>> 3 === 0) return false;
      switch (key & 7) {
        case VARINT:
          if (!this.#readVarint(end)) return false;
          if (key === TAG) this.tag = this.#low | 0;
          else if (key === REQUEST.verb) this.verb = this.#low | 0;
          else if (key === REQUEST.offset) this.offset = this.#low | 0;
          else if (key === REQUEST.rev) this.rev = safeInteger(this.#low, this.#high);
          break;
        case BYTES: {
          if (!this.#readVarint(end) || this.#high !== 0 || this.#low > end - this.#at) return false;
          const from = this.#at;
          this.#at += this.#low;
          if (key === REQUEST.path) this.path = bytes.toString("latin1", from, this.#at);
          else if (key === REQUEST.value) [this.#valueStart, this.#valueEnd] = [from, this.#at];
          break;
        }
        default:
          if (!this.#skip(key, end)) return false;
      }
    }
    return true;
  }

  /** The tag of a message of which only the beginning is there: where it is the first field, as it is with all clients. */
  readTag(bytes: Buffer, start: number, end: number): number | undefined {
    this.#bytes = bytes;
    this.#at = start;
    return this.#readVarint(end) && this.#low === TAG && this.#readVarint(end) ? this.#low | 0 : undefined;
  }

  /** The value as bytes of its own; empty where there is none. */
  takeValue(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, this.#valueStart, this.#valueEnd);
  }

  /** A varint of at most ten bytes, as two halves without signs. */
  #readVarint(end: number): boolean {
    const bytes = this.#bytes;
    this.#low = this.#high = 0;
    for (let shift = 0; shift < 70 && this.#at < end; shift += 7) {
      const byte = bytes[this.#at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) this.#low |= bits << shift;
      else if (shift > 28) this.#high |= bits << (shift - 32);
      else {
        this.#low |= bits << 28;
        this.#high = bits >>> 4;
      }
      if (byte < 0x80) {
        this.#low >>>= 0;
        this.#high >>>= 0;
        return true;
      }
    }
    return false;
  }

  /** Passes over a field of the types that no field here has. */
  #skip(key: number, end: number): boolean {
    /** The numbers of the groups that are open. */
    const groups: number[] = [];
    for (let next = key; ; next = this.#low) {
      switch (next & 7) {
        case VARINT:
          if (!this.#readVarint(end)) return false;
          break;
        case FIXED64:
          this.#at += 8;
          break;
        case BYTES:
          if (!this.#readVarint(end) || this.#high !== 0) return false;
          this.#at += this.#low;
          break;
        case GROUP:
          groups.push(next >>> 3);
          break;
        case GROUP_END:
          if (groups.pop() !== next >>> 3) return false;
          break;
        case FIXED32:
          this.#at += 4;
          break;
        default:
          return false;
      }
      if (this.#at > end) return false;
      if (groups.length === 0) return true;
      if (!this.#readVarint(end) || this.#high !== 0 || this.#low >>> 3 === 0) return false;
    }
  }
}

function safeInteger(low: number, high: number): number {
  const value = (high | 0) * 2 ** 32 + low;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** What fits without growing; a larger buffer is given back when it has been taken. */
const CAPACITY = 65_536;
/** Of a field without its text or bytes: its key and a number of ten bytes. */
const FIELD = 12;

/** Replies with their lengths, one after another. Fields are to be added in the order of their numbers. */
export class Replies {
  #bytes: Buffer = Buffer.allocUnsafeSlow(CAPACITY);
  #size = 0;
  /** Where the reply that is being written has its length. */
  #start = 0;

  get size(): number {
    return this.#size;
  }

  /** Begins a reply. */
  begin(tag: number | undefined): this {
    this.#start = this.#size;
    this.#reserve(4);
    this.#size += 4;
    return tag === undefined ? this : this.#number(TAG, tag);
  }

  /** Ends it. */
  end(): void {
    this.#bytes.writeInt32BE(this.#size - this.#start - 4, this.#start);
  }

  error(tag: number | undefined, name: ErrorName, detail?: string): void {
    this.begin(tag).#number(REPLY.err_code, ERROR[name]);
    if (detail !== undefined) this.#text(REPLY.err_detail, detail);
    this.end();
  }

  flags(flags: number): this {
    return this.#number(REPLY.flags, flags);
  }

  rev(revision: number): this {
    return this.#number(REPLY.rev, revision);
  }

  path(path: string): this {
    return this.#text(REPLY.path, path);
  }

  value(value: Uint8Array): this {
    this.#reserve(2 * FIELD + value.length);
    this.#varint(REPLY.value);
    this.#varint(value.length);
    this.#bytes.set(value, this.#size);
    this.#size += value.length;
    return this;
  }

  len(length: number): this {
    return this.#number(REPLY.len, length);
  }

  /** What was written since the last time, for one write to a socket. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#size);
    this.#size = 0;
    if (this.#bytes.length === CAPACITY) return Buffer.from(taken);
    this.#bytes = Buffer.allocUnsafeSlow(CAPACITY);
    return taken;
  }

  #number(key: number, value: number): this {
    this.#reserve(2 * FIELD);
    this.#varint(key);
    this.#varint(value);
    return this;
  }

  /** A character for each byte. */
  #text(key: number, text: string): this {
    this.#reserve(2 * FIELD + text.length);
    this.#varint(key);
    this.#varint(text.length);
    this.#size += this.#bytes.write(text, this.#size, "latin1");
    return this;
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    if (value < 0) {
      // The 64 bits of the two's complement, in ten bytes.
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 0x7fn; rest >>= 7n) bytes[this.#size++] = Number(rest & 0x7fn) | 0x80;
      bytes[this.#size++] = Number(rest);
      return;
    }
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.#size++] = (rest & 0x7f) | 0x80;
      rest = rest <= 0x7fffffff ? rest >>> 7 : Math.floor(rest / 128);
    }
    bytes[this.#size++] = rest;
  }

  #reserve(more: number): void {
    const needed = this.#size + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}
