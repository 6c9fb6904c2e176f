/**
 * Values that a server made up and a client says later: where one was first, the document captures it, and everywhere after
 * that it stands under its name. Only values that are unlikely to be the same by chance: a document that captures a number
 * like 1 would say less, and be no more likely to pass.
 */
import { Ids } from "./ids.ts";
import type { RecordedLine } from "./lines.ts";

/** What may be a value: letters and digits, and what holds the parts of an identifier together. */
const TOKEN = /[A-Za-z0-9]+(?:[_-]+[A-Za-z0-9]+)*/g;
const SHORTEST = 8;
const SHORTEST_NUMBER = 5;
const LONGEST = 1000;
/** So many values are remembered. */
const MOST = 200_000;
/** Names of encodings and versions, which both sides say of their own accord. */
const WELL_KNOWN = /^(?:iso-8859-\d+|utf-\d+|windows-\d+|\d{4}-\d\d-\d\d(?:T\d\d)?)$/i;

/** A place where a value may be captured. */
interface Place {
  readonly line: RecordedLine;
  /** The text to be replaced, and what stands there with the name. */
  readonly text: string;
  replaced(name: string): string;
  /** What names it, where that is not the word before it. */
  readonly by?: string;
  /** Further lines that hold the value. */
  readonly also: RecordedLine[];
}

export class Captures {
  /** By the value; of cookies by `name=value`. */
  readonly #places = new Map<string, Place>();
  /** Values that a client said before any server did. */
  readonly #clients = new Set<string>();
  /** The names of values that are captured. */
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  /** The number that the next name of a word gets. */
  readonly #numbers = new Map<string, number>();
  readonly #ids = new Ids((word) => this.#nameFor(word));

  /** Reads a line before it is added, and replaces in it what is captured. @returns whether an earlier line has changed. */
  read(line: RecordedLine): boolean {
    if (line.kind === "control" || / \((?:hex|esc|re)\)/.test(line.text.slice(-30))) return false;
    const hasChanged = line.kind === "client" ? this.#readClient(line) : this.#readReply(line);
    return this.#ids.read(line) || hasChanged;
  }

  #readClient(line: RecordedLine): boolean {
    let hasChanged = this.#readCookies(line);
    line.text = line.text.replace(TOKEN, (value, at: number) => {
      if (!isUnlikely(value) || isWithinPlaceholder(line.text, at)) return value;
      const name = this.#names.get(value);
      if (name !== undefined) return `{{${name}}}`;
      const place = this.#places.get(value);
      if (!place) {
        remember(this.#clients, value);
        return value;
      }
      hasChanged = true;
      return `{{${this.#capture(value, place)}}}`;
    });
    return hasChanged;
  }

  #readReply(line: RecordedLine): boolean {
    line.text = line.text.replace(TOKEN, (value, at: number) => {
      if (!isUnlikely(value) || isWithinPlaceholder(line.text, at)) return value;
      const name = this.#names.get(value);
      if (name !== undefined) return `{{${name}}}`;
      if (this.#clients.has(value) || isBesidePlaceholder(line.text, at, value.length)) return value;
      // It will be another one next time, whether or not anybody says it again.
      if (isRandom(value)) return `{{${this.#nameValue(value, line.text.slice(0, at))}${typeOf(value)}}}`;
      this.#note(value, line);
      return value;
    });
    return false;
  }

  #note(value: string, line: RecordedLine): void {
    const place = this.#places.get(value);
    if (place) place.also.push(line);
    else if (this.#places.size < MOST)
      this.#places.set(value, { line, text: value, replaced: (name) => `{{${name}${typeOf(value)}}}`, also: [] });
  }

