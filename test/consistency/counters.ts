/** Counters that were only ever raised by compare-and-set: `N TEXT`, N one more than before, none left out, none twice. */

import type { History, Violation } from "./history.ts";

/** Needs a watcher that saw all of the counters. */
export function checkCounters({ operations, watches }: History, paths: readonly string[]): Violation[] {
  const violations: Violation[] = [];
  const whole = watches.find(({ glob, from }) => glob.endsWith("/**") && from === 1);
  for (const path of paths) {
    const sets = operations.filter((operation) => operation.path === path && operation.request.kind === "set");
    const seen = (whole?.sightings ?? []).filter((sighting) => sighting.path === path);
    const say = (message: string) => violations.push({ rule: "miscount", message: `${path}: ${message}` });
    seen.forEach(({ value }, index) => {
      if (Number.parseInt(value, 10) !== index + 1) say(`${JSON.stringify(value)} is the ${index + 1}. value`);
    });
    const count = (kind: string) => sets.filter(({ outcome }) => outcome.kind === kind).length;
    const [least, most] = [count("written"), count("written") + count("unknown")];
    if (seen.length < least || seen.length > most) {
      say(`raised ${seen.length} times, though told of ${least} to ${most} times`);
    }
  }
  return violations;
}
