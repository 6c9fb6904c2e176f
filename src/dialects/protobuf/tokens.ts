/**
 * The tokens of a line in the text format (protobuf.dev, "Text Format Language Specification"), each with its place, so
 * that a mistake has a column.
 */
import { type ByteString, encodeText } from "../../base/bytes.ts";

export interface Token {
  readonly kind: "word" | "number" | "string" | "mark" | "end";
  /** As it is written. */
  readonly text: string;
  /** From the start of the line, in UTF-16 units. */
  readonly at: number;
  /** Of a string, what it stands for. */
  readonly bytes: ByteString;
}

/** A mistake in a text; `at` counts UTF-16 units from its start. */
export class TextError extends Error {
  override readonly name = "TextError";
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const SPACE = /(?:\s|#.*)*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
/** Whatever begins as a number and goes on like one: what it is worth is for its field to say. */
const NUMBER = /(?:\.?[0-9])(?:[eE][+-](?=[0-9])|[A-Za-z0-9_.])*/y;
const MARKS = "{}<>[]:,;-./%";

export class Tokens {
  readonly #text: string;
  #at = 0;
  /** The next token. */
  next: Token;
  /** The one after that, once it was looked at. */
  #second: Token | undefined;

  constructor(text: string) {
    this.#text = text;
    this.next = this.#read();
  }

  /** The token after the next one. @throws {TextError} */
  get second(): Token {
    this.#second ??= this.#read();
    return this.#second;
  }

  /** Takes the next token. @throws {TextError} where what follows it is none. */
  take(): Token {
    const token = this.next;
    this.next = this.#second ?? this.#read();
    this.#second = undefined;
    return token;
  }

  /** Takes the next token if it is this mark. */
  takes(mark: string): boolean {
    if (this.next.kind !== "mark" || this.next.text !== mark) return false;
    this.take();
    return true;
  }

  #read(): Token {
    this.#at += this.#match(SPACE)!.length;
    const at = this.#at;
    const token = (kind: Token["kind"], text: string, bytes: ByteString = ""): Token => {
      this.#at += text.length;
      return { kind, text, at, bytes };
    };
    const char = this.#text[at];
    if (char === undefined) return token("end", "");
    const word = this.#match(WORD);
    if (word) return token("word", word);
    const number = this.#match(NUMBER);
    if (number) return token("number", number);
    if (char === '"' || char === "'") {
      let end = at + 1;
      while (end < this.#text.length && this.#text[end] !== char) end += this.#text[end] === "\\" ? 2 : 1;
      if (end >= this.#text.length) throw new TextError(`this text has no closing ${char}`, at);
      return token("string", this.#text.slice(at, end + 1), unquoted(this.#text.slice(at + 1, end), at + 1));
    }
    if (MARKS.includes(char)) return token("mark", char);
    throw new TextError(
      `${JSON.stringify(String.fromCodePoint(this.#text.codePointAt(at)!))} means nothing here; a text stands in quotes`,
      at,
    );
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    return expression.exec(this.#text)?.[0];
  }
}

const ESCAPE = /\\(?:([abfnrtv?\\'"])|([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))?/g;
const SIMPLE: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** The bytes of a text between its quotes; `at` is its place in the line. @throws {TextError} */
function unquoted(text: string, at: number): ByteString {
  let bytes = "";
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const [whole, simple, octal, hex, short, long] = match;
    bytes += encodeText(text.slice(from, match.index));
    from = match.index + whole.length;
    if (simple !== undefined) bytes += SIMPLE[simple] ?? simple;
    else if (octal !== undefined) bytes += byte(Number.parseInt(octal, 8), whole, at + match.index);
    else if (hex !== undefined) bytes += String.fromCharCode(Number.parseInt(hex, 16));
    else bytes += character(short ?? long, text.slice(match.index, match.index + 2), at + match.index);
  }
  return bytes + encodeText(text.slice(from));
}

function byte(code: number, written: string, at: number): ByteString {
  if (code > 0xff) throw new TextError(`${written} is more than a byte; the largest is \\377`, at);
  return String.fromCharCode(code);
}

function character(digits: string | undefined, written: string, at: number): ByteString {
  const code = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
  if (Number.isNaN(code))
    throw new TextError(
      String.raw`"${written}" is no escape; there are \n \r \t \" \' \\ \a \b \f \v \?, \NNN (octal), \xHH, \uHHHH and \UHHHHHHHH`,
      at,
    );
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw new TextError(`there is no character U+${digits}`, at);
  return encodeText(String.fromCodePoint(code));
}
