/** A message that came: its tag and its verb, its line, and what is said where it is none. */
import type { ByteString } from "../../base/bytes.ts";
import { formatSize } from "../../base/size.ts";
import { FramingError } from "../errors.ts";
import { hexOf } from "./frames.ts";
import { printMessage, TooLong } from "./print.ts";
import { integerOf, wireTypeOf } from "./scalars.ts";
import type { Field, MessageType, Protocol } from "./schema.ts";
import { FIXED64, VARINT, WireError, WireReader } from "./wire.ts";

/** Reads a message of this type. @throws {FramingError} where it is none, or its text is beyond the limit. */
export class Reader {
  readonly #type: MessageType;
  readonly #limit: number;

  constructor(type: MessageType, limit: number) {
    this.#type = type;
    this.#limit = limit;
  }

  /** The value of an integer or an enum, the last one where it comes several times; undefined where there is none. */
  number(message: Uint8Array, field: Field): bigint | undefined {
    return this.#read(message, () => numbersIn(message, field).at(-1));
  }

  /** @param hidden the numbers of fields that are not shown. */
  line(message: Uint8Array, hidden: readonly number[] = []): ByteString {
    return this.#read(message, () => printMessage(message, this.#type, this.#limit, hidden));
  }

  /** The line of a request: the name of its verb comes first, where the schema knows it. */
  request(message: Uint8Array, verb: Protocol["verb"], hidden: readonly number[]): ByteString {
    const name = verb && this.#read(message, () => verbIn(message, verb));
    if (name === undefined) return this.line(message, hidden);
    const fields = this.line(message, [...hidden, verb!.field.number]);
    return fields === "{}" ? name : `${name} ${fields}`;
  }

  #read<T>(message: Uint8Array, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof TooLong)
        throw new FramingError(
          `a message of ${formatSize(message.length)} is longer than the limit of ${formatSize(this.#limit)} when it is written as text`,
        );
      if (!(error instanceof WireError)) throw error;
      throw new FramingError(
        `what came is no message of the type ${this.#type.name}: ${error.message}, after ${error.at} of ${message.length} bytes: ${hexOf(message)}`,
      );
    }
  }
}

/** The values of an integer or an enum on the wire; what has its number and another wire type is no value. */
function numbersIn(message: Uint8Array, { number, type }: Field): readonly bigint[] {
  const scalar = type.kind === "scalar" ? type.scalar : "int32";
  const wire = wireTypeOf(scalar);
  const reader = new WireReader(message);
  const numbers: bigint[] = [];
  while (reader.next()) {
    if (reader.number !== number || reader.wire !== wire) reader.skip();
    else numbers.push(integerOf(scalar, wire === VARINT ? reader.varint() : reader.fixed(wire === FIXED64 ? 8 : 4)));
  }
  return numbers;
}

/** The name of a verb that comes once. */
function verbIn(message: Uint8Array, { field, values }: NonNullable<Protocol["verb"]>): string | undefined {
  const [number, ...more] = numbersIn(message, field);
  return number === undefined || more.length > 0 ? undefined : values.names.get(Number(number));
}

const MOST_SHOWN = 200;

/** What is said of a reply whose tag no open request has. */
export function unknownTag(tag: bigint, open: Iterable<bigint>, line: string): FramingError {
  const shown = line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN - 1)}…`;
  return new FramingError(`a reply bears the tag ${tag}, which no open request has${openTags(open)}: ${shown}`);
}

function openTags(tags: Iterable<bigint>): string {
  const open = [...tags];
  if (open.length === 0) return " (none is open)";
  return ` (open are ${open.slice(0, 5).join(", ")}${open.length > 5 ? ", …" : ""})`;
}
