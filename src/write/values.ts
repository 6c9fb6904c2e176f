/** Values that a server makes up, as a document captures them. */

/** A word, a number, a date, a time, an identifier; and all that stands between them. */
const TOKEN = /[A-Za-z0-9_]+(?:[-.+][A-Za-z0-9_]+|(?<=\d):(?=\d)[A-Za-z0-9_]+)*|[^A-Za-z0-9_]+/g;

export const tokensOf = (text: string): readonly string[] => text.match(TOKEN) ?? [];

export const isWord = (token: string): boolean => /^[A-Za-z0-9_]/.test(token);

const SHORTEST = 8;
const SHORTEST_NUMBER = 5;
/** Names of encodings and versions, which both sides say of their own accord. */
const WELL_KNOWN = /^(?:iso-8859-\d+|utf-\d+|windows-\d+|\d{4}-\d\d-\d\d(?:T\d\d)?)$/i;

/** Whether two sides do not say this by chance. */
export function isUnlikely(value: string): boolean {
  if (WELL_KNOWN.test(value)) return false;
  if (/^\d+$/.test(value)) return value.length >= SHORTEST_NUMBER && !value.endsWith("000");
  return value.length >= SHORTEST && /[A-Za-z]/.test(value) && /\d.*\d/.test(value);
}

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
const HEX_ID = /^(?:[0-9a-f]{32}|[0-9A-F]{32})$/;

/** Whether a value is an identifier that was made up: a UUID (RFC 9562), or its sixteen bytes without dashes. */
export const isRandom = (value: string): boolean => UUID.test(value) || HEX_ID.test(value);

/** The type of a placeholder that takes all of these values, with its colon; empty where none is needed. */
export function typeOf(values: readonly string[]): string {
  if (values.every((value) => /^\d+$/.test(value))) return ":int";
  if (values.every((value) => HEX_ID.test(value))) return ":hex";
  return values.every((value) => UUID.test(value)) ? ":uuid" : "";
}

/** Gives names to values, from the word before them: `"token": "…"` is `token`. */
export class ValueNames {
  readonly #taken: Set<string>;
  /** Of names that are taken, the number to try next. */
  readonly #numbers = new Map<string, number>();

  /** @param taken names that mean something else. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** @param before what stands before the value on its line. */
  next(before: string): string {
    const word = /([A-Za-z][A-Za-z0-9_]*)[^A-Za-z0-9]*$/.exec(before)?.[1]?.toLowerCase().slice(0, 30) ?? "value";
    const base = /^(?:env|connection|servers?|https?)$/.test(word) ? "value" : word;
    let name = base;
    let number = this.#numbers.get(base) ?? 2;
    while (this.#taken.has(name)) name = `${base}${number++}`;
    this.#numbers.set(base, number);
    this.#taken.add(name);
    return name;
  }
}
