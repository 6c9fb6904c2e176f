import { expect, test } from "vitest";
import { Recent } from "../../src/base/recent.ts";

test("remembers the latest, and never grows large", () => {
  const recent = new Recent<number, string>();
  for (let i = 0; i < 1000; i++) {
    recent.set(i, `${i}`);
    expect(recent.get(i)).toBe(`${i}`);
  }
  const kept = Array.from({ length: 1000 }, (_, i) => recent.get(i)).filter((one) => one !== undefined);
  expect(kept.length).toBeLessThanOrEqual(64);
});
