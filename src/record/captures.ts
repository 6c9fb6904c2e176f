/**
 * Values that a server made up and a client says later: where one was first, the document captures it, and everywhere after
 * that it stands under its name. Only values that are unlikely to be the same by chance: a document that captures a number
 * like 1 would say less, and be no more likely to pass.
 */
import { isRandom, isUnlikely, typeOf, ValueNames } from "../write/values.ts";
import { Ids } from "./ids.ts";
import type { RecordedLine } from "./lines.ts";

/** What may be a value: letters and digits, and what holds the parts of an identifier together. */
const TOKEN = /[A-Za-z0-9]+(?:[_-]+[A-Za-z0-9]+)*/g;
const LONGEST = 1000;
/** So many values are remembered. */
const MOST = 200_000;
const isCandidate = (value: string): boolean => value.length <= LONGEST && isUnlikely(value);

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
  /** Names for them. */
  readonly #free = new ValueNames([]);
  readonly #ids = new Ids((word) => this.#free.next(word));

  /** Reads a line before it is added, and replaces in it what is captured. @returns whether an earlier line has changed. */
  read(line: RecordedLine): boolean {
    if (line.kind === "control" || / \((?:hex|esc|re)\)/.test(line.text.slice(-30))) return false;
    const hasChanged = line.kind === "client" ? this.#readClient(line) : this.#readReply(line);
    return this.#ids.read(line) || hasChanged;
  }

  #readClient(line: RecordedLine): boolean {
    let hasChanged = this.#readCookies(line);
    line.text = line.text.replace(TOKEN, (value, at: number) => {
      if (!isCandidate(value) || isWithinPlaceholder(line.text, at)) return value;
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
      if (!isCandidate(value) || isWithinPlaceholder(line.text, at)) return value;
      const name = this.#names.get(value);
      if (name !== undefined) return `{{${name}}}`;
      if (this.#clients.has(value) || isBesidePlaceholder(line.text, at, value.length)) return value;
      // It will be another one next time, whether or not anybody says it again.
      if (isRandom(value)) return `{{${this.#nameValue(value, line.text.slice(0, at))}${typeOf([value])}}}`;
      this.#note(value, line);
      return value;
    });
    return false;
  }

  #note(value: string, line: RecordedLine): void {
    const place = this.#places.get(value);
    if (place) place.also.push(line);
    else if (this.#places.size < MOST)
      this.#places.set(value, { line, text: value, replaced: (name) => `{{${name}${typeOf([value])}}}`, also: [] });
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
    const name = this.#free.next(before);
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
      if (isCandidate(value) && value.match(TOKEN)?.[0] === value) this.#names.set(value, name);
      return `${cookie}={{${name}}}`;
    });
    return hasChanged;
  }
}

function remember(values: Set<string>, value: string): void {
  if (values.size < MOST) values.add(value);
}

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
