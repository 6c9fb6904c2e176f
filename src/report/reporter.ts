import type { RunEvent } from "../play/outcome.ts";

/** Where a reporter writes. */
export interface ReportOutput {
  /** Resolves when more may be written (backpressure). */
  write(text: string): void | Promise<void>;
  /** Whether a person looks at it: progress may be drawn and removed again. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined where it is none. */
  readonly columns: number | undefined;
  /** Rows of the terminal, where they are known. */
  readonly rows?: number | undefined;
  readonly color: boolean;
}

export interface ReporterOptions {
  /** `--timings`, `--verbose`, `--quiet`. */
  readonly timings: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** Tells people or programs how a run went, from its events and nothing else. */
export interface Reporter {
  readonly name: string;
  report(events: AsyncIterable<RunEvent>, out: ReportOutput, options: ReporterOptions): Promise<void>;
}
