/** Longer lines are cut, so that a program that never ends one needs no room. */
const LONGEST_LINE = 8192;

/** Cuts what a program prints into lines, without their ends. */
export class OutputLines {
  readonly #tell: (line: string) => void;
  #rest = "";

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  append(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#tell(line.replace(/\r$/, ""));
    while (this.#rest.length > LONGEST_LINE) {
      this.#tell(this.#rest.slice(0, LONGEST_LINE));
      this.#rest = this.#rest.slice(LONGEST_LINE);
    }
  }

  /** No more comes. */
  end(): void {
    if (this.#rest !== "") this.#tell(this.#rest);
    this.#rest = "";
  }
}
