/** The head of a response, from its first byte to the empty line that ends it. */
import type { ByteString } from "../../base/bytes.ts";
import type { Eol } from "../../base/settings.ts";
import { FramingError } from "../dialect.ts";
import { checkFieldLine, checkStatusLine, isBinary, whyNoStatusLine } from "./head.ts";

/** How much a report gets to show of a line that has no end, in bytes. */
export const MOST_SHOWN = 1000;

export class HeadReader {
  /** The lines that are complete, and the beginning of the next one. */
  lines: ByteString[] = [];
  partial: ByteString = "";

  get isEmpty(): boolean {
    return this.lines.length === 0 && this.partial === "";
  }

  /** Where in the head the last byte stands; undefined before its first one. */
  get where(): string | undefined {
    if (this.lines.length > 0) return "in the middle of the head, before the empty line that ends it";
    return this.partial === "" ? undefined : "in the middle of the status line";
  }

  /** Reads a line, or the beginning of one. @returns whether it ends the head. @throws {FramingError} */
  read(piece: ByteString, eol: Eol): boolean {
    // A line that is refused is shown whole.
    this.partial += piece;
    if (!piece.endsWith("\n")) {
      // Text may go on to an LF, which shows all of it; to look at each of very many pieces would take long.
      if (this.lines.length === 0 && piece.length > this.partial.length >> 6) this.#refuseBeginning();
      return false;
    }
    const line = this.partial;
    const isLast = this.lines.length > 0 && checkFieldLine(line, eol, "header");
    if (this.lines.length === 0) checkStatusLine(line, eol);
    this.lines.push(line);
    this.partial = "";
    return isLast;
  }

  #refuseBeginning(): void {
    if (isBinary(this.partial) || this.partial.length > MOST_SHOWN) this.refuseUnlessHttp();
  }

  /** Refuses the beginning of a response that cannot become one. @throws {FramingError} */
  refuseUnlessHttp(): void {
    if (!"HTTP/1.".startsWith(this.partial.slice(0, 7))) throw new FramingError(whyNoStatusLine(this.partial) ?? "");
  }

  /** Takes out what there is. */
  take(): readonly ByteString[] {
    const lines = this.lines;
    if (this.partial !== "") lines.push(this.partial.slice(0, MOST_SHOWN));
    this.lines = [];
    this.partial = "";
    return lines;
  }
}
