/**
 * What a config file says before it is checked: the same tree for YAML and JSON, whose values have places, and for a
 * JavaScript module, whose values have none.
 */
import type { Span } from "../base/span.ts";
import type { RawValue } from "../transcript/settings.ts";

export type ConfigValue =
  /** `text` is the scalar as written; that of null is empty. */
  | { readonly kind: "scalar"; readonly value: unknown; readonly text: string; readonly span: Span | undefined }
  | { readonly kind: "list"; readonly items: readonly ConfigValue[]; readonly span: Span | undefined }
  | { readonly kind: "map"; readonly entries: readonly ConfigEntry[]; readonly span: Span | undefined }
  /** What only JavaScript has: a function, an object of a class. */
  | { readonly kind: "other"; readonly value: unknown; readonly span: undefined };

export interface ConfigEntry {
  readonly name: string;
  /** Of the name; `value.span` is that of its value. */
  readonly span: Span | undefined;
  readonly value: ConfigValue;
}

/** A value that holds itself. */
export class CircularValueError extends Error {
  override readonly name = "CircularValueError";
}

/** @throws {CircularValueError} */
export function fromJavaScript(value: unknown, ancestors: readonly unknown[] = []): ConfigValue {
  const span = undefined;
  if (value === null) return { kind: "scalar", value, text: "", span };
  if (typeof value === "function" || typeof value === "symbol") return { kind: "other", value, span };
  if (typeof value !== "object") return { kind: "scalar", value, text: String(value), span };
  if (ancestors.includes(value)) throw new CircularValueError("a value holds itself");
  const inside = [...ancestors, value];
  if (Array.isArray(value)) return { kind: "list", items: value.map((item) => fromJavaScript(item, inside)), span };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return { kind: "other", value, span };
  const set = Object.entries(value).filter(([, member]) => member !== undefined);
  const entries = set.map(([name, member]) => ({ name, span, value: fromJavaScript(member, inside) }));
  return { kind: "map", entries, span };
}

/** A value as the checks of front matter take it: every scalar within a list or a mapping is its text. */
export const toRawValue = (value: ConfigValue): RawValue =>
  value.kind === "scalar" ? { value: value.value, source: value.text } : { value: plain(value), source: undefined };

function plain(value: ConfigValue): unknown {
  switch (value.kind) {
    case "scalar":
      return value.text;
    case "list":
      return value.items.map(plain);
    case "map":
      return Object.fromEntries(value.entries.map((entry) => [entry.name, plain(entry.value)]));
    case "other":
      return value.value;
    default:
      return value satisfies never;
  }
}
