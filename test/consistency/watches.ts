/** Watchers see every change of what they watch, in order, and none twice. */

import { covers, type History, type Violation, wasRefused } from "./history.ts";
import { describeVersion, type Versions } from "./versions.ts";

export function checkWatches({ watches, operations }: History, versions: Versions): Violation[] {
  const violations: Violation[] = [];
  for (const { client, glob, from, sightings } of watches) {
    const say = (rule: string, message: string) => {
      violations.push({ rule, message: `${client} watches ${glob} from ${from}: ${message}` });
    };
    let last = from - 1;
    for (const { revision, path, at } of sightings) {
      if (!covers(glob, path)) say("watch astray", `saw ${path}`);
      if (revision <= last) say("watch order", `saw ${revision} after ${last}, at ${at}`);
      last = Math.max(last, revision);
    }
    const seen = new Set(sightings.map(({ revision }) => revision));
    for (const version of versions.all) {
      if (version.revision < from || version.revision > last || !covers(glob, version.path)) continue;
      if (!seen.has(version.revision)) say("watch gap", `did not see ${describeVersion(version)}`);
    }
    if (from > 1) continue;
    // The reply to a DEL has no revision, so only their number can be compared: of those before the last sighting.
    const end = versions.all.find(({ revision }) => revision === last);
    const dels = operations.filter(({ request, path }) => request.kind === "del" && covers(glob, path));
    const certain = dels.filter(({ outcome, end: at }) => outcome.kind === "written" && at < (end?.writer?.call ?? 0));
    const possible = dels.filter((del) => !wasRefused(del) && del.call < (end?.known ?? 0));
    const seenDels = sightings.filter(({ kind }) => kind === "del").length;
    if (seenDels < certain.length) say("watch gap", `saw ${seenDels} removals of ${certain.length}`);
    if (seenDels > possible.length) say("watch twice", `saw ${seenDels} removals of ${possible.length}`);
  }
  return violations;
}
