/** Updates a text as `run --update` does, with scripted peers, without sockets, time and files. */
import type { Update } from "../../src/plan/options.ts";
import { withUnwrittenReplies } from "../../src/plan/unwritten.ts";
import type { Edit } from "../../src/write/source-text.ts";
import { Updates } from "../../src/write/updates.ts";
import { type PeerStep, performNotes, planned } from "../play/perform.ts";

export interface UpdatedText {
  readonly text: string;
  readonly edits: readonly Edit[];
  /** `line: why` of each failed exchange that stays as it is. */
  readonly refused: readonly string[];
}

export async function updateText(
  text: string,
  peers: readonly (readonly PeerStep[])[],
  which: Update["which"] = "failed",
): Promise<UpdatedText> {
  const written = await planned(text, { update: { which } });
  const document = which === "all" ? withUnwrittenReplies(written) : written;
  const updates = new Updates(document, which);
  const notes = performNotes(document, peers, {
    amend: updates.amend,
    requiresUnwritten: which === "all",
  });
  const edits: Edit[] = [];
  const refused: string[] = [];
  for (const note of notes) {
    const isEmpty = which === "all" && note.expects.length === 0 && note.received.length > 0;
    if (!note.failed && !isEmpty) continue;
    const reply = updates.update(note);
    if (reply === "") continue;
    if (typeof reply === "string") refused.push(`${note.line}: ${reply}`);
    else if (reply.edit) edits.push(reply.edit);
  }
  return { text: updates.edited(edits), edits, refused };
}

/** `line: kind` of each exchange that fails, and `line: skipped`. */
export async function failures(text: string, peers: readonly (readonly PeerStep[])[]): Promise<readonly string[]> {
  return performNotes(await planned(text), peers, {}).flatMap(({ finding, line, skipped }) =>
    finding ? [`${line}: ${finding.kind}`] : skipped ? [`${line}: skipped`] : [],
  );
}
