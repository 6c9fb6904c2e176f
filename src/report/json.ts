/** The report for programs: the stable schema of the user guide, one line for each document. */
import type {
  DocumentError,
  DocumentResult,
  DocumentWarning,
  ExampleResult,
  ExchangeResult,
  Varying,
} from "../play/outcome.ts";
import type { Reporter } from "./reporter.ts";
import { escapeJson, roundMs, wellFormed } from "./text.ts";

/** The version of the schema. A change that a reader would notice increases it. */
const VERSION = 1;

export const json: Reporter = {
  name: "json",
  async report(events, out) {
    // `ok` and the counts stand first and are known last, so the documents wait as text. One string for each example keeps
    // each of them below the limit for strings.
    const documents: string[][] = [];
    let warnings: readonly DocumentWarning[] = [];
    for await (const event of events) {
      if (event.kind === "run-start") warnings = event.warnings;
      else if (event.kind === "document-end") documents.push(documentParts(event.document));
      else if (event.kind === "run-end") {
        const { documents: count, examples, exchanges, passed, failed, skipped, unsupported } = event.counts;
        const tested = { documents: count, examples, exchanges, passed, failed, skipped };
        const counts = unsupported > 0 ? { ...tested, unsupported } : tested;
        const head = stringify({ version: VERSION, ok: event.ok, durationMs: roundMs(event.durationMs), counts });
        await out.write(`${head.slice(0, -1)},"documents":[`);
        for (const [index, parts] of documents.entries()) {
          await out.write(index === 0 ? "\n" : ",\n");
          for (const part of parts) await out.write(part);
        }
        const end = warnings.length > 0 ? `],"warnings":${stringify(warnings.map(warningOf))}}` : "]}";
        await out.write(documents.length > 0 ? `\n${end}\n` : `${end}\n`);
      }
    }
  },
};

/** Invalid UTF-8 is written as a document writes it, as many readers refuse a lone surrogate. */
const stringify = (value: unknown): string =>
  escapeJson(JSON.stringify(value, (_, part) => (typeof part === "string" ? wellFormed(part) : part)));

function documentParts({ path, errors, examples }: DocumentResult): string[] {
  const head = stringify({
    path,
    error: errors[0] ? errorOf(errors[0]) : null,
    ...(errors.length > 1 ? { errors: errors.map(errorOf) } : {}),
  });
  const parts = examples.map((example, index) => `${index === 0 ? "" : ","}${stringify(exampleOf(example))}`);
  return [`${head.slice(0, -1)},"examples":[`, ...parts, "]}"];
}

const warningOf = ({ path, line, column, message }: DocumentWarning): object => ({ path, line, column, message });

const errorOf = ({ kind, line, column, message }: DocumentError): object => ({ kind, line, column, message });

const exampleOf = ({ name, line, status, reason, rounds, exchanges }: ExampleResult): object => ({
  name,
  line,
  status,
  reason: reason ?? null,
  ...(rounds && { rounds }),
  exchanges: exchanges.map(exchangeOf),
});

const varyingOf = ({ line, received, missing, proposal }: Varying): object => ({
  line: line ?? null,
  received,
  missing,
  proposal: proposal ?? null,
});

function exchangeOf(exchange: ExchangeResult): object {
  const { line, connection, answers, sent, unsent, expected, received, status, reason, updated, failure, varying, ms } =
    exchange;
  return {
    line,
    connection,
    ...(answers && { answers }),
    sent,
    ...(unsent && { unsent }),
    expected,
    received,
    status,
    ...(reason !== undefined && { reason }),
    ...(updated && { updated }),
    failure: failure ? { kind: failure.kind, line: failure.line, message: failure.message } : null,
    ...(varying && { varying: varying.map(varyingOf) }),
    ms: roundMs(ms),
  };
}
