import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileModel } from "./file-model.ts";
import { DEL, GET, history, MISMATCH, type Row, read, SET, UNKNOWN, written } from "./hand-made.ts";
import type { Operation } from "./history.ts";
import { checkRules, search } from "./judge.ts";
import { linearize } from "./linearizable.ts";

const STALE = history([
  ["a", 1, 2, SET("1", 0), written(5)],
  ["a", 3, 4, SET("2", 5), written(6)],
  ["b", 5, 6, GET, read(5, "1")],
]);

/** Every order that real time allows, of every choice of the unknown operations: what the search has to agree with. */
function bruteForce(left: readonly Operation[], state = fileModel.initial): boolean {
  if (left.every(({ outcome }) => outcome.kind === "unknown")) return true;
  const firstReturn = Math.min(...left.map(({ end }) => end));
  return left.some((operation) => {
    if (operation.call > firstReturn) return false;
    const after = fileModel.step(state, operation);
    return (
      after !== undefined &&
      bruteForce(
        left.filter((each) => each !== operation),
        after,
      )
    );
  });
}

const revision = fc.integer({ min: 0, max: 4 });
const interval = fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 6 }));
const anyOperation = fc.oneof(
  fc.record({
    kind: fc.constant("get" as const),
    outcome: fc.tuple(revision, fc.nat(4)).map(([at, by]) => (at === 0 ? read(0) : read(at, `${by}`))),
  }),
  fc.record({
    kind: fc.constantFrom("set" as const, "del" as const),
    compared: fc.oneof(revision, fc.constant(-1)),
    outcome: fc.oneof(revision.map(written), fc.constantFrom(MISMATCH, UNKNOWN)),
  }),
);
/** Anything that five operations on one file could have been told, possible or not; times are all different. */
const anyHistory = fc.array(fc.tuple(anyOperation, interval), { minLength: 1, maxLength: 5 }).map((operations) =>
  history(
    operations.map(([operation, [start, length]], index): Row => {
      const [call, end] = [start + index / 10, start + length + index / 10 + 0.05];
      if (operation.kind === "get") return [`c${index}`, call, end, GET, operation.outcome];
      const request = operation.kind === "set" ? SET(`${index}`, operation.compared) : DEL(operation.compared);
      const isTold = operation.kind === "del" && operation.outcome.kind === "written";
      return [`c${index}`, call, end, request, isTold ? written() : operation.outcome];
    }),
  ),
);

describe("on any history", () => {
  it("the search says what trying every order says", () => {
    const verdicts = new Set<string>();
    fc.assert(
      fc.property(anyHistory, ({ operations }) => {
        const { kind } = linearize(operations, fileModel);
        verdicts.add(kind);
        expect(kind).toBe(bruteForce(operations) ? "linearizable" : "impossible");
      }),
      { numRuns: 5000 },
    );
    expect([...verdicts].sort()).toEqual(["impossible", "linearizable"]);
  });

  it("the rules find fault only where the search does", () => {
    let faults = 0;
    fc.assert(
      fc.property(anyHistory, (any) => {
        if (checkRules(any).length === 0) return;
        faults++;
        expect(search(any)).not.toEqual([]);
      }),
      { numRuns: 5000 },
    );
    expect(faults).toBeGreaterThan(0);
  });

  it("the order that is found is one that real time allows", () => {
    fc.assert(
      fc.property(anyHistory, ({ operations }) => {
        const verdict = linearize(operations, fileModel);
        if (verdict.kind !== "linearizable") return;
        verdict.order.forEach((operation, index) => {
          const isLate = verdict.order.slice(index + 1).some(({ end }) => end < operation.call);
          expect(isLate).toBe(false);
        });
      }),
    );
  });
});

describe("the search", () => {
  it("gives up where the states are too many, and says so", () => {
    const writes = Array.from({ length: 12 }, (_, i): Row => ["a", i, 0, SET(`${i}`), UNKNOWN]);
    const { operations } = history([...writes, ["b", 20, 21, GET, read(5, "nobody's")]]);
    expect(linearize(operations, fileModel, 1000).kind).toBe("undecided");
  });

  it("says what it could order and what cannot come next", () => {
    const { operations } = STALE;
    expect(linearize(operations, fileModel)).toEqual({
      kind: "impossible",
      order: operations.slice(0, 2),
      next: operations.slice(2),
    });
    expect(search(STALE)[0]!.message).toBe(
      `/x: after
  a [1, 2] SET /x "1" rev=0: written rev=5
  a [3, 4] SET /x "2" rev=5: written rev=6
none of these can come:
  b [5, 6] GET /x: read rev=5 "1"`,
    );
  });

  it("takes long histories in its stride", () => {
    const rows = Array.from({ length: 3000 }, (_, i): Row => {
      const time = i * 2;
      if (i % 2 === 1) return [`c${i}`, time - 5, time + 5, GET, read(i, `${i - 1}`)];
      return [`c${i}`, time - 1, time + 1, SET(`${i}`), written(i + 1)];
    });
    expect(search(history(rows))).toEqual([]);
  });
});
