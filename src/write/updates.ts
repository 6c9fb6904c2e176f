/**
 * Which replies of a document are written anew after it was played, and how (format guide, section 7).
 *
 * Non-goals: it does not play, and touches no file.
 */
import type { Captures } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Change, Update } from "../plan/options.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import type { Note } from "../play/note.ts";
import type { FailureKind } from "../play/outcome.ts";
import { hear } from "./hear.ts";
import { namesNeededBy } from "./needed-names.ts";
import { type Renewal, renewReply } from "./renewal.ts";
import { ReplyPlace } from "./reply-place.ts";
import { type Edit, SourceText } from "./source-text.ts";

/** What can be wrong with a reply so that other lines make it right. */
const REWRITABLE: ReadonlySet<FailureKind> = new Set(["mismatch", "missing", "extra", "timeout", "closed"]);

/** A few lines around a change are shown with it. */
const CONTEXT = 2;

/** A reply that is written anew. */
export interface UpdatedReply {
  readonly note: Note;
  /** Undefined where an opening was played more than once, and the reply is written anew already. */
  readonly edit: Edit | undefined;
}

export class Updates {
  readonly #which: Update["which"];
  readonly #path: string;
  readonly #settings: NonNullable<PlannedDocument["head"]>["settings"];
  readonly #source: SourceText;
  readonly #needed: ReadonlyMap<readonly LinePattern[], ReadonlySet<string>>;
  /** By the written lines: those of an opening are played more than once. */
  readonly #written = new Map<readonly LinePattern[], { readonly renewal: Renewal; readonly place: ReplyPlace }>();

  constructor(document: PlannedDocument, which: Update["which"]) {
    const { source, settings } = document.head!;
    this.#which = which;
    this.#path = document.path;
    this.#settings = settings;
    this.#source = new SourceText(source);
    this.#needed = namesNeededBy(document);
  }

  /** What a failed reply captures once it is written anew; undefined where it cannot be. */
  readonly amend = (note: Note): Captures | undefined => {
    if (note.example.xfail !== undefined || this.#obstacle(note) !== undefined) return undefined;
    return this.#renew(note)?.renewal.captures;
  };

  /** The reply of a note, written anew; or why it stays as it is, empty where its reply lines are not what is wrong. */
  update(note: Note): UpdatedReply | string {
    const obstacle = this.#obstacle(note);
    if (obstacle !== undefined) return obstacle;
    const before = note.expects.length > 0 ? this.#written.get(note.expects) : undefined;
    if (before) {
      const isRight = hear(before.renewal.lines, this.#reply(note, before.place)) !== undefined;
      return isRight ? { note, edit: undefined } : "the server answers otherwise each time";
    }
    const found = this.#renew(note);
    if (!found) return this.#whyNot(note);
    const edit = found.place.edit(found.renewal.lines);
    if (!edit) return "";
    if (note.expects.length > 0) this.#written.set(note.expects, found);
    return { note, edit };
  }

  /** The text of the document with these edits. */
  edited(edits: readonly Edit[]): string {
    return this.#source.edited(edits);
  }

  /** An edit for people. */
  change({ from, to, lines }: Edit): Change {
    const texts = (first: number, end: number): readonly string[] =>
      this.#source.lines.slice(Math.max(0, first - 1), Math.max(0, end - 1)).map(({ text }) => text);
    const removed = texts(from, to);
    const added = lines.map(({ text }) => text);
    let same = 0;
    while (same < Math.min(removed.length, added.length) && removed[same] === added[same]) same++;
    let end = 0;
    const least = Math.min(removed.length, added.length) - same;
    while (end < least && removed.at(-1 - end) === added.at(-1 - end)) end++;
    const [first, last] = [from + same, to - end];
    return {
      path: this.#path,
      line: first,
      before: texts(first - CONTEXT, first),
      after: texts(last, last + CONTEXT),
      removed: removed.slice(same, removed.length - end),
      added: added.slice(same, added.length - end),
    };
  }

  #renew(note: Note): { readonly renewal: Renewal; readonly place: ReplyPlace } | undefined {
    const place = new ReplyPlace(note, this.#source, this.#settings);
    const renewal = renewReply(this.#reply(note, place));
    return renewal && { renewal, place };
  }

  #reply(note: Note, { style }: ReplyPlace): Parameters<typeof renewReply>[0] {
    const needed = this.#needed.get(note.expects) ?? new Set();
    return { note, scope: note.scope ?? NOTHING, style, needed };
  }

  /** Why the reply cannot be written anew, without looking at its lines. */
  #obstacle(note: Note): string | undefined {
    const { finding, received, expects, sends, unreadable, isCut, isUnsent } = note;
    if (finding && (isUnsent || !REWRITABLE.has(finding.kind))) return "";
    if (sends.length === 0 && expects.length === 0) return "no reply line stands there";
    if (expects.length === 0 && this.#which === "failed") return "it has no reply lines; --update=all fills them in";
    if (received.length === 0) return "no reply came";
    if (unreadable !== "") return "the reply is incomplete";
    return isCut ? "the reply is too long" : undefined;
  }

  #whyNot({ expects }: Note): string {
    const names = [...(this.#needed.get(expects) ?? [])].map((name) => `{{${name}}}`);
    if (names.length === 0) return "no reply lines match what came";
    return `later lines need ${names.join(", ")}, and what came does not show where the value is`;
  }
}

const NOTHING = { get: () => undefined };