  /** Captures a value. @returns its name. */
  #capture(value: string, { line, text, replaced, by, also }: Place): string {
    const name = this.#nameValue(value, by ?? line.text.slice(0, wordAt(line.text, text, 0)));
    this.#places.delete(value);
    replaceFirst(line, text, replaced(name));
    for (const one of [line, ...also]) while (replaceFirst(one, text, `{{${name}}}`));
    return name;
  }

  #nameValue(value: string, before: string): string {
    const name = this.#nameFor(before);
    this.#names.set(value, name);
    return name;
  }

  /** A cookie was set, and its value left open: `pattern` is what stands in the line. */
  setCookie(line: RecordedLine, cookie: string, value: string, pattern: string): void {
    const replaced = (name: string): string => `${cookie}={{${name}}}`;
    const place = { line, text: pattern, replaced, by: cookie, also: [] };
    if (this.#places.size < MOST) this.#places.set(`${cookie}=${value}`, place);
    this.#names.delete(`${cookie}=${value}`);
  }

  /** The cookies of a request. What a server has set is a capture, however short it is. */
  #readCookies(line: RecordedLine): boolean {
    if (!/^cookie:/i.test(line.text)) return false;
    let hasChanged = false;
    line.text = line.text.replace(/([^\s;=]+)=([^;]*)/g, (pair, cookie: string) => {
      const place = this.#places.get(pair);
      const known = this.#names.get(pair);
      if (known !== undefined) return `${cookie}={{${known}}}`;
      if (!place) return pair;
      hasChanged = true;
      const name = this.#capture(pair, place);
      const value = pair.slice(cookie.length + 1);
      if (isUnlikely(value) && value.match(TOKEN)?.[0] === value) this.#names.set(value, name);
      return `${cookie}={{${name}}}`;
    });
    return hasChanged;
  }

  /** A name for a value, from the word before it: `"token": "…"` is `token`. */
  #nameFor(before: string): string {
    const word = /([A-Za-z][A-Za-z0-9_]*)[^A-Za-z0-9]*$/.exec(before)?.[1]?.toLowerCase().slice(0, 30) ?? "value";
    const base = /^(?:env|connection|server|servers|https?)$/.test(word) ? "value" : word;
    let name = base;
    let number = this.#numbers.get(base) ?? 2;
    while (this.#taken.has(name)) name = `${base}${number++}`;
    this.#numbers.set(base, number);
    this.#taken.add(name);
    return name;
  }
}

function remember(values: Set<string>, value: string): void {
  if (values.size < MOST) values.add(value);
}

/** Whether two sides do not say this by chance. */
function isUnlikely(value: string): boolean {
  if (value.length > LONGEST || WELL_KNOWN.test(value)) return false;
  if (/^\d+$/.test(value)) return value.length >= SHORTEST_NUMBER && !/000$/.test(value);
  return value.length >= SHORTEST && /\d/.test(value) && /[A-Za-z]/.test(value) && value.match(/\d/g)!.length > 1;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const HEX_ID = /^(?:[0-9a-f]{32}|[0-9A-F]{32})$/;

/** Whether a value is an identifier that was made up: a UUID (RFC 9562), or its sixteen bytes without dashes. */
const isRandom = (value: string): boolean => UUID.test(value) || HEX_ID.test(value);

const typeOf = (value: string): string => {
  if (/^\d+$/.test(value)) return ":int";
  if (HEX_ID.test(value)) return ":hex";
  return UUID.test(value) ? ":uuid" : "";
};

const isWithinPlaceholder = (text: string, at: number): boolean => {
  const open = text.lastIndexOf("{{", at);
  return open >= 0 && text.indexOf("}}", open) >= at;
};

/** Two placeholders side by side would not say where one ends. */
const isBesidePlaceholder = (text: string, at: number, length: number): boolean =>
  text.startsWith("}}", at - 2) || text.startsWith("{{", at + length);

/** Where a text stands as a whole from an offset on; -1: nowhere. */
function wordAt(text: string, word: string, from: number): number {
  for (let at = text.indexOf(word, from); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = `${text[at - 1] ?? " "}${text[at + word.length] ?? " "}`;
    if (!/[A-Za-z0-9]/.test(around) && !isWithinPlaceholder(text, at)) return at;
  }
  return -1;
}

function replaceFirst(line: RecordedLine, word: string, by: string): boolean {
  const at = wordAt(line.text, word, 0);
  if (at >= 0) line.text = line.text.slice(0, at) + by + line.text.slice(at + word.length);
  return at >= 0;
}
