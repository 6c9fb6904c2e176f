/** The names that a reply has to bind, as lines after it need their values. */
import type { LinePattern } from "../match/pattern.ts";
import type { Move } from "../plan/moves.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import { neededNames } from "../plan/variables.ts";

const NONE: ReadonlySet<string> = new Set();

/** By the lines of each reply. */
export function namesNeededBy({
  examples,
  variables,
}: PlannedDocument): ReadonlyMap<readonly LinePattern[], ReadonlySet<string>> {
  const behind = neededNames(variables);
  const uses = (move: Move): readonly string[] => namesUsedIn(move).flatMap((name) => [...behind(name)]);
  const needed = new Map<readonly LinePattern[], ReadonlySet<string>>();
  const later = new Set<string>();
  for (const { moves } of examples.toReversed()) {
    for (const move of moves.toReversed()) {
      if (move.kind === "say" && move.by === "server") {
        const bound = bindingsOf(move.lines).filter((name) => later.has(name) && !variables.has(name));
        needed.set(move.lines, bound.length > 0 ? new Set(bound) : NONE);
      }
      for (const name of uses(move)) later.add(name);
    }
  }
  // Only the first reply that binds a name has to: the others compare with it.
  const isBound = new Set<string>();
  for (const [lines, names] of [...needed].reverse()) {
    if (names.size > 0) needed.set(lines, new Set([...names].filter((name) => !isBound.has(name))));
    for (const name of bindingsOf(lines)) isBound.add(name);
  }
  return needed;
}

/** Names that are bound where they are free. */
export const bindingsOf = (lines: readonly LinePattern[]): readonly string[] =>
  lines.flatMap(({ placeholders, groups }) => [
    ...groups,
    ...placeholders.flatMap(({ name, filter }) => (filter || name === "_" ? [] : [name])),
  ]);

function namesUsedIn(move: Move): readonly string[] {
  switch (move.kind) {
    case "say":
      return move.lines.flatMap(({ placeholders }) => placeholders.map(({ name }) => name));
    case "act":
      return move.argument.flatMap((part) => (part.kind === "placeholder" ? [part.name] : []));
    case "pause":
      return move.duration.flatMap((part) => (part.kind === "placeholder" ? [part.name] : []));
    default:
      return move satisfies never;
  }
}
