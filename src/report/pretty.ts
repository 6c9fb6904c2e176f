/** The report for people: a line a document, what failed in it, and a summary. */
import picocolors from "picocolors";
import { formatDuration } from "../base/duration.ts";
import type { DocumentResult, ExampleResult, ExchangeResult, RunEvent } from "../replay/outcome.ts";
import { isFailed } from "../replay/outcome.ts";
import type { Paint } from "./diff.ts";
import { DEFAULT_COLUMNS, reason, renderProblems, sentLines } from "./failure.ts";
import { hanging } from "./pieces.ts";
import { Progress } from "./progress.ts";
import type { Reporter, ReporterOptions, ReportOutput } from "./reporter.ts";
import { Tally } from "./summary.ts";
import { cutLines, oneLine, plural, textWidth, visible } from "./text.ts";

/** Milliseconds from which a document's time is shown without being asked for. */
const SLOW = 1000;
/** Lines of a reply that `--verbose` shows. */
const VERBOSE_LINES = 20;

export const pretty: Reporter = {
  name: "pretty",
  async report(events, out, options) {
    const paint = picocolors.createColors(out.color);
    const tally = new Tally();
    const progress = out.isTerminal && !options.verbose && !options.quiet ? new Progress(out, paint) : undefined;
    let blank = false;
    const print = async (lines: readonly string[]) => {
      const text = (blank && lines[0] === "" ? lines.slice(1) : lines).map((line) => `${line}\n`).join("");
      if (text === "") return;
      blank = lines.at(-1) === "";
      await (progress ? progress.print(text) : out.write(text));
    };
    try {
      for await (const event of events) {
        tally.observe(event);
        if (event.kind === "run-end") await progress?.stop();
        else progress?.observe(event);
        await print(await renderEvent(event, tally, out, options, paint));
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
): Promise<string[]> {
  const columns = out.columns ?? DEFAULT_COLUMNS;
  switch (event.kind) {
    case "exchange":
      return options.verbose ? renderExchange(event.path, event.example, event.exchange, columns, paint) : [];
    case "document-end": {
      const problems = await renderProblems(event.document, columns, paint);
      const legend = tally.legend(event.document, paint);
      if (options.quiet && problems.length === 0) return [];
      const notes = options.verbose ? renderNotes(event.document, paint) : [];
      const line = renderDocument(event.document, tally.pathWidth, options, paint);
      return [line, ...notes, ...(problems.length > 0 ? ["", ...legend, ...problems] : [])];
    }
    case "run-end":
      return tally.summary(event, paint);
    case "run-start":
    case "document-start":
    case "example":
      return [];
    default:
      return event satisfies never;
  }
}

/** `✓ docs/put.md  3 examples  5 exchanges  1 skipped`. */
function renderDocument(document: DocumentResult, width: number, options: ReporterOptions, paint: Paint): string {
  const { examples, errors, ms } = document;
  const count = (status: ExampleResult["status"]) => examples.filter((example) => example.status === status).length;
  const failed = examples.filter((example) => isFailed(example.status)).length;
  const broken = errors.length > 0 || failed > 0;
  const exchanges = examples.reduce((sum, example) => sum + example.exchanges.length, 0);
  const allSkipped = examples.length > 0 && count("skipped") === examples.length;
  const notes = [
    ...(errors.length > 0 ? [paint.red(documentTrouble(document))] : []),
    ...(failed > 0 ? [paint.red(`${failed} failed`)] : []),
    ...(count("skipped") > 0 ? [paint.yellow(`${count("skipped")} skipped`)] : []),
    ...(count("xfailed") > 0 ? [paint.yellow(`${count("xfailed")} failed as expected`)] : []),
    ...(document.interrupted ? [paint.yellow("interrupted")] : []),
  ];
  const mark = broken
    ? paint.red("✗")
    : document.interrupted
      ? paint.yellow("!")
      : allSkipped
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
  return `not run: ${plural(document.errors.length, "error")}`;
}

/** What `--verbose` says of the examples that neither passed nor failed. */
function renderNotes(document: DocumentResult, paint: Paint): string[] {
  const note = (example: ExampleResult, what: string) =>
    `  ${paint.yellow("-")} ${oneLine(`${document.path}:${example.line}`)}  ${oneLine(example.name, 300)}  ${paint.yellow(what + reason(example))}`;
  return document.examples.flatMap((example) => {
    if (example.status === "skipped") return [note(example, "skipped")];
    if (example.status === "xfailed") return [note(example, "failed as expected")];
    if (example.attempts > 1 && example.status === "passed")
      return [note(example, `passed at attempt ${example.attempts}`)];
    return [];
  });
}

/** One exchange as it happened. Each names its place, as documents that run side by side take turns. */
function renderExchange(
  path: string,
  example: string,
  exchange: ExchangeResult,
  columns: number,
  paint: Paint,
): string[] {
  const mark = { passed: paint.green("✓"), failed: paint.red("✗"), skipped: paint.yellow("-") }[exchange.status];
  const what = exchange.status === "skipped" ? paint.yellow("not run") : paint.dim(`${exchange.ms.toFixed(1)} ms`);
  const title = `  ${mark} ${paint.cyan(oneLine(`${path}:${exchange.line}`))}  ${oneLine(example, 300)}  ${what}`;
  if (exchange.status === "skipped") return [title];
  const prefix = exchange.connection === "" ? "" : `${visible(exchange.connection)}<<< `;
  const show = (text: string) => hanging(`      ${paint.dim(prefix)}`, 6 + textWidth(prefix), text, columns);
  const { head, left, tail } = cutLines(exchange.received, VERBOSE_LINES);
  const gap = left > 0 ? [paint.dim(`      … ${plural(left, "more line")} …`)] : [];
  return [
    title,
    ...sentLines(exchange, columns, VERBOSE_LINES, paint),
    ...head.flatMap(show),
    ...gap,
    ...tail.flatMap(show),
  ];
}
