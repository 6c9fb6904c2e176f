import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assign } from "../../src/match/assignment.ts";
import { matchOne } from "./support.ts";

const result = (expected: string, received: string): unknown => {
  const { progress, captures, matcher } = matchOne(`${expected} (json)`, received);
  return progress === "done" ? captures : matcher.unmatched().detail;
};

describe("members", () => {
  it.each<[string, string, unknown]>([
    ['{"{{k}}": 1, "b": 2}', '{"b":2,"x":1}', { k: "x" }],
    ['{"{{k}}": 1, "b": 1}', '{"b":1,"x":1}', { k: "x" }],
    ['{"{{_}}": [], ...}', '{"y":7,"q":[]}', {}],
    ['{"{{k}}": {{v}}, "{{j}}": 2}', '{"a":2,"b":3}', { k: "b", v: "3", j: "a" }],
    ['{"{{k}}": {{v}}, "{{j}}": {{w}}}', '{"a":2,"b":3}', { k: "a", v: "2", j: "b", w: "3" }],
    ['{"{{k}}": {{v}}, ...}', '{"a":2,"b":3}', { k: "a", v: "2" }],
    ['{"x-{{k:int}}": {{v}}, "{{_}}": {{_}}}', '{"x-y":1,"x-1":2}', { k: "1", v: "2" }],
    ['{"{{k}}": {{v}}, "b": {{v}}}', '{"a":2,"b":2}', { k: "a", v: "2" }],
    ['{"{{k}}": {{v}}, "b": {{v}}}', '{"a":3,"b":2}', "differs at $.a: it is 3, but {{v}} is 2"],
    ['{"{{k}}": {{v}}, "{{j}}": {{v}}}', '{"a":2,"b":3}', "differs at $: {{v}} has another value in the member before"],
    ['{"{{a}}": {"{{b}}": 1}, "{{c}}": {{d}}}', '{"p":{"q":2},"r":{"s":1}}', { a: "r", b: "s", c: "p", d: '{"q":2}' }],
    ['{"a": 2, "a": 1}', '{"a":1,"a":2}', {}],
    ['{"a": 2, ...}', '{"a":1,"a":2}', {}],
    ['{"id-{{n}}": {"x": 1}}', '{"id-7":{"x":2}}', 'differs at $["id-7"].x: the number is 2'],
    ['{"{{k}}": 1}', '{"a":1,"b":1}', 'differs at $: there is a further member "b"'],
    ['{"{{k}}": 1, "{{j}}": 1}', '{"a":1}', 'differs at $: the member "{{j}}" is missing'],
    ['{"{{c}}{{d}}": 1}', '{"é":1}', 'differs at $: the member "{{c}}{{d}}" is missing'],
  ])("%s against %s", (expected, received, wanted) => {
    expect(result(expected, received)).toEqual(wanted);
  });
});

describe("captured JSON", () => {
  it.each<[string, string, unknown]>([
    ["[{{x}}, 2]", '[ {"a": 1} , 2]', { x: '{"a": 1}' }],
    ["[{{x}}, 2]", "[ [1, [] ] , 2]", { x: "[1, [] ]" }],
    ['{"a": {{x}}}', '{ "a" : 1 }', { x: "1" }],
    ['{"a": {{x}}}', '{ "a" : "b" }', { x: '"b"' }],
    ['{"a": {{x}}}', '{ "a" : { } }', { x: "{ }" }],
  ])("%s against %s has no white space around it", (expected, received, wanted) => {
    expect(result(expected, received)).toEqual(wanted);
  });

  it("takes whole characters within a string", () => {
    expect(result('["{{a}}{{b}}"]', '["é"]')).toBe('differs at $[0]: the string is "é"');
    expect(result('["{{a}}{{b}}"]', '["éx"]')).toEqual({ a: "\xc3\xa9", b: "x" });
  });
});

describe("assign", () => {
  /** All the ways to give each its own, the preferred ones first. */
  function* ways(
    rows: readonly (readonly boolean[])[],
    first = 0,
    given: readonly number[] = [],
  ): Generator<readonly number[]> {
    const row = rows[first];
    if (!row) yield given;
    else
      for (const [second, fits] of row.entries())
        if (fits && !given.includes(second)) yield* ways(rows, first + 1, [...given, second]);
  }

  it("is the first of all the ways", () => {
    const table = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })).chain(([firsts, seconds]) =>
      fc.array(fc.array(fc.boolean(), { minLength: seconds, maxLength: seconds }), {
        minLength: firsts,
        maxLength: firsts,
      }),
    );
    fc.assert(
      fc.property(table, (rows) => {
        const found = assign(rows.length, rows[0]!.length, (first, second) => rows[first]![second]!);
        const [wanted] = ways(rows);
        if (wanted) expect(found).toEqual(wanted);
        else expect(found.length).toBeLessThan(rows.length);
      }),
      { numRuns: 1500 },
    );
  });
});

describe("hostile JSON", () => {
  const many = Array.from({ length: 60_000 }, (_, i) => `"k${i}":${i}`).join(",");
  it.each<[string, string, string]>([
    ["60,000 members, the last of which fits", '{"{{k}}": "x", "{{j}}": "y", ...}', `{${many},"a":"y","b":"x"}`],
    ["60,000 members of one name", '{"a": 7, ...}', `{${'"a":1,'.repeat(60_000)}"a":7}`],
    ["a number of many zeros", "[{{_}}, ...]", `[1${"0".repeat(1_000_000)}1]`],
    [
      "nesting in which each level could be the other's",
      `${'{"{{_}}": {{_}}, "{{_}}": '.repeat(20)}1${"}".repeat(20)}`,
      `${'{"a": 1, "b": '.repeat(20)}1${"}".repeat(20)}`,
    ],
  ])(
    "end: %s",
    (_name, expected, received) => {
      expect(matchOne(`${expected} (json)`, received).progress).toBe("done");
    },
    40_000,
  );
});
