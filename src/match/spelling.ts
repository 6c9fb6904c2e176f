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
  const places =
    received === undefined ? undefined : placesOf(body.parts, received, (one) => shownValue(one, scope, captured));
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
    const place = places?.get(part);
    const taken = place && received!.slice(place.from, place.to);
    const value = shownValue(part, scope, result) ?? taken;
    plain += value ?? source.slice(at, end ?? at);
    // Values can be long, and stand on a line often: then the line is shown as it is written.
    if (plain.length > LONGEST_SHOWN) return { text: source, plain: source, captured };
    if (end === undefined || value === undefined) continue;
    if (taken === value && !part.filter) result = capture(result, part.name, encodeText(value));
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

/** Where a placeholder stands in a text, from one UTF-16 unit up to another. */
export interface PlaceholderPlace {
  readonly from: number;
  readonly to: number;
}

/**
 * Where placeholders stand in a text that does not match: in the alignment with the fewest characters changed. Free ones as
 * far as what they take is of their type, others where the text has the value that is known.
 */
export function placesOf(
  parts: readonly Part[],
  received: string,
  known: (placeholder: Placeholder) => string | undefined,
): ReadonlyMap<Placeholder, PlaceholderPlace> {
  const slots: Slot[] = [];
  const places = new Map<Placeholder, PlaceholderPlace>();
  /** Of each placeholder with a value, the slots from one up to another. */
  const bound: { readonly part: Placeholder; readonly from: number; readonly to: number }[] = [];
  for (const part of parts) {
    const value = part.kind === "text" ? decodeText(part.bytes) : known(part);
    if (value === undefined) slots.push(part as Placeholder);
    else if (slots.length + value.length > LARGEST_TABLE) return places;
    else {
      const from = slots.length;
      for (const char of value.split("")) slots.push(char);
      if (part.kind === "placeholder") bound.push({ part, from, to: slots.length });
    }
  }
  if (!parts.some(({ kind }) => kind === "placeholder")) return places;
  if ((slots.length + 1) * (received.length + 1) > LARGEST_TABLE) return places;
  const edits = editsOf(slots, received);
  const width = received.length + 1;
  let unlike = 0;
  /** Of each slot: whether it agrees with what stands for it, or is a placeholder. */
  const agrees: boolean[] = [];
  const ranges: PlaceholderPlace[] = [];
  for (let slot = 0, at = 0, from = 0; slot < slots.length; ) {
    const edit = edits[slot * width + at];
    const own = slots[slot]!;
    if (typeof own === "string" && edit !== ADD) unlike += edit === CHANGE && own === received[at] ? -1 : 1;
    if (edit !== DROP) at++;
    if (edit === ADD) {
      if (typeof own === "string") from = at;
      continue;
    }
    ranges.push({ from, to: at });
    agrees.push(typeof own !== "string" || (edit === CHANGE && at === from + 1 && received[from] === own));
    from = at;
    slot++;
  }
  for (const { part, from, to } of bound)
    if (from < to && agrees.slice(from, to).every(Boolean))
      places.set(part, { from: ranges[from]!.from, to: ranges[to - 1]!.to });
  // What stands on both sides has to agree: in another line altogether nothing is the value of anything. In one that is
  // mostly another, more than a word is chance.
  for (const [slot, own] of slots.entries()) {
    // A filter takes nothing: it stands for what is made of a value, which is not known here.
    if (typeof own === "string" || own.filter) continue;
    const isFirst = slot === 0;
    const next = slots[slot + 1];
    const { from, to } = isFirst ? withoutWordsBefore(own, ranges[slot]!, received) : ranges[slot]!;
    const isBegun = isFirst || agrees[slot - 1]!;
    const isBeforeNext =
      next === undefined ? to === received.length : typeof next !== "string" || received[to] === next;
    const isEnded = isBeforeNext || endsAt(own, to, received);
    const value = received.slice(from, to);
    const isChance = unlike > 0 && /\s/.test(value);
    if (isBegun && isEnded && !isChance && fits(own, encodeText(value))) places.set(own, { from, to });
  }
  return places;
}

/** Words that come before one that is of the placeholder's type are no part of its value. */
function withoutWordsBefore(own: Placeholder, { from, to }: PlaceholderPlace, received: string): PlaceholderPlace {
  const last = received.slice(from, to).search(/\S+$/);
  const isOther = own.type.kind === "class" && !fits(own, encodeText(received.slice(from, to)));
  return { from: isOther && last > 0 ? from + last : from, to };
}

/** Whether the value of a placeholder ends here, although something else follows than what is written. */
const endsAt = ({ type }: Placeholder, to: number, received: string): boolean =>
  type.kind === "class" && !/[\w-]/.test(received[to] ?? "_");

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
