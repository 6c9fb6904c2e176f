/**
 * JUnit XML, as continuous-integration services read it: one testsuite for each document, one testcase for each example.
 * Characters that XML 1.0 does not allow (section 2.2) are written as the escapes of ` (esc)`, so any reply gives a
 * well-formed file.
 */
import picocolors from "picocolors";
import type { DocumentResult, ExampleResult } from "../play/outcome.ts";
import { isFailed, reasonOf } from "../play/outcome.ts";
import { errorPlace, renderFailure } from "./failure.ts";
import type { Reporter } from "./reporter.ts";
import { DEFAULT_COLUMNS, harmless, shorten } from "./text.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
};
const entities = (text: string, which: RegExp): string => harmless(text).replace(which, (char) => ENTITIES[char]!);
/** Text of an element; its lines stay lines. */
const textOf = (lines: readonly string[]): string =>
  lines.map((line) => entities(shorten(line, 2000), /[&<>]/g)).join("\n");
const attribute = (name: string, value: string | number): string =>
  ` ${name}="${typeof value === "number" ? value : entities(shorten(value, 1000), /[&<>"\t]/g)}"`;
const seconds = (ms: number): string => (ms / 1000).toFixed(6);

interface Totals {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
}

const totalsOf = (totals: Totals): string =>
  attribute("tests", totals.tests) +
  attribute("failures", totals.failures) +
  attribute("errors", totals.errors) +
  attribute("skipped", totals.skipped);

export const junit: Reporter = {
  name: "junit",
  async report(events, out) {
    const sum: Totals = { tests: 0, failures: 0, errors: 0, skipped: 0 };
    const suites: string[] = [];
    const unfinished = new Set<string>();
    const add = ({ text, totals }: Suite) => {
      suites.push(text);
      for (const key of ["tests", "failures", "errors", "skipped"] as const) sum[key] += totals[key];
    };
    for await (const event of events) {
      if (event.kind === "run-start") for (const { path } of event.documents) unfinished.add(path);
      else if (event.kind === "document-end") {
        unfinished.delete(event.path);
        add(await suite(event.document));
      } else if (event.kind === "run-end") {
        if (event.interrupted) for (const path of unfinished) add(await suite(interruptedDocument(path)));
        // The totals come first in the file, so the suites wait for the end.
        const root = `<testsuites name="wiredoc"${totalsOf(sum)} time="${seconds(event.durationMs)}">`;
        await out.write(`<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`);
        for (const text of suites) await out.write(text);
        await out.write("</testsuites>\n");
      }
    }
  },
};

interface Suite {
  readonly text: string;
  readonly totals: Totals;
}

const interruptedDocument = (path: string): DocumentResult => ({
  path,
  errors: [],
  examples: [],
  interrupted: true,
  ms: 0,
});

async function suite(document: DocumentResult): Promise<Suite> {
  const { path, errors, examples } = document;
  const cases: string[] = [];
  for (const error of errors)
    cases.push(
      brokenCase(path, error.line, error.kind, error.message, [
        `${errorPlace(path, error)}: ${error.message}`,
        ...error.details,
      ]),
    );
  if (document.interrupted)
    cases.push(brokenCase(path, 0, "interrupted", "the run was interrupted in this document", []));
  const totals: Totals = { tests: cases.length + examples.length, failures: 0, errors: cases.length, skipped: 0 };
  for (const example of examples) {
    cases.push(await testCase(path, example));
    if (isFailed(example.status)) totals.failures++;
    if (isSkipped(example)) totals.skipped++;
  }
  const head = `  <testsuite${attribute("name", path)}${totalsOf(totals)} time="${seconds(document.ms)}"${attribute("file", path)}>`;
  return { text: [head, ...cases, "  </testsuite>", ""].join("\n"), totals };
}

/** A testcase for the document as a whole. */
function brokenCase(path: string, line: number, type: string, message: string, text: readonly string[]): string {
  const where = attribute("file", path) + (line > 0 ? attribute("line", line) : "");
  const error = `      <error${attribute("type", type)}${attribute("message", message)}>${textOf(text)}</error>`;
  return `    <testcase${attribute("classname", path)}${attribute("name", path)} time="0"${where}>\n${error}\n    </testcase>`;
}

/** JUnit has no word for what a server does not support. */
const isSkipped = ({ status }: ExampleResult): boolean => status === "skipped" || status === "unsupported";

async function testCase(path: string, example: ExampleResult): Promise<string> {
  const head = `    <testcase${attribute("classname", path)}${attribute("name", example.name)} time="${seconds(example.ms)}"${attribute("file", path)}${attribute("line", example.line)}`;
  const body = await outcome(path, example);
  return body === "" ? `${head}/>` : `${head}>\n      ${body}\n    </testcase>`;
}

async function outcome(path: string, example: ExampleResult): Promise<string> {
  if (isSkipped(example)) {
    const told = reasonOf(example);
    const reason = told && example.status === "unsupported" ? `unsupported: ${told}` : told;
    return `<skipped${reason ? attribute("message", reason) : ""}/>`;
  }
  if (!isFailed(example.status)) return "";
  const failure = example.exchanges.find(({ status }) => status === "failed")?.failure;
  const passed = example.status === "xpassed";
  const message = passed ? "expected to fail, but it passed" : (failure?.message ?? example.reason ?? "failed");
  const type = passed ? "xpassed" : (failure?.kind ?? "failed");
  const lines = await renderFailure(path, example, DEFAULT_COLUMNS, picocolors.createColors(false));
  return `<failure${attribute("type", type)}${attribute("message", message)}>${textOf(lines)}</failure>`;
}
