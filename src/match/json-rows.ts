/** JSON as it is written and as it came, side by side, put together piece by piece. */

export interface JsonRow {
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

  /** Whether the line so far has something that came. */
  get hasReceived(): boolean {
    return this.#received.trim() !== "";
  }

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
        this.#endLine(true, this.hasReceived);
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
