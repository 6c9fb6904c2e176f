/**
 * Whether the operations on one object can be put in an order that real time allows and that its sequential
 * specification accepts: linearizability (Herlihy and Wing, "Linearizability: a correctness condition for concurrent
 * objects", TOPLAS 1990).
 *
 * The search is that of Wing and Gong ("Testing and verifying concurrent objects", JPDC 1993): among the operations that
 * were called before the first of those still left returned, take one that the specification accepts and go on; where
 * none is left to take, go back. Lowe's addition ("Testing for linearizability", CCPE 2017) makes it bearable: a set of
 * operations taken that led to a state seen before need not be followed again. Linearizability is local, so each file is
 * searched by itself.
 *
 * An operation whose outcome is unknown has no return. It may be taken at any time after its call, or never: the search
 * is over when all the others have their place.
 */

import type { Operation } from "./history.ts";

export interface Model<State> {
  readonly initial: State;
  /** The state after an operation that ended as it says; undefined where it cannot have. */
  step(state: State, operation: Operation): State | undefined;
  /** Equal for equal states, different for others. */
  key(state: State): string;
}

export type Verdict =
  | { readonly kind: "linearizable"; readonly order: readonly Operation[] }
  /** The longest order that was found, and the operations none of which can come next. */
  | { readonly kind: "impossible"; readonly order: readonly Operation[]; readonly next: readonly Operation[] }
  /** More states than the limit: no verdict. */
  | { readonly kind: "undecided" };

/** A call or a return, in a list from which operations are lifted when they have their place. */
interface Entry {
  readonly operation: Operation;
  readonly bit: bigint;
  readonly isCall: boolean;
  /** The return of a call that had one. */
  match: Entry | undefined;
  previous: Entry | undefined;
  next: Entry | undefined;
}

export function linearize<S>(operations: readonly Operation[], model: Model<S>, limit = 1_000_000): Verdict {
  const head = listOf(operations);
  const seen = new Set<string>();
  const taken: { readonly entry: Entry; readonly before: S }[] = [];
  let state = model.initial;
  let done = 0n;
  let left = operations.filter(({ outcome }) => outcome.kind !== "unknown").length;
  let longest: readonly Operation[] = [];
  let next: readonly Operation[] = candidates(head);
  let entry = head.next;
  while (left > 0) {
    if (entry?.isCall) {
      const after = model.step(state, entry.operation);
      const withIt = done | entry.bit;
      const key = after === undefined ? "" : `${withIt.toString(32)} ${model.key(after)}`;
      if (after === undefined || seen.has(key)) {
        entry = entry.next;
        continue;
      }
      if (seen.add(key).size > limit) return { kind: "undecided" };
      taken.push({ entry, before: state });
      [state, done] = [after, withIt];
      if (entry.match) left--;
      lift(entry);
      if (taken.length > longest.length) {
        longest = taken.map(({ entry: { operation } }) => operation);
        next = candidates(head);
      }
      entry = head.next;
    } else {
      // A return whose call has no place yet: nothing behind it may come before it.
      const last = taken.pop();
      if (!last) return { kind: "impossible", order: longest, next };
      state = last.before;
      done ^= last.entry.bit;
      if (last.entry.match) left++;
      putBack(last.entry);
      entry = last.entry.next;
    }
  }
  return { kind: "linearizable", order: taken.map(({ entry: { operation } }) => operation) };
}

function listOf(operations: readonly Operation[]): Entry {
  const entries: { readonly time: number; readonly entry: Entry }[] = [];
  operations.forEach((operation, index) => {
    const links = { operation, bit: 1n << BigInt(index), previous: undefined, next: undefined };
    const call: Entry = { ...links, isCall: true, match: undefined };
    entries.push({ time: operation.call, entry: call });
    if (operation.outcome.kind === "unknown") return;
    call.match = { ...links, isCall: false, match: undefined };
    entries.push({ time: operation.end, entry: call.match });
  });
  entries.sort((a, b) => a.time - b.time);
  const head = { isCall: false, next: undefined } as unknown as Entry;
  let last = head;
  for (const { entry } of entries) {
    entry.previous = last;
    last.next = entry;
    last = entry;
  }
  return head;
}

function lift(entry: Entry): void {
  for (const one of entry.match ? [entry, entry.match] : [entry]) {
    one.previous!.next = one.next;
    if (one.next) one.next.previous = one.previous;
  }
}

/** Undoes {@link lift}: an entry keeps its neighbours, and what was lifted later is back already. */
function putBack(entry: Entry): void {
  for (const one of entry.match ? [entry.match, entry] : [entry]) {
    one.previous!.next = one;
    if (one.next) one.next.previous = one;
  }
}

function candidates(head: Entry): readonly Operation[] {
  const found: Operation[] = [];
  for (let entry = head.next; entry?.isCall; entry = entry.next) found.push(entry.operation);
  return found;
}
