/** The exchanges by which an example differs, as every report for people shows them. */
import type { DiffRow } from "../play/outcome.ts";
import type { ComparedExample, ComparedExchange, Comparison, Reply } from "./comparison.ts";

export interface Difference {
  readonly line: number;
  readonly connection: string;
  readonly sent: readonly string[];
  readonly groups: readonly Group[];
}

/** Sides that gave the same reply. */
export interface Group {
  /** A sentence: who differs from what. */
  readonly title: string;
  readonly rows: readonly DiffRow[];
}

type DiffArrays = typeof import("diff").diffArrays;

/** Finds and words the differences of examples. */
export class Differences {
  readonly #names: readonly string[];
  readonly #diffArrays: DiffArrays;

  private constructor(names: readonly string[], diffArrays: DiffArrays) {
    this.#names = names;
    this.#diffArrays = diffArrays;
  }

  static async of({ sides }: Comparison): Promise<Differences> {
    const { diffArrays } = await import("diff");
    return new Differences(
      sides.map(({ name }) => name),
      diffArrays,
    );
  }

  in({ cells, exchanges }: ComparedExample): readonly Difference[] {
    const isCounted = (_: Reply, side: number): boolean => cells[side]!.status === "differs";
    return exchanges.flatMap((exchange) => {
      const groups = this.#groups(exchange, isCounted);
      if (groups.length === 0) return [];
      const { line, connection, replies } = exchange;
      const sent = replies.find((reply) => reply.sent.length > 0)?.sent ?? [];
      return [{ line, connection, sent, groups }];
    });
  }

  #groups(exchange: ComparedExchange, isCounted: (reply: Reply, side: number) => boolean): readonly Group[] {
    const { replies } = exchange;
    const firsts = replies.flatMap((reply, side) =>
      reply.differs && isCounted(reply, side) && isFirst(replies, side, isCounted) ? [side] : [],
    );
    return firsts.map((side) => {
      const names = this.#names.filter((_, i) => replies[i]!.sameAs === replies[side]!.sameAs);
      return this.#group(exchange, replies[side]!, listed(names), names.length > 1);
    });
  }

  #group({ expected, line, replies }: ComparedExchange, reply: Reply, names: string, areMany: boolean): Group {
    const differ = areMany ? "differ" : "differs";
    const { failure, received } = reply;
    const rows = reply.diff ?? this.#rows(expected, received, failure?.line ?? line);
    if (expected.length > 0) return { title: `${names} ${differ} from the page: ${failure?.message ?? ""}`, rows };
    const first = replies.findIndex(({ sameAs }, i) => sameAs === i);
    if (replies[first] === reply) return { title: `${names}: ${failure?.message ?? ""}`, rows };
    const why = failure && failure.kind !== "extra" ? `: ${failure.message}` : "";
    const changes = this.#rows(replies[first]!.compared, reply.compared, line);
    return { title: `${names} ${differ} from ${this.#names[first]}${why}`, rows: changes };
  }

  /** The lines of one reply beside those of another. */
  #rows(one: readonly string[], other: readonly string[], line: number): readonly DiffRow[] {
    const rows: DiffRow[] = [];
    let removed: readonly string[] = [];
    const flush = (from: number): void => {
      for (const expected of removed.slice(from)) rows.push({ kind: "expected", expected, line });
      removed = [];
    };
    for (const { value, ...change } of this.#diffArrays([...one], [...other])) {
      if (change.removed) removed = value;
      else if (change.added) {
        for (const [i, received] of value.entries()) {
          const expected = removed[i];
          rows.push(
            expected === undefined ? { kind: "received", received } : { kind: "changed", expected, received, line },
          );
        }
        flush(value.length);
      } else {
        flush(0);
        for (const text of value) rows.push({ kind: "same", expected: text, received: text });
      }
    }
    flush(0);
    return rows;
  }
}

const isFirst = (
  replies: readonly Reply[],
  side: number,
  isCounted: (reply: Reply, side: number) => boolean,
): boolean => replies.findIndex((one, i) => one.sameAs === replies[side]!.sameAs && isCounted(one, i)) === side;

/** `A`, `A and B`, `A, B and C`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
