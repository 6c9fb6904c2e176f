/** The line on a terminal that shows the progress of a run. */
import type { RunEvent } from "../play/outcome.ts";
import { isFailed } from "../play/outcome.ts";
import type { Paint } from "./diff.ts";
import { LiveLine } from "./live-line.ts";
import type { ReportOutput } from "./reporter.ts";
import { oneLine, plural } from "./text.ts";

export class Progress {
  readonly #line: LiveLine;
  readonly #running = new Map<string, number>();
  #documents = 0;
  #ended = 0;
  #examples = 0;
  #failed = 0;

  constructor(out: ReportOutput, paint: Paint) {
    this.#line = new LiveLine(out, paint, () => this.#text());
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
    this.#line.change();
  }

  /** Writes lines of the report above the progress. */
  print(text: string): void | Promise<void> {
    return this.#line.print(text);
  }

  /** Removes the line and stops drawing. */
  stop(): void | Promise<void> {
    return this.#line.stop();
  }

  #text(): string {
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : "";
    const done = `${this.#ended}/${plural(this.#documents, "document")}, ${plural(this.#examples, "example")}${failed}`;
    const running = [...this.#running.keys()].slice(0, 3).map((path) => oneLine(path, 200));
    const more = this.#running.size > 3 ? [`${this.#running.size - 3} more`] : [];
    return [done, [...running, ...more].join(", ")].filter(Boolean).join("  ");
  }
}
