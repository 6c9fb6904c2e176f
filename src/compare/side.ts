/** One of the runs that are compared: a server that answers now, or a report of what one answered before. */
import type { Reading } from "../dialects/dialect.ts";
import type { RunOptions } from "../plan/options.ts";
import { withUnwrittenReplies } from "../plan/unwritten.ts";
import type { DocumentError, ExampleResult, ExchangeResult, RunEvent } from "../play/outcome.ts";
import { planRun, runPlanned } from "../run.ts";

/** What counts in a reply that the document does not write, as a report shows it. */
export type Essence = (exchange: Pick<ExchangeResult, "sent" | "received">) => readonly string[];

/** A target as the user names it. */
export interface Target {
  readonly name: string;
  /** Undefined: the one that the documents name. */
  readonly url: string | undefined;
}

/** What came of the documents on one side. */
export interface Side {
  readonly name: string;
  /** The URL of a target, or the path of a report. */
  readonly source: string | undefined;
  readonly isRecorded: boolean;
  readonly documents: readonly SideDocument[];
  /** The exit code of its run. */
  readonly exitCode: number;
}

export interface SideDocument {
  readonly path: string;
  readonly errors: readonly DocumentError[];
  readonly examples: readonly SideExample[];
}

export interface SideExample extends ExampleResult {
  /** Undefined where a report was read. */
  readonly essence: Essence | undefined;
}

/**
 * Plays the client lines of the documents to one target and keeps every reply, also those that the documents do not write.
 * @param observe is called with each event of the run.
 * @throws {WiredocError} where options, config file or paths are wrong.
 */
export async function playSide(
  { name, url }: Target,
  options: RunOptions,
  observe: (event: RunEvent) => void,
): Promise<Side> {
  const given: RunOptions = { ...options, ...(url === undefined ? {} : { target: url }), keepReplies: true };
  const plan = await planRun(given);
  const essences = new Map<string, Essence>();
  for (const { path, examples } of plan.documents)
    for (const { line, dialect, settings } of examples) {
      const { essence = linesOf } = dialect.responses ?? {};
      const { unordered } = settings;
      essences.set(`${path}:${line}`, ({ sent, received }) => essence(received, { sent, unordered }));
    }
  const documents = plan.documents.map(withUnwrittenReplies);
  const results: SideDocument[] = [];
  let exitCode = 0;
  for await (const event of runPlanned({ ...plan, documents }, given)) {
    observe(event);
    if (event.kind === "run-end") exitCode = event.exitCode;
    if (event.kind !== "document-end") continue;
    const { path, errors, examples } = event.document;
    const known = examples.map((one) => ({ ...one, essence: essences.get(`${path}:${one.line}`) }));
    results.push({ path, errors, examples: known });
  }
  const order = new Map(documents.map(({ path }, i) => [path, i]));
  results.sort((a, b) => order.get(a.path)! - order.get(b.path)!);
  return { name, source: url, isRecorded: false, documents: results, exitCode };
}

/** A side that an interruption left out. */
export const unplayedSide = ({ name, url }: Target): Side => ({
  name,
  source: url,
  isRecorded: false,
  documents: [],
  exitCode: 130,
});

const linesOf: NonNullable<Reading["essence"]> = (shown, { unordered }) => (unordered ? [...shown].sort() : shown);
