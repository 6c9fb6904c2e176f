/** The comparison for programs. Texts are as documents write them. */
import { escapeJson, roundMs, wellFormed } from "../report/text.ts";
import {
  type ComparedDocument,
  type ComparedExample,
  type ComparedExchange,
  type ComparedSide,
  countCells,
  examplesOf,
} from "./comparison.ts";
import type { CompareReport } from "./report.ts";

/** The version of the schema. A change that a reader would notice increases it. */
const VERSION = 1;

export const json: CompareReport = async ({ sides, documents, exitCode, durationMs }, out) => {
  const head = stringify({
    version: VERSION,
    ok: exitCode === 0,
    durationMs: roundMs(durationMs),
    targets: sides.map((side, i) => ({ ...targetOf(side), counts: countCells({ documents }, i) })),
    counts: { documents: documents.length, examples: examplesOf({ documents }).length },
  });
  await out.write(`${head.slice(0, -1)},"documents":[`);
  for (const [index, document] of documents.entries()) {
    await out.write(index === 0 ? "\n" : ",\n");
    // One text for each example keeps each of them below the limit for strings.
    for (const part of documentParts(document, sides)) await out.write(part);
  }
  await out.write(documents.length > 0 ? "\n]}\n" : "]}\n");
};

const stringify = (value: unknown): string =>
  escapeJson(JSON.stringify(value, (_, part) => (typeof part === "string" ? wellFormed(part) : part)));

const targetOf = ({ name, source, isRecorded }: ComparedSide): object => ({
  name,
  [isRecorded ? "report" : "url"]: source ?? null,
});

function documentParts({ path, errors, examples }: ComparedDocument, sides: readonly ComparedSide[]): string[] {
  const found = errors.flatMap((ofSide, i) =>
    ofSide.map(({ kind, line, column, message }) => ({ target: sides[i]!.name, kind, line, column, message })),
  );
  const head = stringify({ path, errors: found });
  const parts = examples.map((one, index) => `${index === 0 ? "" : ","}${stringify(exampleOf(one, sides))}`);
  return [`${head.slice(0, -1)},"examples":[`, ...parts, "]}"];
}

const exampleOf = ({ name, line, cells, exchanges }: ComparedExample, sides: readonly ComparedSide[]): object => ({
  name,
  line,
  results: cells.map(({ status, reason }, i) => ({ target: sides[i]!.name, status, reason: reason ?? null })),
  exchanges: exchanges.map((one) => exchangeOf(one, sides)),
});

const exchangeOf = (exchange: ComparedExchange, sides: readonly ComparedSide[]): object => ({
  line: exchange.line,
  connection: exchange.connection,
  expected: exchange.expected,
  replies: exchange.replies.map(({ sent, received, status, failure, sameAs, differs, ms }, i) => ({
    target: sides[i]!.name,
    sent,
    received,
    status,
    differs,
    sameAs: sameAs >= 0 && sameAs !== i ? sides[sameAs]!.name : null,
    failure: failure ? { kind: failure.kind, line: failure.line, message: failure.message } : null,
    ms: roundMs(ms),
  })),
});
