/**
 * The kinds of values that front matter, the config file's `defaults`, attributes and the command line take, each with its
 * check.
 */
import { parseDuration } from "../base/duration.ts";
import { didYouMean, type ErrorCode, oneOf } from "../base/error.ts";
import { compileRegex } from "../base/regex.ts";
import type { OptionSchema } from "../base/settings.ts";
import { parseSize } from "../base/size.ts";
import type { Marker } from "./model.ts";

/** A value as YAML or an attribute gives it: `source` is the text as written where that is a scalar. */
export interface RawValue {
  readonly value: unknown;
  readonly source: string | undefined;
}

/** A value that a key does not take; `message` says what would be right. */
export class SettingError extends Error {
  override readonly name = "SettingError";
  readonly code: ErrorCode;
  /** Of a mapping's key that the mistake is about. */
  readonly key: string | undefined;
  /** Mistakes in other keys of the same mapping. */
  further: readonly SettingError[] = [];
  constructor(message: string, code: ErrorCode = "bad-value", key?: string) {
    super(message);
    this.code = code;
    this.key = key;
  }
}

/** Reads a value. @throws {SettingError} */
export type Check<T> = (raw: RawValue) => T;

export const show = ({ value, source }: RawValue): string =>
  source === undefined ? kindOf(value) : `"${source.slice(0, 60)}"`;

/** A value that is no text, in words: written out, a list of aliases could be of any length. */
const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "a list" : typeof value === "object" && value !== null ? "a mapping" : `"${String(value)}"`;

export function text(raw: RawValue): string {
  if (raw.source === undefined || raw.value === null) throw new SettingError(`${show(raw)} is no text`);
  return raw.source;
}

export const duration: Check<number> = (raw) => {
  const ms = parseDuration(text(raw));
  if (ms === undefined) throw new SettingError(`${show(raw)} is no duration; write it like 500ms, 2s or 1m`);
  return ms;
};

export const positiveDuration: Check<number> = (raw) => {
  const ms = duration(raw);
  if (ms <= 0) throw new SettingError(`${show(raw)}: a timeout is longer than 0`);
  return ms;
};

export const size: Check<number> = (raw) => {
  const bytes = parseSize(text(raw));
  if (bytes === undefined) throw new SettingError(`${show(raw)} is no size; write it like 16MB, 64KiB or 4096`);
  return bytes;
};

export const word =
  <const T extends string>(...words: readonly T[]): Check<T> =>
  (raw) => {
    const found = words.find((one) => one === raw.source);
    if (found === undefined)
      throw new SettingError(`${show(raw)} is not ${oneOf(words)}${didYouMean(raw.source ?? "", words)}`);
    return found;
  };

export const words: Check<readonly string[]> = (raw) => {
  const list: readonly unknown[] = Array.isArray(raw.value) ? raw.value : text(raw).split(/[,\s]+/);
  const wrong = list.find((one) => typeof one !== "string" || (Array.isArray(raw.value) && /[\s,]/.test(one)));
  if (wrong !== undefined)
    throw new SettingError(
      `${typeof wrong === "string" ? `"${wrong.slice(0, 60)}"` : kindOf(wrong)} is not a word; write a list of words, as in [slow, tls]`,
    );
  return (list as readonly string[]).filter((one) => one !== "");
};

export const flag: Check<true> = (raw) => {
  if (raw.value !== true) throw new SettingError(`${show(raw)}: this attribute is a flag and takes no value`);
  return true;
};

export const count: Check<number> = (raw) => {
  if (!/^\d{1,9}$/.test(raw.source ?? "")) throw new SettingError(`${show(raw)} is no count; write it like 10`);
  return Number(raw.source);
};

export const reason: Check<string> = (raw) => (raw.value === true ? "" : text(raw));

/** The group that {@link marker} adds to an expression: what it leaves of a line. */
export const AFTER_MARKER = "afterMarker";

function marker(source: string): Marker {
  const regex = /^\/([\s\S]+)\/$/.exec(source)?.[1];
  if (regex === undefined) {
    if (source.trim() === "") throw new SettingError("a marker needs a visible character");
    return { kind: "text", text: source };
  }
  try {
    // What follows the marker is the text, unless a group says so.
    return { kind: "regex", regex: compileRegex(`(?:${regex})(?P<${AFTER_MARKER}>.*)`) };
  } catch (error) {
    throw new SettingError(`not a regular expression: ${(error as Error).message}`, "bad-regex");
  }
}

export const markers: Check<readonly Marker[]> = (raw) => {
  const list = Array.isArray(raw.value) ? raw.value : [text(raw)];
  if (list.length === 0 || list.some((one) => typeof one !== "string"))
    throw new SettingError(`${show(raw)}: a text, /regex/, or a list of them`);
  return (list as readonly string[]).map(marker);
};

function mapping(raw: RawValue): Readonly<Record<string, unknown>> {
  const { value } = raw;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SettingError(`${show(raw)}: a mapping of names to values, as in {name: value}`);
  return value as Readonly<Record<string, unknown>>;
}

/** Reads a mapping, each entry by itself. @throws {SettingError} the first mistake, with the others. */
function readEntries<T>(raw: RawValue, read: (name: string, value: unknown) => T): Readonly<Record<string, T>> {
  const result: Record<string, T> = {};
  const mistakes: SettingError[] = [];
  for (const [name, value] of Object.entries(mapping(raw))) {
    try {
      result[name] = read(name, value);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      mistakes.push(error);
    }
  }
  const [first, ...further] = mistakes;
  if (!first) return result;
  first.further = further;
  throw first;
}

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

export const vars: Check<Readonly<Record<string, string>>> = (raw) =>
  readEntries(raw, (name, value) => {
    const fail = (message: string): never => {
      throw new SettingError(message, "bad-value", name);
    };
    if (!VARIABLE_NAME.test(name) || name === "_")
      fail(`"${name}" is no name of a variable: letters, digits, _ and -, a letter first`);
    if (typeof value === "object") fail(`the variable "${name}" is a list or a mapping; a variable is a single value`);
    return String(value);
  });

export const options = (raw: RawValue, schema: OptionSchema): Readonly<Record<string, boolean | string>> =>
  readEntries(raw, (name, value) => {
    const allowed = Object.hasOwn(schema, name) ? schema[name] : undefined;
    const fail = (wanted: string): never => {
      throw new SettingError(
        `"${name}" takes ${wanted}, not ${typeof value === "string" ? `"${value.slice(0, 60)}"` : kindOf(value)}`,
        "bad-value",
        name,
      );
    };
    if (allowed === undefined)
      throw new SettingError(
        `"${name}" is no option${didYouMean(name, Object.keys(schema))}; there are ${oneOf(Object.keys(schema))}`,
        "unknown-key",
        name,
      );
    if (allowed === "boolean") return value === "true" ? true : value === "false" ? false : fail("true or false");
    if (allowed === "text" || allowed === "path")
      return typeof value === "string" && value !== "" ? value : fail(allowed === "text" ? "a text" : "a path");
    return allowed.find((one) => one === value) ?? fail(oneOf(allowed));
  });
