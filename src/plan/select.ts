import { exampleName } from "../transcript/model.ts";
import type { RunOptions } from "./options.ts";
import type { PlannedExample } from "./planned.ts";

/** Whether an example is one that `--grep` and `--tag` leave. */
export function isSelected(example: Pick<PlannedExample, "headings" | "line" | "tags">, options: RunOptions): boolean {
  const name = exampleName(example);
  if (options.grep !== undefined && !name.toLowerCase().includes(options.grep.toLowerCase())) return false;
  return (
    options.tags === undefined || options.tags.length === 0 || options.tags.some((tag) => example.tags.includes(tag))
  );
}
