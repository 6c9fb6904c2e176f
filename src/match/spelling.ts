/**
 * A written line as people read it beside a received one: each placeholder as the value that its name has, or as what it
 * took of the line that came.
 */
import { decodeText, encodeText, escapeInvisible } from "../base/bytes.ts";
import { boundValue, type Captured, capture } from "./captures.ts";
import { fits } from "./fit.ts";
import { type Part, type Placeholder, readPlaceholder } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import type { Scope } from "./variables.ts";

export interface Spelling {
  /** As the document writes it, suffixes and all. */
  readonly text: string;
  /** What it stands for: without suffixes and escapes. */
  readonly plain: string;
  /** With what free placeholders took. */
  readonly captured: Captured;
}

/** The longest line that is shown with its values. */
const LONGEST_SHOWN = 1_000_000;

/** @param received the text of the line that came in its place, decoded; undefined where none did. */
export function spell(pattern: LinePattern, received: string | undefined, scope: Scope, captured: Captured): Spelling {
  const { body, source } = pattern;
  if (body.kind !== "text") return { text: source, plain: source, captured };
  if (pattern.literal !== undefined) return { text: source, plain: decodeText(pattern.literal), captured };
  const taken =
    received === undefined
      ? new Map<Placeholder, string>()
      : takeValues(body.parts, received, (one) => shownValue(one, scope, captured));
  const isEscaped = / \(esc\)/.test(source.slice(-30));
  let text = "";
  let plain = "";
  let from = 0;
  let result = captured;
  for (const part of body.parts) {
    if (part.kind === "text") {
      plain += decodeText(part.bytes);
      continue;
    }
    const at = part.column - pattern.column;
    const end = source.startsWith("{{", at) ? readPlaceholder(source, at, 0)?.end : undefined;
    const value = shownValue(part, scope, result) ?? taken.get(part);
    plain += value ?? source.slice(at, end ?? at);
    // Values can be long, and stand on a line often: then the line is shown as it is written.
    if (plain.length > LONGEST_SHOWN) return { text: source, plain: source, captured };
    if (end === undefined || value === undefined) continue;
    if (taken.get(part) === value && !part.filter) result = capture(result, part.name, encodeText(value));
    text += source.slice(from, at) + (isEscaped ? escapeInvisible(value.replaceAll("\\", "\\\\")) : value);
    from = end;
  }
  return { text: text + source.slice(from), plain, captured: result };
}

function shownValue(placeholder: Placeholder, scope: Scope, captured: Captured): string | undefined {
  const value = boundValue(placeholder, scope, captured);
  return value === undefined ? undefined : decodeText(value);
}

/** A character, or a placeholder that takes any number of them. */
type Slot = string | Placeholder;

/** The table of an alignment has at most so many fields. */
const LARGEST_TABLE = 1_000_000;
const EDIT = 4;
const CHANGE = 0;
const DROP = 1;
const ADD = 2;

const CLASSES: Readonly<Record<string, RegExp>> = {
  int: /[-+0-9]/,
  word: /\S/,
  hex: /[0-9A-Fa-f]/,
  base64: /[A-Za-z0-9+/=]/,
  uuid: /[-0-9A-Fa-f]/,
};

/**
 * What free placeholders took of a text that does not match: that of the alignment with the fewest characters changed, as
 * far as it is of their type.
 */
function takeValues(
  parts: readonly Part[],
  received: string,
  known: (placeholder: Placeholder) => string | undefined,
): ReadonlyMap<Placeholder, string> {
  const slots: Slot[] = [];
  const taken = new Map<Placeholder, string>();
  for (const part of parts) {
    const value = part.kind === "text" ? decodeText(part.bytes) : known(part);
    if (value === undefined) slots.push(part as Placeholder);
    else if (slots.length + value.length > LARGEST_TABLE) return taken;
    else for (const char of value.split("")) slots.push(char);
  }
  if (!slots.some((slot) => typeof slot !== "string") || (slots.length + 1) * (received.length + 1) > LARGEST_TABLE)
    return taken;
  const edits = editsOf(slots, received);
  const width = received.length + 1;
  let unlike = 0;
  /** Of each slot: whether it agrees with what stands for it, or is a placeholder. */
  const agrees: boolean[] = [];
  const values: { readonly slot: number; readonly from: number; readonly to: number }[] = [];
  for (let slot = 0, at = 0, from = 0; slot < slots.length; ) {
    const edit = edits[slot * width + at];
    const own = slots[slot]!;
    if (typeof own === "string" && edit !== ADD) unlike += edit === CHANGE && own === received[at] ? -1 : 1;
    if (edit !== DROP) at++;
    if (edit === ADD) {
      if (typeof own === "string") from = at;
      continue;
    }
    if (typeof own !== "string") values.push({ slot, from, to: at });
    agrees.push(typeof own !== "string" || (edit === CHANGE && at === from + 1 && received[from] === own));
    from = at;
    slot++;
  }
  // What stands on both sides has to agree: in another line altogether nothing is the value of anything. In one that is
  // mostly another, more than a word is chance.
  for (const { slot, from, to } of values) {
    const own = slots[slot] as Placeholder;
    // A filter takes nothing: it stands for what is made of a value, which is not known here.
    if (own.filter) continue;
    const isBegun = slot === 0 ? from === 0 : agrees[slot - 1]!;
    const next = slots[slot + 1];
    const isEnded = next === undefined ? to === received.length : typeof next !== "string" || received[to] === next;
    const value = received.slice(from, to);
    const isChance = unlike > 0 && /\s/.test(value);
    if (isBegun && isEnded && !isChance && fits(own, encodeText(value))) taken.set(own, value);
  }
  return taken;
}

/** For each number of slots and characters passed, what to do next on the cheapest way to the end. */
function editsOf(slots: readonly Slot[], received: string): Uint8Array {
  const width = received.length + 1;
  const edits = new Uint8Array((slots.length + 1) * width).fill(ADD);
  let below = Int32Array.from({ length: width }, (_, at) => (received.length - at) * EDIT);
  for (let row = slots.length - 1; row >= 0; row--) {
    const slot = slots[row]!;
    const costs = new Int32Array(width);
    const isText = typeof slot === "string";
    const allowed = isText || slot.type.kind !== "class" ? undefined : CLASSES[slot.type.name];
    costs[width - 1] = below[width - 1]! + (isText ? EDIT : 0);
    edits[row * width + width - 1] = DROP;
    for (let at = width - 2; at >= 0; at--) {
      const char = received[at]!;
      // A placeholder takes what it may for next to nothing, and rather a word than several.
      const price = isText || (allowed && !allowed.test(char)) ? EDIT : /\s/.test(char) ? 2 : 0;
      const add = costs[at + 1]! + price;
      const drop = below[at]! + (isText ? EDIT : 0);
      const change = isText ? below[at + 1]! + (slot === char ? 0 : EDIT) : Number.POSITIVE_INFINITY;
      const least = Math.min(change, drop, add);
      costs[at] = least;
      edits[row * width + at] = least === change ? CHANGE : least === drop ? DROP : ADD;
    }
    below = costs;
  }
  return edits;
}
