/**
 * A line in the text format (protobuf.dev, "Text Format Language Specification") as the bytes of a message:
 * fields in the order of their numbers, everything that is written and nothing else, a default value too.
 *
 * More than the specification: the name of a verb in front, and a number in place of a field's name, whose value goes out
 * as it stands: an integer as a varint, `0x` with 8 or 16 digits as that many bits, a text or a `{ }` after its length.
 */
import type { ByteString } from "../../base/bytes.ts";
import { didYouMean } from "../../base/error.ts";
import { encodeInteger, wireTypeOf } from "./scalars.ts";
import type { Field, MessageType, Protocol } from "./schema.ts";
import { TextError, type Token, Tokens } from "./tokens.ts";
import { found, integerIn, namedValue, readStrings, readValue } from "./values.ts";
import {
  delimited,
  END_GROUP,
  FIXED32,
  FIXED64,
  fixed,
  GROUP,
  key,
  LARGEST_NUMBER,
  LENGTH,
  MAX_DEPTH,
  VARINT,
  varint,
} from "./wire.ts";

/** A message, read. */
export interface TextMessage {
  /** As it is written; undefined where it is left out, or the protocol has no tags. */
  readonly tag: bigint | undefined;
  /** Its bytes; `tag` is the one to fill in. */
  encode(tag?: bigint): ByteString;
}

/**
 * @param tag the field that is filled in where it is left out.
 * @param verb the field whose value may come first.
 * @throws {TextError}
 */
export function readMessage(text: string, type: MessageType, tag?: Field, verb?: Protocol["verb"]): TextMessage {
  // An empty message is written as it is printed, or as nothing.
  const reader = new TextReader(text.trim() === "{}" ? "" : text);
  const fields = new Fields(type);
  if (verb) reader.verb(fields, type, verb);
  reader.fields(fields, type, 0);
  reader.end();
  fields.check(0, tag);
  return {
    tag: tag && fields.numberOf(tag),
    encode: (filledIn) => {
      if (tag && filledIn !== undefined) fields.add(tag, encodeNumber(tag, filledIn));
      return fields.message();
    },
  };
}

/** The fields of one message, as they are read. */
class Fields {
  readonly #type: MessageType | undefined;
  readonly #entries: { readonly number: number; readonly bytes: ByteString }[] = [];
  readonly #packed = new Map<Field, ByteString>();
  readonly #present = new Map<Field, bigint | undefined>();
  /** The member that is there, of each oneof. */
  readonly #members = new Map<string, Field>();

  constructor(type: MessageType | undefined) {
    this.#type = type;
  }

  numberOf(field: Field): bigint | undefined {
    return this.#present.get(field);
  }

