import { expect, it } from "vitest";
import { memoryEngine } from "../../src/store/memory.ts";
import { startStore } from "../../src/store/server.ts";
import { checkCounters } from "./counters.ts";
import { judge } from "./judge.ts";
import { connectedSession } from "./session.ts";
import { counterPaths, work } from "./workload.ts";

it("many clients on two front ends of one store in memory see one history", async () => {
  const engine = memoryEngine({ history: 100_000 });
  const stores = [
    await startStore({ engine, host: "127.0.0.1", port: 0 }),
    await startStore({ engine, host: "127.0.0.1", port: 0 }),
  ];
  const ports = stores.map(({ address }) => Number(address.split(":")[1]));
  const plan = {
    ...{ counters: 3, counting: 12, locks: 2, locking: 8, looking: 6, watching: 6, rounds: 50, pause: 0 },
    isOver: () => false,
    open: (index: number, signal: AbortSignal) => connectedSession(ports, index, signal),
  };
  try {
    const { history, isFinished } = await work(plan, AbortSignal.timeout(120_000));
    expect(isFinished).toBe(true);
    expect(judge(history)).toEqual([]);
    expect(checkCounters(history, counterPaths(plan))).toEqual([]);
    const outcomes = history.operations.map(({ outcome }) => outcome.kind);
    expect(outcomes).not.toContain("unknown");
    // They did get into each other's way.
    expect(outcomes.filter((kind) => kind === "mismatch").length).toBeGreaterThan(100);
    expect(history.holds).toHaveLength(400);
  } finally {
    for (const store of stores) await store.stop();
  }
});
