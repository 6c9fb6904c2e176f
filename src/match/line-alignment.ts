/**
 * Which received lines stand beside which written ones: the alignment with the fewest lines changed, too many or too few,
 * likely pairs first. `...` and ` (*)` take any number of lines, ` (?)` one or none.
 *
 * Non-goals: it does not decide whether a reply matches, and does not follow what lines capture.
 */
import type { LinePattern } from "./pattern.ts";

/** `took`: by `...`. An index is undefined where the line has no counterpart. */
export interface LinePair {
  readonly kind: "same" | "took" | "changed" | "expected" | "received";
  readonly expected: number | undefined;
  readonly received: number | undefined;
}

export interface LineMeasure<Received> {
  matches(pattern: LinePattern, line: Received): boolean;
  /** Whether a line that does not match is likely meant by the pattern. */
  isAlike(pattern: LinePattern, line: Received): boolean;
}

/** The table has at most so many fields; expressions are slow, so their fields count more. */
const LARGEST_TABLE = 1_000_000;
const COST_OF_EXPRESSION = 10;

const SAME = 0;
const CHANGE = 1;
const DROP = 2;
const ADD = 3;
const TAKE = 4;

const NEVER = 1 << 29;

export function alignLines<Received>(
  expected: readonly LinePattern[],
  received: readonly Received[],
  measure: LineMeasure<Received>,
): readonly LinePair[] {
  const { matches } = measure;
  const isOnce = ({ repeat, body }: LinePattern): boolean => repeat === "once" && body.kind !== "ellipsis";
  const fits = (e: number, r: number): boolean => isOnce(expected[e]!) && matches(expected[e]!, received[r]!);
  const most = Math.min(expected.length, received.length);
  let start = 0;
  while (start < most && fits(start, start)) start++;
  let end = 0;
  while (end < most - start && fits(expected.length - 1 - end, received.length - 1 - end)) end++;
  const same = (e: number, r: number): LinePair => ({ kind: "same", expected: e, received: r });
  const middle = expected.slice(start, expected.length - end);
  const lines = received.slice(start, received.length - end);
  const pairs = isLarge(middle, lines.length) ? byPosition(middle, lines, measure) : byDistance(middle, lines, measure);
  return [
    ...Array.from({ length: start }, (_, i) => same(i, i)),
    ...pairs.map(({ kind, expected: e, received: r }) => ({
      kind,
      expected: e === undefined ? undefined : e + start,
      received: r === undefined ? undefined : r + start,
    })),
    ...Array.from({ length: end }, (_, i) => same(expected.length - end + i, received.length - end + i)),
  ];
}

function isLarge(expected: readonly LinePattern[], lines: number): boolean {
  let weight = 0;
  for (const { literal } of expected) weight += literal === undefined ? COST_OF_EXPRESSION : 1;
  return weight * (lines + 1) > LARGEST_TABLE;
}

/** Line beside line; what is too much goes to the first `...` or ` (*)`. */
function byPosition<Received>(
  expected: readonly LinePattern[],
  received: readonly Received[],
  { matches }: LineMeasure<Received>,
): readonly LinePair[] {
  const isOpen = ({ body, repeat }: LinePattern): boolean => body.kind === "ellipsis" || repeat === "any";
  let surplus = received.length - expected.filter((pattern) => !isOpen(pattern)).length;
  const pairs: LinePair[] = [];
  let r = 0;
  for (const [e, pattern] of expected.entries()) {
    const isEllipsis = pattern.body.kind === "ellipsis";
    for (let count = isOpen(pattern) ? surplus : 1; count > 0; count--) {
      if (r < received.length) {
        const kind = isEllipsis ? "took" : matches(pattern, received[r]!) ? "same" : "changed";
        pairs.push({ kind, expected: e, received: r++ });
      } else if (pattern.repeat === "once") pairs.push({ kind: "expected", expected: e, received: undefined });
    }
    if (isOpen(pattern)) surplus = 0;
  }
  for (; r < received.length; r++) pairs.push({ kind: "received", expected: undefined, received: r });
  return pairs;
}

function byDistance<Received>(
  expected: readonly LinePattern[],
  received: readonly Received[],
  measure: LineMeasure<Received>,
): readonly LinePair[] {
  const edits = editsOf(expected, received, measure);
  const width = received.length + 1;
  const pairs: LinePair[] = [];
  for (let e = 0, r = 0; e < expected.length || r < received.length; ) {
    const pattern = expected[e];
    switch (edits[e * width + r]) {
      case SAME:
        pairs.push({ kind: "same", expected: e, received: r++ });
        if (pattern!.repeat !== "any") e++;
        break;
      case TAKE:
        pairs.push({ kind: "took", expected: e, received: r++ });
        break;
      case CHANGE:
        pairs.push({ kind: "changed", expected: e++, received: r++ });
        break;
      case DROP:
        if (pattern!.repeat === "once" && pattern!.body.kind !== "ellipsis")
          pairs.push({ kind: "expected", expected: e, received: undefined });
        e++;
        break;
      default:
        pairs.push({ kind: "received", expected: undefined, received: r++ });
    }
  }
  return pairs;
}

/** For each number of written and received lines passed, what to do next on the cheapest way to the end. */
function editsOf<Received>(
  expected: readonly LinePattern[],
  received: readonly Received[],
  { matches, isAlike }: LineMeasure<Received>,
): Uint8Array {
  const width = received.length + 1;
  const edits = new Uint8Array((expected.length + 1) * width).fill(ADD);
  let below = Int32Array.from({ length: width }, (_, r) => (received.length - r) * 4);
  for (let e = expected.length - 1; e >= 0; e--) {
    const pattern = expected[e]!;
    const isEllipsis = pattern.body.kind === "ellipsis";
    const costs = new Int32Array(width);
    const price = pattern.repeat === "once" && !isEllipsis ? 4 : 0;
    for (let r = width - 1; r >= 0; r--) {
      let least = below[r]! + price;
      let edit = DROP;
      if (r < received.length) {
        const isSame = !isEllipsis && matches(pattern, received[r]!);
        const same = isSame ? (pattern.repeat === "any" ? costs[r + 1]! : below[r + 1]!) : NEVER;
        const canChange = !isSame && !isEllipsis && pattern.repeat === "once";
        const change = canChange ? below[r + 1]! + (isAlike(pattern, received[r]!) ? 3 : 6) : NEVER;
        const take = isEllipsis ? costs[r + 1]! : NEVER;
        for (const [cost, other] of [
          [change, CHANGE],
          [costs[r + 1]! + 4, ADD],
          [take, TAKE],
          [same, SAME],
        ] as const) {
          // Of edits that cost the same, a pair stands before a gap, and lines too many stand after it.
          if (cost < least || (cost === least && (other === SAME || other === CHANGE))) {
            least = cost;
            edit = other;
          }
        }
      }
      costs[r] = least;
      edits[e * width + r] = edit;
    }
    below = costs;
  }
  return edits;
}
