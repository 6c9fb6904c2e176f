/** The values of the text format: one token, or two with a sign, as the bytes that a field's type makes of it. */
import type { ByteString } from "../../base/bytes.ts";
import { didYouMean } from "../../base/error.ts";
import { encodeFloat, encodeInteger, rangeOf } from "./scalars.ts";
import type { EnumType, Field, Scalar } from "./schema.ts";
import { TextError, type Token, type Tokens } from "./tokens.ts";
import { delimited, varint } from "./wire.ts";

export interface Value {
  readonly bytes: ByteString;
  /** Of an integer or an enum. */
  readonly number: bigint | undefined;
}

const BOOLEANS: Readonly<Record<string, bigint>> = {
  ...{ true: 1n, True: 1n, t: 1n, "1": 1n },
  ...{ false: 0n, False: 0n, f: 0n, "0": 0n },
};
const INTEGER = /^(?:0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)$/;
const FLOAT = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?$/;

/** Reads the value of a field that is no message. @throws {TextError} */
export function readValue(tokens: Tokens, { name, type }: Field): Value {
  const { at } = tokens.next;
  const isNegative = tokens.takes("-");
  const token = tokens.next;
  const refuse = (wanted: string): never => {
    throw new TextError(`${name} is ${wanted}, not ${isNegative ? `"-${token.text}"` : found(token)}`, at);
  };
  if (type.kind === "message") return refuse("a message: it stands in { }");
  if (type.kind === "enum") {
    const isKnown = token.kind === "word" && !isNegative;
    if (!isKnown && token.kind !== "number") return refuse(`of the enum ${type.enum.name}: a name or a number is due`);
    const number = isKnown ? namedValue(type.enum, token) : integer(tokens, "int32", isNegative, at, refuse);
    tokens.take();
    return { bytes: varint(number), number };
  }
  const { scalar } = type;
  switch (scalar) {
    case "string":
    case "bytes": {
      if (token.kind !== "string" || isNegative)
        return refuse(`${scalar === "string" ? "a string" : "bytes"}: a text in quotes is due`);
      return { bytes: delimited(readStrings(tokens)), number: undefined };
    }
    case "bool": {
      const number = isNegative || !Object.hasOwn(BOOLEANS, token.text) ? undefined : BOOLEANS[token.text];
      if (number === undefined) return refuse("a bool: true or false is due");
      tokens.take();
      return { bytes: encodeInteger(scalar, number), number: undefined };
    }
    case "float":
    case "double": {
      const size = floatOf(token) ?? refuse(`a ${scalar}: a number is due`);
      tokens.take();
      return { bytes: encodeFloat(scalar, isNegative ? -size : size), number: undefined };
    }
    default: {
      const number = integer(tokens, scalar, isNegative, at, refuse);
      tokens.take();
      return { bytes: encodeInteger(scalar, number), number };
    }
  }
}

/** Texts that follow each other are one. @throws {TextError} */
export function readStrings(tokens: Tokens): ByteString {
  let bytes = "";
  while (tokens.next.kind === "string") bytes += tokens.take().bytes;
  return bytes;
}

/** A token for the sentence that says it is wrong. */
export function found({ kind, text }: Token): string {
  if (kind === "end") return "the end of the line";
  return kind === "string" ? `the text ${text}` : `"${text}"`;
}

/** @throws {TextError} */
export function namedValue({ name, values }: EnumType, { text, at }: Token): bigint {
  const number = values.get(text);
  if (number === undefined)
    throw new TextError(`"${text}" is no value of ${name}${didYouMean(text, values.keys())}`, at);
  return BigInt(number);
}

/** The number of an integer as it is written, without a sign; undefined where it is none. */
export function integerIn({ kind, text }: Token): bigint | undefined {
  if (kind !== "number" || !INTEGER.test(text)) return undefined;
  return BigInt(/^0[0-7]/.test(text) ? `0o${text.slice(1)}` : text);
}

function integer(
  { next }: Tokens,
  scalar: Scalar,
  isNegative: boolean,
  at: number,
  refuse: (wanted: string) => never,
): bigint {
  const size = integerIn(next) ?? refuse(`${/^[iu]/.test(scalar) ? "an" : "a"} ${scalar}: an integer is due`);
  const number = isNegative ? -size : size;
  const [least, largest] = rangeOf(scalar);
  if (number < least || number > largest)
    throw new TextError(`${number} does not fit into ${scalar} (${least} to ${largest})`, at);
  return number;
}

function floatOf({ kind, text }: Token): number | undefined {
  if (kind === "word" && /^inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (kind === "word" && /^nan$/i.test(text)) return Number.NaN;
  return kind === "number" && FLOAT.test(text) ? Number(text.replace(/[fF]$/, "")) : undefined;
}
