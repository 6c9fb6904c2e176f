/** What counts in replies where two servers are compared and the document writes none. */
import type { EssenceContext } from "../dialect.ts";
import { commandOf, type Pairs } from "./commands.ts";
import { holdsPairs, type Received, unitsOf } from "./elements.ts";
import { TreeReader, treeLines } from "./tree.ts";

/** Replies as reports show them. Where the order does not count, the elements of each aggregate are sorted. */
export function essenceOfReplies(shown: readonly string[], { sent, unordered }: EssenceContext): readonly string[] {
  if (!unordered) return shown;
  const tree = new TreeReader<Received["from"]>();
  for (const [index, line] of shown.entries()) tree.add(line, { line, part: "", index });
  // Text of several lines, and pushes, leave open which command a reply is to.
  const pairs = tree.roots.length === sent.length ? sent.map(pairsOf) : [];
  return treeLines(tree.roots.map((reply, i) => inOrder(withPart(reply, pairs[i] ?? "")))).map(({ text }) => text);
}

/** The shown words are enough: those that count are rarely quoted. */
const pairsOf = (line: string): Pairs => commandOf(line.trim().split(/\s+/)).pairs;

const withPart = (node: Received, part: string): Received => ({
  ...node,
  from: { ...node.from, part },
  children: node.children?.map((child) => withPart(child, part)),
});

/** The elements of each level sorted; a field stays before its value. */
function inOrder(node: Received, depth = 0, outer?: Received): Received {
  if (!node.children) return node;
  const units = unitsOf(node.children, holdsPairs(node, depth, outer)).map((unit) => {
    const nodes = unit.map((child) => inOrder(child, depth + 1, node));
    return { nodes, key: JSON.stringify(nodes.map((one) => [one.text, treeLines([one]).map(({ text }) => text)])) };
  });
  units.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return { ...node, children: units.flatMap(({ nodes }) => nodes) };
}
