/** The line on a terminal that shows the progress of a run. It is drawn below the report and erased again. */
import type { RunEvent } from "../play/outcome.ts";
import { isFailed } from "../play/outcome.ts";
import type { Paint } from "./diff.ts";
import type { ReportOutput } from "./reporter.ts";
import { fitWidth, oneLine, plural, textWidth } from "./text.ts";

/** Milliseconds between two drawings. */
const PERIOD = 80;

export class Progress {
  readonly #out: ReportOutput;
  readonly #paint: Paint;
  readonly #running = new Map<string, number>();
  #documents = 0;
  #ended = 0;
  #examples = 0;
  #failed = 0;
  #drawn = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(out: ReportOutput, paint: Paint) {
    this.#out = out;
    this.#paint = paint;
  }

  /** Counts an event and draws soon. */
  observe(event: RunEvent): void {
    if (event.kind === "run-start") this.#documents = event.documents.length;
    else if (event.kind === "document-start") this.#running.set(event.path, event.examples);
    else if (event.kind === "example") {
      this.#examples++;
      if (isFailed(event.example.status)) this.#failed++;
    } else if (event.kind === "document-end") {
      this.#running.delete(event.path);
      this.#ended++;
    }
    this.#timer ??= setTimeout(() => this.#draw(), PERIOD).unref();
  }

  /** Writes lines of the report above the progress. */
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
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : "";
    const done = `${this.#ended}/${plural(this.#documents, "document")}, ${plural(this.#examples, "example")}${failed}`;
    const running = [...this.#running.keys()].slice(0, 3).map((path) => oneLine(path, 200));
    const more = this.#running.size > 3 ? [`${this.#running.size - 3} more`] : [];
    return fitWidth([done, [...running, ...more].join(", ")].filter(Boolean).join("  "), this.#columns() - 1);
  }
}
