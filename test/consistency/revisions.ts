/**
 * The rules that a totally ordered store has to keep, each checked by itself in the time it takes to sort a history.
 *
 * Linearizability is hard to decide because the order is not known (Gibbons and Korach, "Testing shared memories", SIAM
 * J. Comput. 1997: NP-complete in general, near linear where each read names its write and the order of the writes is
 * given). Here the store itself tells the order: every version has a revision. What is left is to compare the revisions
 * with real time.
 *
 * The rules have no false alarms, but they leave gaps: what was refused, or removed without a watcher, is judged by the
 * search alone.
 */

import { describe, type History, type Operation, type Violation, wasRefused } from "./history.ts";
import { describeVersion, type Version, type Versions } from "./versions.ts";

/** The highest revision known when something was asked: of all, and of each path. */
class Floors {
  #all = 0;
  readonly #paths = new Map<string, Version>();

  get all(): number {
    return this.#all;
  }
  of(path: string): Version | undefined {
    return this.#paths.get(path);
  }
  raise(revision: number): void {
    this.#all = Math.max(this.#all, revision);
  }
  know(version: Version): void {
    this.raise(version.revision);
    if (version.revision > (this.of(version.path)?.revision ?? 0)) this.#paths.set(version.path, version);
  }
}

type Moment = { readonly time: number } & (
  | { readonly kind: "known"; readonly version: Version }
  | { readonly kind: "told"; readonly revision: number }
  | { readonly kind: "asked"; readonly operation: Operation }
);

export function checkRevisions({ operations }: History, versions: Versions): Violation[] {
  const violations: Violation[] = [];
  const say = (rule: string, message: string) => violations.push({ rule, message });
  const written = new Map(versions.all.flatMap((version) => (version.writer ? [[version.writer, version]] : [])));
  const removals = operations.filter((each) => each.request.kind === "del" && !wasRefused(each));
  const mayBeRemoved = (path: string, after: number, before: number): boolean =>
    removals.some((removal) => removal.path === path && removal.call < before && removal.end > after);

  const ask = (operation: Operation, floors: Floors) => {
    const { path, outcome, end } = operation;
    const version = written.get(operation);
    if (version && version.revision <= floors.all) {
      say(
        "revision order",
        `${describeVersion(version)} was written after ${floors.all} was known: ${describe(operation)}`,
      );
    }
    if (outcome.kind === "revision" && outcome.revision < floors.all) {
      say("stale revision", `${floors.all} was known before: ${describe(operation)}`);
    }
    const floor = floors.of(path);
    if (outcome.kind !== "read" || !floor || outcome.revision >= floor.revision) return;
    const isGone = outcome.revision === 0 && (floor.kind === "del" || mayBeRemoved(path, floor.writer!.call, end));
    if (!isGone) say("stale read", `${describeVersion(floor)} was known before: ${describe(operation)}`);
  };

  const floors = new Floors();
  for (const moment of momentsOf(operations, versions)) {
    if (moment.kind === "known") floors.know(moment.version);
    else if (moment.kind === "told") floors.raise(moment.revision);
    else ask(moment.operation, floors);
  }

  for (const [path, ofPath] of versions.byPath) {
    for (const [index, version] of ofPath.entries()) {
      const before = ofPath[index - 1];
      const request = version.writer?.request;
      if (request?.kind !== "set" || request.revision === -1) continue;
      if (before?.kind !== "set" || request.revision >= before.revision) continue;
      if (mayBeRemoved(path, before.writer!.call, version.known)) continue;
      say("lost update", `${describe(version.writer!)} was written over ${describeVersion(before)}`);
    }
  }
  return violations;
}

function momentsOf(operations: readonly Operation[], versions: Versions): readonly Moment[] {
  const moments: Moment[] = versions.all.map((version) => ({ kind: "known", time: version.known, version }));
  for (const operation of operations) {
    moments.push({ kind: "asked", time: operation.call, operation });
    if (operation.outcome.kind !== "revision") continue;
    moments.push({ kind: "told", time: operation.end, revision: operation.outcome.revision });
  }
  return moments.sort((a, b) => a.time - b.time);
}
