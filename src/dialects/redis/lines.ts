/** Written and received lines as trees. */
import { type LinePattern, parseReplyLine, varied } from "../../match/pattern.ts";
import { splitEnding } from "../../match/text.ts";
import type { ReceivedLine } from "../dialect.ts";
import type { Received } from "./elements.ts";
import { TreeReader, withSpace } from "./tree.ts";

/** A written line that stands for one with a space at its end. */
export function withHeadSpace(pattern: LinePattern): LinePattern {
  const { source, line, column, marked } = pattern;
  const text = withSpace(source);
  return text === source ? pattern : varied(parseReplyLine({ text, line, column, marked }), { source });
}

export function readWritten(expects: readonly LinePattern[]): TreeReader<LinePattern> {
  const tree = new TreeReader<LinePattern>();
  for (const pattern of expects) {
    const isText = pattern.body.kind === "text" && pattern.literal !== undefined;
    tree.add(isText ? pattern.literal! : pattern.source, pattern, pattern.body.kind === "regex");
  }
  return tree;
}

export function readReceived(lines: readonly ReceivedLine[], first: number): readonly Received[] {
  const tree = new TreeReader<ReceivedLine & { readonly index: number }>();
  for (const [i, { line, part }] of lines.entries())
    tree.add(splitEnding(line, "any").text, { line, part, index: first + i });
  return tree.roots;
}
