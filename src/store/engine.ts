/**
 * What keeps the store's files. The server in front of it checks permissions, arguments, paths and globs, and speaks the
 * protocol; an engine holds a totally ordered history of changes to a tree of small files, and answers from it.
 *
 * Paths and globs given to an engine are legal, revisions are safe integers, and a revision to read at is 1 or more. The
 * bytes of a value that it is given are its own to keep; those of one that it gives are not changed by who gets them.
 */

/** A file as of some revision; `revision` is that of its last change. */
export interface File {
  readonly path: string;
  readonly revision: number;
  readonly value: Uint8Array;
}

/** What a path leads to: `missing` has the size 0, a directory's size is its number of entries, a file's its bytes. */
export type Stat =
  | { readonly kind: "missing" }
  | { readonly kind: "directory"; readonly entries: number }
  | { readonly kind: "file"; readonly revision: number; readonly bytes: number };

/** An entry of a directory. */
export interface Entry {
  readonly name: string;
}

/** One applied change: exactly one a revision. A failed write is a `set` of `/ctl/err`, a `nop` has the path `/`. */
export interface Change {
  readonly kind: "set" | "del" | "nop";
  readonly revision: number;
  readonly path: string;
  readonly value: Uint8Array;
}

/** Why a request has no result; the names are the protocol's. */
export type Refusal = "TOO_LATE" | "REV_MISMATCH" | "RANGE" | "NOTDIR" | "ISDIR" | "NOENT";

/** At once where it can be: a promise a request would cost more than the request. */
export type Answer<T> = T | Promise<T>;

/**
 * A request that could not be carried out; where it was a write, `unknown` says that it may have been applied. The message
 * is for clients; what only who runs the store should know, as addresses, is its cause.
 */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly unknown: boolean;
  constructor(message: string, unknown = false, options?: ErrorOptions) {
    super(message, options);
    this.unknown = unknown;
  }
}

/**
 * `at` is the revision to read at; undefined: the present. A revision that is yet to come is waited for, until `signal`
 * aborts (the promise then rejects with its reason). Every method may reject with an {@link EngineError}.
 */
export interface Engine {
  /** The revision of the last change. Never older than what an answer given before it said. */
  revision(): Answer<number>;
  /** A missing file has revision 0 and an empty value. */
  get(path: string, at: number | undefined, signal: AbortSignal): Answer<File | Refusal>;
  stat(path: string, at: number | undefined, signal: AbortSignal): Answer<Stat | Refusal>;
  /** The name of a directory's entry; entries are in byte order and counted from 0, which an offset may be below. */
  entry(path: string, offset: number, at: number | undefined, signal: AbortSignal): Answer<Entry | Refusal>;
  /** The file that a glob matches; files are ordered by path, component by component, and counted from 0. */
  walk(glob: string, offset: number, at: number | undefined, signal: AbortSignal): Answer<File | Refusal>;
  /** Succeeds where `revision` is -1 or not below that of the file (missing: 0, directory: -2). @returns the new revision. */
  set(path: string, value: Uint8Array, revision: number): Answer<number | Refusal>;
  /** As {@link set}. @returns the revision of the change. */
  del(path: string, revision: number): Answer<number | Refusal>;
  nop(): Answer<number>;
  /** The first change at or after a revision whose path a glob matches. */
  wait(glob: string, from: number, signal: AbortSignal): Answer<Change | Refusal>;
  /** Ends what it holds open; nothing is asked of it afterwards. */
  close(): Promise<void>;
}
