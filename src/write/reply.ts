/**
 * Reply lines as lines of a block (format guide, section 3): with a marker where a line would read as something else, and
 * an empty line at the end of a reply as the marker alone.
 */
import type { ByteString } from "../base/bytes.ts";
import { writeBytes } from "../base/bytes.ts";
import { dumpLines } from "../base/dump.ts";
import { isMarked, type Markers, readMarker } from "../transcript/markers.ts";
import { type BlockEnd, endsBlock } from "./block.ts";
import { type EndingStyle, writeText } from "./line-text.ts";

/** How the lines of one reply are written. */
export interface ReplyStyle {
  readonly ending: EndingStyle;
  readonly markers: Markers;
  /** What a marked line begins with, its space included: `<<< `, `bob<<< `, or the document's own marker. */
  readonly marker: string;
  readonly end: BlockEnd;
}

/** A line of a reply: its text without a marker, and whether it has to bear one. */
export interface ReplyLine {
  readonly text: string;
  readonly marked: boolean;
}

/** One received line, with its ending. It matches exactly these bytes when it is read back. */
export function writeReplyLine(line: ByteString, style: ReplyStyle): ReplyLine {
  const text = writeText(line, "server", style.ending, (one) => standsIn(one, style) === undefined);
  return standsIn(text, style) ?? { text, marked: true };
}

/** A text as a line of the block; undefined where it would mean something else even with a marker. */
export function standsIn(text: string, style: ReplyStyle): ReplyLine | undefined {
  if (text === "") return { text, marked: false };
  if (style.markers.reply === undefined && canStand(text, style)) return { text, marked: false };
  return canStand(style.marker + text, style, text) ? { text, marked: true } : undefined;
}

/** Bytes as lines of a run, each followed by `suffix`: ` (hex)`, or nothing in the dialect hex. */
export function writeRun(bytes: ByteString, suffix: string, { end }: Pick<ReplyStyle, "end">): readonly ReplyLine[] {
  const lines = dumpLines(bytes, suffix);
  const texts = lines.some((text) => endsBlock(text, end)) ? [writeBytes(bytes) + suffix] : lines;
  return texts.map((text) => ({ text, marked: false }));
}

/**
 * The lines of a whole reply, each with what it has to bear: an empty one at its end, or at its beginning below no client
 * line, would be layout.
 * @param isAnswer whether client lines stand right above it.
 */
export const placeReply = (
  lines: readonly ReplyLine[],
  { markers }: Pick<ReplyStyle, "markers">,
  isAnswer: boolean,
): readonly ReplyLine[] =>
  lines.map(({ text, marked }, i) => {
    const isLayout = text === "" && (i === lines.length - 1 || (i === 0 && !isAnswer));
    return { text, marked: marked || isLayout || markers.reply !== undefined };
  });

/** A line of a reply as it stands in the block. */
export function blockLine({ text, marked }: ReplyLine, style: ReplyStyle): string {
  if (!marked) return text;
  return text === "" ? emptyLine(style) : style.marker + text;
}

/** A whole reply as it stands in the block; see {@link placeReply}. */
export const writeReply = (lines: readonly ReplyLine[], style: ReplyStyle, isAnswer: boolean): readonly string[] =>
  placeReply(lines, style, isAnswer).map((line) => blockLine(line, style));

/** The marker alone; where the marker has to be followed by something, by a suffix that changes nothing. */
function emptyLine(style: ReplyStyle): string {
  const alone = [style.marker.trimEnd(), style.marker].find((one) => canStand(one, style, ""));
  return alone ?? `${style.marker} (esc)`;
}

/** Whether a line of the block is read as a reply line with this text; without one, as a line that bears no marker. */
function canStand(line: string, { markers, end }: ReplyStyle, text?: string): boolean {
  if (endsBlock(line, end)) return false;
  const read = readMarker(line, markers);
  // White space before a marker looks like a mistake.
  const looksMarked = /^\s/.test(line) && isMarked(line.trimStart(), markers);
  if (text === undefined) return (read.kind === "plain" && !looksMarked) || read.kind === "blank";
  return read.kind === "reply" && read.text === text;
}
