/** The comparison for people at a terminal: the table, the differences, the counts. */
import picocolors from "picocolors";
import { formatDuration } from "../base/duration.ts";
import { type Paint, renderDiff } from "../report/diff.ts";
import { hanging } from "../report/pieces.ts";
import {
  cutLines,
  DEFAULT_COLUMNS,
  fitWidth,
  formatCount,
  oneLine,
  plural,
  textWidth,
  visible,
} from "../report/text.ts";
import {
  CELL_STATUSES,
  type Cell,
  type CellStatus,
  type ComparedDocument,
  type ComparedExample,
  type Comparison,
  countCells,
  examplesOf,
  STATUS_WORDS,
} from "./comparison.ts";
import { type Difference, Differences } from "./differences.ts";
import type { CompareReport } from "./report.ts";

const NARROWEST_NAME = 24;
const WIDEST_TARGET = 24;
const GAP = "  ";
/** Client lines shown above a difference. */
const MOST_SENT = 12;
/** Places named for examples with one reason. */
const MOST_PLACES = 5;
const INDENT = "      ";
const ROOM = { context: 2, lines: 30 };

export const pretty: CompareReport = async (comparison, out, { quiet }) => {
  const paint = picocolors.createColors(out.color);
  const columns = out.columns ?? DEFAULT_COLUMNS;
  const table = new Table(comparison, columns, paint);
  const differences = await Differences.of(comparison);
  const print = (lines: readonly string[]) => out.write(lines.map((line) => `${line.trimEnd()}\n`).join(""));
  const isShown = ({ cells }: ComparedExample): boolean => !quiet || cells.some(({ status }) => status === "differs");
  if (comparison.documents.some(({ examples }) => examples.some(isShown))) await print(table.head());
  for (const document of comparison.documents) {
    const examples = document.examples.filter(isShown);
    const errors = renderErrors(document, comparison, paint);
    if (examples.length > 0 || errors.length > 0)
      await print([paint.bold(oneLine(document.path)), ...errors, ...examples.map((one) => table.row(one))]);
  }
  let isFirst = true;
  for (const document of comparison.documents)
    for (const example of document.examples) {
      const found = differences.in(example);
      if (found.length === 0) continue;
      if (isFirst)
        await print([
          "",
          `${paint.green("- the page, or the first server")}  ${paint.red("+ the server that differs")}`,
        ]);
      isFirst = false;
      const title = `${paint.cyan(oneLine(`${document.path}:${example.line}`))}  ${paint.bold(oneLine(example.name, 300))}`;
      await print(["", title]);
      for (const one of found) await print(await renderDifference(one, columns, paint));
    }
  if (!quiet) await print(reasons(comparison, paint));
  await print(table.summary());
};

/** Why examples were not compared or are not supported, one line for each reason. */
function reasons({ documents, sides }: Comparison, paint: Paint): readonly string[] {
  const found = new Map<string, { readonly names: Set<string>; readonly places: Set<string> }>();
  for (const { path, examples } of documents)
    for (const { line, cells } of examples)
      for (const [side, { status, reason }] of cells.entries()) {
        if (reason === undefined || status === "differs") continue;
        const text = `${STATUS_WORDS[status]}: ${oneLine(reason, 300)}`;
        const { names, places } = found.get(text) ?? { names: new Set(), places: new Set() };
        found.set(text, {
          names: names.add(oneLine(sides[side]!.name)),
          places: places.add(oneLine(`${path}:${line}`)),
        });
      }
  const shown = [...found].map(([text, { names, places }]) => {
    const more = places.size > MOST_PLACES ? ", …" : "";
    const where = paint.dim(`(${[...places].slice(0, MOST_PLACES).join(", ")}${more})`);
    return `${paint.yellow("-")} ${[...names].join(", ")}: ${text} ${where}`;
  });
  return shown.length > 0 ? ["", ...shown] : [];
}

class Table {
  readonly #comparison: Comparison;
  readonly #paint: Paint;
  readonly #names: readonly string[];
  readonly #widths: readonly number[];
  readonly #first: number;

