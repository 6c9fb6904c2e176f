/**
 * What is in a directory, and which files a glob matches, at one revision. Clients ask for one entry after another, so
 * the last lists stay for a moment: without them n entries would take n readings of all of them.
 *
 * etcd gives keys in byte order, a directory's in one range. Of an entry that is a directory itself only the first page
 * of its keys is read: what is below does not concern its name.
 */

import { Glob } from "../glob.ts";
import { isFileKey } from "./changes.ts";
import type { Range, RangeResult } from "./messages.ts";

/** Keys of one request. etcd goes through all of a range for each page of it, so they are not small. */
export const PAGE = 10_000;
/** How long a list is kept, in milliseconds; those that are older go when another one comes. */
const KEPT = 10_000;
/** Lists of one directory or glob. */
const MOST_REVISIONS = 4;
/** Names in all lists that are kept; the last one is kept whatever its length. */
const MOST_NAMES = 500_000;

export type ReadRange = (range: Range, signal: AbortSignal) => Promise<RangeResult>;

interface Kept {
  readonly revision: number;
  readonly names: readonly string[];
  readonly until: number;
}

export class Listings {
  readonly #range: ReadRange;
  /** By a directory's path, or `walk` and a glob; the last one used at the end. */
  readonly #kept = new Map<string, readonly Kept[]>();
  #names = 0;

  constructor(range: ReadRange) {
    this.#range = range;
  }

  /** Whether a directory's list is kept, of whatever revision. */
  knows(path: string): boolean {
    return this.#kept.has(path);
  }

  /** The names of a directory's entries, where they are kept. */
  kept(path: string, revision: number): readonly string[] | undefined {
    return this.#find(path, revision);
  }

  /** The names of a directory's entries, in byte order. `page` are the first keys below it, {@link PAGE} at most. */
  async entries(path: string, page: RangeResult, revision: number, signal: AbortSignal): Promise<readonly string[]> {
    const folder = path === "/" ? "/" : `${path}/`;
    const names = new Set<string>();
    const end = `${folder.slice(0, -1)}0`;
    for (let { kvs, more } = page; ; ) {
      for (const { key } of kvs) if (isFileKey(key)) names.add(nameIn(folder, key));
      const last = kvs.at(-1)?.key;
      if (!more || last === undefined) break;
      const slash = last.indexOf("/", folder.length);
      const key = slash < 0 ? `${last}\0` : `${last.slice(0, slash)}0`;
      ({ kvs, more } = await this.#range({ key, end, revision, limit: PAGE, keysOnly: true }, signal));
    }
    return this.#keep(path, revision, [...names].sort());
  }

  /** The paths of the files that a glob matches, component by component. */
  async matches(text: string, revision: number, signal: AbortSignal): Promise<readonly string[]> {
    const subject = `walk ${text}`;
    const kept = this.#find(subject, revision);
    if (kept !== undefined) return kept;
    const glob = new Glob(text);
    const end = glob.isPath ? `${text}\0` : `${glob.folder.slice(0, -1)}0`;
    const paths: string[] = [];
    for (let key = glob.folder; ; ) {
      const { kvs, more } = await this.#range({ key, end, revision, limit: PAGE, keysOnly: true }, signal);
      for (const { key } of kvs) if (isFileKey(key) && glob.matches(key)) paths.push(key);
      const last = kvs.at(-1)?.key;
      if (!more || last === undefined) break;
      key = `${last}\0`;
    }
    // A slash sorts before what may stand in a name.
    const order = new Map(paths.map((path) => [path, path.replaceAll("/", "\0")]));
    return this.#keep(
      subject,
      revision,
      paths.sort((one, other) => (order.get(one)! < order.get(other)! ? -1 : 1)),
    );
  }

  #find(subject: string, revision: number): readonly string[] | undefined {
    return this.#kept.get(subject)?.find((kept) => kept.revision === revision)?.names;
  }

  #keep(subject: string, revision: number, names: readonly string[]): readonly string[] {
    const now = Date.now();
    const others = (this.#kept.get(subject) ?? []).filter((kept) => kept.revision !== revision && kept.until > now);
    this.#forget(subject);
    for (const [oldest, kept] of this.#kept) {
      if (this.#names + names.length <= MOST_NAMES && kept.at(-1)!.until > now) break;
      this.#forget(oldest);
    }
    const all = [...others.slice(1 - MOST_REVISIONS), { revision, names, until: now + KEPT }];
    this.#kept.set(subject, this.#names + total(all) <= MOST_NAMES ? all : all.slice(-1));
    this.#names += total(this.#kept.get(subject)!);
    return names;
  }

  #forget(subject: string): void {
    this.#names -= total(this.#kept.get(subject) ?? []);
    this.#kept.delete(subject);
  }
}

const total = (lists: readonly Kept[]): number => lists.reduce((sum, { names }) => sum + names.length, 0);

function nameIn(folder: string, key: string): string {
  const slash = key.indexOf("/", folder.length);
  return slash < 0 ? key.slice(folder.length) : key.slice(folder.length, slash);
}
