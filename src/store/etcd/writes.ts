/**
 * The store's writes as transactions: etcd decides and writes in one step, whatever other front ends do. A write that
 * fails puts its reason into `/ctl/err`, which takes a revision, as it does in Doozer.
 *
 * Compares say what must hold for success; where they do not, a transaction inside finds out which was the first.
 */
import { EngineError, type Refusal } from "../engine.ts";
import { ERROR_PATH, ERROR_TEXTS } from "../path.ts";
import { SENTINEL } from "./changes.ts";
import type { Compare, Operation, Transaction, TransactionResult } from "./messages.ts";

type Failure = keyof typeof ERROR_TEXTS;

const CLOBBER = -1;
const DIRECTORY = -2;
const NOTHING = new Uint8Array(0);
const ERROR_FOLDER = ERROR_PATH.slice(0, ERROR_PATH.lastIndexOf("/"));

/** A transaction, and what its result means. */
export interface Write {
  readonly transaction: Transaction;
  /** The revision written, or why it was another write. */
  outcome(result: TransactionResult): number | Refusal;
}

export function setting(path: string, value: Uint8Array, revision: number): Write {
  // Whoever put files below it, or one in its way, would end the telling of failures.
  if (path.startsWith(`${ERROR_PATH}/`)) return failing("NOTDIR");
  const above = ancestorsOf(path).map(isMissing);
  const success: Operation[] = [{ kind: "put", key: path, value }];
  const isDirectory = path === "/" || path === ERROR_FOLDER;
  return deciding(path, revision, isDirectory, above, success);
}

/** Deletes the file, or else the file that is above the path: that one is in the way of all below it, and Doozer's DEL too. */
export function deleting(path: string, revision: number): Write {
  const success: Operation[] = [...ancestorsOf(path), path].map((key) => ({ kind: "delete", key }));
  success.push({ kind: "put", key: SENTINEL, value: Buffer.from(path, "latin1") });
  return deciding(path, revision, path === "/", [], success);
}

export const NOP: Write = {
  transaction: { compare: [], success: [{ kind: "put", key: SENTINEL, value: NOTHING }], failure: [] },
  outcome: (result) => result.revision,
};

/** NOTDIR where something is `above`, then REV_MISMATCH, then ISDIR. */
function deciding(
  path: string,
  revision: number,
  isDirectory: boolean,
  above: readonly Compare[],
  success: readonly Operation[],
): Write {
  const notDirectory: Compare = { kind: "missing", key: `${path}/`, end: `${path}0` };
  // A directory has the revision -2, which nothing else is below; so with -2 only a directory gets past the mismatch.
  const asDirectory: Failure = revision < DIRECTORY ? "REV_MISMATCH" : "ISDIR";
  if (isDirectory) return failing(asDirectory);
  const below = either([notDirectory], failing("REV_MISMATCH"), asDirectory);
  const failure = above.length === 0 ? below : either(above, below, "NOTDIR");
  if (revision < CLOBBER) return failure;
  const compare = [...above, notDirectory];
  if (revision !== CLOBBER && revision < Number.MAX_SAFE_INTEGER) {
    compare.push({ kind: "changed-before", key: path, revision: revision + 1 });
  }
  return {
    transaction: { compare, success, failure: [{ kind: "txn", ...failure.transaction }] },
    outcome: (result) => (result.succeeded ? result.revision : failure.outcome(inside(result))),
  };
}

function either(compare: readonly Compare[], success: Write, otherwise: Failure): Write {
  const failure = failing(otherwise);
  return {
    transaction: {
      compare,
      success: [{ kind: "txn", ...success.transaction }],
      failure: [{ kind: "txn", ...failure.transaction }],
    },
    outcome: (result) => (result.succeeded ? success : failure).outcome(inside(result)),
  };
}

function failing(failure: Failure): Write {
  const value = Buffer.from(ERROR_TEXTS[failure]);
  return {
    transaction: { compare: [], success: [{ kind: "put", key: ERROR_PATH, value }], failure: [] },
    outcome: () => failure,
  };
}

/** @throws {EngineError} where the answer is not one to a transaction in a transaction. */
function inside({ responses }: TransactionResult): TransactionResult {
  const [response] = responses;
  if (response?.kind !== "txn")
    throw new EngineError("etcd answered a transaction with the results of another one", true);
  return response;
}

const isMissing = (key: string): Compare => ({ kind: "missing", key });

/** Of `/a/b/c`: `/a`, `/a/b`. */
function ancestorsOf(path: string): readonly string[] {
  const found: string[] = [];
  for (let slash = path.indexOf("/", 1); slash > 0; slash = path.indexOf("/", slash + 1))
    found.push(path.slice(0, slash));
  return found;
}
