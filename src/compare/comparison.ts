/** What a comparison finds: data only, for the reports to show. */
import type { DocumentError, ExchangeResult } from "../play/outcome.ts";

/**
 * How an example went on one side. `differs`: a reply is not as the page writes it or, where it writes none, not as on the
 * first side. `missing`: it was not played, or is not in the recording.
 */
export type CellStatus = "passed" | "differs" | "unsupported" | "skipped" | "missing";
export const CELL_STATUSES: readonly CellStatus[] = ["passed", "differs", "unsupported", "skipped", "missing"];

/** How reports name a status. */
export const STATUS_WORDS: Readonly<Record<CellStatus, string>> = {
  passed: "passed",
  differs: "differs",
  unsupported: "not supported",
  skipped: "skipped",
  missing: "not run",
};

export interface Cell {
  readonly status: CellStatus;
  /** Why it is not `passed`, where the exchanges do not say it. */
  readonly reason: string | undefined;
}

/** The reply of one side to one exchange. */
export interface Reply extends Pick<ExchangeResult, "sent" | "received" | "failure" | "diff" | "ms"> {
  readonly status: ExchangeResult["status"] | "missing";
  /** The index of the first side with the same reply, as far as the page does not say that replies may differ. */
  readonly sameAs: number;
  /** Where the page writes no reply: the lines of this one that are compared. */
  readonly compared: readonly string[];
  /** Whether it is one of those by which the example differs. */
  readonly differs: boolean;
}

export interface ComparedExchange {
  readonly line: number;
  readonly connection: string;
  /** The reply lines that the page writes; empty where it writes none. */
  readonly expected: readonly string[];
  /** One for each side. */
  readonly replies: readonly Reply[];
}

export interface ComparedExample {
  readonly name: string;
  readonly headings: readonly string[];
  readonly line: number;
  /** One for each side. */
  readonly cells: readonly Cell[];
  readonly exchanges: readonly ComparedExchange[];
}

export interface ComparedDocument {
  readonly path: string;
  /** For each side, why it was not played there. */
  readonly errors: readonly (readonly DocumentError[])[];
  readonly examples: readonly ComparedExample[];
}

export interface ComparedSide {
  readonly name: string;
  readonly source: string | undefined;
  readonly isRecorded: boolean;
}

export interface Comparison {
  readonly sides: readonly ComparedSide[];
  readonly documents: readonly ComparedDocument[];
  readonly exitCode: number;
  readonly durationMs: number;
}

export const examplesOf = ({ documents }: Pick<Comparison, "documents">): readonly ComparedExample[] =>
  documents.flatMap(({ examples }) => examples);

/** How many examples have each status on one side. */
export function countCells(
  comparison: Pick<Comparison, "documents">,
  side: number,
): Readonly<Record<CellStatus, number>> {
  const counts = { passed: 0, differs: 0, unsupported: 0, skipped: 0, missing: 0 };
  for (const { cells } of examplesOf(comparison)) counts[cells[side]!.status]++;
  return counts;
}
