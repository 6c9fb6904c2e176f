/** Bytes as ` (hex)` lines write them: printable runs as text in quotes, each other byte as two digits. */
import { type ByteString, writeBytes } from "./bytes.ts";

/** Shorter runs are more likely numbers than text. A quote, `\` and `{{` have a meaning of their own. */
const TEXT = /(?:[ !#-[\]-z|-~]|\{(?!\{)){3,}/g;
const BYTES_PER_LINE = 16;
const LONGEST_TEXT = 64;

/** Words, each with the number of its bytes. */
function wordsOf(bytes: ByteString): readonly { readonly text: string; readonly bytes: number }[] {
  const words: { text: string; bytes: number }[] = [];
  const hex = (part: ByteString): void => {
    for (const byte of part) words.push({ text: writeBytes(byte), bytes: 1 });
  };
  let at = 0;
  for (const { 0: run, index } of bytes.matchAll(TEXT)) {
    hex(bytes.slice(at, index));
    for (let from = 0; from < run.length; from += LONGEST_TEXT) {
      const text = run.slice(from, from + LONGEST_TEXT);
      words.push({ text: `"${text}"`, bytes: text.length });
    }
    at = index + run.length;
  }
  hex(bytes.slice(at));
  return words;
}

/** All bytes on one line. */
export const writeDump = (bytes: ByteString): string =>
  wordsOf(bytes)
    .map(({ text }) => text)
    .join(" ");

/** Lines of about sixteen bytes, each followed by `suffix`. */
export function dumpLines(bytes: ByteString, suffix: string): readonly string[] {
  const lines: string[] = [];
  let line: string[] = [];
  let count = 0;
  for (const word of wordsOf(bytes)) {
    if (line.length > 0 && count + word.bytes > BYTES_PER_LINE) {
      lines.push(line.join(" ") + suffix);
      line = [];
      count = 0;
    }
    line.push(word.text);
    count += word.bytes;
  }
  if (line.length > 0) lines.push(line.join(" ") + suffix);
  return lines;
}