  constructor(comparison: Comparison, columns: number, paint: Paint) {
    this.#comparison = comparison;
    this.#paint = paint;
    this.#names = comparison.sides.map(({ name }) => fitWidth(oneLine(name), WIDEST_TARGET));
    this.#widths = this.#names.map((name, i) => {
      const words = CELL_STATUSES.filter((status) => countCells(comparison, i)[status] > 0);
      return Math.max(textWidth(name), ...words.map((status) => STATUS_WORDS[status].length + 2));
    });
    const rest = this.#widths.reduce((sum, width) => sum + width + GAP.length, 0);
    const widest = Math.max(...examplesOf(comparison).map((one) => textWidth(labelOf(one))), "not supported".length);
    this.#first = Math.min(widest, Math.max(NARROWEST_NAME, columns - rest));
  }

  head(): readonly string[] {
    const cells = this.#names.map((name, i) => this.#paint.bold(pad(name, this.#widths[i]!)));
    return [[" ".repeat(this.#first), ...cells].join(GAP)];
  }

  row(example: ComparedExample): string {
    const cells = example.cells.map((cell, i) => {
      const width = this.#widths[i]!;
      return paintCell(pad(cellText(cell), width), cell.status, this.#paint);
    });
    return [pad(fitWidth(labelOf(example), this.#first), this.#first), ...cells].join(GAP);
  }

  /** How many examples have each status, a blank line first. */
  summary(): readonly string[] {
    const { sides, documents, durationMs, exitCode } = this.#comparison;
    const paint = this.#paint;
    const examples = examplesOf(this.#comparison).length;
    const counts = sides.map((_, i) => countCells(this.#comparison, i));
    const rows = CELL_STATUSES.filter((status) => counts.some((ofSide) => ofSide[status] > 0)).map((status) => {
      const cells = counts.map((ofSide, i) => {
        const text = pad(formatCount(ofSide[status]), this.#widths[i]!);
        return ofSide[status] > 0 ? paintCell(text, status, paint) : paint.dim(text);
      });
      return [pad(STATUS_WORDS[status], this.#first), ...cells].join(GAP);
    });
    const what = `${plural(documents.length, "document")}, ${plural(examples, "example")}, ${formatDuration(durationMs)}`;
    const interrupted = exitCode === 130 ? [paint.yellow("Interrupted: not everything was compared.")] : [];
    if (examples === 0 && documents.every(({ errors }) => errors.every((ofSide) => ofSide.length === 0)))
      return interrupted.length > 0 ? interrupted : [paint.yellow("Nothing to compare: no example was found.")];
    return ["", ...this.head(), ...rows, "", paint.dim(what), ...interrupted];
  }
}

const labelOf = ({ line, name }: ComparedExample): string => `  ${String(line).padStart(4)}  ${oneLine(name, 300)}`;
const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - textWidth(text)));

const MARKS: Readonly<Record<CellStatus, string>> = {
  passed: "✓",
  differs: "✗",
  unsupported: "-",
  skipped: "-",
  missing: "?",
};
const cellText = ({ status }: Cell): string => `${MARKS[status]} ${STATUS_WORDS[status]}`;

function paintCell(text: string, status: CellStatus, paint: Paint): string {
  if (status === "passed") return paint.green(text);
  return status === "differs" ? paint.red(text) : paint.yellow(text);
}

/** Why a document was not played; what is the same for all sides is told once. */
function renderErrors({ path, errors }: ComparedDocument, { sides }: Comparison, paint: Paint): readonly string[] {
  const told = new Map<string, string[]>();
  for (const [i, ofSide] of errors.entries())
    for (const { line, column, message } of ofSide) {
      const text = `${paint.cyan(oneLine(`${path}:${line}:${column}`))}: ${oneLine(message)}`;
      told.set(text, [...(told.get(text) ?? []), sides[i]!.name]);
    }
  const all = sides.filter(({ isRecorded }) => !isRecorded).length;
  return [...told].map(
    ([text, names]) =>
      `  ${paint.red("✗")} ${names.length === all ? "" : `${names.map((name) => oneLine(name)).join(", ")}: `}${text}`,
  );
}

async function renderDifference(
  { line, connection, sent, groups }: Difference,
  columns: number,
  paint: Paint,
): Promise<readonly string[]> {
  const marker = `${visible(connection)}>>> `;
  const { head, left, tail } = cutLines(sent, MOST_SENT);
  const show = (text: string) => hanging(`    ${paint.dim(marker)}`, 4 + textWidth(marker), text, columns);
  const gap = left > 0 ? [paint.dim(`    … ${plural(left, "more line")} …`)] : [];
  const out = ["", ...head.flatMap(show), ...gap, ...tail.flatMap(show)];
  if (sent.length === 0) out.push(paint.dim(`    (line ${line}, nothing was sent)`));
  for (const { title, rows } of groups) {
    out.push(`    ${paint.red(oneLine(title))}`);
    out.push(...(await renderDiff(rows, { ...ROOM, columns, indent: INDENT }, paint)));
  }
  return out;
}
