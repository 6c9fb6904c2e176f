/**
 * Placeholders against a text. Linear in the text: what stands between placeholders is searched for with indexOf, and
 * only where typed placeholders leave a choice does an automaton decide.
 */
import { type ByteString, decodeText } from "../base/bytes.ts";
import { Automaton } from "./automaton.ts";
import type { Capture } from "./capture-values.ts";
import { boundValue, type Captured, capture } from "./captures.ts";
import { isWithin, sizeAt } from "./characters.ts";
import type { Part, Placeholder } from "./parts.ts";
import { ProgramBuilder } from "./program.ts";
import { FILTERS, type Scope } from "./variables.ts";

/**
 * Text, and a placeholder after each but the last: `texts` has one more than `free`. The second use of a name may be any
 * text here; what the first one took tells.
 */
interface Shape {
  readonly texts: readonly ByteString[];
  readonly free: readonly Placeholder[];
}

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
      free.push(isSecond ? { ...placeholder, type: { kind: "any" } } : placeholder);
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
  const values = isPlain(shape) ? splitLeftmost(bytes, shape) : splitByProgram(bytes, shape);
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

/** Whether no type restricts what the placeholders take, and no text between them begins or ends within a character. */
const isPlain = ({ texts, free }: Shape): boolean =>
  free.every(({ type }) => type.kind === "text" || type.kind === "any") &&
  texts.every((text) => /^[\x00-\x7f]*$/.test(text) || !/[\udc80-\udcff]/.test(decodeText(text)));

/** Each text at its first possible place: the shortest for every placeholder, and the most room for what follows. */
function splitLeftmost(bytes: ByteString, { texts, free }: Shape): readonly ByteString[] | undefined {
  const values: ByteString[] = [];
  const end = bytes.length - texts.at(-1)!.length;
  let from = texts[0]!.length;
  for (const [i, { type }] of free.entries()) {
    const least = from + (type.kind === "any" ? 0 : sizeAt(bytes, from));
    const text = texts[i + 1]!;
    const at = i === free.length - 1 ? end : bytes.indexOf(text, least);
    if (at < least || at + (i === free.length - 1 ? 0 : text.length) > end) return undefined;
    values.push(bytes.slice(from, at));
    from = at + text.length;
  }
  return values;
}

function splitByProgram(bytes: ByteString, { texts, free }: Shape): readonly ByteString[] | undefined {
  const builder = new ProgramBuilder();
  const parts = texts.flatMap((text, i): readonly Part[] => {
    // The number tells the captures apart: a name may be there twice.
    const placeholder = free[i] && { ...free[i], name: String(i), filter: undefined };
    return placeholder ? [{ kind: "text", bytes: text }, placeholder] : [{ kind: "text", bytes: text }];
  });
  builder.items(parts, "text");
  const automaton = new Automaton(builder.end(), true);
  automaton.append(bytes);
  automaton.close();
  automaton.start();
  while (automaton.at < automaton.length && automaton.threads.length > 0) automaton.step();
  if (automaton.at < automaton.length || !automaton.accepted) return undefined;
  const values: ByteString[] = [];
  for (let at: Capture | undefined = automaton.accepted.captures; at; at = at.before)
    values[Number(at.name)] = automaton.valueOf(at);
  return values;
}
