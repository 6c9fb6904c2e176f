import type { ReportOutput } from "../report/reporter.ts";
import type { Comparison } from "./comparison.ts";

export interface CompareReportOptions {
  /** Show only what differs. */
  readonly quiet: boolean;
}

/** Shows a comparison to people or programs. */
export type CompareReport = (
  comparison: Comparison,
  out: ReportOutput,
  options: CompareReportOptions,
) => void | Promise<void>;
