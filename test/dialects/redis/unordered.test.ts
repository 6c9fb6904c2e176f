import fc from "fast-check";
import { expect, test } from "vitest";
import { readReceived } from "../../../src/dialects/redis/lines.ts";
import { redis } from "../../../src/dialects/redis/redis.ts";
import { treeLines } from "../../../src/dialects/redis/tree.ts";
import { expected } from "../http/support.ts";
import { codec, feed, reading } from "./support.ts";
import { encode, type Value } from "./values.ts";

const NOTHING_KNOWN = { get: () => undefined };

/** Values of few different texts, so that many are alike but for their place. The keys of maps are strings. */
const string: fc.Arbitrary<Value> = fc
  .constantFrom("a", "b", "1) x", " => ", "k => ", "...", "")
  .map((text) => ({ kind: "text", type: "$", text }) as const);
const scalar: fc.Arbitrary<Value> = fc.oneof(
  string,
  fc.nat({ max: 3 }).map((n) => ({ kind: "line", type: ":", text: String(n) }) as const),
);
const tree: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "medium" },
    scalar,
    fc
      .tuple(fc.constantFrom("*" as const, "~" as const), fc.array(tie("value"), { maxLength: 10, size: "max" }))
      .map(([type, elements]) => ({ kind: "aggregate", type, elements }) as const),
    fc
      .array(fc.tuple(string, tie("value")), { maxLength: 11, size: "max" })
      .map((pairs) => ({ kind: "aggregate", type: "%", elements: pairs.flat() }) as const),
  ),
})).value;

const messagesOf = (value: Value) =>
  codec({}, { limit: 10_000_000 }).responses.decode(Buffer.from(encode(value), "latin1"));
const linesOf = (value: Value): readonly string[] =>
  messagesOf(value).flatMap(({ lines }) => lines.map((line) => line.slice(0, -1)));

/** The same value with the elements of each aggregate in another order. `random` gives numbers from 0 to 1. */
function shuffle(value: Value, random: () => number): Value {
  if (value.kind !== "aggregate") return value;
  const size = value.type === "%" ? 2 : 1;
  const units: Value[][] = [];
  for (let i = 0; i < value.elements.length; i += size)
    units.push(value.elements.slice(i, i + size).map((element) => shuffle(element, random)));
  const keyed = units.map((unit) => ({ unit, key: random() })).sort((a, b) => a.key - b.key);
  return { ...value, elements: keyed.flatMap(({ unit }) => unit) };
}

/** The values of each aggregate in one order, so that two compare as equal if they are the same in any order. */
function canonical(value: Value): string {
  if (value.kind !== "aggregate") return encode(value);
  const size = value.type === "%" ? 2 : 1;
  const units: string[] = [];
  for (let i = 0; i < value.elements.length; i += size)
    units.push(
      value.elements
        .slice(i, i + size)
        .map(canonical)
        .join("=>"),
    );
  return `${value.type}(${units.sort().join(";")})`;
}

function matches(written: Value, received: Value): boolean {
  const matcher = redis.responses!.matcher!(expected(...linesOf(written)), NOTHING_KNOWN, reading(true));
  return feed(matcher, messagesOf(received), "more") === "done";
}

test("lines are read back as they were written", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const lines = linesOf(value);
      const roots = readReceived(
        lines.map((line) => ({ line: `${line}\n`, part: "" })),
        0,
      );
      expect(roots).toHaveLength(1);
      expect(treeLines(roots).map(({ text }) => text)).toEqual(lines);
    }),
    { numRuns: 400 },
  );
});

test("a reply matches in every order of its elements", () => {
  fc.assert(
    fc.property(tree, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (value, numbers) => {
      expect(
        matches(
          value,
          shuffle(value, () => numbers.next().value),
        ),
      ).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("and no other reply does", () => {
  let different = 0;
  fc.assert(
    fc.property(
      tree,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      fc.nat(),
      (value, numbers, place) => {
        const other = change(
          shuffle(value, () => numbers.next().value),
          { left: place % (sizeOf(value) + 1) },
        );
        if (canonical(other) !== canonical(value)) different++;
        expect(matches(value, other)).toBe(canonical(other) === canonical(value));
      },
    ),
    { numRuns: 400 },
  );
  expect(different).toBeGreaterThan(40);
});

const sizeOf = (value: Value): number =>
  value.kind === "aggregate" ? value.elements.reduce((sum, element) => sum + sizeOf(element), 1) : 1;

/** Makes one scalar of a value another one. */
function change(value: Value, place: { left: number }): Value {
  if (value.kind !== "aggregate") return place.left-- === 0 ? { kind: "text", type: "$", text: "b" } : value;
  return { ...value, elements: value.elements.map((element) => change(element, place)) };
}
