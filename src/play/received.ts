/** Received lines as a document would write them. */
import { type ByteString, writeLine } from "../base/bytes.ts";
import type { Eol } from "../base/settings.ts";
import { splitEnding } from "../match/text.ts";

/** Reports show at most this much of a reply, in bytes. */
const BYTES_SHOWN = 1 << 20;

/** What came, cut after each LF. */
export const linesOf = (received: readonly ByteString[]): readonly ByteString[] =>
  beginning(received).match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** What came, as far as reports show it. */
export function beginning(received: readonly ByteString[]): ByteString {
  let text = "";
  for (const piece of received) {
    text += piece;
    if (text.length > BYTES_SHOWN) return text.slice(0, BYTES_SHOWN);
  }
  return text;
}

/** A received line as a document would write it, its ending too where that is not the one that `eol` names. */
export function showLine(bytes: ByteString, eol: Eol, endingsCount: boolean): string {
  const { text, ending } = splitEnding(bytes, eol);
  const shown = writeLine(text);
  if (!endingsCount) return shown;
  if (ending === "") return `${shown} (no-eol)`;
  if (eol === "any" || (ending === "\r\n") === (eol === "crlf")) return shown;
  return `${shown} (${ending === "\n" ? "lf" : "crlf"})`;
}

/** The same with the ending, whatever it is. */
export function showWithEnding(bytes: ByteString): string {
  const { text, ending } = splitEnding(bytes, "any");
  return `${writeLine(text)} (${ending === "\n" ? "lf" : "crlf"})`;
}
