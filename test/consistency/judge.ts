/** All that a history is judged by. */

import { fileModel } from "./file-model.ts";
import { describe, groupBy, type History, type Violation } from "./history.ts";
import { linearize } from "./linearizable.ts";
import { checkLocks } from "./locks.ts";
import { checkRevisions } from "./revisions.ts";
import { versionsOf } from "./versions.ts";
import { checkWatches } from "./watches.ts";

/** What the rules find, without the search. */
export function checkRules(history: History): Violation[] {
  const versions = versionsOf(history);
  return [
    ...versions.violations,
    ...checkRevisions(history, versions),
    ...checkWatches(history, versions),
    ...checkLocks(history.holds),
  ];
}

/** What the search finds: it knows of the operations alone, file by file, and nothing of the rules. */
export function search({ operations }: History): Violation[] {
  const onFiles = operations.filter(({ request }) => request.kind !== "rev");
  return [...groupBy(onFiles, ({ path }) => path)].flatMap(([path, ofPath]): Violation[] => {
    const verdict = linearize(ofPath, fileModel);
    if (verdict.kind === "linearizable") return [];
    if (verdict.kind === "undecided") return [{ rule: "undecided", message: `${path}: too many states` }];
    const after = verdict.order.slice(-5).map((operation) => `  ${describe(operation)}`);
    const next = verdict.next.map((operation) => `  ${describe(operation)}`);
    const message = [`${path}: after`, ...after, "none of these can come:", ...next].join("\n");
    return [{ rule: "not linearizable", message }];
  });
}

export const judge = (history: History): Violation[] => [...checkRules(history), ...search(history)];
