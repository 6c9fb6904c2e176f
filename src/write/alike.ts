/** Whether a line that came is likely meant by a written one that it does not match. */
import { type ByteString, decodeText, encodeText } from "../base/bytes.ts";
import { looksAlike } from "../match/diff.ts";
import { parseJson } from "../match/json-reader.ts";
import type { LinePattern } from "../match/pattern.ts";
import { placesOf } from "../match/spelling.ts";

/** To find the places of placeholders takes time: longer lines, and more pairs of lines, are compared as they are written. */
const LONGEST = 300;
const MOST = 2000;

/** Compares the lines of one reply. */
export function createLikeness(): (pattern: LinePattern, line: ByteString) => boolean {
  let left = MOST;
  return (pattern, line) => {
    const { body, source, literal, placeholders } = pattern;
    if (body.kind === "json") return isJson(line);
    const text = line.replace(/\r?\n$/, "");
    const isShort = text.length <= LONGEST && source.length <= LONGEST;
    if (body.kind !== "text" || placeholders.length === 0 || !isShort || left-- <= 0)
      return looksAlike(literal ?? encodeText(source), text);
    return placesOf(body.parts, decodeText(text), () => undefined).size === placeholders.length;
  };
}

function isJson(line: ByteString): boolean {
  const from = line.search(/[{[]/);
  return from >= 0 && parseJson(decodeText(line.slice(from))) !== undefined;
}

/**
 * A text as the author would write it, where a dialect leaves something of it open: as many words as are written, a name
 * in the written spelling. Whether these mean the same, only the dialect knows.
 */
export function asWritten({ source }: LinePattern, text: string): readonly string[] {
  const words = source.split(" ").length;
  const abridged = text.split(" ").slice(0, words).join(" ");
  const [written, came] = [HEADER_NAME.exec(source)?.[0], HEADER_NAME.exec(text)?.[0]];
  const isNamed = written !== undefined && came !== undefined && nameOf(written) === nameOf(came);
  return [abridged, ...(isNamed ? [written + text.slice(came.length)] : [])].filter((one) => one !== text);
}

const HEADER_NAME = /^[^:\s]+:[ \t]*/;
const nameOf = (name: string): string => name.trimEnd().toLowerCase();
