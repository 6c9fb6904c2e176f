import type { WiredocError } from "../../src/base/error.ts";
import { builtins } from "../../src/builtins.ts";
import { withoutFile } from "../../src/plan/config/config.ts";
import { planDocument } from "../../src/plan/document.ts";
import type { RunOptions } from "../../src/plan/options.ts";
import { Permissions } from "../../src/plan/permissions.ts";
import type { PlannedDocument } from "../../src/plan/planned.ts";

export interface PlanTextOptions extends RunOptions {
  /** The lines whose examples are meant. */
  readonly lines?: readonly number[];
  /** What reading the text has shown to be wrong. */
  readonly mistakes?: readonly WiredocError[];
}

/** Plans a text as the document `a.md`, which is in no file, without a config file. */
export function planText(
  text: string,
  { lines, mistakes = [], ...options }: PlanTextOptions = {},
): Promise<PlannedDocument> {
  const cwd = "/nowhere";
  const config = withoutFile(cwd);
  const permissions = new Permissions(options, config);
  const context = { cwd, options, config, registry: builtins, permissions, needTarget: true };
  return planDocument({ path: "a.md", text, mistakes }, lines && new Set(lines), context);
}
