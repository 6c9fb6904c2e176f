/**
 * The engine that keeps everything in this process. It answers at once, but for what is yet to come.
 *
 * The last `history` revisions are kept, each with its change and its tree; the next one takes the place of the oldest,
 * so the oldest that can be read is always the present one - history + 1.
 */
import type { Answer, Change, Engine, Entry, File, Refusal, Stat } from "./engine.ts";
import { Glob } from "./glob.ts";
import { DEFAULT_HISTORY } from "./limits.ts";
import { ERROR_PATH, ERROR_TEXTS } from "./path.ts";
import { entryAt } from "./sorted-map.ts";
import { countOf, type Directory, EMPTY, isFile, lookUp, type Node, withFile, withoutFile } from "./tree.ts";
import { type Waiter, Waiters } from "./waiters.ts";
import { Walks } from "./walks.ts";

const CLOBBER = -1;
const MISSING = 0;
const DIRECTORY = -2;

const NOTHING = new Uint8Array(0);
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const FAILURES = {
  REV_MISMATCH: encoded(ERROR_TEXTS.REV_MISMATCH),
  NOTDIR: encoded(ERROR_TEXTS.NOTDIR),
  ISDIR: encoded(ERROR_TEXTS.ISDIR),
} as const;
const ERROR_FOLDER = ERROR_PATH.slice(0, ERROR_PATH.lastIndexOf("/"));

export function memoryEngine({ history = DEFAULT_HISTORY }: { readonly history?: number | undefined } = {}): Engine {
  return new MemoryEngine(history);
}

class MemoryEngine implements Engine {
  readonly #history: number;
  /** Of revision r: the element (r - 1) % history. */
  readonly #changes: Change[] = [];
  readonly #roots: Directory[] = [];
  readonly #waiters = new Waiters();
  readonly #walks = new Walks();
  /** What is to be done when a revision is reached. */
  readonly #arrivals = new Map<number, Set<() => void>>();
  #revision = 0;
  #root: Directory = EMPTY;

  constructor(history: number) {
    this.#history = history;
  }

  revision(): number {
    return this.#revision;
  }

  get(path: string, at: number | undefined, signal: AbortSignal): Answer<File | Refusal> {
    return this.#read(at, signal, (root) => {
      const node = lookUp(root, path);
      if (node === undefined || node === "below-file") return { path, revision: MISSING, value: NOTHING };
      return isFile(node) ? node : "ISDIR";
    });
  }

  stat(path: string, at: number | undefined, signal: AbortSignal): Answer<Stat | Refusal> {
    return this.#read(at, signal, (root) => {
      const node = lookUp(root, path);
      if (node === undefined || node === "below-file") return { kind: "missing" };
      if (isFile(node)) return { kind: "file", revision: node.revision, bytes: node.value.length };
      return { kind: "directory", entries: countOf(node) };
    });
  }

  entry(path: string, offset: number, at: number | undefined, signal: AbortSignal): Answer<Entry | Refusal> {
    return this.#read(at, signal, (root) => {
      const node = lookUp(root, path);
      if (node === undefined || node === "below-file") return "NOENT";
      if (isFile(node)) return "NOTDIR";
      return entryAt(node.entries, offset) ?? "RANGE";
    });
  }

  walk(glob: string, offset: number, at: number | undefined, signal: AbortSignal): Answer<File | Refusal> {
    return this.#read(at, signal, (root) => this.#walks.file(root, glob, offset) ?? "RANGE");
  }

  set(path: string, value: Uint8Array, revision: number): number | Refusal {
    const node = lookUp(this.#root, path);
    // Whoever put files below it, or one in its way, would end the telling of failures.
    if (node === "below-file" || path.startsWith(`${ERROR_PATH}/`)) return this.#fail("NOTDIR");
    const current = path === ERROR_FOLDER ? DIRECTORY : revisionOf(node);
    if (!allows(revision, current)) return this.#fail("REV_MISMATCH");
    if (current === DIRECTORY) return this.#fail("ISDIR");
    return this.#put(path, value);
  }

  del(path: string, revision: number): number | Refusal {
    const node = lookUp(this.#root, path);
    const current = node === "below-file" ? MISSING : revisionOf(node);
    if (!allows(revision, current)) return this.#fail("REV_MISMATCH");
    if (current === DIRECTORY) return this.#fail("ISDIR");
    return this.#apply(
      { kind: "del", revision: this.#revision + 1, path, value: NOTHING },
      withoutFile(this.#root, path),
    );
  }

  nop(): number {
    return this.#apply({ kind: "nop", revision: this.#revision + 1, path: "/", value: NOTHING }, this.#root);
  }

  wait(text: string, from: number, signal: AbortSignal): Answer<Change | Refusal> {
    if (from < this.#oldest) return "TOO_LATE";
    const glob = new Glob(text);
    for (let revision = from; revision <= this.#revision; revision++) {
      const change = this.#changes[this.#placeOf(revision)]!;
      if (glob.matches(change.path)) return change;
    }
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const waiter: Waiter = {
        glob,
        from,
        wake: (change) => {
          signal.removeEventListener("abort", abort);
          resolve(change);
        },
      };
      const abort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  async close(): Promise<void> {}

  get #oldest(): number {
    return Math.max(1, this.#revision - this.#history + 1);
  }

  #placeOf(revision: number): number {
    return (revision - 1) % this.#history;
  }

  #fail(refusal: keyof typeof FAILURES): Refusal {
    this.#put(ERROR_PATH, FAILURES[refusal]);
    return refusal;
  }

  #put(path: string, value: Uint8Array): number {
    const change: Change = { kind: "set", revision: this.#revision + 1, path, value };
    return this.#apply(change, withFile(this.#root, change));
  }

  #apply(change: Change, root: Directory): number {
    const { revision } = change;
    const place = this.#placeOf(revision);
    const forgotten = this.#roots[place];
    this.#changes[place] = change;
    this.#roots[place] = root;
    // The next revision may have the same tree, where nothing was changed.
    if (forgotten !== undefined && forgotten !== this.#roots[this.#placeOf(revision + 1)])
      this.#walks.forget(forgotten);
    this.#root = root;
    this.#revision = revision;
    this.#waiters.tell(change);
    if (this.#arrivals.size > 0) for (const arrive of this.#arrivals.get(revision) ?? []) arrive();
    return revision;
  }

  #read<T>(at: number | undefined, signal: AbortSignal, look: (root: Directory) => T | Refusal): Answer<T | Refusal> {
    if (at === undefined) return look(this.#root);
    if (at < this.#oldest) return "TOO_LATE";
    if (at <= this.#revision) return look(this.#roots[this.#placeOf(at)]!);
    return this.#arrival(at, signal).then(look);
  }

  /** The tree of a revision that is yet to come, when it comes. */
  #arrival(revision: number, signal: AbortSignal): Promise<Directory> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const there = this.#arrivals.get(revision) ?? new Set();
      this.#arrivals.set(revision, there);
      const leave = (): void => {
        signal.removeEventListener("abort", abort);
        there.delete(arrive);
        if (there.size === 0) this.#arrivals.delete(revision);
      };
      const arrive = (): void => {
        leave();
        resolve(this.#root);
      };
      const abort = (): void => {
        leave();
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      there.add(arrive);
    });
  }
}

const revisionOf = (node: Node | undefined): number =>
  node === undefined ? MISSING : isFile(node) ? node.revision : DIRECTORY;

const allows = (revision: number, current: number): boolean => revision === CLOBBER || revision >= current;
