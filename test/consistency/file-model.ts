/**
 * One file of the store as a sequential object: a register with versions. A write with the revision `q` is carried out
 * where `q` is -1 or not below the file's revision (missing: 0), and gives the file a higher one.
 *
 * What an unknown write, or a DEL, made the file's revision is not told. The state then holds the lowest it can be, and
 * what is read or refused later narrows it.
 */

import type { Model } from "./linearizable.ts";

export interface FileState {
  readonly exists: boolean;
  readonly value: string;
  /** Of the last change, a removal too: what comes is higher. */
  readonly revision: number;
  /** False: the revision may be higher. */
  readonly isExact: boolean;
}

export const fileModel: Model<FileState> = {
  initial: { exists: false, value: "", revision: 0, isExact: true },

  step(state, { request, outcome }) {
    if (request.kind === "rev") return undefined;
    if (request.kind === "get") return outcome.kind === "read" ? read(state, outcome) : undefined;
    if (outcome.kind === "failed") return state;
    if (outcome.kind === "mismatch") return refuse(state, request.revision);
    if (!mayWrite(state, request.revision)) return undefined;
    const told = outcome.kind === "written" ? outcome.revision : undefined;
    if (told !== undefined && told <= state.revision) return undefined;
    return {
      exists: request.kind === "set",
      value: request.kind === "set" ? request.value : "",
      revision: told ?? state.revision + 1,
      isExact: told !== undefined,
    };
  },

  key: ({ exists, value, revision, isExact }) => `${exists} ${revision} ${isExact} ${value}`,
};

function read(state: FileState, found: { readonly revision: number; readonly value: string }): FileState | undefined {
  if (found.revision === 0) return state.exists ? undefined : state;
  if (!state.exists || state.value !== found.value || found.revision < state.revision) return undefined;
  if (state.isExact && found.revision !== state.revision) return undefined;
  return { ...state, revision: found.revision, isExact: true };
}

const mayWrite = (state: FileState, q: number): boolean => q === -1 || q >= (state.exists ? state.revision : 0);

function refuse(state: FileState, q: number): FileState | undefined {
  if (!mayWrite(state, q)) return state;
  // The file's revision may be higher than the lowest it can be: then it is above what was refused.
  const narrowed = q !== -1 && state.exists && !state.isExact;
  return narrowed ? { ...state, revision: q + 1 } : undefined;
}