  /** Notes that a field comes. @throws {TextError} where it may not. */
  enter(field: Field, at: number, name = field.name): void {
    if (!field.isRepeated && this.#present.has(field))
      throw new TextError(`${name} stands twice in ${this.#type?.name}, where it can be only once`, at);
    const other = field.oneof === undefined ? undefined : this.#members.get(field.oneof);
    if (other)
      throw new TextError(`${name} and ${other.name} exclude each other: they are of the oneof "${field.oneof}"`, at);
    if (field.oneof !== undefined) this.#members.set(field.oneof, field);
    this.#present.set(field, undefined);
  }

  add(field: Field, value: ByteString, number?: bigint): void {
    if (number !== undefined) this.#present.set(field, number);
    if (field.isPacked) this.#packed.set(field, (this.#packed.get(field) ?? "") + value);
    else this.addRaw(field.number, wireOf(field), value);
  }

  addRaw(number: number, wire: number, value: ByteString): void {
    const end = wire === GROUP ? key(number, END_GROUP) : "";
    this.#entries.push({ number, bytes: key(number, wire) + value + end });
  }

  /** @throws {TextError} at `at` where a required field is missing, other than one that is filled in. */
  check(at: number, filledIn?: Field): void {
    for (const field of this.#type?.fields.values() ?? []) {
      if (field.isRequired && field !== filledIn && !this.#present.has(field))
        throw new TextError(`the message ${this.#type?.name} needs the field ${field.name}`, at);
    }
  }

  message(): ByteString {
    for (const [{ number }, values] of this.#packed)
      this.#entries.push({ number, bytes: key(number, LENGTH) + delimited(values) });
    this.#entries.sort((a, b) => a.number - b.number);
    return this.#entries.map(({ bytes }) => bytes).join("");
  }
}

const encodeNumber = ({ type }: Field, number: bigint): ByteString =>
  type.kind === "scalar" ? encodeInteger(type.scalar, number) : varint(number);

/** A field of an integer. */
export const encodeField = (field: Field, number: bigint): ByteString =>
  key(field.number, wireOf(field)) + encodeNumber(field, number);

const wireOf = ({ type }: Field): number =>
  type.kind === "scalar" ? wireTypeOf(type.scalar) : type.kind === "enum" ? VARINT : type.isGroup ? GROUP : LENGTH;

class TextReader {
  readonly #tokens: Tokens;

  constructor(text: string) {
    this.#tokens = new Tokens(text);
  }

  /** A word in front that is no name of a field. */
  verb(fields: Fields, request: MessageType, { field, values }: NonNullable<Protocol["verb"]>): void {
    const { next } = this.#tokens;
    if (next.kind !== "word") return;
    const { second } = this.#tokens;
    if (second.kind === "mark" && ":{<".includes(second.text)) return;
    if (!values.values.has(next.text)) {
      // Then it is more likely a field whose colon is missing.
      if (request.byName.has(next.text) || second.kind === "string" || second.kind === "number") return;
      const guess = didYouMean(next.text, values.values.keys());
      const remedy = `another number is sent as ${field.name}: N`;
      throw new TextError(`"${next.text}" is no value of ${values.name}${guess}; ${remedy}`, next.at);
    }
    fields.enter(field, next.at);
    const number = namedValue(values, this.#tokens.take());
    fields.add(field, varint(number), number);
    this.#separator();
  }

  end(): void {
    const { next } = this.#tokens;
    if (next.kind !== "end") throw new TextError(`the name of a field is due here, not ${found(next)}`, next.at);
  }

  /** Reads fields up to the end, or up to what cannot begin one. */
  fields(fields: Fields, type: MessageType | undefined, depth: number): void {
    for (;;) {
      const { next } = this.#tokens;
      if (next.kind === "word") this.#field(fields, type, this.#named(type, next), next, depth);
      else if (next.kind === "number") this.#numbered(fields, next, depth);
      else if (next.kind === "mark" && next.text === "[") this.#bracketed(fields, type, depth);
      else return;
      this.#separator();
    }
  }

  #separator(): void {
    if (!this.#tokens.takes(",")) this.#tokens.takes(";");
  }

  #named(type: MessageType | undefined, { text, at }: Token): Field {
    const known = type?.byName.get(text);
    if (known) return known;
    if (!type)
      throw new TextError(`"${text}" has no number: of a message without a schema the fields are numbered`, at);
    const names = [...type.fields.values()].map(({ name }) => name);
    const guess = didYouMean(text, names);
    const all = names.length === 0 ? "; it has none" : names.length > MOST_LISTED ? "" : `; it has ${names.join(", ")}`;
    throw new TextError(`${type.name} has no field "${text}"${guess || all}`, at);
  }

  #field(fields: Fields, type: MessageType | undefined, field: Field, name: Token, depth: number): void {
    this.#tokens.take();
    this.#values(fields, type, field, name, depth);
  }

  #values(fields: Fields, type: MessageType | undefined, field: Field, name: Token, depth: number): void {
    fields.enter(field, name.at);
    const hasColon = this.#tokens.takes(":");
    const { next } = this.#tokens;
    if (!hasColon && field.type.kind !== "message")
      throw new TextError(`a ":" is due between ${field.name} and its value, not ${found(next)}`, next.at);
    if (!this.#tokens.takes("[")) return this.#value(fields, field, depth);
    if (!field.isRepeated)
      throw new TextError(`${field.name} is not repeated in ${type?.name}, so it has no list of values`, next.at);
    if (this.#tokens.takes("]")) return;
    do this.#value(fields, field, depth);
    while (this.#tokens.takes(","));
    this.#expect("]", `the list of ${field.name} has no end`);
  }

  #value(fields: Fields, field: Field, depth: number): void {
    if (field.type.kind === "message") {
      const message = this.#message(field.type.message, field.name, depth);
      return fields.add(field, field.type.isGroup ? message : delimited(message));
    }
    const { bytes, number } = readValue(this.#tokens, field);
    fields.add(field, bytes, number);
  }

  /** A message in braces. */
  #message(type: MessageType | undefined, name: string, depth: number): ByteString {
    const { at } = this.#tokens.next;
    if (depth === MAX_DEPTH) throw new TextError(`messages are nested deeper than ${MAX_DEPTH}`, at);
    const close = this.#tokens.takes("{") ? "}" : this.#tokens.takes("<") ? ">" : undefined;
    if (!close) throw new TextError(`${name} is a message: it stands in { }, not ${found(this.#tokens.next)}`, at);
    const fields = new Fields(type);
    this.fields(fields, type, depth + 1);
    this.#expect(close, `the message ${name} has no end`, at);
    fields.check(at);
    return fields.message();
  }

  #expect(mark: string, problem: string, opened?: number): void {
    const { next } = this.#tokens;
    if (this.#tokens.takes(mark)) return;
    if (next.kind === "end") throw new TextError(`${problem}: "${mark}" is due`, opened ?? next.at);
    throw new TextError(`${problem}: "${mark}" is due here, not ${found(next)}`, next.at);
  }

  /** An extension, or what an `Any` holds, named by its type. */
  #bracketed(fields: Fields, type: MessageType | undefined, depth: number): void {
    const start = this.#tokens.take();
    let name = "";
    while (this.#tokens.next.kind !== "end" && !this.#tokens.takes("]")) name += this.#tokens.take().text;
    const extension = type?.byName.get(`[${name}]`);
    if (extension) return this.#values(fields, type, extension, start, depth);
    const [url, held] = [type?.fields.get(1), type?.fields.get(2)];
    const packed = type?.packs?.(name.slice(name.lastIndexOf("/") + 1));
    if (url && held && packed && name.includes("/")) {
      fields.enter(url, start.at);
      fields.enter(held, start.at);
      this.#tokens.takes(":");
      const message = this.#message(packed, name, depth);
      fields.add(url, delimited(name));
      fields.add(held, delimited(message));
      return;
    }
    const known = [...(type?.byName.keys() ?? [])].filter((one) => one.startsWith("["));
    const guess = didYouMean(`[${name}]`, known);
    throw new TextError(
      type?.packs
        ? `no message type "${name}" is known${guess}`
        : `${type?.name ?? "the message"} has no extension "[${name}]"${guess}`,
      start.at,
    );
  }

  /** A field by its number, whatever the schema says of it. */
  #numbered(fields: Fields, name: Token, depth: number): void {
    const number = /^[1-9][0-9]*$/.test(name.text) ? Number(name.text) : 0;
    if (number < 1 || number > LARGEST_NUMBER)
      throw new TextError(
        `"${name.text}" is neither the name of a field nor its number (1 to ${LARGEST_NUMBER})`,
        name.at,
      );
    this.#tokens.take();
    const hasColon = this.#tokens.takes(":");
    const { next } = this.#tokens;
    if (next.kind === "mark" && "{<".includes(next.text))
      return fields.addRaw(number, LENGTH, delimited(this.#message(undefined, name.text, depth)));
    if (!hasColon) throw new TextError(`a ":" is due between ${number} and its value, not ${found(next)}`, next.at);
    if (next.kind === "string") return fields.addRaw(number, LENGTH, delimited(readStrings(this.#tokens)));
    const isNegative = this.#tokens.takes("-");
    const size = integerIn(this.#tokens.next);
    if (size === undefined || size >= 2n ** 64n)
      throw new TextError(
        `what is sent by its number is an integer, a text in quotes or a message in { }, not ${found(next)}`,
        next.at,
      );
    const digits = /^0[xX]([0-9A-Fa-f]{8}|[0-9A-Fa-f]{16})$/.exec(this.#tokens.take().text)?.[1];
    if (digits === undefined || isNegative) fields.addRaw(number, VARINT, varint(isNegative ? -size : size));
    else if (digits.length === 8) fields.addRaw(number, FIXED32, fixed(size, 4));
    else fields.addRaw(number, FIXED64, fixed(size, 8));
  }
}

/** So many names are listed where none is near. */
const MOST_LISTED = 12;
