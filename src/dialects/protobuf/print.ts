/**
 * A message as one line of the text format: what is on the wire, each field as often as it comes, in the order of the
 * numbers. Nothing is dropped and nothing added: a field that the schema does not know, or that comes with another wire
 * type, stands with its number, and so does an unknown value of an enum. A field without a schema that could be a message
 * is shown as one, as protoc does.
 */

import { fromBytes } from "../../base/bytes.ts";
import { printNumber, wireTypeOf } from "./scalars.ts";
import type { Field, FieldType, MessageType } from "./schema.ts";
import { END_GROUP, FIXED32, FIXED64, GROUP, LENGTH, MAX_DEPTH, VARINT, WireError, WireReader } from "./wire.ts";

/** How deep fields without a schema are looked into. */
const MAX_UNKNOWN_DEPTH = 10;
const NONE: readonly number[] = [];

/** The text of a message is longer than what is shown. */
export class TooLong extends Error {
  override readonly name = "TooLong";
}

/**
 * @param hidden the numbers of fields that are not shown.
 * @param limit the longest text, in characters.
 * @throws {WireError} where the bytes are no message. @throws {TooLong}
 */
export function printMessage(
  bytes: Uint8Array,
  type: MessageType,
  limit: number,
  hidden: readonly number[] = NONE,
): string {
  return new Printer(limit).message(new WireReader(bytes), type, hidden) || "{}";
}

class Printer {
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  message(reader: WireReader, type: MessageType | undefined, hidden = NONE, depth = 0, unknown = 0): string {
    if (depth > MAX_DEPTH) throw new WireError(`messages are nested deeper than ${MAX_DEPTH}`, 0);
    const texts: string[] = [];
    const numbers: number[] = [];
    let last = 0;
    let inOrder = true;
    while (reader.next()) {
      const { number } = reader;
      if (hidden.includes(number)) {
        reader.skip();
        continue;
      }
      const field = type?.fields.get(number);
      const before = texts.length;
      if (!field || !this.#known(reader, field, texts, depth)) this.#unknown(reader, texts, depth, unknown);
      if (number < last) inOrder = false;
      last = number;
      for (let i = before; i < texts.length; i++) numbers.push(number);
    }
    if (inOrder) return texts.join(" ");
    const order = texts.map((_, i) => i).sort((a, b) => numbers[a]! - numbers[b]!);
    return order.map((i) => texts[i]).join(" ");
  }

  /** `own`: the characters of it that were not counted before, in a message within it. */
  #add(texts: string[], text: string, own: number = text.length): void {
    this.#left -= own + 1;
    if (this.#left < 0) throw new TooLong();
    texts.push(text);
  }

  /** Adds a field as its type has it; false where its wire type is another one. */
  #known(reader: WireReader, { name, type, isRepeated }: Field, texts: string[], depth: number): boolean {
    if (type.kind === "message") {
      if (reader.wire !== (type.isGroup ? GROUP : LENGTH)) return false;
      const inner = type.isGroup ? reader.group() : reader.delimited();
      this.#nest(texts, name, this.message(inner, type.message, undefined, depth + 1));
      return true;
    }
    const wire = type.kind === "enum" ? VARINT : wireTypeOf(type.scalar);
    if (reader.wire === wire) {
      this.#add(
        texts,
        wire === LENGTH ? `${name}: ${this.#quoted(reader.delimited())}` : `${name}: ${scalarIn(reader, type, wire)}`,
      );
      return true;
    }
    if (!isRepeated || reader.wire !== LENGTH || wire === LENGTH) return false;
    const packed = reader.delimited();
    while (packed.left > 0) this.#add(texts, `${name}: ${scalarIn(packed, type, wire)}`);
    return true;
  }

  #unknown(reader: WireReader, texts: string[], depth: number, unknown: number): void {
    const { number, wire } = reader;
    switch (wire) {
      case VARINT:
        return this.#add(texts, `${number}: ${reader.varint()}`);
      case FIXED32:
        return this.#add(texts, `${number}: 0x${reader.fixed(4).toString(16).padStart(8, "0")}`);
      case FIXED64:
        return this.#add(texts, `${number}: 0x${reader.fixed(8).toString(16).padStart(16, "0")}`);
      case GROUP:
        return this.#nest(texts, number, this.message(reader.group(), undefined, undefined, depth + 1, unknown + 1));
      case LENGTH: {
        const inner = reader.delimited();
        if (isText(inner.bytes()) || unknown === MAX_UNKNOWN_DEPTH || !isMessage(inner.again()))
          return this.#add(texts, `${number}: ${this.#quoted(inner)}`);
        return this.#nest(texts, number, this.message(inner, undefined, undefined, depth + 1, unknown + 1));
      }
      case END_GROUP:
        return reader.skip();
      default:
        throw new Error(`wire type ${wire}`);
    }
  }

  #nest(texts: string[], name: string | number, text: string): void {
    const braced = text === "" ? `${name} {}` : `${name} { ${text} }`;
    this.#add(texts, braced, braced.length - text.length);
  }

  #quoted(reader: WireReader): string {
    const bytes = reader.bytes();
    if (bytes.length > this.#left) throw new TooLong();
    return quote(bytes);
  }
}

function scalarIn(reader: WireReader, type: FieldType, wire: number): string {
  const value = wire === VARINT ? reader.varint() : reader.fixed(wire === FIXED64 ? 8 : 4);
  if (type.kind === "scalar") return printNumber(type.scalar, value);
  const number = Number(BigInt.asIntN(32, value));
  return (type.kind === "enum" ? type.enum.names.get(number) : undefined) ?? `${number}`;
}

const isText = (bytes: Uint8Array): boolean => PLAIN.test(fromBytes(bytes));

function isMessage(reader: WireReader): boolean {
  try {
    while (reader.next()) reader.skip();
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

const ESCAPES: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };
const PLAIN = /^[ !#-[\]-~]*$/;

/** Bytes as a text in quotes, those beyond printable ASCII as octal escapes. */
function quote(bytes: Uint8Array): string {
  const text = fromBytes(bytes);
  if (PLAIN.test(text)) return `"${text}"`;
  return `"${text.replace(/[^ !#-[\]-~]/g, (char) => {
    const code = char.charCodeAt(0);
    return ESCAPES[code] ?? `\\${code.toString(8).padStart(3, "0")}`;
  })}"`;
}
