/**
 * What is in a directory, and which files a glob matches, at one revision. Clients ask for one entry after another, so
 * the last lists stay for a moment: without them n entries would take n readings of all of them.
 *
 * etcd gives keys in byte order, a directory's in one range. Of an entry that is a directory itself only the first page
 * of its keys is read: what is below does not concern its name.
 */
import { isFileKey } from "./etcd-changes.ts";
import type { Range, RangeResult } from "./etcd-messages.ts";
import { fixedFolder, hasWildcard, matchesGlob } from "./glob.ts";

/** Keys of one request. etcd goes through all of a range for each page of it, so they are not small. */
const PAGE = 10_000;
/** How long a list is kept that nobody asks for, in milliseconds. */
const KEPT = 10_000;
/** Names in all lists that are kept; the last one is kept whatever its length. */
const MOST_NAMES = 500_000;

export type ReadRange = (range: Range, signal: AbortSignal) => Promise<RangeResult>;

interface Kept {
  readonly names: readonly string[];
  readonly until: number;
}

export class Listings {
  readonly #range: ReadRange;
  /** By what was asked and the revision; the last one used at the end. */
  readonly #kept = new Map<string, Kept>();
  #names = 0;

  constructor(range: ReadRange) {
    this.#range = range;
  }

  /** The names of a directory's entries, in byte order. */
  entries(path: string, at: number, signal: AbortSignal): Promise<readonly string[]> {
    return this.#list(`${at} ${path}`, () => this.#readEntries(path === "/" ? "/" : `${path}/`, at, signal));
  }

  /** The paths of the files that a glob matches, component by component. */
  matches(glob: string, at: number, signal: AbortSignal): Promise<readonly string[]> {
    return this.#list(`${at} walk ${glob}`, () => this.#readMatches(glob, at, signal));
  }

  async #list(key: string, read: () => Promise<readonly string[]>): Promise<readonly string[]> {
    const names = this.#kept.get(key)?.names ?? (await read());
    this.#forget(key);
    for (const [oldest, { until }] of this.#kept) {
      if (this.#names + names.length <= MOST_NAMES && until > Date.now()) break;
      this.#forget(oldest);
    }
    this.#kept.set(key, { names, until: Date.now() + KEPT });
    this.#names += names.length;
    return names;
  }

  #forget(key: string): void {
    this.#names -= this.#kept.get(key)?.names.length ?? 0;
    this.#kept.delete(key);
  }

  async #readEntries(folder: string, at: number, signal: AbortSignal): Promise<readonly string[]> {
    const names = new Set<string>();
    const end = `${folder.slice(0, -1)}0`;
    for (let key = folder; ; ) {
      const { kvs, more } = await this.#range({ key, end, revision: at, limit: PAGE, keysOnly: true }, signal);
      for (const { key } of kvs) if (isFileKey(key)) names.add(nameIn(folder, key));
      const last = kvs.at(-1)?.key;
      if (!more || last === undefined) break;
      const slash = last.indexOf("/", folder.length);
      key = slash < 0 ? `${last}\0` : `${last.slice(0, slash)}0`;
    }
    return [...names].sort();
  }

  async #readMatches(glob: string, at: number, signal: AbortSignal): Promise<readonly string[]> {
    const folder = hasWildcard(glob) ? fixedFolder(glob) : glob;
    const end = hasWildcard(glob) ? `${folder.slice(0, -1)}0` : `${glob}\0`;
    const paths: string[] = [];
    for (let key = folder; ; ) {
      const { kvs, more } = await this.#range({ key, end, revision: at, limit: PAGE, keysOnly: true }, signal);
      for (const { key } of kvs) if (isFileKey(key) && matchesGlob(glob, key)) paths.push(key);
      const last = kvs.at(-1)?.key;
      if (!more || last === undefined) break;
      key = `${last}\0`;
    }
    // A slash sorts before what may stand in a name.
    const order = new Map(paths.map((path) => [path, path.replaceAll("/", "\0")]));
    return paths.sort((one, other) => (order.get(one)! < order.get(other)! ? -1 : 1));
  }
}

function nameIn(folder: string, key: string): string {
  const slash = key.indexOf("/", folder.length);
  return slash < 0 ? key.slice(folder.length) : key.slice(folder.length, slash);
}
