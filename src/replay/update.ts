/** A document whose replies are written anew once it was played (`--update`), and its file, which is then replaced. */
import { resolve } from "node:path";
import { decodeText } from "../base/bytes.ts";
import { WiredocError } from "../base/error.ts";
import type { Update } from "../plan/options.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import { withUnwrittenReplies } from "../plan/unwritten.ts";
import { Variables } from "../plan/variables.ts";
import type { PlayContext } from "../play/context.ts";
import type { Note } from "../play/note.ts";
import type { DocumentError } from "../play/outcome.ts";

import { generalize } from "../write/generalize.ts";
import { replaceFile } from "../write/replace-file.ts";
import type { Edit } from "../write/source-text.ts";
import { type UpdatedReply, Updates } from "../write/updates.ts";
import type { Played, Results } from "./results.ts";

export interface Updating extends Update {
  /** What relative paths of documents start from. */
  readonly cwd: string;
  /** Names of values that are not to be written down. */
  readonly secrets: readonly string[];
  /** Called once the file is rewritten. */
  onWritten?(written: Written): void;
  /** This is the second play: the lines of the replies that were written anew after the first one. */
  readonly updated?: ReadonlySet<number>;
}

/** A document as it has been rewritten. */
export interface Written {
  readonly text: string;
  /** The lines of the replies that were written anew. */
  readonly lines: ReadonlySet<number>;
  /** Where a line of the text before is in this one. */
  moved(line: number): number;
}

/** What is done with the replies of a document. */
export interface ReplyUpdate {
  /** What is played: replies that are not written are read where they are to be filled in. */
  readonly document: PlannedDocument;
  /** What a play does about replies that are not as written. */
  readonly hooks: Pick<PlayContext, "amend" | "requiresUnwritten">;
  /** Whether an example that failed counts as passed once its replies are written anew. */
  canPass(played: Played): boolean;
  /**
   * Writes replies anew, and has the results say so.
   * @returns why the file could not be replaced, if so.
   */
  finish(played: readonly Played[], results: Results, signal: AbortSignal): Promise<readonly DocumentError[]>;
}

const NOTHING: readonly DocumentError[] = [];

export const createUpdate = (document: PlannedDocument, updating: Updating): ReplyUpdate =>
  updating.updated ? new SecondUpdate(document, updating, updating.updated) : new FirstUpdate(document, updating);

class FirstUpdate implements ReplyUpdate {
  readonly document: PlannedDocument;
  readonly #updating: Updating;
  readonly #updates: Updates;
  readonly hooks: ReplyUpdate["hooks"];

  constructor(document: PlannedDocument, updating: Updating) {
    const fillsIn = updating.which === "all";
    this.document = fillsIn ? withUnwrittenReplies(document) : document;
    this.#updating = updating;
    this.#updates = new Updates(document, updating.which);
    this.hooks = { amend: this.#updates.amend, requiresUnwritten: fillsIn };
  }

  canPass({ example, notes }: Played): boolean {
    return example.xfail === undefined && notes.every((note) => !note.failed || note.isAmended);
  }

  async finish(played: readonly Played[], results: Results, signal: AbortSignal): Promise<readonly DocumentError[]> {
    const refused = new Map<Note, string>();
    const found: UpdatedReply[] = [];
    for (const note of played.flatMap((one) => this.#candidates(one, results))) {
      const reply = this.#updates.update(note);
      const secret = typeof reply === "string" ? undefined : this.#secretIn(reply);
      if (typeof reply === "string") refused.set(note, reply);
      else if (secret !== undefined) refused.set(note, `what came holds the secret {{${secret}}}`);
      else found.push(reply);
    }
    results.explainRefused(refused);
    // An opening is played where it is needed, which may be after what stands below it.
    found.sort((a, b) => (a.edit?.from ?? 0) - (b.edit?.from ?? 0));
    const edits = await this.#choose(found);
    // Who interrupts the questions wants none of it.
    if (edits.size === 0 || signal.aborted) return NOTHING;
    const text = this.#updates.edited([...edits.values()]);
    const errors = replace(this.document, text, this.#updating);
    if (errors.length > 0) return errors;
    this.#updating.onWritten?.({ text, ...movesOf([...edits.values()]) });
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

  /** The name of a secret that would be written down. */
  #secretIn({ note, edit }: UpdatedReply): string | undefined {
    if (!edit || this.#updating.secrets.length === 0) return undefined;
    const variables = new Variables(this.document.variables);
    const { added } = this.#updates.change(edit);
    return this.#updating.secrets.find((name) => {
      const value = variables.get(name) ?? note.scope?.get(name);
      return value && added.some((text) => text.includes(decodeText(value)));
    });
  }

  async #choose(found: readonly UpdatedReply[]): Promise<ReadonlyMap<Note, Edit>> {
    const { confirm } = this.#updating;
    const edits = new Map<Note, Edit>();
    for (const { note, edit } of found)
      if (edit && (!confirm || (await confirm(this.#updates.change(edit))))) edits.set(note, edit);
    return edits;
  }
}

/** After the second play: what differed becomes captures. Nothing is told of it. */
class SecondUpdate implements ReplyUpdate {
  readonly hooks: ReplyUpdate["hooks"] = {};
  readonly document: PlannedDocument;
  readonly #updating: Updating;
  readonly #updated: ReadonlySet<number>;

  constructor(document: PlannedDocument, updating: Updating, updated: ReadonlySet<number>) {
    this.document = document;
    this.#updating = updating;
    this.#updated = updated;
  }

  canPass(): boolean {
    return true;
  }

  async finish(played: readonly Played[]): Promise<readonly DocumentError[]> {
    const notes = played.flatMap((one) => one.notes);
    const { text, isChanged } = generalize(this.document, notes, this.#updated);
    return isChanged ? replace(this.document, text, this.#updating) : NOTHING;
  }
}

function replace({ path, head }: PlannedDocument, text: string, { cwd }: Updating): readonly DocumentError[] {
  try {
    replaceFile(resolve(cwd, path), head!.source, text);
    return NOTHING;
  } catch (error) {
    if (!(error instanceof WiredocError)) throw error;
    const message = `${error.message} [${error.code}]`;
    return [{ kind: "update", line: 1, column: 1, message, details: [] }];
  }
}

/** Where the lines of edits, and those after them, are once they are made. */
function movesOf(edits: readonly Edit[]): Pick<Written, "lines" | "moved"> {
  const moved = (line: number): number =>
    edits.reduce((at, { from, to, lines }) => (to <= line ? at + lines.length - (to - from) : at), line);
  const written = new Set<number>();
  let shift = 0;
  for (const { from, to, lines } of edits.toSorted((a, b) => a.from - b.from)) {
    for (const i of lines.keys()) written.add(from + shift + i);
    shift += lines.length - (to - from);
  }
  return { lines: written, moved };
}
