/** How reports show an example that failed and a document that could not be run. */
import { stripVTControlCharacters } from "node:util";
import type { DiffRow, DocumentError, DocumentResult, ExampleResult, ExchangeResult } from "../play/outcome.ts";
import { isFailed, reasonOf } from "../play/outcome.ts";
import { type Paint, renderDiff } from "./diff.ts";
import { reason, sentLines } from "./exchange.ts";
import { cutLines, formatCount, harmless, oneLine, plural, shorten } from "./text.ts";
import { renderVarying } from "./varying.ts";

const INDENT = "    ";
const DEEPER = "      ";
/** The most failed exchanges shown of one example: the first at length, the others in a few lines. */
const MOST_EXCHANGES = 5;
const FIRST = { context: 3, lines: 40, sent: 12 };
/** The most document lines named for examples skipped for one reason. */
const MOST_LINES = 10;
const LATER = { context: 0, lines: 4, sent: 2 };

/** A failed example: where, what was sent, how the reply differed. Lines without line ends, a blank one at the end. */
export async function renderFailure(
  path: string,
  example: ExampleResult,
  columns: number,
  paint: Paint,
): Promise<string[]> {
  const tries = example.attempts > 1 ? paint.dim(` (${example.attempts} attempts)`) : "";
  const { rounds } = example;
  const often = rounds ? paint.dim(` (failed in ${rounds.failed} of ${plural(rounds.count, "round")})`) : "";
  const out = [`  ${paint.red("✗")} ${paint.bold(oneLine(example.name, 300))}${tries}${often}`];
  const failed = example.exchanges.filter((exchange) => exchange.status === "failed");
  if (example.status === "xpassed") {
    out.push(place(path, example.line, `was expected to fail${reason(example)}, but it passed`, paint), "");
    return out;
  }
  if (failed.length === 0) out.push(place(path, example.line, oneLine(example.reason ?? "failed"), paint), "");
  for (const [index, exchange] of failed.slice(0, MOST_EXCHANGES).entries()) {
    const room = index === 0 ? FIRST : LATER;
    const { line, message, details = [] } = exchange.failure ?? { line: exchange.line, message: "failed" };
    out.push(place(path, line, oneLine(message), paint), ...renderDetails(details, paint));
    if (exchange.repeated) {
      out.push("");
      continue;
    }
    const sent = sentLines(exchange, columns, room.sent, paint);
    const diff = await renderDiff(diffRows(exchange), { ...room, columns, indent: DEEPER }, paint);
    const blocks = exchange.answers ? [diff, sent] : [sent, diff];
    if (index > 0) out.push(...blocks.flat(), "");
    else {
      for (const block of blocks) if (block.length > 0) out.push("", ...block);
      out.push("");
    }
  }
  const more = failed.length - MOST_EXCHANGES;
  if (more > 0) out.push(paint.dim(`${INDENT}… ${plural(more, "more exchange")} of this example failed …`), "");
  out.push(...notRun(example.exchanges, paint));
  // Exchanges that passed in the round shown may vary, too.
  const varying = example.exchanges.flatMap((exchange) => exchange.varying ?? []);
  if (varying.length > 0) out.push(...renderVarying(varying, columns, paint));
  return out;
}

/** ` not tried: …` if another failure is the reason, else ` skipped: …`, or ` skipped` without a reason. */
const skippedFor = (why: string): string =>
  why === "" ? " skipped" : `${why.startsWith("not tried") ? " " : " skipped: "}${oneLine(why, 300)}`;

/** How many exchanges of an example were not run, and why if the reason is not the failure above. */
function notRun(exchanges: readonly ExchangeResult[], paint: Paint): string[] {
  const byReason = new Map<string, number>();
  for (const { status, reason = "" } of exchanges)
    if (status === "skipped") byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
  const lines = [...byReason].map(([why, count]) => {
    const what = plural(count, "exchange");
    const skipped = why === "" ? ` after that ${count === 1 ? "was" : "were"} not run` : skippedFor(why);
    return paint.dim(`${INDENT}${what}${skipped}`);
  });
  return lines.length > 0 ? [...lines, ""] : [];
}

/** Why a document was not run, its mistakes one a line. */
export function renderErrors(document: DocumentResult, paint: Paint): string[] {
  const out: string[] = [];
  for (const error of document.errors) {
    out.push(`${INDENT}${paint.cyan(errorPlace(document.path, error))}: ${oneLine(error.message)}`);
    out.push(...renderDetails(error.details, paint));
  }
  if (out.length > 0) out.push("");
  return out;
}

