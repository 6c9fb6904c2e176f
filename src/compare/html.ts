/** The comparison as one HTML file without scripts that asks nothing of anybody, to be published as a compatibility page. */
import { oneLine } from "../report/text.ts";
import {
  CELL_STATUSES,
  type Cell,
  type CellStatus,
  type ComparedDocument,
  type ComparedExample,
  type Comparison,
  countCells,
  STATUS_WORDS,
} from "./comparison.ts";
import { type Difference, Differences } from "./differences.ts";
import type { CompareReport } from "./report.ts";
import { showRows } from "./shown-rows.ts";
import { STYLE } from "./style.ts";

const MARKS: Readonly<Record<CellStatus, string>> = {
  passed: "✓",
  differs: "✗",
  unsupported: "–",
  skipped: "–",
  missing: "?",
};

export const html: CompareReport = async (comparison, out, { quiet }) => {
  const differences = await Differences.of(comparison);
  await out.write(`${head()}\n<h1>Compatibility</h1>\n${summary(comparison)}\n`);
  for (const [index, document] of comparison.documents.entries()) {
    const examples = document.examples.filter(
      ({ cells }) => !quiet || cells.some(({ status }) => status === "differs"),
    );
    const errors = errorsOf(document, comparison);
    if (examples.length === 0 && errors.length === 0) continue;
    await out.write(`<section>\n<h2>${escapeHtml(document.path)}</h2>\n${errors.join("")}`);
    if (examples.length > 0) await out.write(`${table(examples, comparison, `e${index}`)}\n`);
    for (const example of examples) {
      const found = differences.in(example);
      if (found.length === 0) continue;
      const title = `<h3 id="e${index}-${example.line}">${escapeHtml(example.name)}</h3>`;
      await out.write(
        `<article>\n${title}\n${found.map((one) => differenceOf(one, document.path)).join("\n")}\n</article>\n`,
      );
    }
    await out.write("</section>\n");
  }
  await out.write("</main>\n</body>\n</html>\n");
};

/** The policy keeps the page from loading anything, whatever is in it. */
const head = (): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>Compatibility</title>
<style>${STYLE}</style>
</head>
<body>
<main>`;

function summary(comparison: Comparison): string {
  const counts = comparison.sides.map((_, i) => countCells(comparison, i));
  const statuses = CELL_STATUSES.filter((status) => counts.some((ofSide) => ofSide[status] > 0));
  if (statuses.length === 0) return "<p>No example was found.</p>";
  const rows = statuses.map(
    (status) =>
      `<tr><th scope="row" class="${status}">${mark(status)} ${STATUS_WORDS[status]}</th>${counts
        .map((ofSide) => `<td>${ofSide[status]}</td>`)
        .join("")}</tr>`,
  );
  return scrolling(comparison, "examples", rows);
}

const table = (examples: readonly ComparedExample[], comparison: Comparison, id: string): string =>
  scrolling(
    comparison,
    "example",
    examples.map(({ name, line, cells }) => {
      const shown = cells.map((cell) => `<td class="${cell.status}">${cellOf(cell, `#${id}-${line}`)}</td>`);
      return `<tr><th scope="row">${escapeHtml(name)}</th>${shown.join("")}</tr>`;
    }),
  );

/** A table that scrolls by itself where the screen is narrow. */
function scrolling({ sides }: Comparison, corner: string, rows: readonly string[]): string {
  const names = sides.map(({ name }) => `<th scope="col">${escapeHtml(name)}</th>`);
  const top = `<thead><tr><th scope="col">${corner}</th>${names.join("")}</tr></thead>`;
  return `<div class="scroll" tabindex="0"><table>${top}\n<tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
}

function cellOf({ status, reason }: Cell, link: string): string {
  const words = `${mark(status)} ${STATUS_WORDS[status]}`;
  const shown = status === "differs" ? `<a href="${link}">${words}</a>` : words;
  return reason === undefined ? shown : `${shown}<small>${escapeHtml(reason)}</small>`;
}

const mark = (status: CellStatus): string => `<span aria-hidden="true">${MARKS[status]}</span>`;

const errorsOf = ({ path, errors }: ComparedDocument, { sides }: Comparison): readonly string[] =>
  errors.flatMap((ofSide, i) =>
    ofSide.map(
      ({ line, message }) =>
        `<p class="error">${escapeHtml(sides[i]!.name)}: ${escapeHtml(`${path}:${line}`)}: ${escapeHtml(message)}</p>\n`,
    ),
  );

function differenceOf({ connection, line, sent, groups }: Difference, path: string): string {
  const said = sent.map((text) => escapeHtml(`${connection}>>> ${text}`)).join("\n");
  return [
    `<p class="place">${escapeHtml(`${path}:${line}`)}</p>`,
    ...(said === "" ? [] : [`<pre>${said}</pre>`]),
    ...groups.flatMap(({ title, rows }) => {
      const lines = showRows(rows).map(
        (row) => `<span class="${ROW_CLASSES[row.mark]}">${row.mark} ${escapeHtml(row.text)}</span>`,
      );
      return [
        `<p>${escapeHtml(title)}</p>`,
        ...(lines.length > 0 ? [`<pre class="diff">${lines.join("\n")}</pre>`] : []),
      ];
    }),
  ].join("\n");
}

const ROW_CLASSES = { "-": "del", "+": "ins", " ": "same", "…": "gap" } as const;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is nothing but text, in an attribute as well. */
const escapeHtml = (text: string): string => oneLine(text).replace(/[&<>"']/g, (char) => ENTITIES[char]!);
