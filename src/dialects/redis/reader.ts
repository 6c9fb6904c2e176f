/**
 * RESP, the protocol of Redis, in its second and third version: bytes in, values out. Every value begins with a type
 * byte; the rest of its first line is its text, its length or its count. Lines end in CRLF.
 *
 *   + simple string   - error      : integer     , double    ( big number   # boolean   _ null
 *   $ string          ! error      = verbatim string         (a length, then so many bytes and CRLF)
 *   * array           ~ set        % map         > push      | attributes   (a count, then so many values; maps: pairs)
 *   $? ;N … ;0        a string that comes in chunks
 *   *? ~? %? …  .     an aggregate whose count is not known before its end
 *
 * It keeps what it has of an incomplete value, and looks at each byte once. A number that was announced allocates
 * nothing: what could not be within the limit is refused when it is announced.
 *
 * Non-goals: it does not know what was asked, nor which version of the protocol is spoken.
 */
import type { ByteString } from "../../base/bytes.ts";
import { formatSize } from "../../base/size.ts";
import { Beginning } from "../beginning.ts";
import { BytePile } from "../byte-pile.ts";
import { AGGREGATES, fail, isType, LENGTHY, NAMES, readCount, readScalar, SCALARS, shorten } from "./syntax.ts";
import type { Aggregate, RespValue, Scalar } from "./value.ts";

/** Aggregates in one another; Redis itself needs less than ten. */
const MAX_DEPTH = 128;
/** So many bytes of the limit stand for a value at least: what it takes as a line, with its number and ending. */
const SMALLEST = 8;
const LF = 10;

const NULL: Scalar = { kind: "null", text: "", attributes: undefined };

/** An aggregate that is not complete. */
interface Frame {
  readonly kind: Aggregate["kind"] | "attributes";
  readonly elements: RespValue[];
  /** Values that are still to come; Infinity where only `.` tells. */
  left: number;
  readonly attributes: readonly RespValue[] | undefined;
}

export class RespReader {
  readonly #limit: number;
  readonly #what: string;
  readonly #pile = new BytePile();
  /** The bytes of a text of known length that are still to come, its CRLF included; 0 where a line is due. */
  #due = 0;
  #dueType: keyof typeof LENGTHY = "$";
  /** What has come of a string in chunks, while one is due. */
  #chunks: ByteString[] | undefined;
  readonly #frames: Frame[] = [];
  /** Attributes of the value that is due. */
  #attributes: RespValue[] | undefined;
  /** Bytes of the present message, and its values so far. */
  #size = 0;
  #count = 0;
  #values: RespValue[] = [];
  readonly #begun = new Beginning();

  /** @param limit the largest message in bytes; @param what what a sentence calls a message. */
  constructor(limit: number, what: "reply" | "command" = "reply") {
    this.#limit = limit;
    this.#what = what;
  }

  /** The first bytes of a value that is not complete. */
  get begun(): ByteString {
    return this.#begun.bytes;
  }

  /** Whether a value has begun that is not complete. */
  get isWithin(): boolean {
    const { length } = this.#pile;
    return length > 0 || this.#due > 0 || this.#frames.length > 0 || (this.#chunks ?? this.#attributes) !== undefined;
  }

  /** The values that are complete since they were last taken. */
  take(): readonly RespValue[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  /** @throws {FramingError} The reader is of no use then. */
  read(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    let end = 0;
    while (at < bytes.length) {
      at = this.step(bytes, at);
      if (!this.isWithin) end = at;
    }
    this.#begun.note(bytes, end);
  }

  /** Reads a line or a text, or what there is of it, and tells where it ends. @throws {FramingError} */
  step(bytes: Buffer, at: number): number {
    return this.#due > 0 ? this.#readText(bytes, at) : this.#readLine(bytes, at);
  }

  #readText(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#due);
    this.#due -= end - at;
    const piece = bytes.subarray(at, end);
    if (this.#due > 0) this.#pile.add(piece);
    else this.#onText(this.#pile.take(piece));
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    if (this.#pile.length === 0) this.#checkType(String.fromCharCode(bytes[at]!));
    const lf = bytes.indexOf(LF, at);
    const end = lf < 0 ? bytes.length : lf + 1;
    if (this.#size + this.#pile.length + end - at > this.#limit) this.#tooLarge();
    const piece = bytes.subarray(at, end);
    if (lf < 0) {
      this.#pile.add(piece);
      return end;
    }
    const line = this.#pile.take(piece);
    this.#size += line.length;
    if (!line.endsWith("\r\n")) fail(`a line ends with LF alone, not with CRLF: ${shorten(line.slice(0, -1))}`);
    this.#onLine(line[0]!, line.slice(1, -2));
    return end;
  }

  #tooLarge(): never {
    return fail(`the ${this.#what} is larger than the limit of ${formatSize(this.#limit)}`);
  }

  #checkType(type: string): void {
    if (this.#chunks) {
      if (type !== ";") fail(`within a string in chunks came "${shorten(type)}" where a chunk (";") or its end is due`);
    } else if (!isType(type) && type !== ".") {
      fail(`"${shorten(type)}" is no type of RESP: a ${this.#what} begins with one of + - : $ * _ # , ( ! = % ~ > |`);
    } else if (type === ";") fail('a chunk (";") came, but no string is sent in chunks');
  }

  #onLine(type: string, text: ByteString): void {
    if (type in SCALARS) this.#onScalar(SCALARS[type]!, text);
    else if (type in LENGTHY) this.#onLength(type as keyof typeof LENGTHY, text);
    else if (type in AGGREGATES) this.#onCount(type as keyof typeof AGGREGATES, text);
    else this.#onStreamEnd(text);
  }

