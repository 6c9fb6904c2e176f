import { describe, expect, it } from "vitest";
import { checkCounters } from "./counters.ts";
import { DEL, GET, history, hold, MISMATCH, type Row, read, SET, saw, UNKNOWN, watch, written } from "./hand-made.ts";
import { covers, type History, type Outcome } from "./history.ts";
import { checkRules, search } from "./judge.ts";

const rulesBroken = (found: History): string[] => [...new Set(checkRules(found).map(({ rule }) => rule))].sort();

const GOOD: Record<string, History> = {
  "nothing at all": history([]),
  "one after another": history([
    ["a", 1, 2, GET, read(0)],
    ["a", 3, 4, SET("1", 0), written(5)],
    ["b", 5, 6, GET, read(5, "1")],
    ["b", 7, 8, SET("2", 5), written(7)],
    ["a", 9, 10, SET("3", 5), MISMATCH],
    ["a", 11, 12, DEL(7), written()],
    ["b", 13, 14, GET, read(0)],
    ["b", 15, 16, SET("4", 0), written(12)],
  ]),
  "a revision argument that is higher than the file's": history([
    ["a", 1, 2, SET("1", 0), written(5)],
    ["a", 3, 4, SET("2", 999), written(6)],
  ]),
  "reads beside a write that see it or not": history([
    ["a", 1, 10, SET("1", 0), written(5)],
    ["b", 2, 3, GET, read(0)],
    ["c", 4, 5, GET, read(5, "1")],
    ["b", 6, 7, GET, read(5, "1")],
  ]),
  "of two that compare with the same revision, one is refused": history([
    ["a", 1, 4, SET("1", 0), written(5)],
    ["b", 2, 3, SET("2", 0), MISMATCH],
  ]),
  "a write that failed": history([
    ["a", 1, 2, SET("1", 0), { kind: "failed" }],
    ["b", 3, 4, SET("2", 0), written(5)],
  ]),
  "an unknown write that was never carried out": history([
    ["a", 1, 2, SET("1", 0), UNKNOWN],
    ["b", 3, 4, GET, read(0)],
    ["b", 5, 6, SET("2", 0), written(5)],
  ]),
  "an unknown write that was carried out much later": history([
    ["a", 1, 2, SET("1"), UNKNOWN],
    ["b", 3, 4, GET, read(0)],
    ["b", 5, 6, SET("2", 0), written(5)],
    ["b", 7, 8, GET, read(5, "2")],
    ["b", 9, 10, GET, read(8, "1")],
  ]),
  "an unknown write that only a refusal tells of": history([
    ["a", 1, 2, SET("1", 0), UNKNOWN],
    ["b", 3, 4, SET("2", 0), MISMATCH],
    ["b", 5, 6, GET, read(9, "1")],
  ]),
  "unknown writes of which the last is read": history([
    ["a", 1, 2, SET("1"), UNKNOWN],
    ["b", 3, 4, SET("2"), UNKNOWN],
    ["c", 5, 6, SET("3"), UNKNOWN],
    ["d", 7, 8, GET, read(9, "1")],
    ["d", 9, 10, SET("4", 9), MISMATCH],
  ]),
  "an unknown removal": history([
    ["a", 1, 2, SET("1", 0), written(5)],
    ["a", 3, 4, DEL(5), UNKNOWN],
    ["b", 5, 6, GET, read(5, "1")],
    ["b", 7, 8, SET("2", 0), written(9)],
  ]),
  "two files, each for itself": history([
    ["a", 1, 2, SET("1", 0), written(5), "/x"],
    ["b", 3, 4, SET("1", 0), written(6), "/y"],
    ["a", 5, 6, GET, read(6, "1"), "/y"],
  ]),
  "a watcher from the start, and revisions of others between": history(
    [
      ["a", 1, 2, SET("1", 0), written(5)],
      ["a", 3, 4, DEL(5), written()],
      ["a", 5, 6, SET("2", 0), written(9)],
    ],
    watch(1, saw(5, "1", 7), saw(7, "", 8), saw(9, "2", 9)),
  ),
  "a watcher from later on": history(
    [
      ["a", 1, 2, SET("1", 0), written(5)],
      ["a", 3, 4, SET("2", 5), written(6)],
    ],
    watch(6, saw(6, "2", 9)),
  ),
  "a lock handed over": history([], { holds: [hold("a", 5, 1, 4), hold("b", 7, 6, 9), hold("a", 9, 10, 12)] }),
};

