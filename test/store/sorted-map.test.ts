import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entriesOf, entryAt, find, insert, remove, type SortedMap, sizeOf } from "../../src/store/sorted-map.ts";

type Maybe = SortedMap<number> | undefined;

const namesOf = (map: Maybe): readonly string[] => [...entriesOf(map)].map(({ name }) => name);

function heightOf(map: Maybe): number {
  return map === undefined ? 0 : 1 + Math.max(heightOf(map.left), heightOf(map.right));
}

/** Sizes are right, and no side is more than three times as heavy as the other. */
function isSound(map: Maybe): boolean {
  if (map === undefined) return true;
  const [left, right] = [sizeOf(map.left), sizeOf(map.right)];
  const isBalanced = Math.max(left, right) + 1 <= 3 * (Math.min(left, right) + 1);
  return map.size === left + right + 1 && isBalanced && isSound(map.left) && isSound(map.right);
}

describe("a sorted map", () => {
  const step = fc.record({
    isInsert: fc.boolean(),
    name: fc.string({ unit: fc.constantFrom(..."-.09AZaz"), maxLength: 3 }),
  });

  test("holds what a map holds, in order, and stays balanced", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        let map: Maybe;
        const model = new Map<string, number>();
        for (const [index, { isInsert, name }] of steps.entries()) {
          const before = map;
          const namesBefore = namesOf(before);
          map = isInsert ? insert(map, name, index) : remove(map, name);
          if (isInsert) model.set(name, index);
          else model.delete(name);
          expect(namesOf(before)).toEqual(namesBefore);
          expect(isSound(map)).toBe(true);
        }
        const sorted = [...model.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(namesOf(map)).toEqual(sorted);
        for (const [index, name] of sorted.entries()) {
          expect(find(map, name)).toBe(model.get(name));
          expect(entryAt(map, index)?.name).toBe(name);
        }
        expect(entryAt(map, sorted.length)).toBe(undefined);
        expect(entryAt(map, -1)).toBe(undefined);
        expect(find(map, "none")).toBe(undefined);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ["rising", (i: number) => i],
    ["falling", (i: number) => -i],
    ["mixed", (i: number) => (i * 7919) % 20_000],
  ])("is no deeper than it has to be with %s names", (_order, numberOf) => {
    let map: Maybe;
    const name = (i: number) => String(numberOf(i) + 1_000_000);
    for (let i = 0; i < 20_000; i++) map = insert(map, name(i), i);
    expect(heightOf(map)).toBeLessThan(30);
    for (let i = 0; i < 19_990; i++) map = remove(map, name(i));
    expect(isSound(map)).toBe(true);
    expect(sizeOf(map)).toBe(10);
  });
});
