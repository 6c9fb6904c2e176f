/** The type bytes of RESP, and what the rest of a value's first line may be. */
import { type ByteString, decodeText, escapeInvisible } from "../../base/bytes.ts";
import { FramingError } from "../errors.ts";
import type { Scalar } from "./value.ts";

/** The line is the value. */
export const SCALARS: Readonly<Record<string, Scalar["kind"]>> = {
  "+": "simple",
  "-": "error",
  ":": "integer",
  ",": "double",
  "(": "big number",
  "#": "boolean",
  _: "null",
};
/** The line is the length of the text that follows. */
export const LENGTHY = { $: "string", "!": "error", "=": "verbatim", ";": "chunk" } as const;
/** The line is the count of the values that follow. */
export const AGGREGATES = { "*": "array", "~": "set", "%": "map", ">": "push", "|": "attributes" } as const;

/** What a message calls a text of known length. */
export const NAMES: Readonly<Record<keyof typeof LENGTHY, string>> = {
  $: "string",
  "!": "error",
  "=": "verbatim string",
  ";": "chunk",
};

const TEXTS: Readonly<Partial<Record<Scalar["kind"], RegExp>>> = {
  double: /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf|[+-]?nan)$/i,
  "big number": /^[+-]?\d+$/,
  boolean: /^[tf]$/,
  null: /^$/,
};
const LARGEST = 2n ** 63n - 1n;

export const isType = (type: string): boolean => type in SCALARS || type in AGGREGATES || type in LENGTHY;

export const shorten = (text: ByteString): string => {
  const shown = escapeInvisible(decodeText(text.slice(0, 40)));
  return text.length > 40 ? `${shown}…` : shown;
};

export function fail(message: string): never {
  throw new FramingError(message);
}

/** The text of a scalar whose line this is; that of an integer in its shortest form. @throws {FramingError} */
export function readScalar(kind: Scalar["kind"], text: ByteString): ByteString {
  if (text.includes("\r")) fail(`a line holds a CR: ${shorten(text)}`);
  if (kind === "integer") return readInteger(text);
  if (!isText(kind, text)) fail(`"${shorten(text)}" is no ${kind}`);
  return text;
}

/** Whether a scalar other than an integer may have this text. */
export const isText = (kind: Scalar["kind"], text: ByteString): boolean => TEXTS[kind]?.test(text) !== false;

/** Undefined: no integer. */
export const parseInteger = (text: ByteString): bigint | undefined =>
  /^[+-]?\d{1,40}$/.test(text) ? BigInt(text) : undefined;

export const fitsInteger = (number: bigint): boolean => number <= LARGEST && number >= -LARGEST - 1n;

function readInteger(text: ByteString): ByteString {
  const number = parseInteger(text);
  if (number === undefined) return fail(`"${shorten(text)}" is no integer`);
  if (!fitsInteger(number)) fail(`the integer ${text} does not fit in 64 bits`);
  return String(number);
}

/** The number of a first line; undefined: null; Infinity: not known before the end. @throws {FramingError} */
export function readCount(what: string, text: ByteString, nullable: boolean, streamable: boolean): number | undefined {
  if (text === "-1" && nullable) return undefined;
  if (text === "?" && streamable) return Number.POSITIVE_INFINITY;
  if (!/^(?:0|[1-9]\d*)$/.test(text)) fail(`"${shorten(text)}" is no ${what}`);
  return Number(text);
}
