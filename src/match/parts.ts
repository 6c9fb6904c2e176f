/**
 * The pieces of a written line: text, escapes, placeholders (format guide, section 4). Those of ` (hex)` lines are in hex.ts.
 */
import { type ByteString, encodeText } from "../base/bytes.ts";
import { didYouMean, type ErrorCode, oneOf } from "../base/error.ts";
import { compileRegex, type Regex } from "../base/regex.ts";
import { FILTERS, type Filter } from "./variables.ts";

/** Characters of one kind, and how many of them; the text of a class is such pieces one after the other. */
export interface Piece {
  readonly test: (code: number) => boolean;
  readonly least: number;
  readonly most: number;
}

/** What `{{name:TYPE}}` allows. Of a class `whole` tests a value. */
export type PlaceholderType =
  | { readonly kind: "text" }
  | { readonly kind: "any" }
  | { readonly kind: "class"; readonly name: string; readonly whole: RegExp; readonly pieces: readonly Piece[] }
  | { readonly kind: "regex"; readonly source: string; readonly regex: Regex }
  | { readonly kind: "bytes"; readonly count: number };

const MANY = Number.POSITIVE_INFINITY;
const piece = (characters: RegExp, least: number, most = least): Piece => {
  let table: readonly boolean[] | undefined;
  const test = (code: number): boolean => {
    // Made when it is needed: to make those of all types takes a millisecond.
    table ??= tableOf(characters);
    return table[Math.min(code, BEYOND_ASCII)]!;
  };
  return { test, least, most };
};
/** Whether each character of ASCII is one of these, and, last, whether all others are. */
const tableOf = (characters: RegExp): readonly boolean[] =>
  Array.from({ length: BEYOND_ASCII + 1 }, (_, code) => characters.test(String.fromCharCode(code)));
const BEYOND_ASCII = 128;
const classType = (name: string, whole: RegExp, ...pieces: readonly Piece[]): PlaceholderType => ({
  kind: "class",
  name,
  whole,
  pieces,
});

const TEXT: PlaceholderType = { kind: "text" };
const DASH = piece(/-/, 1);
const hexDigits = (least: number, most?: number): Piece => piece(/[0-9A-Fa-f]/, least, most);
const UUID = [8, 4, 4, 4, 12].flatMap((digits, i) => (i === 0 ? [hexDigits(digits)] : [DASH, hexDigits(digits)]));
/** The types by their names. Classes hold ASCII alone or all beyond it, so they are right for bytes and for text alike. */
const TYPES: Readonly<Record<string, PlaceholderType>> = {
  int: classType("int", /^[+-]?[0-9]+$/, piece(/[+-]/, 0, 1), piece(/[0-9]/, 1, MANY)),
  word: classType("word", /^[^\t\n\v\f\r ]+$/, piece(/[^\t\n\v\f\r ]/, 1, MANY)),
  hex: classType("hex", /^[0-9A-Fa-f]+$/, hexDigits(1, MANY)),
  base64: classType("base64", /^[A-Za-z0-9+/]+={0,2}$/, piece(/[A-Za-z0-9+/]/, 1, MANY), piece(/=/, 0, 2)),
  uuid: classType("uuid", /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, ...UUID),
  any: { kind: "any" },
};

export interface Placeholder {
  readonly kind: "placeholder";
  readonly name: string;
  readonly type: PlaceholderType;
  readonly filter: Filter | undefined;
  /** Of its first brace, in the document. */
  readonly column: number;
}

export type Part = { readonly kind: "text"; readonly bytes: ByteString } | Placeholder;

/** A piece of a run of bytes: some bytes, a placeholder, one byte of any value, or any number of them. */
export type ByteItem = Part | { readonly kind: "byte" } | { readonly kind: "bytes" };

/** A mistake within a line; `offset` counts UTF-16 units from its start. */
export class PatternError extends Error {
  override readonly name = "PatternError";
  readonly code: ErrorCode;
  readonly offset: number;
  constructor(code: ErrorCode, message: string, offset: number) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}
const NAME = /(?:env\.[A-Za-z_][A-Za-z0-9_]*|connection\.[A-Za-z_]+|[A-Za-z_][A-Za-z0-9_-]*)/y;

