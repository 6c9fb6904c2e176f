/**
 * Reads JSON as a document writes it: RFC 8259, with `...` as a member or an element, and placeholders in strings or in
 * place of a value. Our own reader, because templates are no JSON, and because numbers are kept without loss.
 */
import { decodeText, encodeText } from "../base/bytes.ts";
import { type Part, PatternError, type Placeholder, readParts } from "./parts.ts";

/** Deeper nesting is refused: it would exhaust the stack. */
const MAX_DEPTH = 500;

export type StringValue = {
  readonly kind: "string";
  readonly text: string;
  readonly parts: readonly Part[] | undefined;
};

export type Value = { readonly start: number; readonly end: number } & (
  | { readonly kind: "object"; readonly members: readonly Member[]; readonly open: boolean }
  | { readonly kind: "array"; readonly items: readonly (Value | "...")[] }
  | StringValue
  | { readonly kind: "number"; readonly canonical: string }
  | { readonly kind: "word"; readonly word: "true" | "false" | "null" }
  | { readonly kind: "placeholder"; readonly placeholder: Placeholder }
);

export interface Member {
  readonly key: StringValue;
  readonly value: Value;
}

export interface JsonTemplate {
  readonly source: string;
  readonly root: Value;
  readonly placeholders: readonly Placeholder[];
}

export interface JsonDocument {
  readonly source: string;
  readonly root: Value;
}

class JsonSyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLACEHOLDER = /\{\{[A-Za-z_][\w.-]*(?:\}\}|\|\w+\}\}|:\/.*?\/\}\}|:[^}]*\}\})/y;
const WORD = /true|false|null/y;

class Reader {
  readonly #source: string;
  readonly #template: boolean;
  readonly #column: number;
  readonly placeholders: Placeholder[] = [];
  #at = 0;
  #depth = 0;

  constructor(source: string, template: boolean, column: number) {
    this.#source = source;
    this.#template = template;
    this.#column = column;
  }

  read(): Value {
    this.#space();
    const value = this.#value();
    this.#space();
    if (this.#at < this.#source.length) this.#fail("the JSON ends here, but the text goes on");
    return value;
  }

  #fail(message: string): never {
    throw new JsonSyntaxError(message, this.#at);
  }

  #take(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const text = expression.exec(this.#source)?.[0];
    if (text !== undefined) this.#at += text.length;
    return text;
  }

  #space(): void {
    this.#take(SPACE);
  }

  /** Takes one character and the space before it. */
  #mark(char: string): boolean {
    this.#space();
    if (this.#source[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  /** The same with the space after it. */
  #punctuation(char: string): boolean {
    const isThere = this.#mark(char);
    if (isThere) this.#space();
    return isThere;
  }

  #ellipsis(): boolean {
    if (!this.#template || !this.#source.startsWith("...", this.#at)) return false;
    this.#at += 3;
    return true;
  }

  #value(): Value {
    const start = this.#at;
    const placeholder = this.#template ? this.#take(PLACEHOLDER) : undefined;
    if (placeholder !== undefined) {
      const part = this.#parts(placeholder, start)[0] as Placeholder;
      return { kind: "placeholder", placeholder: part, start, end: this.#at };
    }
    const char = this.#source[start];
    if (char === "{" || char === "[") {
      if (++this.#depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
      const value = char === "{" ? this.#object(start) : this.#array(start);
      this.#depth--;
      return value;
    }
    if (char === '"') return { ...this.#string(), start, end: this.#at };
    const word = this.#take(WORD);
    if (word !== undefined) return { kind: "word", word: word as "true" | "false" | "null", start, end: this.#at };
    const number = this.#take(NUMBER);
    if (number !== undefined) return { kind: "number", canonical: canonicalNumber(number), start, end: this.#at };
    return this.#fail(char === undefined ? "the JSON is cut off here" : `no JSON value begins with "${char}"`);
  }

  #object(start: number): Value {
    const members: Member[] = [];
    let open = false;
    this.#at++;
    if (!this.#mark("}")) {
      this.#space();
      do {
        if (this.#ellipsis()) open = true;
        else {
          if (this.#source[this.#at] !== '"') this.#fail('a member begins with its name in "quotes"');
          const key = this.#string();
          if (!this.#punctuation(":")) this.#fail('a ":" belongs between a member\'s name and its value');
          members.push({ key, value: this.#value() });
        }
      } while (this.#punctuation(","));
      if (!this.#mark("}")) this.#fail('"," or "}" expected');
    }
    return { kind: "object", members, open, start, end: this.#at };
  }

  #array(start: number): Value {
    const items: (Value | "...")[] = [];
    this.#at++;
    if (!this.#mark("]")) {
      this.#space();
      do items.push(this.#ellipsis() ? "..." : this.#value());
      while (this.#punctuation(","));
      if (!this.#mark("]")) this.#fail('"," or "]" expected');
    }
    return { kind: "array", items, start, end: this.#at };
  }

  #string(): StringValue {
    const start = this.#at++;
    for (;;) {
      const char = this.#source[this.#at];
      if (char === undefined) this.#fail("this string has no end");
      if (char === "{" && this.#template && this.#take(PLACEHOLDER) !== undefined) continue;
      this.#at += char === "\\" ? 2 : 1;
      if (char === '"') break;
    }
    const raw = this.#source.slice(start, this.#at);
    if (this.#template && raw.includes("{{")) {
      const parts = this.#parts(raw.slice(1, -1), start + 1, true);
      if (parts.some((part) => part.kind === "placeholder")) return { kind: "string", text: raw, parts };
      return {
        kind: "string",
        text: parts.map((part) => (part.kind === "text" ? decodeText(part.bytes) : "")).join(""),
        parts: undefined,
      };
    }
    return { kind: "string", text: this.#unescape(raw), parts: undefined };
  }

  #unescape(raw: string): string {
    try {
      return JSON.parse(raw) as string;
    } catch {
      return this.#fail("this string is not JSON");
    }
  }

  /** Splits at placeholders; in a string the text between them is unescaped. */
  #parts(text: string, at: number, inString = false): readonly Part[] {
    let parts: readonly Part[];
    try {
      parts = readParts(text, this.#column + at);
    } catch (error) {
      if (error instanceof PatternError) throw new PatternError(error.code, error.message, error.offset + at);
      throw error;
    }
    for (const part of parts) if (part.kind === "placeholder") this.placeholders.push(part);
    if (!inString) return parts;
    return parts.map((part) =>
      part.kind === "text" ? { kind: "text", bytes: encodeText(this.#unescape(`"${decodeText(part.bytes)}"`)) } : part,
    );
  }
}

/** A decimal number so that equal values have equal texts: `1.50e1` and `15` both as `15e0`. */
function canonicalNumber(number: string): string {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number)!;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  let end = digits.length;
  while (digits[end - 1] === "0") end--;
  const significant = digits.slice(0, end);
  if (significant === "") return "0";
  const scale = BigInt(exponent.slice(0, 40)) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${scale}`;
}

/** Reads a template; `column` is that of its first character in the document. @throws {PatternError} */
export function parseJsonTemplate(source: string, column: number): JsonTemplate {
  const reader = new Reader(source, true, column);
  try {
    const root = reader.read();
    return { source, root, placeholders: reader.placeholders };
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new PatternError("bad-json", error.message, error.offset);
    throw error;
  }
}

/** Reads what a server sent; undefined where it is no JSON. */
export function parseJson(source: string): JsonDocument | undefined {
  try {
    return { source, root: new Reader(source, false, 1).read() };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}
