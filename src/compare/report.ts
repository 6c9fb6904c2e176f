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

/** The reports by the name that `--reporter` takes. */
export const reports: Readonly<Record<string, () => Promise<CompareReport>>> = {
  pretty: async () => (await import("./pretty.ts")).pretty,
  json: async () => (await import("./json.ts")).json,
  markdown: async () => (await import("./markdown.ts")).markdown,
  html: async () => (await import("./html.ts")).html,
};
