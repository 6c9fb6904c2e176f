/**
 * After a second play: what differed in replies that were written anew becomes a named capture, and so does what comes back
 * in a later client line (`--update=all`).
 *
 * A short value like 1 may come back by chance. It is taken for the same only where what the server answers to that line
 * has changed, too.
 */
import type { LinePattern } from "../match/pattern.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import type { Note } from "../play/note.ts";
import { contextOf, receivedLines, wholeLines } from "./failed-reply.ts";
import { readLine } from "./hear.ts";
import { writeReplyLine } from "./reply.ts";
import { ReplyPlace } from "./reply-place.ts";
import { type Edit, placeOf, SourceText } from "./source-text.ts";
import { isUnlikely, isWord, tokensOf, typeOf, ValueNames } from "./values.ts";

/** A value that was captured. */
interface Known {
  readonly name: string;
  /** Whether it was another one in the second play. */
  readonly hasChanged: boolean;
}

/**
 * @param notes of the second play.
 * @param updated the lines of the replies that were written anew after the first one.
 */
export function generalize(
  document: PlannedDocument,
  notes: readonly Note[],
  updated: ReadonlySet<number>,
): { readonly text: string; readonly isChanged: boolean } {
  const generalizer = new Generalizer(document, notes, updated);
  const edits = generalizer.edits();
  return { text: generalizer.source.edited(edits), isChanged: edits.length > 0 };
}

class Generalizer {
  readonly source: SourceText;
  readonly #document: PlannedDocument;
  readonly #notes: readonly Note[];
  readonly #updated: ReadonlySet<number>;
  readonly #names: ValueNames;
  readonly #known = new Map<string, Known>();
  /** The words of client lines: the last exchange that has them, by its index. */
  readonly #said = new Map<string, number>();
  /** New texts of lines. */
  readonly #texts = new Map<LinePattern, string>();

  constructor(document: PlannedDocument, notes: readonly Note[], updated: ReadonlySet<number>) {
    this.#document = document;
    this.source = new SourceText(document.head!.source);
    const seen = new Set<unknown>();
    this.#notes = notes
      .filter(({ expects, skipped }) => !skipped && (expects.length === 0 || (!seen.has(expects) && seen.add(expects))))
      .toSorted((a, b) => a.firstLine - b.firstLine);
    for (const [i, { sends }] of this.#notes.entries())
      for (const { source } of sends) for (const token of tokensOf(source)) this.#said.set(token, i);
    this.#updated = updated;
    this.#names = new ValueNames([
      ...document.variables.keys(),
      ...document.examples.flatMap(({ moves }) =>
        moves.flatMap((move) =>
          move.kind === "say"
            ? move.lines.flatMap(({ placeholders, groups }) => [...groups, ...placeholders.map(({ name }) => name)])
            : [],
        ),
      ),
    ]);
  }

  edits(): readonly Edit[] {
    for (const [i, note] of this.#notes.entries()) {
      const used = new Set(note.sends.flatMap((pattern) => this.#useIn(pattern, note.failed)));
      if (!note.expects.some(({ line }) => this.#updated.has(line))) continue;
      const changed = note.failed ? this.#changed(note) : new Map<LinePattern, readonly string[]>();
      for (const pattern of note.expects) this.#capture(pattern, changed.get(pattern), used, i);
    }
    const { client, reply } = this.#document.head!.settings;
    return [...this.#texts].map(([pattern, text]): Edit => {
      const raw = this.source.at(pattern.line);
      const { lead, marker, tail } = placeOf(raw.text, pattern, { client, reply });
      const line = { text: lead + marker + text + tail, ending: raw.ending };
      return { from: pattern.line, to: pattern.line + 1, lines: [line] };
    });
  }

  /** Of the written lines that came otherwise, what came; none where it is another reply altogether. */
  #changed(note: Note): ReadonlyMap<LinePattern, readonly string[]> {
    const changed = new Map<LinePattern, readonly string[]>();
    const { expects, example, scope = NOTHING } = note;
    const { style } = new ReplyPlace(note, this.source, this.#document.head!.settings);
    const { responses } = example.dialect;
    const received =
      responses?.compare?.(expects, receivedLines(note), scope, contextOf(note)).lines ?? wholeLines(note.received);
    if (note.isBytes || received.length !== expects.length) return changed;
    for (const [i, pattern] of expects.entries()) {
      const { text } = writeReplyLine(received[i]!, style);
      if (text === pattern.source || pattern.placeholders.length > 0) continue;
      const [before, after] = [tokensOf(pattern.source), tokensOf(text)];
      const isAlike =
        before.length === after.length &&
        before.every((token, at) => token === after[at] || (isWord(token) && isWord(after[at]!))) &&
        before.some((token, at) => token === after[at]);
      if (!isAlike) return new Map();
      changed.set(pattern, after);
    }
    return changed;
  }

  /**
   * @param after the words that came for those of the line in the second play, where it differed.
   * @param used the values that the client lines above hold.
   * @param at the index of the exchange.
   */
  #capture(pattern: LinePattern, after: readonly string[] | undefined, used: ReadonlySet<string>, at: number): void {
    if (!isPlain(pattern)) return;
    let text = "";
    for (const [i, token] of tokensOf(pattern.source).entries()) {
      const known = this.#known.get(token);
      const hasChanged = after !== undefined && after[i] !== token;
      if (known && (used.has(token) || (known.hasChanged && hasChanged) || isUnlikely(token)))
        text += `{{${known.name}}}`;
      else if (hasChanged || (isUnlikely(token) && !known && (this.#said.get(token) ?? -1) > at)) {
        const name = this.#names.next(text);
        this.#known.set(token, { name, hasChanged });
        text += `{{${name}${typeOf([token, after?.[i] ?? token])}}}`;
      } else text += token;
    }
    if (text === pattern.source) return;
    // A word in a place where a placeholder means something else stays.
    const read = readLine({ ...pattern, text }, this.#document.examples[0]!.dialect);
    if (read && read.placeholders.length > 0) this.#texts.set(pattern, text);
  }

  /**
   * Puts names in the place of captured values in a client line.
   * @param hasChanged whether what the server answers has changed.
   * @returns these values.
   */
  #useIn(pattern: LinePattern, hasChanged: boolean): readonly string[] {
    if (pattern.body.kind !== "text") return [];
    const used: string[] = [];
    const use = (token: string): string => {
      const value = this.#known.get(token);
      if (!value || !(isUnlikely(token) || (value.hasChanged && hasChanged))) return token;
      used.push(token);
      return `{{${value.name}}}`;
    };
    const text = pattern.source
      .split(/(\{\{.*?\}\})/)
      .map((piece) => (piece.startsWith("{{") ? piece : tokensOf(piece).map(use).join("")))
      .join("");
    if (text !== pattern.source) this.#texts.set(pattern, text);
    return used;
  }
}

/** Whether a line is text that stands for itself. */
const isPlain = ({ body, literal, source, repeat }: LinePattern): boolean =>
  body.kind === "text" && literal !== undefined && repeat === "once" && !/[\\]|\{\{| \(\S+\)$/.test(source);

const NOTHING = { get: () => undefined };
