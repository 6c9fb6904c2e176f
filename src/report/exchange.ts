/** Examples and exchanges as `--verbose` shows them, and their parts that a failure shows too. */
import { type DocumentResult, type ExampleResult, type ExchangeResult, reasonOf } from "../play/outcome.ts";
import type { Paint } from "./diff.ts";
import { hanging } from "./pieces.ts";
import { cutLines, oneLine, plural, textWidth, visible } from "./text.ts";

const DEEPER = "      ";
/** Lines of a reply that `--verbose` shows. */
const VERBOSE_LINES = 20;

/** ` (the reason)`, or nothing. */
export function reason(example: ExampleResult): string {
  const why = reasonOf(example);
  return why ? ` (${oneLine(why, 200)})` : "";
}

/** What was sent, as the document marks it, with a note if it was not. A server's lines answer what was received. */
export function sentLines(exchange: ExchangeResult, columns: number, limit: number, paint: Paint): string[] {
  if (exchange.sent.length === 0) {
    if (exchange.answers) return [];
    const on = exchange.connection === "" ? "" : ` on ${oneLine(exchange.connection)}`;
    return [paint.dim(`${DEEPER}(nothing was sent${on})`)];
  }
  const marker = `${visible(exchange.connection)}${exchange.answers ? "<<<" : ">>>"} `;
  const indent = DEEPER + marker;
  const show = (text: string) => hanging(DEEPER + paint.dim(marker), textWidth(indent), text, columns);
  const { head, left, tail } = cutLines(exchange.sent, limit);
  const gap = left > 0 ? [paint.dim(`${DEEPER}… ${plural(left, "more line")} …`)] : [];
  const lines = [...head.flatMap(show), ...gap, ...tail.flatMap(show)];
  return exchange.unsent ? [paint.dim(`${DEEPER}not sent:`), ...lines] : lines;
}

/** What `--verbose` says about examples that were skipped, are unsupported, failed as expected or needed several attempts. */
export function renderNotes(document: DocumentResult, paint: Paint): string[] {
  const note = (example: ExampleResult, what: string) =>
    `  ${paint.yellow("-")} ${oneLine(`${document.path}:${example.line}`)}  ${oneLine(example.name, 300)}  ${paint.yellow(what + reason(example))}`;
  return document.examples.flatMap((example) => {
    if (example.status === "skipped") return [note(example, "skipped")];
    if (example.status === "unsupported") return [note(example, "unsupported")];
    if (example.status === "xfailed") return [note(example, "failed as expected")];
    if (example.attempts > 1 && example.status === "passed")
      return [note(example, `passed at attempt ${example.attempts}`)];
    return [];
  });
}

/** One exchange as it happened. It names its place, as exchanges of documents that run side by side are mixed. */
export function renderExchange(
  path: string,
  example: string,
  exchange: ExchangeResult,
  columns: number,
  paint: Paint,
): string[] {
  const { status } = exchange;
  const undone = paint.yellow("-");
  const mark = { passed: paint.green("✓"), failed: paint.red("✗"), skipped: undone, unsupported: undone }[status];
  const why = exchange.reason === undefined ? "not run" : oneLine(exchange.reason, 200);
  const lacking = status === "unsupported" ? `unsupported: ${why}` : why;
  const isDone = status === "passed" || status === "failed";
  const what = isDone ? paint.dim(`${exchange.ms.toFixed(1)} ms`) : paint.yellow(lacking);
  const title = `  ${mark} ${paint.cyan(oneLine(`${path}:${exchange.line}`))}  ${oneLine(example, 300)}  ${what}`;
  if (status === "skipped") return [title];
  const { answers } = exchange;
  const prefix =
    exchange.connection === "" && !answers ? "" : `${visible(exchange.connection)}${answers ? ">>>" : "<<<"} `;
  const show = (text: string) => hanging(`      ${paint.dim(prefix)}`, 6 + textWidth(prefix), text, columns);
  const { head, left, tail } = cutLines(exchange.received, VERBOSE_LINES);
  const gap = left > 0 ? [paint.dim(`      … ${plural(left, "more line")} …`)] : [];
  const sent = sentLines(exchange, columns, VERBOSE_LINES, paint);
  const received = [...head.flatMap(show), ...gap, ...tail.flatMap(show)];
  return [title, ...(answers ? [...received, ...sent] : [...sent, ...received])];
}
