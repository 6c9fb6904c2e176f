/**
 * What stands before ` (hex)`: bytes as two digits each, texts in quotes, `??`, `...` and placeholders (format guide,
 * section 4). White space between them means nothing; reports keep it, so that fields stay where the author put them.
 */
import { type ByteItem, PatternError, readParts, readPlaceholder } from "./parts.ts";

/** What stands together: a byte, a text in quotes, a wildcard. `from` and `to` are its place in the line. */
export interface ByteWord {
  readonly from: number;
  readonly to: number;
  readonly items: readonly ByteItem[];
}

/** @param reply whether it is a reply line, in which bytes may be left open. @throws {PatternError} */
export function readByteWords(text: string, column: number, reply: boolean): readonly ByteWord[] {
  const words: ByteWord[] = [];
  let at = 0;
  const fail = (message: string): never => {
    throw new PatternError("bad-hex", message, at);
  };
  const add = (to: number, items: readonly ByteItem[]): void => {
    words.push({ from: at, to, items });
    at = to;
  };
  while (at < text.length) {
    const rest = text.slice(at, at + 3);
    if (/^\s/.test(rest)) at++;
    else if (/^[0-9A-Fa-f]{2}/.test(rest)) {
      add(at + 2, [{ kind: "text", bytes: String.fromCharCode(Number.parseInt(rest.slice(0, 2), 16)) }]);
    } else if (rest.startsWith('"')) {
      const close = text.indexOf('"', at + 1);
      if (close < 0) fail('the text has no closing "');
      add(close + 1, readQuoted(text.slice(at + 1, close), column, at + 1));
    } else if (rest.startsWith("??") || rest === "...") {
      if (!reply)
        fail(`"${rest.startsWith("?") ? "??" : rest}" stands for bytes of a reply; what is sent has to be known`);
      if (rest === "...") add(at + 3, [{ kind: "bytes" }]);
      else add(at + 2, [{ kind: "byte" }]);
    } else if (rest.startsWith("{{")) {
      const placeholder = readPlaceholder(text, at, column);
      if (!placeholder) return fail('"{{" begins no placeholder here; a text goes in quotes');
      add(placeholder.end, [placeholder.part]);
    } else if (/^[0-9A-Fa-f]/.test(rest)) fail(`"${rest[0]}" stands alone; a byte has two hexadecimal digits`);
    else fail(`"${String.fromCodePoint(text.codePointAt(at)!)}" is no hexadecimal digit; a text goes in quotes`);
  }
  return words;
}

/** @param offset where the text begins in its line. */
function readQuoted(text: string, column: number, offset: number): readonly ByteItem[] {
  try {
    return readParts(text, column + offset);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new PatternError(error.code, error.message, error.offset + offset);
  }
}

/** The same without their places. @throws {PatternError} */
export const readBytes = (text: string, column: number, reply: boolean): readonly ByteItem[] =>
  readByteWords(text, column, reply).flatMap(({ items }) => items);
