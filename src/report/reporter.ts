import type { RunEvent } from "../play/outcome.ts";

/** Where a reporter writes. */
export interface ReportOutput {
  /** Resolves when more may be written (backpressure). */
  write(text: string): void | Promise<void>;
  /** Whether a person looks at it, so that progress may be drawn and erased again. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined if it is not one. */
  readonly columns: number | undefined;
  /** Rows of the terminal, if they are known. */
  readonly rows?: number | undefined;
  readonly color: boolean;
}

export interface ReporterOptions {
  /** `--timings`, `--verbose`, `--quiet`. */
  readonly timings: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** Reports a run to people or programs, from its events and nothing else. */
export interface Reporter {
  readonly name: string;
  report(events: AsyncIterable<RunEvent>, out: ReportOutput, options: ReporterOptions): Promise<void>;
}
