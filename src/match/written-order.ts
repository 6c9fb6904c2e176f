import type { LinePattern } from "./pattern.ts";

/**
 * Lines that may come in any order, in that of the written ones; what matches none stands in the places that are left, and
 * then at the end. Of several that match, those without wildcards choose first.
 */
export function inWrittenOrder<Received>(
  expects: readonly LinePattern[],
  received: readonly Received[],
  matches: (pattern: LinePattern, line: Received) => boolean,
): readonly Received[] {
  const { pairs, free } = pairUp(expects, received, matches);
  const arranged = expects.flatMap((pattern) => {
    const isAwaited = pattern.repeat === "once" && pattern.body.kind !== "ellipsis";
    const line = pairs.get(pattern) ?? (isAwaited ? free.shift() : undefined);
    return line === undefined ? [] : [line];
  });
  return [...arranged, ...free];
}

/** Each written line with the one that it takes, and what is left. */
export function pairUp<Received>(
  expects: readonly LinePattern[],
  received: readonly Received[],
  matches: (pattern: LinePattern, line: Received) => boolean,
): { readonly pairs: Map<LinePattern, Received>; readonly free: Received[] } {
  const free = [...received];
  const pairs = new Map<LinePattern, Received>();
  const literalsFirst = [...expects].sort((a, b) => Number(a.literal === undefined) - Number(b.literal === undefined));
  for (const pattern of literalsFirst) {
    const at = free.findIndex((line) => matches(pattern, line));
    if (at >= 0) pairs.set(pattern, free.splice(at, 1)[0]!);
  }
  return { pairs, free };
}
