/** A line on a terminal that changes. It is drawn below the report and erased again. */
import type { Paint } from "./diff.ts";
import type { ReportOutput } from "./reporter.ts";
import { fitWidth, textWidth } from "./text.ts";

/** Milliseconds between two drawings. */
const PERIOD = 80;

export class LiveLine {
  readonly #out: ReportOutput;
  readonly #paint: Paint;
  readonly #text: () => string;
  #drawn = "";
  #timer: NodeJS.Timeout | undefined;

  /** @param text what the line says now. */
  constructor(out: ReportOutput, paint: Paint, text: () => string) {
    this.#out = out;
    this.#paint = paint;
    this.#text = text;
  }

  /** Draws soon. */
  change(): void {
    this.#timer ??= setTimeout(() => this.#draw(), PERIOD).unref();
  }

  /** Writes lines of the report above it. */
  print(text: string): void | Promise<void> {
    const erase = this.#erase();
    this.#drawn = this.#drawn === "" ? "" : this.#line();
    return this.#out.write(erase + text + this.#paint.dim(this.#drawn));
  }

  /** Removes the line and stops drawing. */
  stop(): void | Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const erase = this.#erase();
    this.#drawn = "";
    if (erase !== "") return this.#out.write(erase);
  }

  #draw(): void {
    this.#timer = undefined;
    const line = this.#line();
    if (line === this.#drawn) return;
    const erase = this.#erase();
    this.#drawn = line;
    // The next line of the report gets the error of a broken stream too.
    Promise.resolve(this.#out.write(erase + this.#paint.dim(line))).catch(() => {});
  }

  /** The text that erases the line: all its rows, as the terminal may be narrower now. */
  #erase(): string {
    if (this.#drawn === "") return "";
    const rows = Math.ceil(textWidth(this.#drawn) / this.#columns());
    return `\r${"\x1b[1A".repeat(Math.max(0, rows - 1))}\x1b[J`;
  }

  #columns = (): number => Math.max(1, this.#out.columns ?? 80);

  #line(): string {
    return fitWidth(this.#text(), this.#columns() - 1);
  }
}
