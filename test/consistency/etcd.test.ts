import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../src/servers/free-port.ts";
import { type Etcd, startEtcd } from "../support/etcd.ts";
import { describeWith } from "../support/real-servers.ts";
import { type Relay, startRelay } from "../support/relay.ts";
import { checkCounters } from "./counters.ts";
import { type FrontEnd, startFrontEnd } from "./front-end.ts";
import type { Operation } from "./history.ts";
import { judge } from "./judge.ts";
import { connectedSession } from "./session.ts";
import { counterPaths, work } from "./workload.ts";

/** How long a run may take, in milliseconds; without faults it would be over when they are. */
const DEADLINE = 60_000;
const SETUP = 60_000;
/** Between two faults. */
const RESPITE = 1000;

describeWith(["etcd"], "three front ends of three members of etcd", () => {
  let etcd: Etcd;
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
  }, SETUP);

  afterAll(async () => {
    await Promise.all([...frontEnds.map((frontEnd) => frontEnd.kill()), ...relays.map((relay) => relay.close())]);
    await etcd?.stop();
  });

  const killLeader = async () => {
    const leader = await etcd.leader();
    await etcd.kill(leader);
    await delay(1500);
    await etcd.restart(leader);
  };
  /** When it goes on it still takes itself for the leader. */
  const pauseLeader = async () => {
    const leader = await etcd.leader();
    etcd.pause(leader);
    await delay(3000);
    etcd.resume(leader);
  };
  const killFrontEnd = async () => {
    await frontEnds[1]!.kill();
    await delay(500);
    await frontEnds[1]!.restart();
  };
  /** What was written in that time was written, and no front end knows. */
  const loseAnswers = async () => {
    await Promise.all(relays.map((relay) => relay.loseAnswers(100)));
  };
  const FAULTS = [killLeader, loseAnswers, killFrontEnd, killLeader, loseAnswers, pauseLeader, killLeader];

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
            await delay(RESPITE);
            await fault();
          }
          await delay(RESPITE);
        } finally {
          isOver = true;
        }
      };
      const [run] = await Promise.all([work(plan, AbortSignal.timeout(DEADLINE)), breakAndMend()]);
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
      expect(run.toldUnknown).toBeGreaterThan(0);
      expect(done.length).toBeGreaterThan(0);
      expect(having("written").length).toBeGreaterThan(100);
      expect(having("mismatch").length).toBeGreaterThan(10);
      expect(holds.length).toBeGreaterThan(10);
    },
    2 * DEADLINE,
  );
});