/** Further lines: what a server printed last. */
function renderDetails(details: readonly string[], paint: Paint): readonly string[] {
  const { head, left, tail } = cutLines(details, 30);
  const gap = left > 0 ? [`… ${formatCount(left)} more lines …`] : [];
  return [...head, ...gap, ...tail].map(
    (text) => `${DEEPER}${paint.dim("│")} ${harmless(shorten(stripVTControlCharacters(text), 1000))}`,
  );
}

/** Everything that went wrong in a document. */
export async function renderProblems(document: DocumentResult, columns: number, paint: Paint): Promise<string[]> {
  const out = [...legend(document, paint), ...renderErrors(document, paint)];
  const repeated = document.examples.filter(isRepeated);
  for (const example of document.examples) {
    if (!isFailed(example.status) || (repeated.length > 1 && repeated.includes(example))) continue;
    out.push(...(await renderFailure(document.path, example, columns, paint)));
  }
  if (repeated.length > 1) out.push(...renderRepeated(document.path, repeated, paint));
  const skipped = renderSkipped(document, paint);
  return skipped.length > 0 ? [...out, ...skipped, ""] : out;
}

/** Whether an example failed only because of an opening that failed before. */
const isRepeated = ({ status, exchanges }: ExampleResult): boolean =>
  status === "failed" &&
  exchanges.some(({ repeated }) => repeated) &&
  exchanges.every(({ repeated, status: own }) => repeated || own === "skipped");

/** One failure for all examples whose opening failed again. */
function renderRepeated(path: string, examples: readonly ExampleResult[], paint: Paint): string[] {
  const { failure } = examples[0]!.exchanges.find(({ repeated }) => repeated)!;
  return [
    `  ${paint.red("✗")} ${paint.bold(plural(examples.length, "more example"))} (${linesOf(examples)})`,
    place(path, failure!.line, oneLine(failure!.message), paint),
    "",
  ];
}

/** `line 3`, `lines 3, 9, …`. */
function linesOf(examples: readonly ExampleResult[]): string {
  const lines = examples.slice(0, MOST_LINES).map(({ line }) => line);
  return `${examples.length === 1 ? "line" : "lines"} ${lines.join(", ")}${examples.length > lines.length ? ", …" : ""}`;
}

/** What `-` and `+` mean, before the first comparison of a document. */
function legend({ examples }: DocumentResult, paint: Paint): string[] {
  const compares = examples.some(
    ({ status, exchanges }) =>
      status === "failed" && exchanges.some(({ diff }) => diff?.some(({ kind }) => kind !== "same")),
  );
  return compares ? [`    ${paint.green("- expected")}  ${paint.red("+ received")}`, ""] : [];
}

/** Examples that were skipped or are unsupported, one line for each reason. */
function renderSkipped({ examples, errors }: DocumentResult, paint: Paint): string[] {
  if (errors.length > 0) return [];
  const byReason = new Map<string, ExampleResult[]>();
  for (const example of examples) {
    const why = reasonOf(example);
    if (why === undefined || (example.status !== "skipped" && example.status !== "unsupported")) continue;
    const told = example.status === "skipped" ? skippedFor(why) : ` unsupported: ${oneLine(why, 300)}`;
    byReason.set(told, [...(byReason.get(told) ?? []), example]);
  }
  return [...byReason].map(
    ([told, skipped]) => `  ${paint.yellow("-")} ${plural(skipped.length, "example")} (${linesOf(skipped)})${told}`,
  );
}

/** `path:line:column`, as far as it is known. */
export function errorPlace(path: string, error: DocumentError): string {
  const parts = error.line > 0 ? [path, error.line, ...(error.column > 0 ? [error.column] : [])] : [path];
  return oneLine(parts.join(":"));
}

const place = (path: string, line: number, sentence: string, paint: Paint): string =>
  `${INDENT}${paint.cyan(oneLine(`${path}:${line}`))}: ${sentence}`;

/** The comparison, or the received lines if there was nothing to compare them with. */
const diffRows = (exchange: ExchangeResult): readonly DiffRow[] =>
  exchange.diff ?? exchange.received.map((received) => ({ kind: "same", expected: received, received }));
