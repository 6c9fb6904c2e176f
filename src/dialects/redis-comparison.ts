/** For reports: received replies laid beside the written ones, where order and numbers do not count. */
import type { ByteString } from "../base/bytes.ts";
import type { LinePattern } from "../match/pattern.ts";
import { type Captured, NOTHING_CAPTURED, splitEnding } from "../match/text.ts";
import type { Scope } from "../match/variables.ts";
import {
  type Assignment,
  assignElements,
  assignUnits,
  holdsPairs,
  matchNode,
  type Received,
  type Unit,
  unitsOf,
  type Written,
} from "./redis-elements.ts";
import { TreeReader, treeLines } from "./redis-tree.ts";

/** The lines of received replies in the order of the written ones, numbered anew. */
export function arrangeReplies(
  written: readonly Written[],
  received: readonly Received[],
  scope: Scope,
): readonly ByteString[] {
  const match = (one: Unit<Written>, other: Unit<Received>, captured: Captured): Captured | undefined =>
    matchNode(one[0]!, other[0]!, 0, undefined, scope, captured);
  const assignment = assignUnits(unitsOf(written, false), unitsOf(received, false), match, NOTHING_CAPTURED);
  return treeLines(arrange(unitsOf(written, false), assignment, 0, undefined, scope).flat());
}

/** Received units in the order of the written ones: what matched, then what is likest, then the rest. */
function arrange(
  written: readonly Unit<Written>[],
  { pairs, strays }: Assignment,
  depth: number,
  outer: Received | undefined,
  scope: Scope,
): readonly Unit<Received>[] {
  const rest = new Set(strays);
  const arranged = written.flatMap((unit): readonly Unit<Received>[] => {
    const matched = pairs.get(unit);
    const likest = matched ?? [...rest].filter((other) => isAlike(unit, other)).slice(0, 1);
    for (const one of likest) rest.delete(one);
    return likest.map((one) => one.map((node, i) => arrangeNode(unit[i], node, depth, outer, scope)));
  });
  return [...arranged, ...rest];
}

/** Whether two units that differ may be meant to be the same: a text has the same field, an aggregate is one. */
function isAlike([written]: Unit<Written>, [received]: Unit<Received>): boolean {
  if (!written || !received) return false;
  if (written.children) return received.children !== undefined && written.text.trim() === received.text.trim();
  const [field] = / => |$/.exec(written.text)!.input.split(" => ");
  return !received.children && field === received.text.split(" => ")[0];
}

function arrangeNode(
  written: Written | undefined,
  received: Received,
  depth: number,
  outer: Received | undefined,
  scope: Scope,
): Received {
  if (!written?.children || !received.children) return received;
  const paired = holdsPairs(received, depth, outer);
  const assignment = assignElements(written, received, depth, outer, scope, NOTHING_CAPTURED);
  const children = arrange(unitsOf(written.children, paired), assignment, depth + 1, received, scope).flat();
  return { ...received, children };
}

/** Whether a line is as written but for the numbers. */
export function withoutNumbers(pattern: LinePattern, line: ByteString, scope: Scope): boolean {
  const written = new TreeReader<LinePattern>();
  const isText = pattern.body.kind === "text" && pattern.literal !== undefined;
  written.add(isText ? pattern.literal! : pattern.source, pattern, pattern.body.kind === "regex");
  const received = new TreeReader<{ line: ByteString; part: string; index: number }>();
  received.add(splitEnding(line, "any").text, { line, part: "", index: 0 });
  const [one, other] = [written.roots[0], received.roots[0]];
  return (
    one !== undefined &&
    other !== undefined &&
    matchNode(one, other, 0, undefined, scope, NOTHING_CAPTURED) !== undefined
  );
}
