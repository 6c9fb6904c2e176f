/** For reports: received replies laid beside the written ones, where order and numbers do not count. */
import type { ByteString } from "../../base/bytes.ts";
import { type Captured, NOTHING_CAPTURED } from "../../match/captures.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { matchLine } from "../../match/text.ts";
import type { Scope } from "../../match/variables.ts";
import type { Comparison, ReceivedLine } from "../dialect.ts";
import {
  type Assignment,
  assignElements,
  assignUnits,
  matchNode,
  type Received,
  type Unit,
  unitsOf,
  type Written,
} from "./elements.ts";
import { readReceived, readWritten, withHeadSpace } from "./lines.ts";
import { treeLines } from "./tree.ts";

export function compareReplies(
  expects: readonly LinePattern[],
  received: readonly ReceivedLine[],
  scope: Scope,
  unordered: boolean,
): Comparison {
  if (unordered) return compareInAnyOrder(expects, received, scope);
  const rules = { eol: "any", endingOptional: true } as const;
  return {
    lines: received.map(({ line }) => line),
    matches: (pattern, line) => matchLine(withHeadSpace(pattern), line, rules, scope, NOTHING_CAPTURED) !== undefined,
  };
}

function compareInAnyOrder(
  expects: readonly LinePattern[],
  received: readonly ReceivedLine[],
  scope: Scope,
): Comparison {
  const arranger = new Arranger(scope);
  const written = readWritten(expects.map(withHeadSpace)).roots;
  const lines: ByteString[] = [];
  /** Of each line, what is written in its place: it is not compared with another that looks like it. */
  const places = new Map<ByteString, Set<number>>();
  for (const { text, node } of treeLines(arranger.replies(written, readReceived(received, 0)))) {
    const line = `${text}\n`;
    lines.push(line);
    const place = arranger.counterparts.get(node)?.from.line;
    if (place !== undefined) places.set(line, new Set(places.get(line)).add(place));
  }
  return {
    lines,
    matches: (pattern, line) =>
      places.get(line)?.has(pattern.line) !== false && withoutNumbers(withHeadSpace(pattern), line, scope),
  };
}

/** Puts received elements in the order of the written ones. */
class Arranger {
  readonly #scope: Scope;
  /** The written element that stands in the place of a received one. */
  readonly counterparts = new Map<Received, Written>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  replies(written: readonly Written[], received: readonly Received[]): readonly Received[] {
    const match = (one: Unit<Written>, other: Unit<Received>, captured: Captured): Captured | undefined =>
      matchNode(one[0]!, other[0]!, 0, undefined, this.#scope, captured);
    const assignment = assignUnits(unitsOf(written, false), unitsOf(received, false), match, NOTHING_CAPTURED);
    return this.#arrange(assignment, 0, undefined).flat();
  }

  /** What matched, what is likest, and what is of the same kind, in the written places; then the rest. */
  #arrange(
    { written, pairs, strays, missing }: Assignment,
    depth: number,
    outer: Received | undefined,
  ): readonly Unit<Received>[] {
    const rest = new Set(strays);
    const taken = new Map(pairs);
    for (const [find, units] of [
      [findAlike, written],
      [findElement, missing],
    ] as const) {
      for (const unit of units) {
        const found = taken.has(unit) ? undefined : find(unit, rest);
        if (!found) continue;
        taken.set(unit, [found]);
        rest.delete(found);
      }
    }
    const arranged = written.flatMap((unit): readonly Unit<Received>[] =>
      (taken.get(unit) ?? []).map((one) => one.map((node, i) => this.#arrangeNode(unit[i], node, depth, outer))),
    );
    return [...arranged, ...rest];
  }

  #arrangeNode(written: Written | undefined, received: Received, depth: number, outer: Received | undefined): Received {
    let node = received;
    if (written?.children && received.children) {
      const assignment = assignElements(written, received, depth, outer, this.#scope, NOTHING_CAPTURED);
      node = { ...received, children: this.#arrange(assignment, depth + 1, received).flat() };
    }
    if (written) this.counterparts.set(node, written);
    return node;
  }
}

/** One that may be meant by a written unit though it differs: with the same field, or an aggregate for an aggregate. */
function findAlike(written: Unit<Written>, rest: ReadonlySet<Unit<Received>>): Unit<Received> | undefined {
  const [first] = written;
  const isPair = written.length === 2 || first?.text.includes(" => ");
  if (!first || (!first.children && !isPair)) return undefined;
  for (const unit of rest) {
    const [other] = unit;
    const isOfKind = other && (other.children === undefined) === (first.children === undefined);
    if (isOfKind && fieldOf(other) === fieldOf(first)) return unit;
  }
  return undefined;
}

/** Any single element for one that nothing else stands beside. */
function findElement(written: Unit<Written>, rest: ReadonlySet<Unit<Received>>): Unit<Received> | undefined {
  const isSingle = (unit: Unit<Written | Received>): boolean =>
    unit.length === 1 && !unit[0]!.children && !unit[0]!.text.includes(" => ");
  if (!isSingle(written)) return undefined;
  for (const unit of rest) if (isSingle(unit)) return unit;
  return undefined;
}

const fieldOf = ({ text }: Written | Received): string => text.split(" => ")[0]!.trim();

/** Whether a line is as written but for the numbers. */
export function withoutNumbers(pattern: LinePattern, line: ByteString, scope: Scope): boolean {
  const [written] = readWritten([pattern]).roots;
  const [received] = readReceived([{ line, part: "" }], 0);
  return (
    written !== undefined &&
    received !== undefined &&
    matchNode(written, received, 0, undefined, scope, NOTHING_CAPTURED) !== undefined
  );
}
