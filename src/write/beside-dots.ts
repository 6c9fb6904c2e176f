/** Lines that differ beside `...`, which would otherwise swallow them. */
import type { LinePair } from "../match/line-alignment.ts";
import type { LinePattern } from "../match/pattern.ts";

/**
 * Where written lines did not come right before or after `...`, the lines that it took there came in their place.
 * @param pairs of the written and the received lines.
 */
export const besideDots = (expects: readonly LinePattern[], pairs: readonly LinePair[]): readonly LinePair[] =>
  beforeDots(expects, beforeDots(expects, pairs).toReversed()).toReversed();

function beforeDots(expects: readonly LinePattern[], pairs: readonly LinePair[]): readonly LinePair[] {
  const isMissing = (pair: LinePair | undefined): boolean => pair?.kind === "expected";
  const isTaken = (pair: LinePair | undefined): boolean =>
    pair?.kind === "took" && expects[pair.expected!]?.body.kind === "ellipsis";
  const result: LinePair[] = [];
  for (let at = 0; at < pairs.length; ) {
    let middle = at;
    while (isMissing(pairs[middle])) middle++;
    let end = middle;
    while (middle > at && isTaken(pairs[end])) end++;
    const missing = pairs.slice(at, middle);
    const taken = pairs.slice(middle, end);
    for (const [i, pair] of missing.entries())
      result.push(i < taken.length ? { ...pair, kind: "changed", received: taken[i]!.received } : pair);
    result.push(...taken.slice(missing.length));
    if (end === at) result.push(pairs[end++]!);
    at = end;
  }
  return result;
}
