/** The end of a report for people: counts that line up, and what an interruption left out. */
import { formatDuration } from "../base/duration.ts";
import type { DocumentResult, RunEvent } from "../replay/outcome.ts";
import { isFailed } from "../replay/outcome.ts";
import type { Paint } from "./diff.ts";
import { formatCount, oneLine, plural, textWidth } from "./text.ts";

type RunEnd = Extract<RunEvent, { kind: "run-end" }>;

/** The widest column of paths; longer paths push their line to the right. */
const WIDEST_PATH = 44;

/** What a summary needs to know beyond the counts of the run's end. */
export class Tally {
  #documents = 0;
  #pathWidth = 0;
  #ended = 0;
  #broken = 0;
  #asExpected = 0;
  #unfinished = 0;
  #legendShown = false;

  /** Columns that the paths of the run's documents take, as far as they are not uncommonly long. */
  get pathWidth(): number {
    return this.#pathWidth;
  }

  observe(event: RunEvent): void {
    if (event.kind === "run-start") {
      this.#documents = event.documents.length;
      for (const { path } of event.documents) {
        this.#pathWidth = Math.max(this.#pathWidth, Math.min(WIDEST_PATH, textWidth(oneLine(path))));
      }
    }
    if (event.kind !== "document-end") return;
    const { errors, examples, interrupted } = event.document;
    this.#ended++;
    if (interrupted) this.#unfinished++;
    if (errors.length > 0 || examples.some((example) => isFailed(example.status))) this.#broken++;
    this.#asExpected += examples.filter((example) => example.status === "xfailed").length;
  }

  /** What `-` and `+` mean, before the first comparison of a run. */
  legend(document: DocumentResult, paint: Paint): string[] {
    const compares = document.examples.some(
      ({ status, exchanges }) =>
        status === "failed" && exchanges.some(({ diff }) => diff?.some(({ kind }) => kind !== "same")),
    );
    if (this.#legendShown || !compares) return [];
    this.#legendShown = true;
    return [`    ${paint.green("- expected")}  ${paint.red("+ received")}`, ""];
  }

  /** The lines of the summary, a blank one first. */
  summary(end: RunEnd, paint: Paint): string[] {
    const { counts } = end;
    if (counts.documents === 0 || (counts.examples === 0 && this.#broken === 0 && !end.interrupted)) {
      return ["", paint.yellow("Nothing to run: no example was found.")];
    }
    const failed = (count: number, word: string) => (count > 0 ? [paint.red(`${formatCount(count)} ${word}`)] : []);
    const rows: [label: string, count: number, notes: string[]][] = [
      ["documents", counts.documents, failed(this.#broken, "failed")],
      [
        "examples",
        counts.examples,
        [
          ...(counts.passed > 0 ? [paint.green(`${formatCount(counts.passed)} passed${this.#expected()}`)] : []),
          ...failed(counts.failed, "failed"),
          ...(counts.skipped > 0 ? [paint.yellow(`${formatCount(counts.skipped)} skipped`)] : []),
        ],
      ],
      ["exchanges", counts.exchanges, []],
    ];
    const width = Math.max(...rows.map(([, count]) => formatCount(count).length));
    const lines = rows.map(([label, count, notes]) =>
      `${paint.dim(label.padEnd(9))}  ${paint.bold(formatCount(count).padStart(width))}  ${notes.join(", ")}`.trimEnd(),
    );
    lines.push(`${paint.dim("time     ")}  ${formatDuration(end.durationMs)}`);
    const left = this.#documents - this.#ended + this.#unfinished;
    if (end.interrupted) {
      lines.push(
        "",
        paint.yellow(`Interrupted: ${plural(left, "document")} ${left === 1 ? "was" : "were"} not finished.`),
      );
    }
    return ["", ...lines];
  }

  #expected(): string {
    return this.#asExpected > 0 ? ` (${formatCount(this.#asExpected)} failed as expected)` : "";
  }
}
