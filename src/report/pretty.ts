/**
 * The report for people: one line for each document, its failures, and a summary. The code for failures and `--verbose` is
 * loaded on first use.
 */
import picocolors from "picocolors";
import { formatDuration } from "../base/duration.ts";
import type { DocumentResult, ExampleResult, RunEvent } from "../play/outcome.ts";
import { isFailed } from "../play/outcome.ts";
import type { Paint } from "./diff.ts";
import { Progress } from "./progress.ts";
import type { Reporter, ReporterOptions, ReportOutput } from "./reporter.ts";
import { Tally } from "./summary.ts";
import { DEFAULT_COLUMNS, DEFAULT_ROWS, oneLine, plural, textWidth } from "./text.ts";

/** A document of this many milliseconds or more has its time shown without `--timings`. */
const SLOW = 1000;

export const pretty: Reporter = {
  name: "pretty",
  async report(events, out, options) {
    const paint = picocolors.createColors(out.color);
    const tally = new Tally();
    const progress = out.isTerminal && !options.verbose && !options.quiet ? new Progress(out, paint) : undefined;
    let blank = false;
    let printed = 0;
    const print = async (lines: readonly string[]) => {
      const text = (blank && lines[0] === "" ? lines.slice(1) : lines).map((line) => `${line}\n`).join("");
      if (text === "") return;
      blank = lines.at(-1) === "";
      printed += lines.length;
      await (progress ? progress.print(text) : out.write(text));
    };
    try {
      for await (const event of events) {
        tally.observe(event);
        // Server output goes to standard error, often the same terminal, and should begin on a line of its own.
        if (event.kind === "run-end" || event.kind === "server-output") await progress?.stop();
        else progress?.observe(event);
        await print(await renderEvent(event, tally, out, options, paint, printed > (out.rows ?? DEFAULT_ROWS)));
      }
    } finally {
      await progress?.stop();
    }
  },
};

async function renderEvent(
  event: RunEvent,
  tally: Tally,
  out: ReportOutput,
  options: ReporterOptions,
  paint: Paint,
  isLong: boolean,
): Promise<string[]> {
  const columns = out.columns ?? DEFAULT_COLUMNS;
  switch (event.kind) {
    case "exchange":
      if (!options.verbose) return [];
      return (await import("./exchange.ts")).renderExchange(event.path, event.example, event.exchange, columns, paint);
    case "document-end": {
      const problems = hasProblems(event.document)
        ? await (await import("./failure.ts")).renderProblems(event.document, columns, paint)
        : [];
      if (options.quiet && problems.length === 0) return [];
      const notes = options.verbose ? (await import("./exchange.ts")).renderNotes(event.document, paint) : [];
      const line = renderDocument(event.document, tally.pathWidth, options, paint);
      return [line, ...notes, ...(problems.length > 0 ? ["", ...problems] : [])];
    }
    case "run-end":
      return [...(isLong ? tally.failed(paint) : []), ...tally.summary(event, paint)];
    case "run-start":
    case "server-output":
    case "document-start":
    case "example":
      return [];
    default:
      return event satisfies never;
  }
}

const hasProblems = ({ errors, examples }: DocumentResult): boolean =>
  errors.length > 0 || examples.some(({ status }) => isFailed(status));

/** `✓ docs/put.md  3 examples  5 exchanges  1 skipped`. */
function renderDocument(document: DocumentResult, width: number, options: ReporterOptions, paint: Paint): string {
  const { examples, errors, ms, rounds } = document;
  const count = (status: ExampleResult["status"]) => examples.filter((example) => example.status === status).length;
  const failed = examples.filter((example) => isFailed(example.status)).length;
  const broken = errors.length > 0 || failed > 0;
  const exchanges = examples.reduce((sum, example) => sum + example.exchanges.length, 0);
  const updated = examples.flatMap((example) => example.exchanges).filter((exchange) => exchange.updated).length;
  const noneRan = examples.length > 0 && count("skipped") + count("unsupported") === examples.length;
  const notes = [
    ...(errors.length > 0 ? [paint.red(documentTrouble(document))] : []),
    ...(failed > 0 ? [paint.red(`${failed} failed`)] : []),
    ...(updated > 0 ? [paint.green(`${plural(updated, "exchange")} updated`)] : []),
    ...(count("skipped") > 0 ? [paint.yellow(`${count("skipped")} skipped`)] : []),
    ...(count("unsupported") > 0 ? [paint.yellow(`${count("unsupported")} unsupported`)] : []),
    ...(count("xfailed") > 0 ? [paint.yellow(`${count("xfailed")} failed as expected`)] : []),
    ...(rounds === undefined ? [] : [paint.dim(plural(rounds, "round"))]),
    ...(document.interrupted ? [paint.yellow("interrupted")] : []),
  ];
  const mark = broken
    ? paint.red("✗")
    : document.interrupted
      ? paint.yellow("!")
      : noneRan
        ? paint.yellow("-")
        : paint.green("✓");
  const column = (amount: number, noun: string) => {
    const [digits, word] = plural(amount, noun).split(" ") as [string, string];
    return paint.dim(`${digits.padStart(4)} ${word.padEnd(noun.length + 1)}`);
  };
  const counts =
    examples.length > 0 || errors.length === 0
      ? [column(examples.length, "example"), column(exchanges, "exchange")]
      : [];
  const time = options.timings || ms >= SLOW ? [paint.dim(formatDuration(ms))] : [];
  const path = oneLine(document.path);
  const padding = " ".repeat(Math.max(0, width - textWidth(path)));
  return [
    `${mark} ${broken ? paint.bold(path) : path}${padding}`,
    ...counts,
    ...[notes.join(", ")].filter(Boolean),
    ...time,
  ]
    .join("  ")
    .trimEnd();
}

function documentTrouble(document: DocumentResult): string {
  const { kind } = document.errors[0]!;
  if (kind === "connect") return "not run: no connection";
  if (kind === "server") return "not run: its server did not start";
  if (kind === "update") return "not updated";
  return `not run: ${plural(document.errors.length, "error")}`;
}