/** Reads a placeholder at `at`, where `{{` stands; undefined where it is text. */
export function readPlaceholder(
  text: string,
  at: number,
  column: number,
): { part: Placeholder; end: number } | undefined {
  NAME.lastIndex = at + 2;
  const name = NAME.exec(text)?.[0];
  if (name === undefined) return undefined;
  let end = at + 2 + name.length;
  let type = TEXT;
  let filter: Filter | undefined;
  const fail = (message: string): never => {
    throw new PatternError("bad-placeholder", message, at);
  };
  if (text[end] === ":" && text[end + 1] === "/") {
    const close = text.indexOf("/}}", end + 2);
    if (close < 0) fail(`the expression of {{${name}:/… has no end; it ends at "/}}"`);
    const source = text.slice(end + 2, close);
    try {
      type = { kind: "regex", source, regex: compileRegex(source) };
    } catch (error) {
      throw new PatternError("bad-regex", `{{${name}:/${source}/}}: ${(error as Error).message}`, end + 2);
    }
    end = close + 1;
  } else if (text[end] === ":") {
    const close = text.indexOf("}}", end);
    if (close < 0) fail(`{{${name}: has no end; a placeholder ends at "}}"`);
    type = typeByName(text.slice(end + 1, close), fail);
    end = close;
  } else if (text[end] === "|") {
    const close = text.indexOf("}}", end);
    if (close < 0) fail(`{{${name}| has no end; a placeholder ends at "}}"`);
    const word = text.slice(end + 1, close);
    const known = Object.keys(FILTERS);
    if (!known.includes(word)) fail(`"${word}" is no filter${didYouMean(word, known)}; there are ${oneOf(known)}`);
    if (name === "_") fail("{{_}} keeps nothing that a filter could read; give it a name");
    filter = word as Filter;
    end = close;
  }
  if (!text.startsWith("}}", end)) return undefined;
  if (name.startsWith("connection.") && name !== "connection.name") {
    fail(`{{${name}}} is not known${didYouMean(name, ["connection.name"])}; there is {{connection.name}}`);
  }
  return { part: { kind: "placeholder", name, type, filter, column: column + at }, end: end + 2 };
}

function typeByName(word: string, fail: (message: string) => never): PlaceholderType {
  const bytes = /^(\d+) bytes?$/.exec(word);
  if (bytes) {
    const count = Number(bytes[1]);
    if (count < 1 || !Number.isSafeInteger(count)) fail(`"${word}": at least one byte`);
    return { kind: "bytes", count };
  }
  const type = Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
  const known = [...Object.keys(TYPES), "N bytes", "/regex/"];
  return type ?? fail(`"${word}" is no type${didYouMean(word, Object.keys(TYPES))}; there are ${oneOf(known)}`);
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };
const ESCAPE = /\\(?:([rnt0\\])|x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\})/y;

function readEscape(text: string, at: number): { bytes: ByteString; end: number } {
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(text);
  const code = match?.[3] === undefined ? 0 : Number.parseInt(match[3], 16);
  if (!match || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new PatternError(
      "bad-escape",
      String.raw`"${text.slice(at, at + 2)}" is no escape; under (esc) there are \r \n \t \0 \\ \xHH \u{H}`,
      at,
    );
  }
  const bytes = match[1]
    ? SIMPLE_ESCAPES[match[1]]!
    : match[2]
      ? String.fromCharCode(Number.parseInt(match[2], 16))
      : encodeText(String.fromCodePoint(code));
  return { bytes, end: at + match[0].length };
}

const BRACES = /\\\{\{|\{\{/g;
const ESCAPES_AND_BRACES = /\\\{\{|\\|\{\{/g;

/** Splits text at its placeholders; `column` is that of its first character. @throws {PatternError} */
export function readParts(text: string, column: number, escapes = false): readonly Part[] {
  if (!escapes && !text.includes("{{")) return [{ kind: "text", bytes: encodeText(text) }];
  const parts: Part[] = [];
  let bytes: ByteString = "";
  let from = 0;
  const special = escapes ? ESCAPES_AND_BRACES : BRACES;
  special.lastIndex = 0;
  for (let match = special.exec(text); match; match = special.exec(text)) {
    const at = match.index;
    bytes += encodeText(text.slice(from, at));
    from = at;
    if (match[0] === "\\{{") {
      bytes += "{{";
      from = at + 3;
    } else if (match[0] === "\\") {
      const read = readEscape(text, at);
      bytes += read.bytes;
      from = read.end;
    } else {
      const placeholder = readPlaceholder(text, at, column);
      if (placeholder) {
        if (bytes !== "") parts.push({ kind: "text", bytes });
        bytes = "";
        parts.push(placeholder.part);
        from = placeholder.end;
      } else {
        bytes += "{";
        from = at + 1;
      }
    }
    special.lastIndex = from;
  }
  bytes += encodeText(text.slice(from));
  if (bytes !== "" || parts.length === 0) parts.push({ kind: "text", bytes });
  return parts;
}
