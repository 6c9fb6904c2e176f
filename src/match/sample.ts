/**
 * What a server says where a written line leaves it open: the shortest text that the line matches. Names without a value
 * get one: numbers count up, a uuid is random (docs/serve.md).
 */
import { type ByteString, encodeText } from "../base/bytes.ts";
import { boundValue, type Captured, capture, lookUp, NOTHING_CAPTURED } from "./captures.ts";
import { type JsonTemplate, parseJson, type Value } from "./json-reader.ts";
import { spellValue, textOf } from "./json-spelling.ts";
import type { ByteItem, Part, Placeholder, PlaceholderType } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import { sampleRegex, withValues } from "./sample-regex.ts";
import { matchText } from "./text.ts";
import type { Scope } from "./variables.ts";

/** A line for which no text was found. */
export class SampleError extends Error {
  override readonly name = "SampleError";
  readonly pattern: LinePattern;
  constructor(pattern: LinePattern) {
    super(`no text was found that "${pattern.source}" matches`);
    this.pattern = pattern;
  }
}

/** Makes the lines of one say. What it binds is in `captured`. */
export class Sampler {
  readonly #scope: Scope;
  /** The next number; and where they come from for the present try. */
  readonly #count: () => number;
  #next: () => number;
  captured: Captured = NOTHING_CAPTURED;

  constructor(scope: Scope, count: () => number) {
    this.#scope = scope;
    this.#count = count;
    this.#next = count;
  }

  /** The text of a line, without its ending. What may be absent is asked for only where it is to be there. @throws {SampleError} */
  line(pattern: LinePattern): ByteString {
    if (pattern.literal !== undefined) return pattern.literal;
    const text = this.#try(pattern, this.#count) ?? this.#try(pattern, ONE);
    if (text === undefined) throw new SampleError(pattern);
    return text;
  }

  /** Undefined where the text does not match: `{{a}}{{a}}` takes one character, and then the same one. */
  #try(pattern: LinePattern, count: () => number): ByteString | undefined {
    this.#next = count;
    const before = this.captured;
    const text = this.#text(pattern);
    if (pattern.body.kind === "bytes") return text;
    // What the other side captures is what counts, where the text can be read in several ways.
    const captured = matchText(pattern, text, this.#scope, before);
    this.captured = captured ?? before;
    return captured && text;
  }

  /** The same, with this text if the line matches it. @throws {SampleError} */
  lineLike(pattern: LinePattern, text: ByteString): ByteString {
    const captured = matchText(pattern, text, this.#scope, this.captured);
    if (!captured) return this.line(pattern);
    this.captured = captured;
    return text;
  }

  /** A JSON text, laid out as it is written where nothing of it is left out. */
  json({ source, root, placeholders }: JsonTemplate): ByteString {
    if (placeholders.length === 0 && parseJson(source)) return encodeText(source);
    const text = this.#value(source, root);
    if (placeholders.some(({ name }) => name === "_")) return text;
    const spelled = spellValue(source, root, (one) => boundValue(one, this.#scope, this.captured));
    return parseJson(spelled) ? encodeText(spelled) : text;
  }

  #text(pattern: LinePattern): ByteString {
    const { body } = pattern;
    switch (body.kind) {
      case "ellipsis":
        return "";
      case "text":
        return this.#parts(body.parts);
      case "bytes":
        return this.#parts(body.items);
      case "regex": {
        const text = sampleRegex(withValues(body.regex.source, (name) => lookUp(name, this.#scope, this.captured)));
        if (text === undefined) throw new SampleError(pattern);
        return encodeText(text);
      }
      case "json":
        return this.#parts(body.prefix) + this.json(body.template);
      default:
        return body satisfies never;
    }
  }

  #parts(parts: readonly ByteItem[]): ByteString {
    let text = "";
    for (const part of parts) text += this.#part(part);
    return text;
  }

  #part(part: ByteItem): ByteString {
    if (part.kind === "text") return part.bytes;
    if (part.kind === "placeholder") return this.#placeholder(part);
    return part.kind === "byte" ? "\0" : "";
  }

  #placeholder(placeholder: Placeholder): ByteString {
    const bound = boundValue(placeholder, this.#scope, this.captured);
    if (bound !== undefined) return bound;
    const { name, type } = placeholder;
    const value = this.#ofType(type, name === "_");
    this.captured = capture(this.captured, name, value);
    return value;
  }

  #ofType(type: PlaceholderType, isNobodys: boolean): ByteString {
    // What nobody asks for again need not be told apart.
    const number = (): string => (isNobodys ? "1" : String(this.#next()));
    switch (type.kind) {
      case "text":
        return number();
      case "any":
        return "";
      case "class":
        if (type.name === "uuid") return process.getBuiltinModule("node:crypto").randomUUID();
        return type.name === "base64" && this.#next === this.#count
          ? Buffer.from(number()).toString("base64")
          : number();
      case "regex":
        return encodeText(sampleRegex(type.source) ?? "");
      case "bytes":
        return Buffer.from(number().padStart(type.count, "\0"), "latin1").toString("latin1").slice(-type.count);
      default:
        return type satisfies never;
    }
  }

  #value(source: string, value: Value): ByteString {
    switch (value.kind) {
      case "placeholder": {
        const text = this.#placeholder(value.placeholder);
        return parseJson(text) ? text : JSON.stringify(text);
      }
      case "string":
        return value.parts ? this.#string(value.parts) : encodeText(textOf(source, value));
      case "object":
        return `{${value.members
          .map(
            ({ key, value: one }) => `${this.#string(key.parts ?? [textPart(key.text)])}: ${this.#value(source, one)}`,
          )
          .join(", ")}}`;
      case "array":
        return `[${value.items.flatMap((item) => (item === "..." ? [] : [this.#value(source, item)])).join(", ")}]`;
      default:
        return encodeText(textOf(source, value));
    }
  }

  #string(parts: readonly Part[]): ByteString {
    return JSON.stringify(this.#parts(parts));
  }
}

const ONE = (): number => 1;

const textPart = (text: string): Part => ({ kind: "text", bytes: encodeText(text) });
