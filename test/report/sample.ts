/** Events of runs that never were, and an output that keeps what it is given. */
import type {
  Counts,
  DiffRow,
  DocumentResult,
  DocumentWarning,
  ExampleResult,
  ExchangeResult,
  FailureKind,
  RunEvent,
} from "../../src/play/outcome.ts";
import { isFailed } from "../../src/play/outcome.ts";
import type { Reporter, ReporterOptions, ReportOutput } from "../../src/report/reporter.ts";

export const exchange = (over: Partial<ExchangeResult> = {}): ExchangeResult => ({
  line: 13,
  connection: "",
  sent: ["put 0 0 60 5"],
  expected: ["INSERTED {{id:int}}"],
  received: ["INSERTED 1"],
  status: "passed",
  failure: undefined,
  diff: undefined,
  ms: 0.4,
  ...over,
});

export const example = (over: Partial<ExampleResult> = {}): ExampleResult => ({
  name: "put › a job",
  headings: ["put", "a job"],
  line: 12,
  status: "passed",
  reason: undefined,
  attempts: 1,
  exchanges: [exchange()],
  ms: 2,
  ...over,
});

export const document = (over: Partial<DocumentResult> = {}): DocumentResult => ({
  path: "docs/put.md",
  errors: [],
  examples: [example()],
  interrupted: false,
  ms: 12,
  ...over,
});

export const changed = (line: number, expected: string, received: string): DiffRow => ({
  kind: "changed",
  expected,
  received,
  line,
});
export const same = (received: string): DiffRow => ({ kind: "same", expected: received, received });

/** An exchange that failed with these rows. */
export function failed(
  diff: readonly DiffRow[],
  over: Partial<ExchangeResult> = {},
  kind: FailureKind = "mismatch",
): ExchangeResult {
  const line = diff.find((row) => "line" in row)?.line ?? 15;
  return exchange({
    status: "failed",
    failure: { kind, line, message: "the reply differs" },
    diff,
    expected: diff.flatMap((row) => ("expected" in row ? [row.expected] : [])),
    received: diff.flatMap((row) => ("received" in row ? [row.received] : [])),
    ...over,
  });
}

export const failedExample = (exchanges: readonly ExchangeResult[], over: Partial<ExampleResult> = {}): ExampleResult =>
  example({ name: "put › too long", headings: ["put", "too long"], status: "failed", exchanges, ...over });

export function countsOf(documents: readonly DocumentResult[]): Counts {
  const examples = documents.flatMap((one) => one.examples);
  const count = (test: (one: ExampleResult) => boolean) => examples.filter(test).length;
  return {
    documents: documents.length,
    examples: examples.length,
    exchanges: examples.flatMap((one) => one.exchanges).length,
    passed: count(({ status }) => status === "passed" || status === "xfailed"),
    failed: count(({ status }) => isFailed(status)),
    skipped: count(({ status }) => status === "skipped"),
    unsupported: count(({ status }) => status === "unsupported"),
  };
}

export interface RunShape {
  /** Documents that the run would have come to, had it not been interrupted. */
  readonly neverBegun?: readonly string[];
  readonly warnings?: readonly DocumentWarning[];
  readonly config?: string;
  readonly interrupted?: boolean;
  /** All documents at once, taking turns, instead of one after the other. */
  readonly sideBySide?: boolean;
}

/** The events of a run of these documents. */
export function eventsOf(documents: readonly DocumentResult[], shape: RunShape = {}): RunEvent[] {
  const starts = documents.map(({ path, examples }) => ({ path, examples: examples.length }));
  const runs = documents.map(({ path, examples }, index): RunEvent[] => [
    { kind: "document-start", ...starts[index]! },
    ...examples.flatMap((one): RunEvent[] => [
      ...one.exchanges.map((exchange): RunEvent => ({ kind: "exchange", path, example: one.name, exchange })),
      { kind: "example", path, example: one },
    ]),
  ]);
  const ends = documents.map((one): RunEvent => ({ kind: "document-end", path: one.path, document: one }));
  const longest = Math.max(0, ...runs.map((run) => run.length));
  const turns = Array.from({ length: longest }, (_, turn) => runs.flatMap((run) => run.slice(turn, turn + 1))).flat();
  const counts = countsOf(documents);
  const bad = counts.failed > 0 || shape.interrupted === true || documents.some(({ errors }) => errors.length > 0);
  return [
    {
      kind: "run-start",
      documents: [...starts, ...(shape.neverBegun ?? []).map((path) => ({ path, examples: 1 }))],
      config: shape.config,
      warnings: shape.warnings ?? [],
    },
    ...(shape.sideBySide ? [...turns, ...ends] : runs.flatMap((run, index) => [...run, ends[index]!])),
    {
      kind: "run-end",
      ok: !bad && documents.length > 0,
      interrupted: shape.interrupted ?? false,
      exitCode: shape.interrupted ? 130 : documents.length === 0 ? 4 : bad ? 1 : 0,
      durationMs: 1234.5678,
      counts,
    },
  ];
}

export async function* stream(events: readonly RunEvent[]): AsyncGenerator<RunEvent> {
  yield* events;
}

export interface Sink extends ReportOutput {
  readonly writes: string[];
  /** The most writes that were under way at once. */
  mostAtOnce: number;
}

/** An output that keeps what is written, and takes its time for each write. */
export function sink(over: Partial<ReportOutput> = {}): Sink {
  let atOnce = 0;
  const out: Sink = {
    isTerminal: false,
    columns: undefined,
    color: false,
    writes: [],
    mostAtOnce: 0,
    async write(text) {
      out.writes.push(text);
      out.mostAtOnce = Math.max(out.mostAtOnce, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
    },
    ...over,
  };
  return out;
}

export const PLAIN: ReporterOptions = { timings: false, verbose: false, quiet: false };

/** What a reporter writes of these events. */
export async function reportOf(
  reporter: Reporter,
  events: readonly RunEvent[],
  over: Partial<ReportOutput> = {},
  options: Partial<ReporterOptions> = {},
): Promise<string> {
  const out = sink(over);
  await reporter.report(stream(events), out, { ...PLAIN, ...options });
  return out.writes.join("");
}
