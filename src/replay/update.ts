/** After a document was played: its replies are written anew, and the file is replaced (`--update`). */
import { resolve } from "node:path";
import { WiredocError } from "../base/error.ts";
import type { Update } from "../plan/options.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import type { Note } from "../play/note.ts";
import type { DocumentError } from "../play/outcome.ts";
import { replaceFile } from "../write/replace-file.ts";
import type { Edit } from "../write/source-text.ts";
import type { UpdatedReply, Updates } from "../write/updates.ts";

export interface Updating extends Update {
  /** What relative paths of documents start from. */
  readonly cwd: string;
}

/** What became of the replies that were to be written anew. */
export interface Outcome {
  readonly updated: ReadonlySet<Note>;
  /** Why others stay as they are. */
  readonly refused: ReadonlyMap<Note, string>;
  readonly errors: readonly DocumentError[];
}

const NONE: ReadonlySet<Note> = new Set();

/** @param candidates the notes of exchanges that failed, or may be filled in, in the order they were played. */
export async function updateDocument(
  { path, head }: PlannedDocument,
  updates: Updates,
  candidates: readonly Note[],
  { cwd, confirm }: Updating,
  signal: AbortSignal,
): Promise<Outcome> {
  const refused = new Map<Note, string>();
  const found: UpdatedReply[] = [];
  for (const note of candidates) {
    const reply = updates.update(note);
    if (typeof reply === "string") refused.set(note, reply);
    else found.push(reply);
  }
  // An opening is played where it is needed, which may be after what stands below it.
  found.sort((a, b) => (a.edit?.from ?? 0) - (b.edit?.from ?? 0));
  const made = new Map<Note, Edit>();
  for (const { note, edit } of found)
    if (edit && (!confirm || (await confirm(updates.change(edit))))) made.set(note, edit);
  // Who interrupts the questions wants none of it.
  if (made.size === 0 || signal.aborted) return { updated: NONE, refused, errors: [] };
  const written = new Set([...made.keys()].map(({ expects }) => expects));
  const updated = new Set(
    found.flatMap(({ note, edit }) => (made.has(note) || (!edit && written.has(note.expects)) ? [note] : [])),
  );
  try {
    replaceFile(resolve(cwd, path), head!.source, updates.edited([...made.values()]));
    return { updated, refused, errors: [] };
  } catch (error) {
    if (!(error instanceof WiredocError)) throw error;
    const message = `${error.message} [${error.code}]`;
    return { updated: NONE, refused, errors: [{ kind: "update", line: 1, column: 1, message, details: [] }] };
  }
}
