/** Two texts side by side, as rows of lines: what is written, and what came. */

export interface JsonRow {
  /** Undefined, as `received`, where the line has no counterpart. */
  readonly expected: string | undefined;
  readonly received: string | undefined;
  /** The line of the template, from 0. */
  readonly line: number;
}

export class JsonRows {
  readonly #rows: JsonRow[] = [];
  #expected = "";
  #received = "";
  #line = 0;

  /** Text that stands on both sides. */
  both(text: string): void {
    for (const [i, piece] of text.split("\n").entries()) {
      if (i > 0) {
        this.#endLine(true, true);
        this.#line++;
      }
      this.#expected += piece;
      this.#received += piece;
    }
  }

  /** Text that only the document has. */
  missing(text: string): void {
    for (const [i, piece] of text.split("\n").entries()) {
      if (i > 0) {
        this.#endLine(true, this.#received.trim() !== "");
        this.#line++;
      }
      this.#expected += piece;
    }
  }

  /** Text that only came; on a line of its own where `indent` is given. */
  further(text: string, indent: string | undefined): void {
    if (indent !== undefined) {
      this.#endLine(true, true);
      this.#received = indent;
    }
    this.#received += text;
  }

  /** What stands before a member or an element: a bracket, or a comma, which nothing needs that has no neighbor. */
  lead(text: string, isFirst: boolean, isThere: boolean, isBefore: boolean): void {
    const isOwnLine = text.includes("\n");
    const comma =
      isFirst || (isOwnLine ? this.#received.trim() !== "" : isThere && isBefore) ? 0 : text.indexOf(",") + 1;
    this.missing(text.slice(0, comma));
    const rest = text.slice(comma);
    if (isFirst || isOwnLine || (isThere && isBefore)) this.both(rest);
    else this.missing(rest);
  }

  finish(): readonly JsonRow[] {
    this.#endLine(true, true);
    return this.#rows;
  }

  #endLine(isWritten: boolean, came: boolean): void {
    const expected = isWritten && (this.#expected.trim() !== "" || this.#received.trim() === "");
    const received = came && (this.#received.trim() !== "" || this.#expected.trim() === "");
    this.#rows.push({
      expected: expected ? this.#expected : undefined,
      received: received ? this.#received : undefined,
      line: this.#line,
    });
    this.#expected = "";
    this.#received = "";
  }
}
