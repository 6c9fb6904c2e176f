import type { ByteString } from "../../base/bytes.ts";

export interface TextLine {
  /** Without its ending. */
  readonly text: ByteString;
  /** Counts from 1. */
  readonly number: number;
  /** Where the next line begins in the whole text. */
  readonly next: number;
}

/** The lines of a text from an offset on. A CR before the LF belongs to the ending. */
export function* textLines(whole: ByteString, from = 0, number = 1): Generator<TextLine, void> {
  for (let at = from, count = number; at < whole.length; count++) {
    const end = whole.indexOf("\n", at);
    const next = end < 0 ? whole.length : end + 1;
    const stop = end < 0 ? whole.length : end;
    yield { text: whole.slice(at, whole[stop - 1] === "\r" && stop > at ? stop - 1 : stop), number: count, next };
    at = next;
  }
}

/** The number of the line that an offset is in. Asked in order, each part of the text is looked at once. */
export function lineNumbers(text: ByteString): (at: number) => number {
  let number = 1;
  let next = text.indexOf("\n");
  return (at) => {
    for (; next >= 0 && next < at; next = text.indexOf("\n", next + 1)) number++;
    return number;
  };
}

export const lineAt = (text: ByteString, at: number): number => lineNumbers(text)(at);
