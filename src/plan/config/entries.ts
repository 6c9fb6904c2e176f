/** The mappings that a config file is made of. */
import type { Span } from "../../base/span.ts";
import type { Entry, Value } from "../../transcript/value.ts";

/** Takes a mistake, at its place where that is known. */
export type Report = (message: string, span: Span | undefined) => void;

/** A value for a message, cut where it is long. */
export const showValue = (value: Value): string =>
  value.kind === "scalar"
    ? `"${value.text.slice(0, 60)}"`
    : { list: "a list", map: "a mapping", other: "a value of JavaScript" }[value.kind];

/** The entries of a mapping; empty where the key has no value. */
export function entriesOf(entry: Entry | undefined, what: string, report: Report): readonly Entry[] {
  if (!entry || (entry.value.kind === "scalar" && entry.value.value === null)) return [];
  if (entry.value.kind === "map") return entry.value.entries;
  report(`${entry.name}: ${showValue(entry.value)} is there where ${what} should be`, entry.value.span ?? entry.span);
  return [];
}

/** The places of the values of a mapping, by `key.name`. */
export function placesOf(entry: Entry | undefined): readonly (readonly [string, Span])[] {
  const entries = entry?.value.kind === "map" ? entry.value.entries : [];
  return entries.flatMap(({ name, span, value }) => {
    const place = value.span ?? span;
    return place ? [[`${entry?.name}.${name}`, place] as const] : [];
  });
}
