/** Dumps of Wireshark: rows with an offset, sixteen bytes and their text; those of the server are indented. */
import type { ByteString } from "../../base/bytes.ts";
import type { Party } from "../../plan/moves.ts";
import type { Recording, Source, Step } from "./conversation.ts";
import { badRecording } from "./mistake.ts";
import { lineAt, textLines } from "./text-lines.ts";

const ROW = /^(\t| {4})?([0-9A-F]{8}) {2}(.{2,50})/i;
const BYTES = /^(?:[0-9a-f]{2} {1,2}){0,15}[0-9a-f]{2} *$/i;
/** Sixteen pairs, with a wider space in the middle. */
const WIDTH = 48;

export const isHexRows = (beginning: ByteString): boolean =>
  /^(?:\t| {4})?[0-9A-F]{8} {2}(?:[0-9a-f]{2} {1,2}){1,16}/im.test(beginning);

interface Rows extends Source {
  readonly from: number;
  /** The number of the first line. */
  readonly line: number;
}

/** Reads rows from an offset on, up to a line that is none. */
export function readHexRows({ file, text, from, line }: Rows): {
  readonly steps: readonly Step[];
  readonly end: number;
} {
  const steps: Step[] = [];
  const counts: Record<Party, number> = { client: 0, server: 0 };
  let pairs: string[] = [];
  let speaker: Party = "client";
  let end = from;
  const finish = (): void => {
    if (pairs.length > 0)
      steps.push({ by: speaker, bytes: Buffer.from(pairs.join(""), "hex").toString("latin1"), at: steps.length });
    pairs = [];
  };
  for (const { text: row, number, next } of textLines(text, from, line)) {
    const [, indent, offset, rest] = ROW.exec(row) ?? [];
    if (rest === undefined && row.trim() !== "") break;
    end = next;
    if (rest === undefined) continue;
    const by = indent === undefined ? "client" : "server";
    const shown = rest.slice(0, WIDTH);
    if (!BYTES.test(shown))
      throw badRecording(file, number, "pairs of hexadecimal digits are expected here: save it anew");
    // Where one row does not go on at the other's end, some are missing.
    if (Number.parseInt(offset!, 16) !== counts[by])
      throw badRecording(
        file,
        number,
        `the offset is ${offset}, but ${hex(counts[by])} is due: rows are missing; save it anew`,
      );
    if (by !== speaker) finish();
    speaker = by;
    const digits = shown.replaceAll(" ", "");
    pairs.push(digits);
    counts[by] += digits.length / 2;
  }
  finish();
  return { steps, end };
}

const hex = (offset: number): string => offset.toString(16).toUpperCase().padStart(8, "0");

export function readHexDump(source: Source): Recording {
  const first = /^(?:\t| {4})?[0-9A-F]{8} {2}/im.exec(source.text)?.index ?? 0;
  const line = lineAt(source.text, first);
  const { steps, end } = readHexRows({ ...source, from: first, line });
  const left = source.text.slice(end).search(/\S/);
  if (left >= 0) {
    throw badRecording(
      source.file,
      lineAt(source.text, end + left),
      "a row of a dump is expected here: save the stream anew",
    );
  }
  return { conversations: [{ target: undefined, steps }], warnings: [] };
}
