/**
 * Written lines beside received ones, for people: lines that match stand together, the others are marked. A `...` takes
 * the received lines around it that nothing else does.
 */
import type { ByteString } from "../base/bytes.ts";
import type { LinePattern } from "./pattern.ts";

/** One row of the comparison. Texts are not escaped yet. */
export type DiffRow =
  | { readonly kind: "same"; readonly expected: string; readonly received: string }
  | { readonly kind: "expected"; readonly expected: string; readonly line: number }
  | { readonly kind: "received"; readonly received: string }
  | { readonly kind: "changed"; readonly expected: string; readonly received: string; readonly line: number };

/** A received line: as it came, and as a document would write it. */
export interface ReceivedLine {
  readonly bytes: ByteString;
  readonly shown: string;
}

/** Beyond this many edits two replies are taken as wholly different: finding the shortest script is quadratic. */
const MAX_EDITS = 200;

export async function diffReply(
  expected: readonly LinePattern[],
  received: readonly ReceivedLine[],
  matches: (pattern: LinePattern, line: ByteString) => boolean,
): Promise<readonly DiffRow[]> {
  const isSame = (pattern: LinePattern, line: ReceivedLine): boolean =>
    pattern.body.kind !== "ellipsis" && matches(pattern, line.bytes);
  let start = 0;
  while (start < expected.length && start < received.length && isSame(expected[start]!, received[start]!)) start++;
  let end = 0;
  const most = Math.min(expected.length, received.length) - start;
  while (end < most && isSame(expected[expected.length - 1 - end]!, received[received.length - 1 - end]!)) end++;

  const same = (pattern: LinePattern, line: ReceivedLine): DiffRow => ({
    kind: "same",
    expected: pattern.source,
    received: line.shown,
  });
  const before = expected.slice(0, start).map((pattern, i) => same(pattern, received[i]!));
  const middle = await diffMiddle(
    expected.slice(start, expected.length - end),
    received.slice(start, received.length - end),
    isSame,
  );
  const behind = expected
    .slice(expected.length - end)
    .map((pattern, i) => same(pattern, received[received.length - end + i]!));
  return before.concat(middle, behind);
}

async function diffMiddle(
  expected: readonly LinePattern[],
  received: readonly ReceivedLine[],
  isSame: (pattern: LinePattern, line: ReceivedLine) => boolean,
): Promise<readonly DiffRow[]> {
  if (expected.length === 0 || received.length === 0) return pairUp(expected, received);
  const { diffArrays } = await import("diff");
  const comparator = (left: unknown, right: unknown): boolean => {
    const [pattern, line] = left !== null && typeof left === "object" && "body" in left ? [left, right] : [right, left];
    return isSame(pattern as LinePattern, line as ReceivedLine);
  };
  const changes = diffArrays<unknown>([...expected], [...received], { comparator, maxEditLength: MAX_EDITS });
  if (!changes) return pairUp(expected, received);
  let rows: DiffRow[] = [];
  let e = 0;
  let r = 0;
  let removed: LinePattern[] = [];
  let added: ReceivedLine[] = [];
  const flush = (): void => {
    rows = rows.concat(pairUp(removed, added));
    removed = [];
    added = [];
  };
  for (const change of changes) {
    if (change.removed) {
      removed = removed.concat(expected.slice(e, e + change.count));
      e += change.count;
    } else if (change.added) {
      added = added.concat(received.slice(r, r + change.count));
      r += change.count;
    } else {
      flush();
      for (let i = 0; i < change.count; i++)
        rows.push({ kind: "same", expected: expected[e++]!.source, received: received[r++]!.shown });
    }
  }
  flush();
  return rows;
}

/** Lines that do not match each other, side by side. A `...` among them takes what is too many. */
function pairUp(expected: readonly LinePattern[], received: readonly ReceivedLine[]): readonly DiffRow[] {
  const ellipsis = expected.findIndex(({ body }) => body.kind === "ellipsis");
  if (ellipsis >= 0) {
    const after = expected.length - ellipsis - 1;
    const until = Math.max(Math.min(ellipsis, received.length), received.length - after);
    const rows = [...pairUp(expected.slice(0, ellipsis), received.slice(0, ellipsis))];
    for (const line of received.slice(ellipsis, until))
      rows.push({ kind: "same", expected: "...", received: line.shown });
    return rows.concat(pairUp(expected.slice(ellipsis + 1), received.slice(until)));
  }
  const rows: DiffRow[] = [];
  for (let i = 0; i < Math.max(expected.length, received.length); i++) {
    const [pattern, line] = [expected[i], received[i]];
    if (pattern && line)
      rows.push({ kind: "changed", expected: pattern.source, received: line.shown, line: pattern.line });
    else if (pattern) rows.push({ kind: "expected", expected: pattern.source, line: pattern.line });
    else if (line) rows.push({ kind: "received", received: line.shown });
  }
  return rows;
}
