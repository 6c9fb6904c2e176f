/** What a load has measured, for people and for programs. */
import { formatDuration } from "../base/duration.ts";
import type { DocumentResult } from "../play/outcome.ts";
import type { Paint } from "../report/diff.ts";
import { escapeJson, formatCount, plural, roundMs, wellFormed } from "../report/text.ts";
import type { LoadResult, Measured } from "./load.ts";
import type { Latencies } from "./meter.ts";

/** Replies a second. */
const throughputOf = ({ replies, elapsed }: Measured): number =>
  elapsed > 0 ? Math.round((replies / elapsed) * 100_000) / 100 : 0;

const rounded = (ms: number | undefined): number | null => (ms === undefined ? null : roundMs(ms));

/** The report as one object of JSON in a line: times in milliseconds, null where nothing was measured. */
export function jsonReport(result: LoadResult, connections: number): string {
  const { latencies, passed, failed, skipped, overdue, replies, elapsed, interrupted, failures, errors } = result;
  const report = {
    throughput: throughputOf(result),
    p50: rounded(latencies.p50),
    p90: rounded(latencies.p90),
    p99: rounded(latencies.p99),
    "p99.9": rounded(latencies.p999),
    max: rounded(latencies.max),
    passed,
    failed,
    skipped,
    overdue,
    replies,
    connections,
    durationMs: roundMs(elapsed),
    interrupted,
    failures: failures.map(({ path, count, failure: { line, kind, message } }) => ({
      path,
      line,
      kind,
      message,
      count,
    })),
    errors: errors.map(({ path, line, kind, message }) => ({ path, line, kind, message })),
  };
  return escapeJson(JSON.stringify(report, (_, part) => (typeof part === "string" ? wellFormed(part) : part)));
}

/** The report for people, as lines: each failure once with its count, then what was measured. */
export async function textReport(
  result: LoadResult,
  connections: number,
  columns: number,
  paint: Paint,
): Promise<readonly string[]> {
  const { errors, elapsed } = result;
  const problems: string[] = [];
  for (const document of problemsOf(result)) {
    const { renderProblems } = await import("../report/failure.ts");
    problems.push(...(await renderProblems(document, columns, paint)));
  }
  if (errors.length > 0) return problems;
  const rows = [
    ["throughput", `${formatCount(Math.round(throughputOf(result)))} replies a second`],
    ["latency", latencyText(result.latencies)],
    ["exchanges", countsText(result, paint)],
    ["time", `${formatDuration(elapsed)}, ${plural(connections, "connection")}`],
  ];
  return [...problems, ...rows.map(([name, text]) => `${name!.padEnd(10)}  ${text}`), ...notes(result, paint)];
}

/** The line that shows on a terminal what was measured so far. */
export function liveText(measured: Measured): string {
  const { elapsed, latencies, failed } = measured;
  const rate = `${formatCount(Math.round(throughputOf(measured)))} replies a second`;
  const latency = latencies.p50 === undefined ? [] : [`p50 ${msText(latencies.p50)}`, `p99 ${msText(latencies.p99)}`];
  const failures = failed > 0 ? [`${formatCount(failed)} failed`] : [];
  return [formatDuration(elapsed), rate, ...latency, ...failures].join("  ");
}

/** The documents that have something to tell. A failure's name says how often it came. */
function problemsOf({ errors, failures }: LoadResult): readonly DocumentResult[] {
  const paths = [...new Set([...errors, ...failures].map(({ path }) => path))].sort();
  return paths.map((path) => ({
    path,
    errors: errors.filter((error) => error.path === path),
    examples: failures
      .filter((failure) => failure.path === path)
      .map(({ example, count }) => ({ ...example, name: `${example.name} (${plural(count, "time")})` })),
    interrupted: false,
    ms: 0,
  }));
}

function latencyText({ p50, p90, p99, p999, max }: Latencies): string {
  if (p50 === undefined) return "nothing was measured";
  const parts = { p50, p90, p99, "p99.9": p999, max };
  return Object.entries(parts)
    .map(([name, ms]) => `${name} ${msText(ms)}`)
    .join("  ");
}

/** With three digits where they mean something. */
const msText = (ms = 0): string => `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)}ms`;

function countsText({ passed, failed, skipped }: Measured, paint: Paint): string {
  return [
    `${formatCount(passed)} passed`,
    ...(failed > 0 ? [paint.red(`${formatCount(failed)} failed`)] : []),
    ...(skipped > 0 ? [paint.yellow(`${formatCount(skipped)} skipped after a failure`)] : []),
  ].join(", ");
}

function notes({ overdue, interrupted, passed, failed }: LoadResult, paint: Paint): readonly string[] {
  // A few are always due when the time is over.
  const isTooFast = overdue * TOO_FAST > passed + failed;
  const late = `${formatCount(overdue)} more ${overdue === 1 ? "exchange was" : "exchanges were"} due and could not begin`;
  return [
    ...(isTooFast ? [paint.yellow(`${late}: the rate is too high for these connections`)] : []),
    ...(interrupted ? [paint.yellow("Interrupted: this is what was measured until then.")] : []),
  ];
}

/** A rate is too high where more than one of so many exchanges could not begin. */
const TOO_FAST = 50;
