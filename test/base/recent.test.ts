import { describe, expect, it } from "vitest";
import { Recent } from "../../src/base/recent.ts";

describe("what was worked out before", () => {
  it("is kept, the first few dozen", () => {
    const recent = new Recent<number, string>();
    for (let i = 0; i < 65; i++) recent.set(i, `${i}`);
    expect([recent.get(0), recent.get(63), recent.get(64)]).toEqual(["0", "63", undefined]);
  });

  it("is of use as long as something comes again", () => {
    const recent = new Recent<number, string>();
    recent.set(1, "one");
    for (let i = 0; i < 199; i++) recent.get(2);
    expect(recent.isOfUse).toBe(true);
    recent.get(1);
    for (let i = 0; i < 199; i++) recent.get(2);
    expect(recent.isOfUse).toBe(true);
    recent.get(2);
    expect(recent.isOfUse).toBe(false);
  });
});
