/** Which examples of a document are meant: `FILE:LINE`, `--grep`, `--tag`. */
import { WiredocError } from "../base/error.ts";
import { type Example, exampleName } from "../transcript/model.ts";
import type { RunOptions } from "./options.ts";
import type { PlannedExample } from "./planned.ts";

/** Whether an example is one that `--grep` and `--tag` leave. */
export function isSelected(example: Pick<PlannedExample, "name" | "tags">, options: RunOptions): boolean {
  if (options.grep !== undefined && !example.name.toLowerCase().includes(options.grep.toLowerCase())) return false;
  return (
    options.tags === undefined || options.tags.length === 0 || options.tags.some((tag) => example.tags.includes(tag))
  );
}

/** A line is any of an example's, its fences included. */
const holds = ({ block }: Pick<Example, "block">, at: number): boolean => block.from <= at && at <= block.to;

/** Whether an example is at one of the lines; undefined: all are meant. */
export const isAtLines = (example: Pick<Example, "block">, lines: ReadonlySet<number> | undefined): boolean =>
  lines === undefined || [...lines].some((at) => holds(example, at));

/** @throws {WiredocError} `usage` where a line is in no example that can be run by itself. */
export function checkLines(lines: ReadonlySet<number>, path: string, examples: readonly Example[]): void {
  const playable = examples.filter(({ attributes }) => !attributes.opening && !attributes.anytime);
  for (const at of lines) {
    if (playable.some((example) => holds(example, at))) continue;
    const other = examples.find((example) => holds(example, at));
    const role = other?.attributes.opening ? "an opening" : '"anytime"';
    const what = other
      ? `this example is ${role}: it is played with the others of the document, not by itself`
      : "there is no example at this line";
    throw new WiredocError("usage", `${path}:${at}: ${what}; ${nearest(playable, path, at)}`);
  }
}

function nearest(examples: readonly Example[], path: string, at: number): string {
  const before = examples.findLast(({ block }) => block.to < at);
  const after = examples.find(({ block }) => block.from > at);
  const near = [before, after].flatMap((example) =>
    example ? [`${path}:${example.block.from} (${exampleName(example.headings, example.block.from)})`] : [],
  );
  if (near.length === 0) return "the document has none";
  return near.length === 1 ? `the nearest is ${near[0]}` : `the nearest are ${near.join(" and ")}`;
}
