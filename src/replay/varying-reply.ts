/** One reply in several rounds: which of its lines are not the same in each of them, and what to write in their place. */
import type { DiffRow, ExchangeResult, Varying } from "../play/outcome.ts";
import { proposeLine } from "../write/proposal.ts";

/** So many different texts of one line are kept. */
const MOST_TEXTS = 100;

/** So many different lines are kept that the document does not write. */
const MOST_FURTHER = 1000;
/** A line of nothing but a placeholder. */
const IS_ANYTHING = /^\{\{_[^{}]*\}\}$/;

/** A written line that was not met as it is written. */
interface Slot {
  readonly line: number;
  readonly texts: Set<string>;
  /** In how many rounds something else came, and in how many nothing. */
  other: number;
  missing: number;
}

/** A line that the document does not write. */
interface Further {
  readonly text: string;
  /** Among the written lines and the further ones, where it first came. */
  readonly place: string;
  /** In how many rounds it came. */
  count: number;
}

export class VaryingReply {
  readonly #written: ReadonlyMap<number, string>;
  /** By the line, and by the place among several comparisons of one line. */
  readonly #slots = new Map<string, Slot>();
  /** Lines that the document does not write. */
  readonly #further = new Map<string, Further>();
  /** The replies as they came, for their order. */
  readonly #replies = new Set<string>();
  /** How often the reply was awaited. */
  #rounds = 0;

  /** @param written what the document writes at its lines. */
  constructor(written: ReadonlyMap<number, string>) {
    this.#written = written;
  }

  add({ status, diff = [], received }: ExchangeResult): void {
    if (status === "skipped") return;
    this.#rounds++;
    if (this.#replies.size < MOST_TEXTS) this.#replies.add(JSON.stringify(received));
    const seen = new Map<number, number>();
    const pairs = pairsOf(diff);
    for (const [at, [expected, came]] of pairs.entries()) {
      if (expected === undefined) this.#addFurther(came!, placeOf(pairs, at));
      else {
        const nth = seen.get(expected) ?? 0;
        seen.set(expected, nth + 1);
        const slot = this.#slot(expected, nth);
        if (came === undefined) slot.missing++;
        else slot.other++;
        if (came !== undefined && slot.texts.size < MOST_TEXTS) slot.texts.add(came);
      }
    }
  }

  #addFurther(text: string, place: string): void {
    const known = this.#further.get(text);
    if (known) known.count++;
    else if (this.#further.size < MOST_FURTHER) this.#further.set(text, { text, place, count: 1 });
  }

  #slot(line: number, nth: number): Slot {
    const key = `${line} ${nth}`;
    const slot = this.#slots.get(key) ?? { line, texts: new Set(), other: 0, missing: 0 };
    this.#slots.set(key, slot);
    return slot;
  }

  get varying(): readonly Varying[] {
    if (this.#replies.size < 2) return [];
    if (this.#differsInOrder) return [{ line: undefined, received: [], missing: 0, proposal: "unordered" }];
    return [
      ...[...this.#slots.values()].flatMap((slot) => this.#varyingLine(slot)),
      ...this.#furtherLines.flatMap((lines) => this.#varyingFurther(lines)).slice(0, MOST_TEXTS),
    ];
  }

  /** Further lines that came at one place together, where none of them came twice. */
  get #furtherLines(): readonly (readonly Further[])[] {
    const byPlace = new Map<string, Further[]>();
    for (const one of this.#further.values()) byPlace.set(one.place, [...(byPlace.get(one.place) ?? []), one]);
    return [...byPlace.values()].flatMap((lines) =>
      lines.every(({ count }) => count === 1) ? [lines] : lines.map((one) => [one]),
    );
  }

  /** Lines that came in different rounds, as one if they have so much in common. */
  #varyingFurther(lines: readonly Further[]): readonly Varying[] {
    const texts = lines.map(({ text }) => text);
    const missing = lines.reduce((left, { count }) => left - count, this.#rounds);
    const proposal = texts.length === 1 ? texts[0] : proposeLine(texts[0]!, texts.slice(1), true);
    if (texts.length > 1 && (proposal === undefined || IS_ANYTHING.test(proposal)))
      return lines.flatMap((one) => this.#varyingFurther([one]));
    if (texts.length === 1 && missing === 0) return [];
    const received = texts.slice(0, MOST_TEXTS);
    return [{ line: undefined, received, missing, proposal: missing > 0 ? optional(proposal!) : proposal }];
  }

  #varyingLine({ line, texts, other, missing }: Slot): readonly Varying[] {
    const written = this.#written.get(line);
    const isRightAtTimes = other + missing < this.#rounds;
    const forms = texts.size + (isRightAtTimes ? 1 : 0) + (missing > 0 ? 1 : 0);
    if (forms < 2) return [];
    const came = [...texts];
    const received = isRightAtTimes && written !== undefined ? [written, ...came] : came;
    const proposal = written === undefined ? undefined : proposalFor(written, came, isRightAtTimes);
    return [
      { line, received, missing, proposal: missing > 0 && proposal !== undefined ? optional(proposal) : proposal },
    ];
  }

  /** Whether all that differs is the order of the lines. */
  get #differsInOrder(): boolean {
    const sorted = new Set([...this.#replies].map((text) => JSON.stringify((JSON.parse(text) as string[]).sort())));
    return sorted.size === 1;
  }
}

type Pair = readonly [line: number | undefined, came: string | undefined];

/** Where a further line came: after which other line that differs, and as which one there. */
function placeOf(pairs: readonly Pair[], at: number): string {
  let from = at;
  while (from > 0 && pairs[from - 1]![0] === undefined) from--;
  return `${pairs[from - 1]?.[0] ?? ""} ${at - from}`;
}

/** A line for all that came where it is written. */
function proposalFor(written: string, came: readonly string[], isRight: boolean): string | undefined {
  if (came.length === 0) return written;
  return came.length === 1 && !isRight ? came[0] : proposeLine(written, came, isRight);
}

const optional = (line: string): string | undefined => (/ \([a-z?*-]+\)$/.test(line) ? undefined : `${line} (?)`);

/**
 * The lines that differ: the document's line, and what came for it. Of lines that only have their place in common, a written
 * one and a received one next to it go together.
 */
function pairsOf(rows: readonly DiffRow[]): readonly Pair[] {
  const pairs: [number | undefined, string | undefined][] = [];
  let expected: number[] = [];
  let received: string[] = [];
  const flush = (): void => {
    for (let i = 0; i < Math.max(expected.length, received.length); i++) pairs.push([expected[i], received[i]]);
    expected = [];
    received = [];
  };
  for (const row of rows) {
    if (row.kind === "expected") expected.push(row.line);
    else if (row.kind === "received") received.push(row.received);
    else {
      flush();
      if (row.kind === "changed") pairs.push([row.line, row.received]);
    }
  }
  flush();
  return pairs;
}
