import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { memoryEngine } from "../../src/store/memory.ts";
import { startStore } from "../../src/store/server.ts";
import type { History } from "./history.ts";
import { checkRules, search } from "./judge.ts";
import * as mutants from "./mutants.ts";
import { Recorder } from "./recorder.ts";
import { connectedSession } from "./session.ts";
import { type Run, work } from "./workload.ts";

/** Only what hangs takes so many milliseconds. */
const DEADLINE = 60_000;

/** Many clients on a store. A mutant may make them wait for ever: then it is over as soon as `isEnough` says so. */
async function run(mutant: (engine: Engine) => Engine, isEnough: (history: History) => boolean): Promise<Run> {
  const memory = memoryEngine({ history: 100_000 });
  // An engine that is not new: the store begins with no files of its own.
  await memory.nop();
  const store = await startStore({ engine: mutant(memory), host: "127.0.0.1", port: 0 });
  const port = Number(store.address.split(":")[1]);
  const plan = {
    ...{ counters: 2, counting: 6, locks: 1, locking: 4, looking: 3, watching: 3, rounds: 30, pause: 0 },
    isOver: () => false,
    open: (index: number, signal: AbortSignal) => connectedSession([port], index, signal),
  };
  const recorder = new Recorder();
  const enough = new AbortController();
  const looking = setInterval(() => {
    if (isEnough(recorder.history())) enough.abort();
  }, 100);
  try {
    return await work(plan, AbortSignal.any([enough.signal, AbortSignal.timeout(DEADLINE)]), recorder);
  } finally {
    clearInterval(looking);
    await store.stop();
  }
}

describe("an engine that breaks a rule is found out:", () => {
  it.each<[name: string, mutant: (engine: Engine) => Engine, rule: string, isSearched: boolean]>([
    ["compares nothing, now and then", mutants.comparesNothing, "lost update", true],
    ["creates what is there", mutants.createsWhatIsThere, "two holders", true],
    ["reads from a cache", mutants.readsStale, "stale read", true],
    ["reads the revision of one version and the value of another", mutants.readsTorn, "revision repeated", true],
    ["tells an old revision", mutants.tellsAnOldRevision, "stale revision", false],
    ["loses writes", mutants.losesWrites, "watch gap", true],
    ["tries a write again whose outcome is unknown", mutants.retriesUnknown, "written twice", true],
    ["refuses what it wrote", mutants.refusesWhatItWrote, "refused but written", true],
    ["denies what it wrote", mutants.deniesWhatItWrote, "refused but written", true],
    ["repeats revisions", mutants.repeatsRevisions, "revision repeated", true],
    ["loses removals", mutants.losesRemovals, "watch gap", true],
    ["skips changes on a watch", mutants.skipsChanges, "watch gap", false],
    ["tells a watcher of changes again", mutants.repeatsChanges, "watch order", false],
  ])("%s", async (_name, mutant, rule, isSearched) => {
    const breaksRule = (history: History) => checkRules(history).some((violation) => violation.rule === rule);
    const isFound = (history: History) => search(history).length > 0;
    const { history } = await run(mutant, (told) => breaksRule(told) && (!isSearched || isFound(told)));
    expect(checkRules(history).map((violation) => violation.rule)).toContain(rule);
    expect(isFound(history)).toBe(isSearched);
  });
});

it("an engine that loses answers, and says so, is a good one", async () => {
  const { history, isFinished, toldUnknown } = await run(mutants.losesAnswers, () => false);
  expect(isFinished).toBe(true);
  expect(toldUnknown).toBeGreaterThan(20);
  expect(checkRules(history)).toEqual([]);
  expect(search(history)).toEqual([]);
});
