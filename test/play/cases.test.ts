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

describe("an incomplete message after a reply that differs", () => {
  it("is shown with it, and the connection is given up", async () => {
    const lines = '>>> GET a\n>>> GET b\n"1"\n"2"\n>>> GET c\n"3"';
    const plan = await planned(`---\ndialect: redis\n---\n\`\`\`wire\n${lines}\n\`\`\`\n`);
    const { exchanges } = perform(plan, [[{ kind: "send", bytes: "+OK\r\n$10\r\n123" }]]);
    expect(exchanges[0]).toMatchObject({ status: "failed", received: ["OK", "$10", "123"] });
    expect(exchanges[1]?.reason).toBe("not tried: the connection was given up after line 7");
  });
});
