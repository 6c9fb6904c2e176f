/**
 * A line as bytes to the text that a document writes for it (format guide, sections 3 and 4): as it is where that reads
 * back as the same bytes, else with `\`, else as ` (esc)`.
 */
import { type ByteString, decodeText, displayText, escapeInvisible, writeBytes } from "../base/bytes.ts";
import type { Eol } from "../base/settings.ts";
import { PatternError, readPlaceholder } from "../match/parts.ts";
import { type Ending, type LinePattern, parseClientLine, parseReplyLine } from "../match/pattern.ts";
import { splitEnding } from "../match/text.ts";

/** Who says a line: each side has suffixes of its own. */
export type Speaker = "client" | "server";

/** How the ending of a line is written. `named`: always; `free`: never, as it has no meaning. */
export type EndingStyle = Eol | "named" | "free";

/** A part of a line: text that came, or a placeholder as it is written. */
export type TextPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "source"; readonly source: string };

/**
 * The text of a line, without a marker, that stands for exactly these bytes.
 * @param line with its ending, if it has one.
 * @param isTaken what the text must not be, as it would mean something else where it stands.
 */
export function writeText(
  line: ByteString,
  by: Speaker,
  style: EndingStyle,
  isTaken: (text: string) => boolean = () => false,
): string {
  const { text: bytes, ending } = splitEnding(line, eolOf(style));
  const suffix = endingSuffix(ending, style);
  const isRight = (text: string): boolean => !isTaken(text) && readsAs(text, bytes, by, ENDINGS[suffix]!);
  const found = spellings([{ kind: "text", text: decodeText(bytes) }], suffix).find(isRight);
  // No marker leaves room for a space at the start.
  return found ?? `${writeBytes(line)} (hex)`;
}

/** In how a line is split into its text and its ending. */
export const eolOf = (style: EndingStyle): Eol => (style === "named" || style === "free" ? "any" : style);

/**
 * The ways to write a line, the plainest first.
 * @param suffix what follows: suffixes, each after a space, or further text.
 */
export function spellings(pieces: readonly TextPiece[], suffix: string): readonly string[] {
  const join = (write: (text: string) => string): string =>
    pieces.map((piece) => (piece.kind === "source" ? piece.source : write(piece.text))).join("");
  const texts = pieces.map((piece) => (piece.kind === "source" ? "" : piece.text));
  const endsInSpace = /\s$/u.test(texts.at(-1) ?? "") && !/^[^ ]/.test(suffix);
  const isShown = texts.every((text) => displayText(text) === text) && !endsInSpace;
  // Beside placeholders that are meant, no other may come about.
  const isAlone = pieces.every(({ kind }) => kind === "text");
  const plain = isShown ? [...(isAlone ? [join((text) => text)] : []), join(escapeBraces)] : [];
  const escaped = atEnd(join(withEscapes));
  return [
    ...plain.flatMap((one) => [one, withoutSuffix(one), `\\${one}`]),
    `${escaped} (esc)`,
    `${escapeMore(escaped)} (esc)`,
  ].map((one) => one + suffix);
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  "": "written",
  " (no-eol)": "none",
  " (lf)": "lf",
  " (crlf)": "crlf",
};

/** What a line bears where its ending is not the one that the document has anyway. */
export function endingSuffix(ending: "" | "\n" | "\r\n", style: EndingStyle): string {
  if (style === "free") return "";
  if (ending === "") return " (no-eol)";
  if (style === "any" || (style !== "named" && (ending === "\r\n") === (style === "crlf"))) return "";
  return ending === "\n" ? " (lf)" : " (crlf)";
}

/** Whether a text means these bytes, and nothing else. */
function readsAs(text: string, bytes: ByteString, by: Speaker, ending: Ending): boolean {
  let read: LinePattern;
  try {
    const written = { text, line: 1, column: 1, marked: false };
    read = by === "client" ? parseClientLine(written) : parseReplyLine(written);
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
  return read.body.kind === "text" && read.literal === bytes && read.ending === ending && read.repeat === "once";
}

/** A backslash before what would be a placeholder, or before a backslash and `{{`. */
export function escapeBraces(text: string): string {
  let result = "";
  let from = 0;
  for (let at = text.indexOf("{{"); at >= 0; at = text.indexOf("{{", from)) {
    const isEscape = text[at - 1] === "\\" && at - 1 >= from;
    if (isEscape || beginsPlaceholder(text, at)) {
      result += `${text.slice(from, at)}\\{{`;
      from = at + 2;
    } else {
      result += text.slice(from, at + 1);
      from = at + 1;
    }
  }
  return result + text.slice(from);
}

function beginsPlaceholder(text: string, at: number): boolean {
  try {
    return readPlaceholder(text, at, 0) !== undefined;
  } catch (error) {
    // What looks like a placeholder and is none would be a mistake.
    if (error instanceof PatternError) return true;
    throw error;
  }
}

/** A backslash before the `(` of what would be a suffix. */
const withoutSuffix = (text: string): string => text.replace(/ (\([a-z-]+\)|\([?*!]\))$/, " \\$1");

/** Invisible characters as escapes, and what else would be read: backslashes and braces. */
const withEscapes = (text: string): string =>
  escapeInvisible(text.replaceAll("\\", "\\\\")).replace(/\{(?=\{)/g, "\\x7b");

/** White space at the end, and what would be a suffix there, as escapes. */
const atEnd = (text: string): string =>
  text
    .replace(/\s$/u, (space) => `\\${space.codePointAt(0)! < 128 ? "x20" : `u{${space.codePointAt(0)!.toString(16)}}`}`)
    .replace(/ \((?=[a-z?*!-]+\)$)/, " \\x28");

/** The same with what a marker, the end of a block or layout could take. */
const escapeMore = (text: string): string =>
  text.replace(/^[ <>=`~]/, (char) => `\\x${char.charCodeAt(0).toString(16)}`).replaceAll("-->", "--\\x3e");
