/** A document whose replies are written anew once it was played (`--update`), and its file, which is then replaced. */
import { resolve } from "node:path";
import { WiredocError } from "../base/error.ts";
import type { Update } from "../plan/options.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import { withUnwrittenReplies } from "../plan/unwritten.ts";
import type { PlayContext } from "../play/context.ts";
import type { Note } from "../play/note.ts";
import type { DocumentError } from "../play/outcome.ts";

import { replaceFile } from "../write/replace-file.ts";
import type { Edit } from "../write/source-text.ts";
import { type UpdatedReply, Updates } from "../write/updates.ts";
import type { Played, Results } from "./results.ts";

export interface Updating extends Update {
  /** What relative paths of documents start from. */
  readonly cwd: string;
}

const NOTHING: readonly DocumentError[] = [];

export class DocumentUpdate {
  /** What is played: replies that are not written are read where they are to be filled in. */
  readonly document: PlannedDocument;
  readonly #updating: Updating;
  readonly #updates: Updates;
  /** What a play does about replies that are not as written. */
  readonly hooks: Pick<PlayContext, "amend" | "requiresUnwritten">;

  constructor(document: PlannedDocument, updating: Updating) {
    const fillsIn = updating.which === "all";
    this.document = fillsIn ? withUnwrittenReplies(document) : document;
    this.#updating = updating;
    this.#updates = new Updates(document, updating.which);
    this.hooks = { amend: this.#updates.amend, requiresUnwritten: fillsIn };
  }

  /** Whether an example that failed counts as passed once its replies are written anew. */
  canPass({ example, notes }: Played): boolean {
    return example.xfail === undefined && notes.every((note) => !note.failed || note.isAmended);
  }

  /**
   * Writes replies anew, and has the results say so.
   * @returns why the file could not be replaced, if so.
   */
  async finish(played: readonly Played[], results: Results, signal: AbortSignal): Promise<readonly DocumentError[]> {
    const refused = new Map<Note, string>();
    const found: UpdatedReply[] = [];
    for (const note of played.flatMap((one) => this.#candidates(one, results))) {
      const reply = this.#updates.update(note);
      if (typeof reply === "string") refused.set(note, reply);
      else found.push(reply);
    }
    results.explainRefused(refused);
    // An opening is played where it is needed, which may be after what stands below it.
    found.sort((a, b) => (a.edit?.from ?? 0) - (b.edit?.from ?? 0));
    const edits = await this.#choose(found);
    // Who interrupts the questions wants none of it.
    if (edits.size === 0 || signal.aborted) return NOTHING;
    try {
      this.#replace([...edits.values()]);
    } catch (error) {
      if (!(error instanceof WiredocError)) throw error;
      const message = `${error.message} [${error.code}]`;
      return [{ kind: "update", line: 1, column: 1, message, details: [] }];
    }
    const written = new Set([...edits.keys()].map(({ expects }) => expects));
    const isUpdated = ({ note, edit }: UpdatedReply): boolean =>
      edits.has(note) || (!edit && written.has(note.expects));
    results.setUpdated(new Set(found.filter(isUpdated).map(({ note }) => note)));
    return NOTHING;
  }

  /** The exchanges whose replies may be written anew. */
  #candidates(played: Played, results: Results): readonly Note[] {
    const { notes, example } = played;
    if (example.xfail !== undefined) return [];
    const { exchanges } = results.example(played);
    const { which } = this.#updating;
    return notes.filter((note, i) => {
      const isUnwritten = note.expects.length === 0 && note.received.length > 0 && !note.skipped;
      return exchanges[i]!.status === "failed" || (which === "all" && isUnwritten);
    });
  }

  async #choose(found: readonly UpdatedReply[]): Promise<ReadonlyMap<Note, Edit>> {
    const { confirm } = this.#updating;
    const edits = new Map<Note, Edit>();
    for (const { note, edit } of found)
      if (edit && (!confirm || (await confirm(this.#updates.change(edit))))) edits.set(note, edit);
    return edits;
  }

  /** @throws {WiredocError} */
  #replace(edits: readonly Edit[]): void {
    const { path, head } = this.document;
    replaceFile(resolve(this.#updating.cwd, path), head!.source, this.#updates.edited(edits));
  }
}
