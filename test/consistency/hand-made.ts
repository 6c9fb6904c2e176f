/** Histories written by hand: a row for each operation. */

import type { History, Hold, Operation, Outcome, Request, Sighting } from "./history.ts";

export const GET: Request = { kind: "get" };
export const SET = (value: string, revision = -1): Request => ({ kind: "set", value, revision });
export const DEL = (revision = -1): Request => ({ kind: "del", revision });
export const read = (revision: number, value = ""): Outcome => ({ kind: "read", revision, value });
export const written = (revision?: number): Outcome => ({
  kind: "written",
  ...(revision === undefined ? {} : { revision }),
});
export const MISMATCH: Outcome = { kind: "mismatch" };
export const UNKNOWN: Outcome = { kind: "unknown" };

export type Row = readonly [
  client: string,
  call: number,
  end: number,
  request: Request,
  outcome: Outcome,
  path?: string,
];

export function history(rows: readonly Row[], more: Partial<History> = {}): History {
  const operations = rows.map(([client, call, end, request, outcome, path = "/x"]): Operation => {
    return { client, call, end: outcome.kind === "unknown" ? Infinity : end, request, outcome, path };
  });
  return { operations, watches: [], holds: [], ...more };
}

export const saw = (revision: number, value: string, at: number, path = "/x"): Sighting => {
  return { kind: value === "" ? "del" : "set", revision, value, at, path };
};
export const watch = (from: number, ...sightings: Sighting[]) => ({
  watches: [{ client: "watcher", glob: "/**", from, sightings }],
});
export const hold = (client: string, revision: number, from: number, until: number): Hold => {
  return { client, path: "/lock", revision, from, until };
};