/** What is wrong with each, and whether the search, which knows of no watchers, locks or other files, sees it too. */
const BAD: Record<string, readonly [rules: readonly string[], isSearched: boolean, History]> = {
  "a stale read": [
    ["stale read"],
    true,
    history([
      ["a", 1, 2, SET("1", 0), written(5)],
      ["a", 3, 4, SET("2", 5), written(6)],
      ["b", 5, 6, GET, read(5, "1")],
    ]),
  ],
  "a read that goes back behind another": [
    ["stale read"],
    true,
    history([
      ["a", 1, 9, SET("1", 0), written(5)],
      ["b", 2, 3, GET, read(5, "1")],
      ["c", 4, 5, GET, read(0)],
    ]),
  ],
  "a lost write": [
    ["stale read"],
    true,
    history([
      ["a", 1, 2, SET("1", 0), written(5)],
      ["b", 3, 4, GET, read(0)],
    ]),
  ],
  "a lost update": [
    ["lost update"],
    true,
    history([
      ["a", 1, 2, SET("0", 0), written(5)],
      ["a", 3, 6, SET("1", 5), written(6)],
      ["b", 4, 7, SET("2", 5), written(7)],
    ]),
  ],
  "a lost update over an unknown write": [
    ["lost update"],
    true,
    history([
      ["a", 1, 2, SET("0", 0), written(5)],
      ["a", 3, 4, SET("1", 5), UNKNOWN],
      ["b", 5, 6, GET, read(6, "1")],
      ["c", 7, 8, SET("2", 5), written(7)],
    ]),
  ],
  "two that create one file": [
    ["lost update"],
    true,
    history([
      ["a", 1, 4, SET("1", 0), written(5)],
      ["b", 2, 3, SET("2", 0), written(6)],
    ]),
  ],
  "a write carried out twice": [
    ["lost update", "written twice"],
    true,
    history([
      ["a", 1, 2, SET("0", 0), written(5)],
      ["a", 3, 4, SET("1", 5), written(6)],
      ["b", 5, 6, GET, read(8, "1")],
    ]),
  ],
  "an unknown write carried out twice": [
    ["written twice"],
    true,
    history([
      ["a", 1, 2, SET("1"), UNKNOWN],
      ["b", 3, 4, GET, read(5, "1")],
      ["b", 5, 6, SET("2", 5), written(6)],
      ["b", 7, 8, GET, read(7, "1")],
    ]),
  ],
  "a value that nobody wrote": [
    ["phantom"],
    true,
    history([
      ["a", 1, 2, SET("1", 0), written(5)],
      ["b", 3, 4, GET, read(6, "?")],
    ]),
  ],
  "a value from the future": [
    ["phantom", "revision order"],
    true,
    history([
      ["b", 1, 2, GET, read(5, "1")],
      ["a", 3, 4, SET("1", 0), written(5)],
    ]),
  ],
  "a refused write that was carried out": [
    ["refused but written"],
    true,
    history([
      ["a", 1, 2, SET("1", 0), MISMATCH],
      ["b", 3, 4, GET, read(5, "1")],
    ]),
  ],
  "a failed write that was carried out": [
    ["refused but written"],
    true,
    history([
      ["a", 1, 2, SET("1", 0), { kind: "failed" }],
      ["b", 3, 4, GET, read(5, "1")],
    ]),
  ],
  "a refusal without a reason": [
    [],
    true,
    history([
      ["a", 1, 2, SET("1", 0), written(5)],
      ["b", 3, 4, SET("2", 5), MISMATCH],
    ]),
  ],
  "a removal that was lost": [
    [],
    true,
    history([
      ["a", 1, 2, SET("1", 0), written(5)],
      ["a", 3, 4, DEL(5), written()],
      ["b", 5, 6, GET, read(5, "1")],
    ]),
  ],
  "a removal that compared nothing": [
    [],
    true,
    history([
      ["a", 1, 2, SET("1", 0), written(5)],
      ["b", 3, 4, DEL(4), written()],
      ["a", 5, 6, GET, read(0)],
    ]),
  ],
  "a revision twice": [
    ["revision repeated"],
    true,
    history([
      ["a", 1, 2, SET("1", 0), written(5)],
      ["a", 3, 4, SET("2", 5), written(5)],
    ]),
  ],
  "a revision twice, in two files": [
    ["revision repeated"],
    false,
    history([
      ["a", 1, 4, SET("1", 0), written(5), "/x"],
      ["b", 2, 3, SET("2", 0), written(5), "/y"],
    ]),
  ],
  "revisions that fall, from file to file": [
    ["revision order"],
    false,
    history([
      ["a", 1, 2, SET("1", 0), written(6), "/x"],
      ["a", 3, 4, SET("2", 0), written(5), "/y"],
    ]),
  ],
  "a REV behind what is known": [
    ["stale revision"],
    false,
    history([
      ["a", 1, 2, SET("1", 0), written(6)],
      ["b", 3, 4, { kind: "rev" }, { kind: "revision", revision: 5 }, ""],
    ]),
  ],
  "a write at a revision that REV had told": [
    ["revision order"],
    false,
    history([
      ["b", 1, 2, { kind: "rev" }, { kind: "revision", revision: 6 }, ""],
      ["a", 3, 4, SET("1", 0), written(6)],
    ]),
  ],
  "a watcher that is told twice": [
    ["watch order"],
    false,
    history([["a", 1, 2, SET("1", 0), written(5)]], watch(1, saw(5, "1", 3), saw(5, "1", 4))),
  ],
  "a watcher that is told of one write as two": [
    ["written twice"],
    false,
    history([["a", 1, 2, SET("1"), written(5)]], watch(1, saw(5, "1", 3), saw(6, "1", 4))),
  ],
  "a reordered watch": [
    ["watch order"],
    false,
    history(
      [
        ["a", 1, 2, SET("1", 0), written(5)],
        ["a", 3, 4, SET("2", 5), written(6)],
      ],
      watch(1, saw(6, "2", 5), saw(5, "1", 6)),
    ),
  ],
  "a watcher that misses a change": [
    ["watch gap"],
    false,
    history(
      [
        ["a", 1, 2, SET("1", 0), written(5)],
        ["a", 3, 4, SET("2", 5), written(6)],
        ["a", 5, 6, SET("3", 6), written(7)],
      ],
      watch(1, saw(5, "1", 5), saw(7, "3", 6)),
    ),
  ],
  "a watcher that misses a removal": [
    ["watch gap"],
    false,
    history(
      [
        ["a", 1, 2, SET("1", 0), written(5)],
        ["a", 3, 4, DEL(5), written()],
        ["a", 5, 6, SET("2", 0), written(7)],
      ],
      watch(1, saw(5, "1", 5), saw(7, "2", 7)),
    ),
  ],
  "a watcher that sees a removal too many": [
    ["watch twice"],
    false,
    history(
      [
        ["a", 1, 2, SET("1", 0), written(5)],
        ["a", 5, 6, SET("2", 5), written(8)],
      ],
      watch(1, saw(5, "1", 5), saw(7, "", 6), saw(8, "2", 7)),
    ),
  ],
  "a watcher that sees what it did not ask for": [
    ["watch astray"],
    false,
    history([["a", 1, 2, SET("1", 0), written(5)]], {
      watches: [{ client: "watcher", glob: "/y/*", from: 1, sightings: [saw(5, "1", 3)] }],
    }),
  ],
  "a phantom on a watch": [["phantom"], false, history([], watch(1, saw(5, "?", 3)))],
  "two lock holders": [["two holders"], false, history([], { holds: [hold("a", 5, 1, 4), hold("b", 7, 3, 9)] })],
  "a lock whose revision falls": [["fence"], false, history([], { holds: [hold("a", 5, 1, 2), hold("b", 4, 3, 9)] })],
};

