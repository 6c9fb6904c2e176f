/** The end of a report for people: aligned counts, and what an interruption left out. */
import { formatDuration } from "../base/duration.ts";
import type { DocumentResult, RunEvent } from "../play/outcome.ts";
import { isFailed } from "../play/outcome.ts";
import type { Paint } from "./diff.ts";
import { cutLines, formatCount, oneLine, plural, textWidth } from "./text.ts";

type RunEnd = Extract<RunEvent, { kind: "run-end" }>;

/** The most failures that the list at the end names. */
const MOST_LISTED = 200;
/** The widest column of paths. Longer paths push the rest of their line to the right. */
const WIDEST_PATH = 44;

/** Collects what a summary needs beyond the counts of the run's end. */
export class Tally {
  #documents = 0;
  #pathWidth = 0;
  #ended = 0;
  #broken = 0;
  #asExpected = 0;
  #unfinished = 0;
  /** The config file, if it is not in the working directory. */
  #config: string | undefined;
  readonly #failed: string[] = [];

  /** The width of the column of paths. */
  get pathWidth(): number {
    return this.#pathWidth;
  }

  observe(event: RunEvent): void {
    if (event.kind === "run-start") {
      this.#documents = event.documents.length;
      if (event.config?.includes("/")) this.#config = event.config;
      for (const { path } of event.documents) {
        this.#pathWidth = Math.max(this.#pathWidth, Math.min(WIDEST_PATH, textWidth(oneLine(path))));
      }
    }
    if (event.kind !== "document-end") return;
    const { errors, examples, interrupted } = event.document;
    this.#ended++;
    if (interrupted) this.#unfinished++;
    if (errors.length > 0 || examples.some((example) => isFailed(example.status))) this.#broken++;
    this.#noteFailed(event.document);
    this.#asExpected += examples.filter((example) => example.status === "xfailed").length;
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
          ...(counts.unsupported > 0 ? [paint.yellow(`${formatCount(counts.unsupported)} unsupported`)] : []),
        ],
      ],
      ["exchanges", counts.exchanges, []],
    ];
    const width = Math.max(...rows.map(([, count]) => formatCount(count).length));
    const lines = rows.map(([label, count, notes]) =>
      `${paint.dim(label.padEnd(9))}  ${paint.bold(formatCount(count).padStart(width))}  ${notes.join(", ")}`.trimEnd(),
    );
    if (this.#config !== undefined) lines.push(`${paint.dim("config   ")}  ${oneLine(this.#config)}`);
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

  #noteFailed({ path, errors, examples }: DocumentResult): void {
    const note = (line: number, what: string) =>
      this.#failed.push(`failed: ${oneLine(line > 0 ? `${path}:${line}` : path)} ${oneLine(what, 200)}`);
    for (const { line, message } of errors) note(line, message);
    for (const { line, name, status } of examples) if (isFailed(status)) note(line, name);
  }

  /** The failures, one line each, for a report too long to be seen at once. */
  failed(paint: Paint): string[] {
    const { head, left, tail } = cutLines(this.#failed, MOST_LISTED);
    const gap = left > 0 ? [paint.dim(`… ${formatCount(left)} more failed …`)] : [];
    const lines = [...head.map((line) => paint.red(line)), ...gap, ...tail.map((line) => paint.red(line))];
    return lines.length > 0 ? ["", ...lines] : [];
  }

  #expected(): string {
    return this.#asExpected > 0 ? ` (${formatCount(this.#asExpected)} failed as expected)` : "";
  }
}
