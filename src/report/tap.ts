/**
 * TAP (testanything.org) that readers of version 13, such as Perl's `prove`, and of version 14 take: one test point for each
 * example, YAML diagnostics for failures. Strings in YAML are written as JSON, which is YAML too and has no ambiguities.
 */
import type { DocumentResult, ExampleResult } from "../play/outcome.ts";
import { reasonOf } from "../play/outcome.ts";
import type { Reporter } from "./reporter.ts";
import { cutLines, formatCount, jsonString, oneLine, roundMs, shorten } from "./text.ts";

/** The most lines of a reply, and UTF-16 units of a line, that a diagnostic quotes. */
const MOST_LINES = 100;
const LONGEST_LINE = 2000;
/** Escapes `#`, which would begin a directive, and `\`. */
const escapeDescription = (text: string): string => oneLine(text, 300).replace(/[\\#]/g, "\\$&");

export const tap: Reporter = {
  name: "tap",
  async report(events, out, options) {
    // `prove` refuses version 14, and readers of version 14 accept 13.
    await out.write("TAP version 13\n");
    let points = 0;
    for await (const event of events) {
      if (event.kind === "document-end") {
        const lines = documentLines(event.document, points, options.timings);
        points += pointsOf(event.document);
        await out.write(`${lines.join("\n")}\n`);
      } else if (event.kind === "run-end") {
        const plan = points === 0 ? "1..0 # SKIP nothing to run" : `1..${points}`;
        await out.write(event.interrupted ? "Bail out! The run was interrupted\n" : `${plan}\n`);
      }
    }
  },
};

/** A document that could not be run, or has no examples, is a point of its own. */
const hasOwnPoint = ({ errors, examples }: DocumentResult): boolean => errors.length > 0 || examples.length === 0;

const pointsOf = (document: DocumentResult): number => document.examples.length + (hasOwnPoint(document) ? 1 : 0);

function documentLines(document: DocumentResult, before: number, timings: boolean): string[] {
  const { errors, examples, path } = document;
  const name = escapeDescription(path);
  const lines = [
    `# ${name}`,
    ...examples.flatMap((example, index) => exampleLines(path, example, before + index + 1, timings)),
  ];
  if (!hasOwnPoint(document)) return lines;
  const number = before + examples.length + 1;
  lines.push(errors.length > 0 ? `not ok ${number} - ${name}` : `ok ${number} - ${name} # SKIP no examples`);
  if (errors.length > 0) {
    const entries = errors.flatMap((error) => [
      ...mapping(
        [
          ["message", error.message],
          ["severity", "fail"],
          ["kind", error.kind],
        ],
        "  - ",
        "    ",
      ),
      ...at(path, error.line, error.column).map((line) => `    ${line}`),
      ...list("details", error.details).map((line) => `    ${line}`),
    ]);
    lines.push("  ---", "  errors:", ...entries.map((line) => `  ${line}`), "  ...");
  }
  return lines;
}

function exampleLines(path: string, example: ExampleResult, number: number, timings: boolean): string[] {
  const { status } = example;
  const isSkipped = status === "skipped" || status === "unsupported";
  const ok = status === "passed" || isSkipped;
  const reason = reasonOf(example);
  const lacking = status === "unsupported" ? " unsupported:" : "";
  const why = reason ? `${lacking} ${escapeDescription(reason)}` : "";
  const directive = isSkipped ? ` # SKIP${why}` : status === "xfailed" ? ` # TODO${why}` : "";
  const lines = [
    `${ok ? "ok" : "not ok"} ${number} - ${escapeDescription(`${path}:${example.line} ${example.name}`)}${directive}`,
  ];
  const yaml = timings && !isSkipped ? [`duration_ms: ${roundMs(example.ms)}`] : [];
  if (!ok) yaml.unshift(...diagnostics(path, example));
  if (yaml.length > 0) lines.push("  ---", ...yaml.map((line) => `  ${line}`), "  ...");
  return lines;
}

/** The diagnostics of the first exchange that failed. */
function diagnostics(path: string, example: ExampleResult): string[] {
  const severity = example.status === "xfailed" ? "todo" : "fail";
  if (example.status === "xpassed") {
    const message = `expected to fail${example.reason ? ` (${example.reason})` : ""}, but it passed`;
    return [
      ...mapping([
        ["message", message],
        ["severity", severity],
        ["kind", "xpassed"],
      ]),
      ...at(path, example.line),
    ];
  }
  const exchange = example.exchanges.find(({ status }) => status === "failed");
  const failure = exchange?.failure;
  return [
    ...mapping([
      ["message", failure?.message ?? example.reason ?? "failed"],
      ["severity", severity],
      ["kind", failure?.kind ?? "failed"],
    ]),
    ...at(path, failure?.line ?? example.line),
    ...(exchange?.connection ? mapping([["connection", exchange.connection]]) : []),
    ...(exchange?.unsent ? ["unsent: true"] : []),
    ...list("sent", exchange?.sent ?? []),
    ...list("expected", exchange?.expected ?? []),
    ...list("received", exchange?.received ?? []),
  ];
}

const quote = (text: string): string => jsonString(shorten(text, LONGEST_LINE));

const mapping = (pairs: readonly [string, string][], first = "", rest = ""): string[] =>
  pairs.map(([key, value], index) => `${index === 0 ? first : rest}${key}: ${quote(value)}`);

function at(path: string, line: number, column = 0): string[] {
  const place = [
    `  file: ${quote(path)}`,
    ...(line > 0 ? [`  line: ${line}`] : []),
    ...(column > 0 ? [`  column: ${column}`] : []),
  ];
  return ["at:", ...place];
}

function list(key: string, items: readonly string[]): string[] {
  if (items.length === 0) return [`${key}: []`];
  const { head, left, tail } = cutLines(items, MOST_LINES);
  const gap = left > 0 ? [`  # … ${formatCount(left)} more lines …`] : [];
  const entry = (text: string) => `  - ${quote(text)}`;
  return [`${key}:`, ...head.map(entry), ...gap, ...tail.map(entry)];
}
