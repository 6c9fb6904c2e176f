import { stripVTControlCharacters } from "node:util";
import { displayText } from "../base/bytes.ts";

const MOST_CHARACTERS = 8192;
const MOST_LINES = 20;

/** The end of what a program prints, in bounded memory however much that is. */
export class OutputTail {
  #text = "";
  #cut = false;

  append(chunk: string): void {
    const text = this.#text + chunk;
    this.#cut ||= text.length > MOST_CHARACTERS;
    this.#text = text.slice(-MOST_CHARACTERS);
  }

  /** The last lines, without colours and with what would not show as escapes. */
  toString(): string {
    const lines = this.#text.split("\n");
    // The first line has lost its beginning; alone it is still better than nothing.
    if (this.#cut && lines.length > 1) lines.shift();
    return lines
      .map((line) => displayText(stripVTControlCharacters(line.trimEnd())))
      .join("\n")
      .replace(/^\n+|\n+$/g, "")
      .split("\n")
      .slice(-MOST_LINES)
      .join("\n");
  }
}
