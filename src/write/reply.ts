/**
 * Reply lines as lines of a block (format guide, section 3): with a marker where a line would read as something else, and
 * an empty line at the end of a reply as the marker alone.
 */
import type { ByteString } from "../base/bytes.ts";
import { writeBytes } from "../base/bytes.ts";
import { dumpLines } from "../base/dump.ts";
import { type Markers, readMarker } from "../transcript/markers.ts";
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
  const isPlain = (text: string): boolean => style.markers.reply === undefined && canStand(text, style);
  const isTaken = (text: string): boolean =>
    text !== "" && !isPlain(text) && !canStand(style.marker + text, style, text);
  const text = writeText(line, "server", style.ending, isTaken);
  return { text, marked: text !== "" && !isPlain(text) };
}

/** Bytes as lines of a run, each followed by `suffix`: ` (hex)`, or nothing in the dialect hex. */
export function writeRun(bytes: ByteString, suffix: string, { end }: Pick<ReplyStyle, "end">): readonly ReplyLine[] {
  const lines = dumpLines(bytes, suffix);
  const texts = lines.some((text) => endsBlock(text, end)) ? [writeBytes(bytes) + suffix] : lines;
  return texts.map((text) => ({ text, marked: false }));
}

/**
 * The lines of a whole reply, as they stand in the block.
 * @param isAnswer whether client lines stand right above it.
 */
export function writeReply(lines: readonly ReplyLine[], style: ReplyStyle, isAnswer: boolean): readonly string[] {
  return lines.map(({ text, marked }, i) => {
    const isLayout = text === "" && (i === lines.length - 1 || (i === 0 && !isAnswer));
    if (!marked && !isLayout && style.markers.reply === undefined) return text;
    return text === "" ? emptyLine(style) : style.marker + text;
  });
}

/** The marker alone; where the marker has to be followed by something, by a suffix that changes nothing. */
function emptyLine(style: ReplyStyle): string {
  const alone = [style.marker.trimEnd(), style.marker].find((one) => canStand(one, style, ""));
  return alone ?? `${style.marker} (esc)`;
}

/** Whether a line of the block is read as a reply line with this text; without one, as a line that bears no marker. */
function canStand(line: string, { markers, end }: ReplyStyle, text?: string): boolean {
  if (endsBlock(line, end)) return false;
  const read = readMarker(line, markers);
  if (text === undefined) return read.kind === "plain" || read.kind === "blank";
  return read.kind === "reply" && read.text === text;
}
