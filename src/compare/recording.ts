/** The JSON report of an earlier run, as one side of a comparison. */
import { readFileSync } from "node:fs";
import { WiredocError } from "../base/error.ts";
import type { ExchangeResult, Failure } from "../play/outcome.ts";
import type { Side, SideDocument, SideExample } from "./side.ts";

/** The version of the schema that is read. */
const VERSION = 1;

type Json = Readonly<Record<string, unknown>>;

/** What is wrong with a report, and where in it. */
class Unlike extends Error {}

/** Reads a report. @throws {WiredocError} `bad-report` where the file cannot be read or is no report of `wiredoc run`. */
export function readRecording(name: string, path: string): Side {
  const fail = (why: string): never => {
    throw new WiredocError("bad-report", `${path}: ${why}; write one with wiredoc run --reporter json=FILE`);
  };
  try {
    const report = object(JSON.parse(readText(path, fail)), "the report");
    if (report.version !== VERSION) throw new Unlike(`its "version" is not ${VERSION}`);
    const documents = list(report.documents, "documents").map(documentOf);
    return { name, source: path, isRecorded: true, documents, exitCode: 0 };
  } catch (error) {
    if (error instanceof SyntaxError) return fail(`it is not JSON: ${error.message}`);
    if (error instanceof Unlike) return fail(`it is not the JSON report of a run: ${error.message}`);
    throw error;
  }
}

function readText(path: string, fail: (why: string) => never): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return fail(`it cannot be read: ${(error as Error).message}`);
  }
}

function documentOf(value: unknown, index: number): SideDocument {
  const at = `documents[${index}]`;
  const { path, examples } = object(value, at);
  return {
    path: text(path, `${at}.path`),
    errors: [],
    examples: list(examples, `${at}.examples`).map((one, i) => exampleOf(one, `${at}.examples[${i}]`)),
  };
}

const STATUSES = ["passed", "failed", "skipped", "unsupported", "xfailed", "xpassed"] as const;
const EXCHANGE_STATUSES = ["passed", "failed", "skipped", "unsupported"] as const;

function exampleOf(value: unknown, at: string): SideExample {
  const { name, line, status, reason, exchanges } = object(value, at);
  return {
    name: text(name, `${at}.name`),
    headings: [],
    line: number(line, `${at}.line`),
    status: oneOf(STATUSES, status, `${at}.status`),
    reason: optional(reason, `${at}.reason`),
    attempts: 1,
    exchanges: list(exchanges, `${at}.exchanges`).map((one, i) => exchangeOf(one, `${at}.exchanges[${i}]`)),
    ms: 0,
    essence: undefined,
  };
}

function exchangeOf(value: unknown, at: string): ExchangeResult {
  const { line, connection, sent, expected, received, status, reason, failure, ms } = object(value, at);
  return {
    line: number(line, `${at}.line`),
    connection: text(connection, `${at}.connection`),
    sent: texts(sent, `${at}.sent`),
    expected: texts(expected, `${at}.expected`),
    received: texts(received, `${at}.received`),
    status: oneOf(EXCHANGE_STATUSES, status, `${at}.status`),
    reason: optional(reason, `${at}.reason`),
    failure: failure === null || failure === undefined ? undefined : failureOf(failure, `${at}.failure`),
    diff: undefined,
    ms: number(ms, `${at}.ms`),
  };
}

function failureOf(value: unknown, at: string): Failure {
  const { kind, line, message } = object(value, at);
  return {
    kind: text(kind, `${at}.kind`) as Failure["kind"],
    line: number(line, `${at}.line`),
    message: text(message, `${at}.message`),
  };
}

function object(value: unknown, at: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new Unlike(`${at} is not an object`);
}

function list(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Unlike(`${at} is not a list`);
}

const texts = (value: unknown, at: string): readonly string[] =>
  list(value, at).map((one, i) => text(one, `${at}[${i}]`));

function text(value: unknown, at: string): string {
  if (typeof value === "string") return value;
  throw new Unlike(`${at} is not a text`);
}

const optional = (value: unknown, at: string): string | undefined =>
  value === null || value === undefined ? undefined : text(value, at);

function number(value: unknown, at: string): number {
  if (typeof value === "number") return value;
  throw new Unlike(`${at} is not a number`);
}

function oneOf<T extends string>(known: readonly T[], value: unknown, at: string): T {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new Unlike(`${at} is not ${known.map((one) => `"${one}"`).join(", ")}`);
}
