import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../src/servers/free-port.ts";
import { type Etcd, startEtcd } from "../support/etcd.ts";
import { describeWith } from "../support/real-servers.ts";
import { type Relay, startRelay } from "../support/relay.ts";
import { checkCounters } from "./counters.ts";
import { type FrontEnd, startFrontEnd } from "./front-end.ts";
import type { Operation } from "./history.ts";
import { judge } from "./judge.ts";
import { Recorder } from "./recorder.ts";
import { connectedSession } from "./session.ts";
import { counterPaths, work } from "./workload.ts";

/** How long a run may take, in milliseconds. It is over when the faults are; only one that hangs takes as long. */
const DEADLINE = 150_000;
/** Writes that are answered between two faults, and before what broke is mended. */
const RESPITE = 30;

describeWith(["etcd"], "three front ends of three members of etcd", () => {
  let etcd: Etcd;
  const recorder = new Recorder();
  /** Resolves when so many more writes were answered. */
  const progress = async (count: number) => {
    const goal = recorder.written + count;
    await expect.poll(() => recorder.written, { timeout: DEADLINE }).toBeGreaterThanOrEqual(goal);
  };
  const relays: Relay[] = [];
  const frontEnds: FrontEnd[] = [];

  beforeAll(async () => {
    etcd = await startEtcd({ members: 3 });
    for (const endpoint of etcd.endpoints) relays.push(await startRelay(Number(new URL(endpoint).port)));
    const endpoints = relays.map(({ port }) => `http://127.0.0.1:${port}`);
    // Each begins with a member of its own.
    for (let i = 0; i < 3; i++) {
      frontEnds.push(await startFrontEnd(await freePort(), [...endpoints.slice(i), ...endpoints.slice(0, i)]));
    }
  });

  afterAll(async () => {
    await Promise.all([...frontEnds.map((frontEnd) => frontEnd.kill()), ...relays.map((relay) => relay.close())]);
    await etcd?.stop();
  });

  const killLeader = async () => {
    const leader = await etcd.leader();
    await etcd.kill(leader);
    // The others elect one of them.
    await etcd.leader();
    await progress(RESPITE);
    await etcd.restart(leader);
  };
  /** When it goes on it still takes itself for the leader. */
  const pauseLeader = async () => {
    const leader = await etcd.leader();
    await etcd.pause(leader);
    try {
      await etcd.leader();
      await progress(RESPITE);
    } finally {
      etcd.resume(leader);
    }
  };
  const killFrontEnd = async () => {
    await frontEnds[1]!.kill();
    await progress(RESPITE);
    await frontEnds[1]!.restart();
  };
  /** What was written in that time was written, and no front end knows. */
  const loseAnswers = async () => {
    const told = recorder.toldUnknown;
    const lose = async () => {
      await Promise.all(relays.map((relay) => relay.loseAnswers(100)));
      return recorder.toldUnknown;
    };
    await expect.poll(lose).toBeGreaterThan(told);
  };
  const FAULTS = [killLeader, loseAnswers, killFrontEnd, pauseLeader, loseAnswers, killLeader];

  it(
    "show one history to many clients, whatever breaks and comes back",
    async () => {
      const ports = frontEnds.map(({ port }) => port);
      let isOver = false;
      const plan = {
        ...{ counters: 3, counting: 9, locks: 2, locking: 6, looking: 3, watching: 3 },
        ...{ rounds: Number.POSITIVE_INFINITY, pause: 20 },
        isOver: () => isOver,
        open: (index: number, signal: AbortSignal) => connectedSession(ports, index, signal),
      };
      const breakAndMend = async () => {
        try {
          for (const fault of FAULTS) {
            await progress(RESPITE);
            await fault();
          }
          await progress(RESPITE);
        } finally {
          isOver = true;
        }
      };
      const [run] = await Promise.all([work(plan, AbortSignal.timeout(DEADLINE), recorder), breakAndMend()]);
      expect(run.isFinished).toBe(true);
      expect(judge(run.history)).toEqual([]);
      expect(checkCounters(run.history, counterPaths(plan))).toEqual([]);
      // Things did go wrong, clients were told, and some of what nobody knew had been done.
      const { operations, watches, holds } = run.history;
      const having = (kind: Operation["outcome"]["kind"]) => operations.filter(({ outcome }) => outcome.kind === kind);
      const seen = new Set(watches.flatMap(({ sightings }) => sightings.map(({ path, value }) => `${path} ${value}`)));
      const done = having("unknown").filter(
        ({ path, request }) => "value" in request && seen.has(`${path} ${request.value}`),
      );
      expect(recorder.toldUnknown).toBeGreaterThan(0);
      expect(done.length).toBeGreaterThan(0);
      expect(having("written").length).toBeGreaterThan(100);
      expect(having("mismatch").length).toBeGreaterThan(10);
      expect(holds.length).toBeGreaterThan(10);
    },
    2 * DEADLINE,
  );
});
