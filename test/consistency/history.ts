/**
 * What clients of a store asked, were told and saw, with the order in which it happened.
 *
 * Time is a counter: every call, reply and sighting takes the next number. All clients live in one process, so the order
 * of the numbers is the order of real time, without a clock's resolution.
 */

export type Request =
  | { readonly kind: "get" }
  | { readonly kind: "rev" }
  | { readonly kind: "set"; readonly revision: number; readonly value: string }
  | { readonly kind: "del"; readonly revision: number };

/**
 * `read` has revision 0 where the file is missing; `written` has none for a DEL, whose reply does not tell it; `mismatch`
 * was refused for the file's revision, `failed` for another reason; neither changed anything. An operation with `unknown`
 * was perhaps carried out, then at any time after its call.
 */
export type Outcome =
  | { readonly kind: "read"; readonly revision: number; readonly value: string }
  | { readonly kind: "revision"; readonly revision: number }
  | { readonly kind: "written"; readonly revision?: number }
  | { readonly kind: "mismatch" }
  | { readonly kind: "failed" }
  | { readonly kind: "unknown" };

export interface Operation {
  readonly client: string;
  /** Empty for REV, which asks about all. */
  readonly path: string;
  readonly request: Request;
  readonly call: number;
  /** Infinity where no reply came. */
  readonly end: number;
  readonly outcome: Outcome;
}

/** What was said not to have been done. */
export const wasRefused = ({ outcome }: Operation): boolean => outcome.kind === "mismatch" || outcome.kind === "failed";

/** A change as a watcher was told it, at a time. */
export interface Sighting {
  readonly kind: "set" | "del";
  readonly path: string;
  readonly revision: number;
  readonly value: string;
  readonly at: number;
}

/** All that one watcher was told about the paths a glob matches, from a revision to that of the last sighting. */
export interface Watch {
  readonly client: string;
  readonly glob: string;
  readonly from: number;
  readonly sightings: readonly Sighting[];
}

/** A lock as its holder sees it: from the reply that granted it to the call that gives it back. */
export interface Hold {
  readonly client: string;
  readonly path: string;
  /** That of the file which is the lock: it grows from holder to holder. */
  readonly revision: number;
  readonly from: number;
  readonly until: number;
}

export interface History {
  readonly operations: readonly Operation[];
  readonly watches: readonly Watch[];
  readonly holds: readonly Hold[];
}

/** A rule that a history breaks, and where. */
export interface Violation {
  readonly rule: string;
  readonly message: string;
}

export function describe(operation: Operation): string {
  const { client, path, request, outcome, call, end } = operation;
  const argument = request.kind === "set" ? ` ${JSON.stringify(request.value)}` : "";
  const asked = "revision" in request ? `${argument} rev=${request.revision}` : "";
  const told = "revision" in outcome ? `${outcome.kind} rev=${outcome.revision}` : outcome.kind;
  const value = outcome.kind === "read" ? ` ${JSON.stringify(outcome.value)}` : "";
  return `${client} [${call}, ${end}] ${request.kind.toUpperCase()} ${path}${asked}: ${told}${value}`;
}

/** Whether a glob (`*`: within a component, `**`: across them) matches a path. */
export function covers(glob: string, path: string): boolean {
  const pattern = glob
    .split("**")
    .map((part) => part.replace(/[.]/g, "\\.").replace(/[*]/g, "[^/]*"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(path);
}

export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
