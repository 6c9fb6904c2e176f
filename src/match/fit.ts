/** Placeholders against a text. */
import { type ByteString, decodeText } from "../base/bytes.ts";
import { boundValue, type Captured, capture } from "./captures.ts";
import { isWithin } from "./characters.ts";
import type { Part, Placeholder, PlaceholderType } from "./parts.ts";
import { type Shape, split } from "./split.ts";
import { FILTERS, type Scope } from "./variables.ts";

const ANY: PlaceholderType = { kind: "any" };

/** Undefined where the texts are longer than `most` already: a value can be long, and can stand on a line often. */
function shapeOf(parts: readonly Part[], scope: Scope, captured: Captured, most: number): Shape | undefined {
  let left = most;
  const texts: ByteString[] = [""];
  const free: Placeholder[] = [];
  for (const part of parts) {
    const bytes = part.kind === "text" ? part.bytes : boundValue(part, scope, captured);
    if (bytes !== undefined) {
      left -= bytes.length;
      if (left < 0) return undefined;
      texts[texts.length - 1] += bytes;
    } else {
      const placeholder = part as Placeholder;
      const isSecond = placeholder.name !== "_" && free.some(({ name }) => name === placeholder.name);
      free.push(isSecond ? { ...placeholder, type: ANY } : placeholder);
      texts.push("");
    }
  }
  return { texts, free };
}

/** Matches parts against a whole text; undefined where they do not match. A filter of a free name never matches. */
export function matchParts(
  parts: readonly Part[],
  bytes: ByteString,
  scope: Scope,
  captured: Captured,
): Captured | undefined {
  const shape = shapeOf(parts, scope, captured, bytes.length);
  if (!shape) return undefined;
  const { texts, free } = shape;
  if (free.length === 0) return bytes === texts[0] ? captured : undefined;
  const from = texts[0]!.length;
  const to = bytes.length - texts.at(-1)!.length;
  if (from > to || !bytes.startsWith(texts[0]!) || !bytes.endsWith(texts.at(-1)!)) return undefined;
  if (free.length > 1) return matchSeveral(parts, bytes, scope, captured, shape);
  const [placeholder] = free as [Placeholder];
  const value = bytes.slice(from, to);
  const isWhole = to === bytes.length || !isWithin(bytes, from, to);
  return isWhole && !placeholder.filter && fits(placeholder, value)
    ? capture(captured, placeholder.name, value)
    : undefined;
}

function matchSeveral(
  parts: readonly Part[],
  bytes: ByteString,
  scope: Scope,
  captured: Captured,
  shape: Shape,
): Captured | undefined {
  const values = split(bytes, shape, parts);
  if (!values) return undefined;
  let result = captured;
  const own = new Map<string, ByteString>();
  for (const [i, { name, filter }] of shape.free.entries()) {
    if (name === "_") continue;
    const value = values[i]!;
    const bound = own.get(name);
    if (bound === undefined) {
      if (filter) return undefined;
      result = capture(result, name, value);
      own.set(name, value);
    } else if ((filter ? FILTERS[filter](bound) : bound) !== value) {
      // The first use has its text; the other placeholders may still take more for the second one to be the same.
      return matchParts(parts, bytes, scope, capture(captured, name, bound));
    }
  }
  return result;
}

/** Whether a whole value is of a placeholder's type. */
export function fits({ type }: Placeholder, value: ByteString): boolean {
  switch (type.kind) {
    case "text":
      return value !== "";
    case "any":
      return true;
    case "class":
      return type.whole.test(value);
    case "regex":
      return type.regex.match(decodeText(value)) !== undefined;
    case "bytes":
      return value.length === type.count;
    default:
      return type satisfies never;
  }
}
