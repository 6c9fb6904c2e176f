/** `wiredoc bench`: plays documents under load, and reports throughput and latencies. */
import { stripVTControlCharacters } from "node:util";
import picocolors from "picocolors";
import { displayText } from "../base/bytes.ts";
import { parseDuration } from "../base/duration.ts";
import { DocumentErrors } from "../base/error.ts";
import type { LoadOptions, LoadResult, Measured } from "../bench/load.ts";
import { jsonReport, liveText, textReport } from "../bench/report.ts";
import { type BenchOptions, bench, planBench } from "../bench.ts";
import { LiveLine } from "../report/live-line.ts";
import { streamOutput } from "../report/output.ts";
import { DEFAULT_COLUMNS } from "../report/text.ts";
import { type Command, EXIT, warningText } from "./command.ts";
import type { Arguments } from "./options.ts";
import { count, last, runOptions, usage } from "./values.ts";

const CONNECTIONS = 10;
/** More than the ports of one address; far more clients would not fit into memory. */
const MOST_CONNECTIONS = 100_000;
/** Milliseconds. */
const DURATION = 10_000;

export const benchCommand: Command = async (given, { stdout, stderr, takeInterrupts }) => {
  const { color, json = false } = given.flags;
  const load = loadOptions(given);
  const out = streamOutput(stdout, color);
  const aside = streamOutput(stderr, color);
  const paint = picocolors.createColors(out.color);
  let measured: Measured | undefined;
  const live = new LiveLine(aside, picocolors.createColors(aside.color), () => (measured ? liveText(measured) : ""));
  const options: BenchOptions = {
    ...runOptions(given),
    ...load,
    signal: takeInterrupts(),
    watch: aside.isTerminal
      ? (progress) => {
          measured = progress;
          live.change();
        }
      : undefined,
    onServerLine: given.flags["server-output"]
      ? (server, line) => live.print(`${displayText(server)} | ${displayText(stripVTControlCharacters(line))}\n`)
      : undefined,
  };
  const plan = await planBench(options);
  const { documents } = plan;
  for (const { warnings } of documents)
    for (const { span, message, code } of warnings) if (span) stderr.write(warningText(span, `${message} [${code}]`));
  const mistakes = documents.flatMap(({ errors }) => errors);
  if (mistakes.length > 0) throw new DocumentErrors(mistakes);
  if (documents.length === 0) {
    stderr.write("Nothing to run: no example was found.\n");
    return EXIT.nothing;
  }
  if (documents.length > load.connections)
    throw usage(
      `--connections ${load.connections}: each of the ${documents.length} documents needs a connection: use ${documents.length} or more`,
    );
  let result: LoadResult;
  try {
    result = await bench(plan, options);
  } finally {
    await live.stop();
  }
  const report = json
    ? [jsonReport(result, load.connections)]
    : await textReport(result, load.connections, out.columns ?? DEFAULT_COLUMNS, paint);
  await out.write(report.map((line) => `${line}\n`).join(""));
  return exitCode(result);
};

function exitCode({ interrupted, errors, failures, failed }: LoadResult): number {
  if (interrupted) return EXIT.interrupted;
  if (errors.length > 0 || failures.some(({ failure }) => failure.kind === "connect")) return EXIT.unreachable;
  return failed > 0 ? EXIT.failed : EXIT.ok;
}

/** @throws {WiredocError} */
function loadOptions(given: Arguments): LoadOptions & { readonly connections: number } {
  const wanted = count(given, "count", 1);
  const duration = durationOf(last(given, "duration"));
  return {
    connections: count(given, "connections", 1, MOST_CONNECTIONS) ?? CONNECTIONS,
    count: wanted,
    duration: duration ?? (wanted === undefined ? DURATION : undefined),
    rate: rateOf(last(given, "rate")),
  };
}

function durationOf(text: string | undefined): number | undefined {
  const ms = text === undefined ? undefined : parseDuration(text);
  if (text !== undefined && !ms)
    throw usage(`--duration: invalid duration "${text}": use for example 500ms, 10s or 1m`);
  return ms;
}

function rateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rate = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw usage(`--rate: invalid rate "${text}": use a number of exchanges a second above 0, for example 500`);
}
