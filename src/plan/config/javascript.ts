/** What a config file in JavaScript says, as values without places. */
import type { Value } from "../../transcript/value.ts";

/** A value that holds itself. */
export class CircularValueError extends Error {
  override readonly name = "CircularValueError";
}

/** @throws {CircularValueError} */
export function fromJavaScript(value: unknown, ancestors: readonly unknown[] = []): Value {
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
