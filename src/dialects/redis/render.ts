/**
 * Values as redis-cli 7.0 writes them on a terminal (`--no-raw`), line by line:
 *
 *   OK   (integer) 1   "a\n"   (nil)   (error) ERR …   (double) 1.5   (true)   verbatim text as it is
 *   1) "a"        an array, a push: numbers as wide as the last one; what is nested goes on below, indented
 *   1~ "a"        a set
 *   1# "f" => 1   a map; a value of several lines begins on the next one
 *
 * redis-cli 7.0 cannot show two types; here they are `(big number) 1`, and attributes as a map with `|` above the value
 * that they are about (`1| "ttl" => (integer) 5`).
 */
import type { ByteString } from "../../base/bytes.ts";
import { formatSize } from "../../base/size.ts";
import { FramingError } from "../errors.ts";
import { type Aggregate, isAggregate, type RespValue, type Scalar } from "./value.ts";

const SEPARATORS = { array: ")", push: ")", set: "~", map: "#", attributes: "|" } as const;
const EMPTY = { array: "array", push: "push", set: "set", map: "hash" } as const;
const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

const escapeByte = (char: string): string =>
  NAMED_ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** A string in quotes, everything but printable ASCII escaped. */
export const quote = (text: ByteString): ByteString => `"${text.replace(/[^\x20-\x7e]|["\\]/g, escapeByte)}"`;

function scalarText({ kind, text }: Scalar): ByteString {
  switch (kind) {
    case "simple":
    case "verbatim":
      return text;
    case "string":
      return quote(text);
    case "error":
    case "integer":
    case "double":
    case "big number":
      return `(${kind}) ${text}`;
    case "boolean":
      return text === "t" ? "(true)" : "(false)";
    case "null":
      return "(nil)";
    default:
      return kind satisfies never;
  }
}

/** Whether redis-cli begins a map's value on a line of its own. */
function takesLines(value: RespValue): boolean {
  if (value.attributes) return true;
  if (!isAggregate(value) || value.elements.length === 0) return false;
  const { kind, elements } = value;
  const [most, last] = kind === "map" ? [2, elements[1]] : [1, elements[0]];
  return elements.length > most || takesLines(last!);
}

/** Lines as they are written, up to a limit in bytes. */
class Lines {
  readonly lines: ByteString[] = [];
  readonly #limit: number;
  #line: ByteString = "";
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  write(text: ByteString): void {
    this.#size += text.length;
    if (this.#size > this.#limit)
      throw new FramingError(`the reply, written in lines, is larger than the limit of ${formatSize(this.#limit)}`);
    this.#line += text;
  }

  /** Text of the server's that may be several lines. */
  writeLines(text: ByteString): void {
    const [first, ...rest] = text.includes("\n") ? text.split(/\r?\n/) : [text];
    this.write(first!);
    for (const line of rest) {
      this.end();
      this.write(line);
    }
  }

  end(): void {
    this.lines.push(this.#line);
    this.#line = "";
    this.#size += 2;
  }

  /** Goes on with the last line. */
  reopen(): void {
    this.#line = this.lines.pop()!;
  }
}

function renderElements(
  kind: Aggregate["kind"] | "attributes",
  elements: readonly RespValue[],
  prefix: string,
  out: Lines,
  onElement?: (line: number) => void,
): void {
  const isMap = kind === "map" || kind === "attributes";
  const count = isMap ? elements.length / 2 : elements.length;
  const width = String(count).length;
  const within = prefix + " ".repeat(width + 2);
  for (let i = 0; i < count; i++) {
    onElement?.(out.lines.length);
    if (i > 0) out.write(prefix);
    out.write(`${String(i + 1).padStart(width)}${SEPARATORS[kind]} `);
    renderValue(elements[isMap ? i * 2 : i]!, within, out);
    if (!isMap) continue;
    const value = elements[i * 2 + 1]!;
    out.reopen();
    out.write(" => ");
    if (takesLines(value)) {
      out.end();
      out.write(within);
    }
    renderValue(value, within, out);
  }
}

function renderValue(value: RespValue, prefix: string, out: Lines, onElement?: (line: number) => void): void {
  if (value.attributes && value.attributes.length > 0) {
    renderElements("attributes", value.attributes, prefix, out);
    out.write(prefix);
  }
  if (isAggregate(value) && value.elements.length > 0)
    return renderElements(value.kind, value.elements, prefix, out, onElement);
  if (isAggregate(value)) out.write(`(empty ${EMPTY[value.kind]})`);
  else if (value.kind === "verbatim" || value.kind === "error") out.writeLines(scalarText(value));
  else out.write(scalarText(value));
  out.end();
}

/**
 * The lines of a value, without endings. `onElement` is told the line on which each of its elements begins.
 * @throws {FramingError} where they are larger than the limit.
 */
export function render(value: RespValue, limit: number, onElement?: (line: number) => void): readonly ByteString[] {
  const out = new Lines(limit);
  renderValue(value, "", out, onElement);
  return out.lines;
}

/** What redis-cli writes of an answer to commands for people (INFO, CLIENT LIST): texts as they are, nothing around them. */
export function renderRaw(value: RespValue): readonly ByteString[] {
  const text = rawText(value);
  if (text === "") return [];
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function rawText(value: RespValue): ByteString {
  if (!isAggregate(value)) {
    if (value.kind === "null") return "";
    if (value.kind === "boolean") return scalarText(value);
    return value.kind === "error" ? `${value.text}\n` : value.text;
  }
  const texts = value.elements.map(rawText);
  if (value.kind !== "map") return texts.join("\n");
  return texts.map((text, i) => (i === 0 ? text : `${i % 2 === 1 ? " " : "\n"}${text}`)).join("");
}

const isInvalidation = ({ kind, elements }: Aggregate): boolean => {
  const [name, keys] = elements;
  return (
    kind === "push" &&
    elements.length === 2 &&
    name?.kind === "string" &&
    name.text === "invalidate" &&
    keys?.kind === "array" &&
    keys.elements.every(({ kind }) => kind === "string")
  );
};

/** A message that nobody asked for; redis-cli has a short form of the one that names changed keys. */
export function renderPush(push: Aggregate, limit: number): readonly ByteString[] {
  if (!isInvalidation(push) || push.attributes) return render(push, limit);
  const keys = (push.elements[1] as Aggregate).elements.map((key) => `'${(key as Scalar).text}'`);
  return `-> invalidate: ${keys.join(", ")}`.split("\n");
}
