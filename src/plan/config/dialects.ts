/** `dialects` of a config file in JavaScript: dialects of one's own. */
import type { Dialect, Reading } from "../../dialects/dialect.ts";
import type { DialectNames } from "../../transcript/settings.ts";
import type { Report } from "./entries.ts";

const DIALECT_NAME = /^[a-z][a-z0-9-]*$/;

/** Checks as much of each dialect as can be seen without using it. */
export function readDialects(value: unknown, known: DialectNames, report: Report): readonly Dialect[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    report("dialects: a list of dialect objects", undefined);
    return [];
  }
  const taken = new Set(known.names);
  return value.filter((candidate: unknown, index): candidate is Dialect => {
    const mistake = mistakeOfDialect(candidate, taken);
    if (mistake !== undefined) report(`dialects: ${mistake} (number ${index + 1} of the list)`, undefined);
    return mistake === undefined;
  });
}

function mistakeOfDialect(candidate: unknown, taken: Set<string>): string | undefined {
  if (typeof candidate !== "object" || candidate === null) return "a dialect is an object";
  const {
    name,
    aliases = [],
    options = {},
    createCodec,
    requests,
    responses,
  } = candidate as Readonly<Record<keyof Dialect, unknown>>;
  if (!Array.isArray(aliases)) return "the aliases of a dialect are a list";
  for (const one of [name, ...aliases]) {
    if (typeof one !== "string" || !DIALECT_NAME.test(one))
      return `the name ${JSON.stringify(one)} is not made of small letters, digits and "-"`;
    if (taken.has(one)) return `there is a dialect "${one}" already`;
    taken.add(one);
  }
  if (typeof options !== "object" || options === null) return `the options of "${name}" are an object`;
  for (const [key, allowed] of Object.entries(options)) {
    const isWords = Array.isArray(allowed) && allowed.every((word) => typeof word === "string");
    if (!isWords && allowed !== "boolean" && allowed !== "text" && allowed !== "path") {
      return `the option "${key}" of "${name}" is "boolean", "text", "path" or a list of words`;
    }
  }
  if (typeof createCodec !== "function") return `the dialect "${name}" has no function createCodec`;
  for (const [key, reading] of Object.entries({ requests, responses })) {
    if (reading !== undefined && (typeof reading !== "object" || reading === null))
      return `"${key}" of "${name}" is an object`;
    const { matcher } = (reading ?? {}) as Readonly<Record<keyof Reading, unknown>>;
    if (matcher !== undefined && typeof matcher !== "function") return `${key}.matcher of "${name}" is no function`;
  }
  return undefined;
}
