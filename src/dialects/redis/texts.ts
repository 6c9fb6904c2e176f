/** Texts as redis-cli writes values without parts, read back. */
import type { ByteString } from "../../base/bytes.ts";
import { readEscapes } from "./arguments.ts";
import { quote } from "./render.ts";
import { fitsInteger, isText, parseInteger } from "./syntax.ts";
import type { Aggregate, RespValue, Scalar } from "./value.ts";

const scalar = (kind: Scalar["kind"], text: ByteString): Scalar => ({ kind, text, attributes: undefined });
const empty = (kind: Aggregate["kind"]): Aggregate => ({ kind, elements: [], attributes: undefined });

const WORDS: ReadonlyMap<ByteString, RespValue> = new Map<ByteString, RespValue>([
  ["(nil)", scalar("null", "")],
  ["(true)", scalar("boolean", "t")],
  ["(false)", scalar("boolean", "f")],
  ["(empty array)", empty("array")],
  ["(empty set)", empty("set")],
  ["(empty hash)", empty("map")],
]);
const NAMED = /^\((error|integer|double|big number)\) ([\s\S]*)$/;

/** What a text stands for: a simple string where it looks like nothing else. */
export function scalarOf(text: ByteString): RespValue {
  const word = WORDS.get(text);
  if (word) return word;
  const named = NAMED.exec(text);
  const kind = named?.[1] as "error" | "integer" | "double" | "big number" | undefined;
  if (named && kind && isNamed(kind, named[2]!)) return scalar(kind, named[2]!);
  const string = text.startsWith('"') ? readEscapes(text.slice(1, -1)) : undefined;
  return string !== undefined && quote(string) === text ? scalar("string", string) : textOf([text], "simple");
}

/** Whether `(kind) text` is how such a value is written. */
function isNamed(kind: Scalar["kind"], text: ByteString): boolean {
  if (kind !== "integer") return isText(kind, text);
  const number = parseInteger(text);
  return number !== undefined && fitsInteger(number) && String(number) === text;
}

/** A text: verbatim where a simple string cannot hold it. */
export function textOf(lines: readonly ByteString[], kind: "simple" | "error"): Scalar {
  const ending = lines.some((line) => line.endsWith("\r")) ? "\r\n" : "\n";
  const text = lines.join(ending);
  const isLine = kind === "error" || !/[\r\n]/.test(text);
  return scalar(isLine ? kind : "verbatim", text);
}