describe("a good history is accepted:", () => {
  it.each(Object.entries(GOOD))("%s", (_name, good) => {
    expect(checkRules(good)).toEqual([]);
    expect(search(good)).toEqual([]);
  });
});

describe("a bad history is not:", () => {
  it.each(Object.entries(BAD))("%s", (_name, [rules, isSearched, bad]) => {
    expect(rulesBroken(bad)).toEqual(rules);
    expect(search(bad).map(({ rule }) => rule)).toEqual(isSearched ? ["not linearizable"] : []);
  });
});

describe("counters", () => {
  const set = (index: number, value: string, outcome: Outcome): Row => [
    ...(["a" as const, index, index + 0.5, SET(value), outcome] as const),
    "/counter/0",
  ];
  const seen = (...values: string[]) => watch(1, ...values.map((value, i) => saw(5 + i, value, 20, "/counter/0")));
  const acknowledged = [set(1, "1 a", written(5)), set(2, "2 b", written(6)), set(3, "3 c", UNKNOWN)];

  it.each([
    ["all of it", [], ["1 a", "2 b", "3 c"]],
    ["without the unknown", [], ["1 a", "2 b"]],
    ["one too few", ["miscount"], ["1 a"]],
    ["one left out", ["miscount"], ["1 a", "3 c"]],
    ["one twice", ["miscount"], ["1 a", "2 b", "2 b"]],
    ["one too many", ["miscount"], ["1 a", "2 b", "3 c", "4 d"]],
  ])("are counted: %s", (_name, rules, values) => {
    expect(checkCounters(history(acknowledged, seen(...values)), ["/counter/0"]).map(({ rule }) => rule)).toEqual(
      rules,
    );
  });
});

describe("globs", () => {
  it.each([
    ["/**", "/a/b", true],
    ["/a/*", "/a/b", true],
    ["/a/*", "/a/b/c", false],
    ["/a.b", "/axb", false],
    ["/a/**/c", "/a/b/b/c", true],
  ])("%s and %s: %s", (glob, path, expected) => {
    expect(covers(glob, path)).toBe(expected);
  });
});
