/** The attributes of one example, after the language of its fence or in a comment (format guide, section 2). */
import { didYouMean, oneOf, WiredocError } from "../base/error.ts";
import type { Span } from "../base/span.ts";
import { type Check, count, duration, flag, type RawValue, reason, SettingError, words } from "./checks.ts";
import { attributeAt, type WrittenAttribute } from "./info-string.ts";
import type { Attributes } from "./model.ts";
import { checkDialect, type DialectNames, MOST_MISTAKES, SETTINGS } from "./settings.ts";

const ATTRIBUTES: { readonly [K in keyof Attributes]-?: Check<Attributes[K]> } = {
  skip: reason,
  xfail: reason,
  opening: flag,
  anytime: flag,
  fresh: flag,
  unordered: flag,
  retry: count,
  every: duration,
  timeout: SETTINGS.timeout,
  settle: SETTINGS.settle,
  target: SETTINGS.target,
  server: SETTINGS.server,
  dialect: SETTINGS.dialect,
  eol: SETTINGS.eol,
  tags: words,
};

/** Attributes, and the place of each value, or of the name where it has none. */
export interface PlacedAttributes {
  readonly attributes: Attributes;
  readonly spans: Readonly<Record<string, Span>>;
}

/** Reads the attributes of an info string that begins at `start`. Mistakes go to `report`. */
export function readAttributes(
  info: string,
  start: Span,
  dialects: DialectNames,
  report: (error: WiredocError) => void,
): PlacedAttributes {
  let attributes: Attributes = {};
  const spans: Record<string, Span> = {};
  let left = MOST_MISTAKES;
  for (let at = skipSpace(info, 0); at < info.length; at = skipSpace(info, at)) {
    const span = { ...start, column: start.column + at };
    const mistake = (message: string): void => report(new WiredocError("bad-value", message, span));
    if (left === 0) {
      mistake("further attributes are not read; correct those before them first");
      break;
    }
    const written = attributeAt(info, at);
    if (!written) {
      mistake(`invalid attribute "${info.slice(at, at + 30)}": write name, name=value or name="a value"`);
      break;
    }
    at = written.end;
    const { name } = written;
    if (Object.hasOwn(spans, name)) {
      mistake(`the attribute "${name}" is written twice; keep one of them`);
      left--;
      continue;
    }
    spans[name] = written.value === undefined ? span : { ...span, column: span.column + name.length + 1 };
    try {
      attributes = readAttribute(attributes, written, dialects);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      left--;
      const isOfValue = error.code === "bad-value" && written.value !== undefined;
      const message = isOfValue ? `${name}: ${error.message}` : error.message;
      report(new WiredocError(error.code, message, error.code === "unknown-attribute" ? span : spans[name]));
    }
  }
  return { attributes, spans };
}

function skipSpace(info: string, at: number): number {
  let end = at;
  while (end < info.length && /\s/.test(info[end]!)) end++;
  return end;
}

/** Checks one attribute and adds it. @throws {SettingError} */
function readAttribute(into: Attributes, { name, value }: WrittenAttribute, dialects: DialectNames): Attributes {
  if (!Object.hasOwn(ATTRIBUTES, name)) {
    const known = Object.keys(ATTRIBUTES);
    throw new SettingError(
      `unknown attribute "${name}"${didYouMean(name, known)}: use ${oneOf(known)}`,
      "unknown-attribute",
    );
  }
  const key = name as keyof Attributes;
  if (value === undefined && key !== "skip" && ATTRIBUTES[key] !== flag) {
    const example = key === "xfail" ? '"why"' : key === "retry" ? "10" : key === "tags" ? "a,b" : "VALUE";
    throw new SettingError(`the attribute "${key}" needs a value: ${key}=${example}`);
  }
  const raw: RawValue = value === undefined ? { value: true, source: "true" } : { value, source: value };
  checkDialect(key, raw, dialects);
  return { ...into, [key]: ATTRIBUTES[key](raw) };
}
