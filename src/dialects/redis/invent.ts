/** The reply lines that a server sends for written ones: redis-cli's rendering, where an author may leave a part of it out. */
import type { LinePattern } from "../../match/pattern.ts";
import type { Sampler } from "../../match/sample.ts";
import type { InventedLine } from "../dialect.ts";

/** An element: its indentation with the padding of its number, that number, and what follows it. */
const ELEMENT = /^(\s*)(\d+)([)#~])/;

/** Within an aggregate, too, as it is written for elements in any order. */
const LEFT_OUT = /^\s*\.\.\.$/;

/** Undefined where line by line does: nothing is left out. */
export function inventReply(say: readonly LinePattern[], sampler: Sampler): readonly InventedLine[] | undefined {
  if (!say.some(({ source }) => source.endsWith("=>") || LEFT_OUT.test(source))) return undefined;
  const lines: InventedLine[] = [];
  let isLeftOut = false;
  for (const pattern of say) {
    const isEllipsis = LEFT_OUT.test(pattern.source);
    if (isEllipsis) isLeftOut = true;
    if (pattern.repeat !== "once" || isEllipsis) continue;
    const bytes = sampler.line(pattern);
    if (isLeftOut) lines.push(...between(lines.at(-1)?.bytes ?? "", bytes).map((one) => ({ pattern, bytes: one })));
    isLeftOut = false;
    // redis-cli writes a space there.
    lines.push({ pattern, bytes: bytes.endsWith("=>") ? `${bytes} ` : bytes });
  }
  return lines.length > 0 ? lines : undefined;
}

/** The elements between two, which the second one's number takes for granted. */
function between(before: string, after: string): readonly string[] {
  const [, indent, number, sign] = ELEMENT.exec(after) ?? [];
  if (indent === undefined || number === undefined) return [];
  const width = indent.length + number.length;
  const [, , last] = ELEMENT.exec(before) ?? [];
  const from = last !== undefined && ELEMENT.exec(before)![1]!.length + last.length === width ? Number(last) + 1 : 1;
  const to = Number(number);
  if (to - from > MOST_FILLED) return [];
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => {
    const label = `${String(from + i).padStart(width)}${sign}`;
    return sign === "#" ? `${label} "${from + i}" => (nil)` : `${label} (nil)`;
  });
}

const MOST_FILLED = 100_000;
