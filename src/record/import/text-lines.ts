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

/** The number of the line that an offset is in. */
export function lineAt(text: ByteString, at: number): number {
  let number = 1;
  for (let end = text.indexOf("\n"); end >= 0 && end < at; end = text.indexOf("\n", end + 1)) number++;
  return number;
}
