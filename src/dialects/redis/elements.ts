/**
 * Elements in any order: those of a written aggregate against those of a received one, without their numbers, each level by
 * itself. Each one received goes to the first written one still free that it matches, those without wildcards first. Field
 * and value stay together: in a map they are one element; in an array that holds them by turns, two elements are one.
 */
import type { ByteString } from "../../base/bytes.ts";
import type { Captured } from "../../match/captures.ts";
import { PatternError } from "../../match/parts.ts";
import { type LinePattern, parseReplyLine } from "../../match/pattern.ts";
import { matchText } from "../../match/text.ts";
import type { Scope } from "../../match/variables.ts";
import type { ReceivedLine } from "../dialect.ts";
import { type Node, withSpace } from "./tree.ts";

export type Written = Node<LinePattern>;
/** What is known of a received line: its number in the reply, and where its command answers in pairs. */
export type Received = Node<ReceivedLine & { readonly index: number }>;

/** What is compared as one: an element, or a field and its value. */
export type Unit<N> = readonly N[];

const patterns = new WeakMap<Written, LinePattern>();

/** What is written of an element, without its number. */
function patternOf(node: Written): LinePattern {
  const known = patterns.get(node);
  if (known) return known;
  const { source, line, column, marked } = node.from;
  const text = source.slice(node.column);
  let pattern = node.from;
  try {
    const written = { text: node.children ? withSpace(text) : text, line, column: column + node.column, marked };
    if (node.column > 0 || node.children) pattern = parseReplyLine(written);
  } catch (error) {
    // Only as a whole it is an expression: then it has to match as a whole, and does not.
    if (!(error instanceof PatternError)) throw error;
  }
  patterns.set(node, pattern);
  return pattern;
}

/** The text of an element that has no wildcards. */
const literalOf = ({ from, text, children }: Written): ByteString | undefined =>
  from.literal === undefined ? undefined : children ? withSpace(text) : text;

export const isLiteral = (node: Written): boolean =>
  node.from.literal !== undefined && comesOnce(node) && (node.children?.every(isLiteral) ?? true) && !node.open;

const comesOnce = ({ from }: Written): boolean => from.repeat === "once";

function matchOwnText(written: Written, received: Received, scope: Scope, captured: Captured): Captured | undefined {
  if (written.children && written.text === "") return received.text === "" ? captured : undefined;
  const literal = literalOf(written);
  if (literal !== undefined) return literal === received.text ? captured : undefined;
  return matchText(patternOf(written), received.text, scope, captured);
}

/** Whether fields and values follow each other in a received array. `outer` is what it is an element of. */
export function holdsPairs(
  { children = [], separator }: Received,
  depth: number,
  outer: Received | undefined,
): boolean {
  const [first] = children;
  if (!first || separator !== ")" || children.length % 2 === 1) return false;
  const { part } = first.from;
  if (children.some(({ children: within }, i) => i % 2 === 0 && within)) return false;
  if (part !== "entries") return part === `pairs ${depth}`;
  // An entry of a stream: its ID, and then fields and values.
  const id = outer?.children?.length === 2 ? outer.children[0] : undefined;
  return id !== undefined && !id.children && /^"\d+-\d+"$/.test(id.text);
}

export function unitsOf<N>(children: readonly N[], paired: boolean): readonly Unit<N>[] {
  if (!paired) return children.map((child) => [child]);
  const units: N[][] = [];
  for (let i = 0; i < children.length; i += 2) units.push(children.slice(i, i + 2));
  return units;
}

/** Written units that are still free: those that are one text are found by it. */
class FreeUnits {
  readonly units: Set<Unit<Written>>;
  readonly #byText = new Map<string, Unit<Written>[]>();
  readonly #others: Set<Unit<Written>>;

