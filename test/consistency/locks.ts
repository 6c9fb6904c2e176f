/** No two clients hold a lock at once, and its revision, which fences off who held it before, grows. */

import { groupBy, type Hold, type Violation } from "./history.ts";

export function checkLocks(holds: readonly Hold[]): Violation[] {
  const violations: Violation[] = [];
  for (const [path, ofPath] of groupBy(holds, (hold) => hold.path)) {
    const inTime = ofPath.toSorted((a, b) => a.from - b.from);
    for (const [index, hold] of inTime.entries()) {
      const before = inTime[index - 1];
      if (!before) continue;
      const both = `${before.client} [${before.from}, ${before.until}] and ${hold.client} [${hold.from}, ${hold.until}]`;
      if (hold.from < before.until) violations.push({ rule: "two holders", message: `${path}: ${both}` });
      if (hold.revision <= before.revision) {
        const revisions = `${before.revision} and ${hold.revision}`;
        violations.push({ rule: "fence", message: `${path}: ${both} with the revisions ${revisions}` });
      }
    }
  }
  return violations;
}
