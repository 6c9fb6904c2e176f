import type { CompareReport } from "./report.ts";

/** The reports by the name that `--reporter` takes. */
export const reports: Readonly<Record<string, () => Promise<CompareReport>>> = {
  pretty: async () => (await import("./pretty.ts")).pretty,
  json: async () => (await import("./json.ts")).json,
  markdown: async () => (await import("./markdown.ts")).markdown,
  html: async () => (await import("./html.ts")).html,
};