  #onScalar(kind: Scalar["kind"], line: ByteString): void {
    const text = readScalar(kind, line);
    if (kind === "null") this.#onNull();
    else this.#onValue({ kind, text, attributes: this.#takeAttributes() });
  }

  #onNull(): void {
    const attributes = this.#takeAttributes();
    this.#onValue(attributes ? { kind: "null", text: "", attributes } : NULL);
  }

  #onLength(type: keyof typeof LENGTHY, text: ByteString): void {
    const name = NAMES[type];
    const length = readCount(`length of ${type === "!" ? "an" : "a"} ${name}`, text, type === "$", type === "$");
    if (length === undefined) return this.#onNull();
    if (length === Number.POSITIVE_INFINITY) {
      this.#chunks = [];
      return;
    }
    if (length === 0 && this.#chunks) {
      const whole = this.#chunks.join("");
      this.#chunks = undefined;
      return this.#onValue({ kind: "string", text: whole, attributes: this.#takeAttributes() });
    }
    if (this.#size + length + 2 > this.#limit)
      fail(
        `a ${name} of ${shorten(text)} bytes makes the ${this.#what} larger than the limit of ${formatSize(this.#limit)}`,
      );
    this.#due = length + 2;
    this.#size += this.#due;
    this.#dueType = type;
  }

  #onText(bytes: ByteString): void {
    const kind = LENGTHY[this.#dueType];
    const text = bytes.slice(0, -2);
    if (!bytes.endsWith("\r\n"))
      fail(
        `behind the ${text.length} bytes of a ${NAMES[this.#dueType]} CRLF is due; there came ${shorten(bytes.slice(-2))}`,
      );
    if (kind === "chunk") this.#chunks!.push(text);
    else if (kind !== "verbatim") this.#onValue({ kind, text, attributes: this.#takeAttributes() });
    else if (text[3] !== ":")
      fail(`a verbatim string begins with its format, like txt: or mkd:, not with ${shorten(text)}`);
    else this.#onValue({ kind, text: text.slice(4), attributes: this.#takeAttributes() });
  }

  #onCount(type: keyof typeof AGGREGATES, text: ByteString): void {
    const kind = AGGREGATES[type];
    const name = kind === "attributes" ? "map of attributes" : kind;
    const article = kind === "array" ? "an" : "a";
    if (kind === "push" && this.#frames.length > 0) fail("a push came within another value");
    const count = readCount(
      `count of ${article} ${name}`,
      text,
      kind === "array",
      kind !== "push" && kind !== "attributes",
    );
    if (count === undefined) return this.#onNull();
    if (this.#frames.length >= MAX_DEPTH) fail(`aggregates are nested deeper than ${MAX_DEPTH} levels`);
    const left = kind === "map" || kind === "attributes" ? count * 2 : count;
    if (Number.isFinite(left) && (this.#count + left) * SMALLEST > this.#limit)
      fail(
        `${article} ${name} of ${shorten(text)} makes the ${this.#what} larger than the limit of ${formatSize(this.#limit)}`,
      );
    const attributes = this.#takeAttributes();
    // Attributes after attributes are about the same value.
    if (kind === "attributes") this.#frames.push({ kind, elements: attributes ?? [], left, attributes: undefined });
    else this.#frames.push({ kind, elements: [], left, attributes });
    if (left === 0) this.#closeFrames();
  }

  #onStreamEnd(text: ByteString): void {
    const frame = this.#frames.at(-1);
    if (text !== "") fail(`behind "." a line ends; there came ${shorten(text)}`);
    if (frame?.left !== Number.POSITIVE_INFINITY)
      return fail('an end (".") came, but no aggregate of unknown count is open');
    if (this.#attributes) fail('an end (".") came where the value of attributes is due');
    if (frame.kind === "map" && frame.elements.length % 2 === 1) fail("a map ends with a key that has no value");
    frame.left = 0;
    this.#closeFrames();
  }

  #takeAttributes(): RespValue[] | undefined {
    const attributes = this.#attributes;
    this.#attributes = undefined;
    return attributes;
  }

  #onValue(value: RespValue): void {
    const frame = this.#frames.at(-1);
    if (!frame) return this.#onMessage(value);
    this.#add(frame, value);
    if (frame.left === 0) this.#closeFrames();
  }

  #add(frame: Frame, value: RespValue): void {
    if (++this.#count * SMALLEST > this.#limit) this.#tooLarge();
    frame.elements.push(value);
    frame.left--;
  }

  /** Closes what is complete, from the innermost aggregate outwards. */
  #closeFrames(): void {
    for (let frame = this.#frames.at(-1); frame?.left === 0; frame = this.#frames.at(-1)) {
      this.#frames.pop();
      const { kind, elements, attributes } = frame;
      if (kind === "attributes") {
        this.#attributes = elements;
        return;
      }
      const outer = this.#frames.at(-1);
      if (!outer) return this.#onMessage({ kind, elements, attributes });
      this.#add(outer, { kind, elements, attributes });
    }
  }

  #onMessage(value: RespValue): void {
    this.#size = 0;
    this.#count = 0;
    this.#values.push(value);
  }
}
