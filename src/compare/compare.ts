/**
 * Holds the replies of several sides against each other and against the page. What the page leaves open (placeholders,
 * expressions, `...`) may differ; where it writes no reply, the first side's stands for it.
 */
import type { DocumentError, ExampleResult } from "../play/outcome.ts";
import {
  type Cell,
  type CellStatus,
  type ComparedDocument,
  type ComparedExample,
  type ComparedExchange,
  type Comparison,
  examplesOf,
  type Reply,
} from "./comparison.ts";
import { ExampleFinder } from "./finder.ts";
import { isWrong, linesToCompare, replyKey } from "./reply-key.ts";
import { type Row, rowsOf } from "./rows.ts";
import type { Essence, Side, SideDocument, SideExample } from "./side.ts";

export interface CompareOptions {
  /** What is not supported counts as different. */
  readonly strict: boolean;
  readonly interrupted: boolean;
  readonly durationMs: number;
}

/** @param sides the recordings first: where the page writes no reply, the first side's is the right one. */
export function compareSides(sides: readonly Side[], options: CompareOptions): Comparison {
  const played = sides.filter(({ isRecorded }) => !isRecorded);
  const finders = sides.map((side) => new ExampleFinder(side));
  const documents = documentsOf(played).map(({ path, examples }): ComparedDocument => {
    const found = finders.map((finder) => finder.document(path));
    return {
      path,
      errors: found.map((document): readonly DocumentError[] => document?.errors ?? []),
      examples: examples.map((example) =>
        compareExample(
          example,
          finders.map((finder) => finder.example(path, example, examples)),
        ),
      ),
    };
  });
  return {
    sides: sides.map(({ name, source, isRecorded }) => ({ name, source, isRecorded })),
    documents,
    exitCode: exitCodeOf(played, documents, options),
    durationMs: options.durationMs,
  };
}

/** Each document once, as the side that got furthest knows it. */
function documentsOf(played: readonly Side[]): readonly SideDocument[] {
  const documents = new Map<string, SideDocument>();
  for (const { documents: all } of played)
    for (const document of all) {
      const before = documents.get(document.path);
      if (!before || before.examples.length < document.examples.length) documents.set(document.path, document);
    }
  return [...documents.values()];
}

function compareExample(
  { name, headings, line, essence }: SideExample,
  found: readonly (SideExample | string)[],
): ComparedExample {
  const results = found.map((one) => (typeof one === "string" ? undefined : one));
  const compared = rowsOf(results).map((row) => compareExchange(row, essence));
  const cells = found.map((one, side): Cell => {
    if (typeof one === "string") return { status: "missing", reason: one };
    const status = cellStatus(one, compared, side);
    return { status, reason: status === "passed" ? undefined : reasonFor(one, status) };
  });
  return { name, headings, line, cells, exchanges: compared };
}

function compareExchange(results: Row, essence: Essence | undefined): ComparedExchange {
  // A recording knows other lines where the page has moved.
  const { line, connection, expected } = results.findLast((result) => result !== undefined)!;
  const hasRows = results.every((result) => result?.status !== "failed" || result.diff !== undefined);
  const keys = results.map((result) => result && replyKey(result, essence, hasRows));
  const first = keys.find((key) => key !== undefined);
  const replies = results.map((result, i): Reply => {
    if (!result) return MISSING;
    const { status, sent, received, failure, diff, ms } = result;
    const key = keys[i];
    const sameAs = key === undefined ? i : keys.indexOf(key);
    const isUnlikeFirst = key !== undefined && key !== first;
    const differs = expected.length > 0 ? status === "failed" : isUnlikeFirst || isWrong(result);
    const compared = expected.length > 0 ? [] : linesToCompare(result, essence);
    return { status, sent, received, failure, diff, ms, sameAs, compared, differs };
  });
  return { line, connection, expected, replies };
}

const MISSING: Reply = {
  status: "missing",
  sent: [],
  received: [],
  failure: undefined,
  diff: undefined,
  ms: 0,
  sameAs: -1,
  compared: [],
  differs: false,
};

function cellStatus(
  { status, exchanges }: SideExample,
  compared: readonly ComparedExchange[],
  side: number,
): CellStatus {
  if (status === "skipped") return "skipped";
  const differing = compared.filter(({ replies }) => replies[side]!.differs);
  if (differing.some(({ expected }) => expected.length === 0)) return "differs";
  if (status === "unsupported") return "unsupported";
  if (status === "xpassed") return "differs";
  // A recorded example failed, too, by replies that the page does not write.
  const isOtherwise = exchanges.length === 0 || differing.length > 0;
  return status === "failed" && isOtherwise ? "differs" : "passed";
}

function reasonFor({ reason, exchanges }: ExampleResult, status: CellStatus): string | undefined {
  if (status === "skipped") return reason ?? exchanges.find((exchange) => exchange.reason !== undefined)?.reason;
  return reason;
}

/** As for a run: of several reasons the most important one. */
function exitCodeOf(
  played: readonly Side[],
  documents: readonly ComparedDocument[],
  { strict, interrupted }: CompareOptions,
): number {
  if (interrupted) return 130;
  for (const code of [2, 3]) if (played.some(({ exitCode }) => exitCode === code)) return code;
  const examples = examplesOf({ documents });
  if (examples.length === 0) return 4;
  const fails = ({ status }: Cell): boolean => status === "differs" || (strict && status === "unsupported");
  return examples.some(({ cells }) => cells.some(fails)) ? 1 : 0;
}
