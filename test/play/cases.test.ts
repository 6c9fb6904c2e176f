import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { differs, readCases } from "./cases.ts";
import { bytewise, cutAt, perform, planned } from "./perform.ts";

const CASES = readCases(join(import.meta.dirname, "cases"));

describe.each(CASES)("$name", ({ document, peers, verdict, isUncut }) => {
  it("has its verdict, however the bytes are cut", async () => {
    const plan = await planned(document);
    const performed = perform(plan, peers);
    const found = performed.exchanges.map((exchange, i) => differs(verdict[i] ?? `0: none`, exchange));
    expect(found.filter((one) => one !== undefined)).toEqual([]);
    expect(performed.exchanges).toHaveLength(verdict.length);
    const size = peers.flat().reduce((sum, step) => sum + (step.kind === "send" ? step.bytes.length : 0), 0);
    if (isUncut) return;
    for (let offset = 1; offset < size; offset++) expect(perform(plan, peers, cutAt(offset))).toEqual(performed);
    expect(perform(plan, peers, bytewise)).toEqual(performed);
  });
});
