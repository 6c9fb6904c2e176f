/** Every version of a file that a history tells of: by the reply to a write, by a read or by a watcher. */

import { describe, groupBy, type History, type Operation, type Violation, wasRefused } from "./history.ts";

export interface Version {
  readonly kind: "set" | "del";
  readonly path: string;
  readonly revision: number;
  readonly value: string;
  /** The write it came from; a removal does not say. */
  readonly writer: Operation | undefined;
  /** When a client first knew of it. */
  readonly known: number;
}

export interface Versions {
  /** In the order of their revisions. */
  readonly all: readonly Version[];
  readonly byPath: ReadonlyMap<string, readonly Version[]>;
  readonly violations: readonly Violation[];
}

/** A test that writes a value twice could not tell the writes apart. */
function writersOf(operations: readonly Operation[]): Map<string, Operation> {
  const writers = new Map<string, Operation>();
  for (const operation of operations) {
    if (operation.request.kind !== "set") continue;
    const key = `${operation.path} ${operation.request.value}`;
    if (writers.has(key)) throw new Error(`the test wrote this twice: ${describe(operation)}`);
    writers.set(key, operation);
  }
  return writers;
}

export function versionsOf({ operations, watches }: History): Versions {
  const writers = writersOf(operations);
  const violations: Violation[] = [];
  const say = (rule: string, message: string) => violations.push({ rule, message });
  const found = new Map<number, Version>();
  const revisionOf = new Map<Operation, number>();

  const see = (version: Omit<Version, "writer">, source: string) => {
    const { kind, path, value, revision, known } = version;
    const writer = kind === "set" ? writers.get(`${path} ${value}`) : undefined;
    if (kind === "set") {
      if (!writer) return say("phantom", `${source}: nobody wrote ${JSON.stringify(value)} to ${path}`);
      if (wasRefused(writer)) say("refused but written", `${source}: ${describe(writer)}`);
      if (writer.call > known) say("phantom", `${source}: seen before it was written by ${describe(writer)}`);
      const other = revisionOf.get(writer) ?? revision;
      if (other !== revision) say("written twice", `${source}: at ${revision}, and at ${other}: ${describe(writer)}`);
      else revisionOf.set(writer, revision);
    }
    const earlier = found.get(revision);
    if (earlier && (earlier.kind !== kind || earlier.path !== path || earlier.value !== value)) {
      say(
        "revision repeated",
        `${source}: ${revision} is ${kind} ${path} ${value}, but was ${describeVersion(earlier)}`,
      );
    } else {
      found.set(revision, { ...version, writer, known: Math.min(known, earlier?.known ?? known) });
    }
  };

  for (const { request, outcome, path, end, ...operation } of operations) {
    const source = describe({ request, outcome, path, end, ...operation });
    if (request.kind === "set" && outcome.kind === "written" && outcome.revision !== undefined) {
      see({ kind: "set", path, value: request.value, revision: outcome.revision, known: end }, source);
    } else if (outcome.kind === "read" && outcome.revision > 0) {
      see({ kind: "set", path, value: outcome.value, revision: outcome.revision, known: end }, source);
    }
  }
  for (const { client, sightings } of watches) {
    for (const { at, ...change } of sightings) {
      see({ ...change, known: at }, `${client} watches at ${at}`);
    }
  }
  const all = [...found.values()].sort((a, b) => a.revision - b.revision);
  return { all, byPath: groupBy(all, ({ path }) => path), violations };
}

export const describeVersion = ({ kind, path, value, revision }: Version): string =>
  `${kind} ${path} ${JSON.stringify(value)} at ${revision}`;