  constructor(units: readonly Unit<Written>[]) {
    this.units = new Set(units);
    const others: Unit<Written>[] = [];
    for (const unit of units) {
      const key = unit.every((node) => isLiteral(node) && !node.children) ? unit.map(literalOf).join("\n") : undefined;
      if (key === undefined) others.push(unit);
      else if (this.#byText.get(key)?.push(unit) === undefined) this.#byText.set(key, [unit]);
    }
    this.#others = new Set([
      ...others.filter((unit) => unit.every(isLiteral)),
      ...others.filter((unit) => !unit.every(isLiteral)),
    ]);
  }

  /** Those that a received unit could go to, in the order to try. */
  *candidates(received: Unit<Received>): Iterable<Unit<Written>> {
    const key = received.map(({ text }) => text).join("\n");
    const same = received.every(({ children }) => !children) ? this.#byText.get(key)?.[0] : undefined;
    if (same) yield same;
    yield* this.#others;
  }

  take(unit: Unit<Written>): void {
    if (!comesOnce(unit[0]!) && unit[0]!.from.repeat === "any") return;
    this.units.delete(unit);
    if (this.#others.delete(unit)) return;
    this.#byText.get(unit.map(literalOf).join("\n"))!.shift();
  }

  required(): readonly Unit<Written>[] {
    return [...this.units].filter((unit) => comesOnce(unit[0]!));
  }
}

/** How received units were given to written ones. */
export interface Assignment {
  readonly written: readonly Unit<Written>[];
  readonly captured: Captured;
  readonly pairs: ReadonlyMap<Unit<Written>, readonly Unit<Received>[]>;
  /** Received ones that nothing written takes, and written ones that nothing received took. */
  readonly strays: readonly Unit<Received>[];
  readonly missing: readonly Unit<Written>[];
}

export function assignUnits(
  written: readonly Unit<Written>[],
  received: readonly Unit<Received>[],
  match: (one: Unit<Written>, other: Unit<Received>, captured: Captured) => Captured | undefined,
  captured: Captured,
): Assignment {
  const free = new FreeUnits(written);
  const pairs = new Map<Unit<Written>, Unit<Received>[]>();
  const strays: Unit<Received>[] = [];
  let now = captured;
  for (const unit of received) {
    let isTaken = false;
    for (const candidate of free.candidates(unit)) {
      const result = match(candidate, unit, now);
      if (!result) continue;
      now = result;
      free.take(candidate);
      if (pairs.get(candidate)?.push(unit) === undefined) pairs.set(candidate, [unit]);
      isTaken = true;
      break;
    }
    if (!isTaken) strays.push(unit);
  }
  return { written, captured: now, pairs, strays, missing: free.required() };
}

/** The elements of two aggregates given to each other. */
export function assignElements(
  written: Written,
  received: Received,
  depth: number,
  outer: Received | undefined,
  scope: Scope,
  captured: Captured,
): Assignment {
  const paired = holdsPairs(received, depth, outer);
  return assignUnits(
    unitsOf(written.children!, paired),
    unitsOf(received.children!, paired),
    (one, other, before) => matchUnit(one, other, depth + 1, received, scope, before),
    captured,
  );
}

function matchUnit(
  written: Unit<Written>,
  received: Unit<Received>,
  depth: number,
  outer: Received,
  scope: Scope,
  captured: Captured,
): Captured | undefined {
  if (written.length !== received.length) return undefined;
  let now: Captured | undefined = captured;
  for (const [i, node] of written.entries()) {
    now = now && matchNode(node, received[i]!, depth, outer, scope, now);
  }
  return now;
}

/** What an element captures if a written one matches it. `depth` counts the aggregates around it. */
export function matchNode(
  written: Written,
  received: Received,
  depth: number,
  outer: Received | undefined,
  scope: Scope,
  captured: Captured,
): Captured | undefined {
  if ((written.children === undefined) !== (received.children === undefined)) return undefined;
  const own = matchOwnText(written, received, scope, captured);
  if (!own || !written.children) return own;
  if (written.separator !== received.separator) return undefined;
  if (written.children.length > received.children!.length && written.children.every(comesOnce)) return undefined;
  const assignment = assignElements(written, received, depth, outer, scope, own);
  const isAll = assignment.missing.length === 0 && (assignment.strays.length === 0 || written.open);
  return isAll ? assignment.captured : undefined;
}
