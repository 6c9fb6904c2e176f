/** The head of a message, from its first byte to the empty line that ends it. */
import type { ByteString } from "../../base/bytes.ts";
import { FramingError } from "../errors.ts";
import { checkFieldLine, isBinary, type StartLine } from "./head-lines.ts";

/** How much a report gets to show of a line that has no end, in bytes. */
export const MOST_SHOWN = 1000;

export class HeadReader {
  readonly #start: StartLine;
  /** The lines that are complete, and the beginning of the next one. */
  lines: ByteString[] = [];
  #partial: ByteString = "";

  constructor(start: StartLine) {
    this.#start = start;
  }

  get isEmpty(): boolean {
    return this.lines.length === 0 && this.#partial === "";
  }

  /** Where in the head the last byte stands; undefined before its first one. */
  get where(): string | undefined {
    if (this.lines.length > 0) return "in the middle of the head, before the empty line that ends it";
    return this.#partial === "" ? undefined : `in the middle of the ${this.#start.name}`;
  }

  /** Reads a line, or the beginning of one. @returns whether it ends the head. @throws {FramingError} */
  read(piece: ByteString): boolean {
    // A line that is refused is shown whole.
    this.#partial += piece;
    if (!piece.endsWith("\n")) {
      // Text may go on to an LF, which shows all of it; to look at each of very many pieces would take long.
      const isWorthALook = this.lines.length === 0 && piece.length > this.#partial.length >> 6;
      if (isWorthALook && (isBinary(this.#partial) || this.#partial.length > MOST_SHOWN)) this.refuseBeginning();
      return false;
    }
    const line = this.#partial;
    const isLast = this.lines.length > 0 && checkFieldLine(line, "header");
    if (this.lines.length === 0) this.#refuse(this.#start.whyNone(line));
    this.lines.push(line);
    this.#partial = "";
    return isLast;
  }

  /** Refuses the beginning of a first line that cannot become one. @throws {FramingError} */
  refuseBeginning(): void {
    if (this.lines.length === 0 && !this.#start.mayBegin(this.#partial))
      this.#refuse(this.#start.whyNone(this.#partial));
  }

  #refuse(why: string | undefined): void {
    if (why !== undefined) throw new FramingError(why);
  }

  /** Takes out what there is. */
  take(): readonly ByteString[] {
    const lines = this.lines;
    if (this.#partial !== "") lines.push(this.#partial.slice(0, MOST_SHOWN));
    this.lines = [];
    this.#partial = "";
    return lines;
  }
}
