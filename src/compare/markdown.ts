/** The comparison as a Markdown page (CommonMark with the tables of GitHub), to be published. */
import { oneLine } from "../report/text.ts";
import {
  CELL_STATUSES,
  type Cell,
  type CellStatus,
  type ComparedDocument,
  type Comparison,
  countCells,
  STATUS_WORDS,
} from "./comparison.ts";
import { type Difference, Differences } from "./differences.ts";
import type { CompareReport } from "./report.ts";
import { showRows } from "./shown-rows.ts";

const MARKS: Readonly<Record<CellStatus, string>> = {
  passed: "✅",
  differs: "❌",
  unsupported: "➖",
  skipped: "⏭️",
  missing: "❔",
};

export const markdown: CompareReport = async (comparison, out, { quiet }) => {
  const differences = await Differences.of(comparison);
  await out.write(`# Compatibility\n\n${summary(comparison)}\n`);
  for (const document of comparison.documents) {
    const examples = document.examples.filter(
      ({ cells }) => !quiet || cells.some(({ status }) => status === "differs"),
    );
    const errors = errorsOf(document, comparison);
    if (examples.length === 0 && errors.length === 0) continue;
    const rows = examples.map(({ name, cells }) => [inline(name), ...cells.map(cellOf)]);
    const head = ["example", ...comparison.sides.map(({ name }) => inline(name))];
    const parts = [`## ${inline(document.path)}`, ...errors, ...(rows.length > 0 ? [table(head, rows)] : [])];
    await out.write(`\n${parts.join("\n\n")}\n`);
    for (const example of examples) {
      const found = differences.in(example);
      if (found.length === 0) continue;
      await out.write(`\n### ${inline(example.name)}\n`);
      for (const one of found) await out.write(`\n${differenceOf(one, document.path)}\n`);
    }
  }
};

function summary(comparison: Comparison): string {
  const counts = comparison.sides.map((_, i) => countCells(comparison, i));
  const statuses = CELL_STATUSES.filter((status) => counts.some((ofSide) => ofSide[status] > 0));
  const rows = statuses.map((status) => [
    `${MARKS[status]} ${STATUS_WORDS[status]}`,
    ...counts.map((ofSide) => String(ofSide[status])),
  ]);
  if (rows.length === 0) return "No example was found.";
  return table(["examples", ...comparison.sides.map(({ name }) => inline(name))], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const cellOf = ({ status, reason }: Cell): string =>
  `${MARKS[status]} ${STATUS_WORDS[status]}${reason === undefined ? "" : `: ${inline(reason)}`}`;

const errorsOf = ({ path, errors }: ComparedDocument, { sides }: Comparison): readonly string[] =>
  errors.flatMap((ofSide, i) =>
    ofSide.map(({ line, message }) => inline(`${sides[i]!.name}: ${path}:${line}: ${message}`)),
  );

function differenceOf({ connection, line, sent, groups }: Difference, path: string): string {
  const said = sent.map((text) => `${oneLine(connection)}>>> ${oneLine(text)}`);
  return [
    `${inline(`${path}:${line}`)}${said.length > 0 ? `\n\n${fence("text", said)}` : ""}`,
    ...groups.flatMap(({ title, rows }) => {
      const lines = showRows(rows).map(({ mark, text }) => `${mark} ${text}`);
      return [inline(title), ...(lines.length > 0 ? [fence("diff", lines)] : [])];
    }),
  ].join("\n\n");
}

/** A fenced block that nothing in it can end. */
function fence(language: string, lines: readonly string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length);
  const marks = "`".repeat(Math.max(3, Math.max(0, ...runs) + 1));
  return `${marks}${language}\n${lines.map((line) => `${line.trimEnd()}\n`).join("")}${marks}`;
}

/** Text that is nothing but text in Markdown, in a table as well. A line never begins with something that starts a block. */
const inline = (text: string): string =>
  oneLine(text)
    .replace(/[\\`*_{}[\]<>|~&#!:@$^=+-]/g, "\\$&")
    .replace(/^(\d+)([.)])/, "$1\\$2")
    .replace(/\bwww\./gi, (word) => `${word.slice(0, -1)}\\.`);
