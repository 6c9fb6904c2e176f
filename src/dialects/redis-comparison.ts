/** For reports: received replies laid beside the written ones, where order and numbers do not count. */
import type { ByteString } from "../base/bytes.ts";
import type { LinePattern } from "../match/pattern.ts";
import { type Captured, matchLine, NOTHING_CAPTURED } from "../match/text.ts";
import type { Scope } from "../match/variables.ts";
import type { Comparison, ReceivedLine } from "./dialect.ts";
import {
  type Assignment,
  assignElements,
  assignUnits,
  matchNode,
  type Received,
  type Unit,
  unitsOf,
  type Written,
} from "./redis-elements.ts";
import { readReceived, readWritten, withHeadSpace } from "./redis-lines.ts";
import { treeLines } from "./redis-tree.ts";

export function compareReplies(
  expects: readonly LinePattern[],
  received: readonly ReceivedLine[],
  scope: Scope,
  unordered: boolean,
): Comparison {
  if (unordered) {
    const lines = arrangeReplies(readWritten(expects.map(withHeadSpace)).roots, readReceived(received, 0), scope);
    return {
      lines: lines.map((line) => `${line}\n`),
      matches: (pattern, line) => withoutNumbers(withHeadSpace(pattern), line, scope),
    };
  }
  const rules = { eol: "any", endingOptional: true } as const;
  return {
    lines: received.map(({ line }) => line),
    matches: (pattern, line) => matchLine(withHeadSpace(pattern), line, rules, scope, NOTHING_CAPTURED) !== undefined,
  };
}

/** The lines of received replies in the order of the written ones, numbered anew. */
function arrangeReplies(
  written: readonly Written[],
  received: readonly Received[],
  scope: Scope,
): readonly ByteString[] {
  const match = (one: Unit<Written>, other: Unit<Received>, captured: Captured): Captured | undefined =>
    matchNode(one[0]!, other[0]!, 0, undefined, scope, captured);
  const assignment = assignUnits(unitsOf(written, false), unitsOf(received, false), match, NOTHING_CAPTURED);
  return treeLines(arrange(assignment, 0, undefined, scope).flat());
}

/** Received units in the order of the written ones: what matched, then what is likest, then the rest. */
function arrange(
  { written, pairs, strays }: Assignment,
  depth: number,
  outer: Received | undefined,
  scope: Scope,
): readonly Unit<Received>[] {
  const rest = new Set(strays);
  const arranged = written.flatMap((unit): readonly Unit<Received>[] => {
    const likest = pairs.get(unit) ?? findAlike(unit, rest);
    for (const one of likest) rest.delete(one);
    return likest.map((one) => one.map((node, i) => arrangeNode(unit[i], node, depth, outer, scope)));
  });
  return [...arranged, ...rest];
}

/** One that may be meant by a written unit though it differs: an aggregate for one, the same field of a map. */
function findAlike([written]: Unit<Written>, rest: ReadonlySet<Unit<Received>>): readonly Unit<Received>[] {
  if (!written || (!written.children && !written.text.includes(" => "))) return [];
  const field = ({ text }: Written | Received): string => text.split(" => ")[0]!.trim();
  for (const unit of rest) {
    const [received] = unit;
    const isOfKind = received && (received.children === undefined) === (written.children === undefined);
    if (isOfKind && field(received) === field(written)) return [unit];
  }
  return [];
}

function arrangeNode(
  written: Written | undefined,
  received: Received,
  depth: number,
  outer: Received | undefined,
  scope: Scope,
): Received {
  if (!written?.children || !received.children) return received;
  const assignment = assignElements(written, received, depth, outer, scope, NOTHING_CAPTURED);
  const children = arrange(assignment, depth + 1, received, scope).flat();
  return { ...received, children };
}

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
