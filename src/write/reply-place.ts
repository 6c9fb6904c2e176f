/** Where the reply lines of one exchange stand in the file, and how further ones are written there. */
import type { Note } from "../play/note.ts";
import type { Marker, Settings } from "../transcript/model.ts";
import { blockEndOf, fenceColumn, widthOf } from "./block.ts";
import type { RenewedLine } from "./renewal.ts";
import { blockLine, placeReply, type ReplyStyle } from "./reply.ts";
import { type Edit, type LinePlace, placeOf, type SourceLine, type SourceText } from "./source-text.ts";

export class ReplyPlace {
  readonly style: ReplyStyle;
  readonly #source: SourceText;
  readonly #note: Note;
  /** By the line of the file. */
  readonly #places = new Map<number, LinePlace>();
  /** What a further line begins with, and how it ends. */
  readonly #lead: string;
  readonly #ending: string;
  /** Where the block's fence stands. */
  readonly #column: number;
  /** What follows the last line of the reply on its line of the file. */
  readonly #tail: string;

  constructor(note: Note, source: SourceText, { client, reply }: Settings) {
    this.#source = source;
    this.#note = note;
    const markers = { client, reply };
    const written = [...note.sends, ...note.expects];
    for (const pattern of written)
      this.#places.set(pattern.line, placeOf(source.at(pattern.line).text, pattern, markers));
    const usual = note.expects.find((one) => one.source !== "" || one.marked) ?? note.sends.at(-1) ?? written[0]!;
    this.#lead = this.#places.get(usual.line)!.lead;
    this.#ending = source.at(usual.line).ending || source.at(1).ending || "\n";
    this.#column = fenceColumn(source.at(note.example.line).text);
    this.#tail = this.#places.get(written.at(-1)!.line)!.tail;
    const own = note.expects.map(({ line }) => this.#places.get(line)!.marker).find((marker) => /\S\s/.test(marker));
    this.style = {
      ending: !note.endingsCount ? "free" : note.example.settings.eol,
      markers,
      marker: own ?? usualMarker(reply, note.on),
      end: blockEndOf(source.at(note.example.line).text),
    };
  }

  /** The edit that puts these lines in the place of the written ones; undefined where they are the same. */
  edit(lines: readonly RenewedLine[]): Edit | undefined {
    const { expects, sends } = this.#note;
    const from = expects[0]?.line ?? sends.at(-1)!.line + 1;
    const to = (expects.at(-1)?.line ?? sends.at(-1)!.line) + 1;
    const written: SourceLine[] = [];
    for (const [i, line] of this.place(lines).entries()) {
      const { pattern } = line;
      const raw = pattern && this.#source.at(pattern.line);
      const isKept = raw && pattern.source === line.text && pattern.marked === line.marked;
      const isLast = i === lines.length - 1;
      if (isKept && isLast === (pattern === expects.at(-1))) written.push(raw);
      else
        written.push({
          text: this.#write(line, i === 0 && this.#isElsewhere, isLast),
          ending: raw?.ending || this.#ending,
        });
    }
    const before = this.#source.lines.slice(from - 1, to - 1);
    const isSame = before.length === written.length && before.every(({ text }, i) => text === written[i]!.text);
    return isSame ? undefined : { from, to, lines: written };
  }

  /** The lines with the markers that they have to bear. */
  place(lines: readonly RenewedLine[]): readonly RenewedLine[] {
    const placed = placeReply(lines, this.style, this.#note.sends.length > 0);
    return lines.map((line, i) => ({
      ...placed[i]!,
      marked: placed[i]!.marked || (i === 0 && this.#isElsewhere) || this.#losesSpace(line),
      pattern: line.pattern,
    }));
  }

  /** Whether white space that a line begins with would belong to the block's indentation, or to a quote mark. */
  #losesSpace(line: RenewedLine): boolean {
    const lead = this.#leadOf(line);
    return /^[ \t]/.test(line.text) && (lead.endsWith(">") || widthOf(lead) < this.#column);
  }

  #leadOf({ pattern }: RenewedLine): string {
    const own = pattern && this.#places.get(pattern.line);
    const isBlank = pattern?.source === "" && !pattern.marked;
    return own && !isBlank ? own.lead : this.#lead;
  }

  /** Whether the first line says whose it is, as another connection's lines stand above it. */
  get #isElsewhere(): boolean {
    return this.#note.sends.length === 0 && this.#note.expects[0]?.marked === true;
  }

  #write(line: RenewedLine, isNamed: boolean, isLast: boolean): string {
    const { pattern } = line;
    const own = pattern && this.#places.get(pattern.line);
    const lead = this.#leadOf(line);
    const ownMarker = own && line.marked && own.marker.endsWith(" ") ? own.marker : this.style.marker;
    const isDefault = this.style.markers.reply === undefined;
    // Alone, the marker goes on with the connection above.
    const marker = isDefault && line.text === "" && !isNamed ? "<<< " : ownMarker;
    const isUnnamed = isDefault && line.text === "" && isNamed && this.#note.on === "";
    const text = isUnnamed ? `${marker} (esc)` : blockLine(line, { ...this.style, marker });
    const tail = isLast && this.#note.expects.length > 0 ? this.#tail : "";
    return text === "" ? lead.trimEnd() + tail : lead + text + tail;
  }
}

/** What a marked line begins with where the reply has none. */
function usualMarker(markers: readonly Marker[] | undefined, on: string): string {
  const own = markers?.find(({ kind }) => kind === "text");
  return own?.kind === "text" ? own.text : `${on}<<< `;
}
