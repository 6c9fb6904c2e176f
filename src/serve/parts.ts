/** A document as its server plays it. */
import type { Move } from "../plan/moves.ts";
import type { PlannedDocument, PlannedExample } from "../plan/planned.ts";

/**
 * The examples, without what only a client needs to know: the order of replies does not count to the one who sends them,
 * whoever answers as written is right at once, and may not fail.
 */
export const servedExamples = ({ examples }: PlannedDocument): readonly PlannedExample[] =>
  examples
    .filter(({ role }) => role !== "anytime")
    .map((example) => ({
      ...example,
      xfail: undefined,
      settings: { ...example.settings, unordered: false, retry: 0 },
    }));

/** How many connections a client opens that does as written; infinite where it may open one for each request. */
export function countConnections(
  examples: readonly PlannedExample[],
  connection: PlannedDocument["connection"],
): number {
  if (examples.some(({ dialect }) => dialect.reopens)) return Number.POSITIVE_INFINITY;
  const open = new Set<string>();
  let count = 0;
  for (const { role, skip, fresh, dialect, moves } of examples) {
    if (role !== "example" || skip !== undefined) continue;
    if (fresh || connection === "example") open.clear();
    for (const move of moves) {
      const key = `${dialect.name} ${move.on}`;
      if (isOpening(move)) open.delete(key);
      if (!open.has(key) && !isEnd(move)) {
        open.add(key);
        count++;
      }
      if (isEnd(move)) open.delete(key);
    }
  }
  return count;
}

const isOpening = (move: Move): boolean => move.kind === "act" && move.act === "open";

/** Redis closes after QUIT without a word of the document. */
function isEnd(move: Move): boolean {
  if (move.kind === "act") return move.act === "close" || move.act === "reset";
  return move.kind === "say" && move.by === "client" && /^quit$/i.test(move.lines.at(-1)?.source ?? "");
}
