/**
 * From etcd's events to changes. Each file is a key, its path. A key outside of the tree, the sentinel, is written by what
 * etcd would otherwise not give a revision to (a NOP, a DEL of what is not there) and by every DEL: its value is the path
 * deleted, empty for a NOP. So a revision that writes the sentinel is told by it alone.
 *
 * A revision made by somebody else may change several keys; each that is a path is a change then. Where none is, it is a
 * NOP: every revision has a change.
 */
import type { Change } from "../engine.ts";
import { isLegalPath } from "../path.ts";
import type { WatchEvent } from "./messages.ts";

export const SENTINEL = "\0doozer";

const NOTHING = new Uint8Array(0);

export const isFileKey = (key: string): boolean => key !== "/" && isLegalPath(key);

/** The changes of one revision, of which `events` are all events. */
export function changesOf(revision: number, events: readonly WatchEvent[]): readonly Change[] {
  const sentinel = events.find(({ key, deleted }) => key === SENTINEL && !deleted);
  const deleted = sentinel === undefined ? "" : Buffer.from(sentinel.value).toString("latin1");
  if (isFileKey(deleted)) return [{ kind: "del", revision, path: deleted, value: NOTHING }];
  const files = sentinel === undefined ? events.filter(({ key }) => isFileKey(key)) : [];
  if (files.length === 0) return [{ kind: "nop", revision, path: "/", value: NOTHING }];
  return files.map(({ key, deleted, value }) => ({ kind: deleted ? "del" : "set", revision, path: key, value }));
}

/** Puts the events of a watch together by their revisions: those of one may come in several messages. */
export function createGrouper(): (events: readonly WatchEvent[], isEnd: boolean) => readonly Change[] {
  let pending: WatchEvent[] = [];
  return (events, isEnd) => {
    const changes: Change[] = [];
    const flush = (): void => {
      if (pending.length > 0) changes.push(...changesOf(pending[0]!.revision, pending));
      pending = [];
    };
    for (const event of events) {
      if (pending.length > 0 && pending[0]!.revision !== event.revision) flush();
      pending.push(event);
    }
    if (isEnd) flush();
    return changes;
  };
}
