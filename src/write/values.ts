/** Values that a server makes up, as a document captures them. */

/** A word, a number, a date, a time, an identifier; and all that stands between them. */
const TOKEN = /[A-Za-z0-9_]+(?:[-.+][A-Za-z0-9_]+|(?<=\d):(?=\d)[A-Za-z0-9_]+)*|[^A-Za-z0-9_]+/g;

export const tokensOf = (text: string): readonly string[] => text.match(TOKEN) ?? [];

export const isWord = (token: string): boolean => /^[A-Za-z0-9_]/.test(token);

const SHORTEST = 8;
const SHORTEST_NUMBER = 5;
/** Names of encodings and versions, which both sides say of their own accord. */
const WELL_KNOWN = /^(?:iso-8859-\d+|utf-\d+|windows-\d+|\d{4}-\d\d-\d\d)$/i;

/** Whether two sides do not say this by chance. */
export function isUnlikely(value: string): boolean {
  if (WELL_KNOWN.test(value)) return false;
  if (/^\d+$/.test(value)) return value.length >= SHORTEST_NUMBER && !value.endsWith("000");
  return value.length >= SHORTEST && /[A-Za-z]/.test(value) && /\d.*\d/.test(value);
}

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

/** The type of a placeholder that takes all of these values, with its colon; empty where none is needed. */
export function typeOf(values: readonly string[]): string {
  if (values.every((value) => /^\d+$/.test(value))) return ":int";
  return values.every((value) => UUID.test(value)) ? ":uuid" : "";
}

/** Gives names to values, from the word before them: `"token": "…"` is `token`. */
export class ValueNames {
  readonly #taken: Set<string>;

  /** @param taken names that mean something else. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** @param before what stands before the value on its line. */
  next(before: string): string {
    const word = /([A-Za-z][A-Za-z0-9_]*)[^A-Za-z0-9]*$/.exec(before)?.[1]?.toLowerCase().slice(0, 30) ?? "value";
    const base = /^(?:env|connection|servers?|https?)$/.test(word) ? "value" : word;
    let name = base;
    for (let i = 2; this.#taken.has(name); i++) name = `${base}${i}`;
    this.#taken.add(name);
    return name;
  }
}
