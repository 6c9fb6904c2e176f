/**
 * What front matter and a config file say before it is checked: the same tree for YAML and JSON, whose values have places,
 * and for a JavaScript module, whose values have none.
 */
import type { Span } from "../base/span.ts";
import type { RawValue } from "./checks.ts";

/** Where YAML has an alias, the tree holds the same value more than once. */
export type Value =
  /** `text` is the scalar as written; that of null is empty. */
  | { readonly kind: "scalar"; readonly value: unknown; readonly text: string; readonly span: Span | undefined }
  | { readonly kind: "list"; readonly items: readonly Value[]; readonly span: Span | undefined }
  | { readonly kind: "map"; readonly entries: readonly Entry[]; readonly span: Span | undefined }
  /** What only JavaScript has: a function, an object of a class. */
  | { readonly kind: "other"; readonly value: unknown; readonly span: undefined };

export interface Entry {
  readonly name: string;
  /** Of the name; `value.span` is that of its value. */
  readonly span: Span | undefined;
  readonly value: Value;
}

/** A value as the checks of settings take it: every scalar within a list or a mapping is its text. */
export const toRawValue = (value: Value): RawValue =>
  value.kind === "scalar"
    ? { value: value.value, source: value.text }
    : { value: plain(value, new Map()), source: undefined };

function plain(value: Value, known: Map<Value, unknown>): unknown {
  const before = known.get(value);
  if (before !== undefined) return before;
  let result: unknown;
  switch (value.kind) {
    case "scalar":
      return value.text;
    case "other":
      return value.value;
    case "list":
      result = value.items.map((item) => plain(item, known));
      break;
    case "map":
      result = Object.fromEntries(value.entries.map((entry) => [entry.name, plain(entry.value, known)]));
      break;
    default:
      return value satisfies never;
  }
  known.set(value, result);
  return result;
}
