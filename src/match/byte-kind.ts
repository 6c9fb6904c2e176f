/** Bytes that are another message altogether than the written one. */
import type { ByteString } from "../base/bytes.ts";
import { dumpLines } from "../base/dump.ts";
import type { Cell } from "./byte-alignment.ts";
import { NOTHING_CAPTURED } from "./captures.ts";
import type { Diff, DiffRow } from "./diff.ts";
import type { LinePattern } from "./pattern.ts";

/** Fewer fixed bytes than this tell nothing about the kind of a message. */
const TELLING = 4;

/** Whether so little agrees that what came is another message, which the layout of the written one would only garble. */
export function isOfAnotherKind(cells: readonly Cell[], ends: readonly number[], received: ByteString): boolean {
  let fixed = 0;
  let agree = 0;
  for (const [i, cell] of cells.entries()) {
    if (typeof cell !== "string") continue;
    fixed++;
    const from = ends[i - 1] ?? 0;
    if (received.slice(from, ends[i]!).startsWith(cell)) agree++;
  }
  return received !== "" && fixed >= TELLING && agree * 3 < fixed;
}

/** The written lines, and what came instead. */
export function plainDump(expected: readonly LinePattern[], received: ByteString, suffix: string): Diff {
  const [pattern] = expected;
  const lines = dumpLines(received, suffix);
  const line = { bytes: received, shown: lines[0] ?? "" };
  return {
    rows: [
      ...expected
        .filter(({ body }) => body.kind !== "ellipsis")
        .map((one): DiffRow => ({ kind: "expected", expected: one.source, line: one.line })),
      ...lines.map((shown): DiffRow => ({ kind: "received", received: shown })),
    ],
    differences: [{ pattern: pattern!, received: line, captured: NOTHING_CAPTURED, json: undefined, offset: 0 }],
  };
}
