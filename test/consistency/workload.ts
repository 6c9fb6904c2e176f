/**
 * What many clients do at once: they count by compare-and-set, take locks and hand them over, look, and watch.
 *
 * A client whose write got no answer does as the store's users should: it looks what became of it, and never takes its
 * own name on a lock for somebody else's.
 */

import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { History } from "./history.ts";
import { RecordedClient, Recorder } from "./recorder.ts";
import type { Session } from "./session.ts";

export interface Plan {
  readonly counters: number;
  readonly counting: number;
  readonly locks: number;
  readonly locking: number;
  readonly looking: number;
  readonly watching: number;
  /** How often each client does its work, at most. */
  readonly rounds: number;
  /** Milliseconds between two rounds of a client, so that a run of a given time has a history that can be searched. */
  readonly pause: number;
  /** Ends the work early. */
  isOver(): boolean;
  /** For the client of a number. */
  open(index: number, signal: AbortSignal): Session;
}

export interface Run {
  readonly history: History;
  /** False: something did not come to its end before the run's signal ended it. */
  readonly isFinished: boolean;
  readonly toldUnknown: number;
}

const COUNTERS = "/run/counter";
const LOCKS = "/run/lock";
const GLOBS = ["/run/**", `${COUNTERS}/*`, `${LOCKS}/*`];
const END = "end";
/** How many revisions who comes late looks back. */
const PAST = 1000;

export const counterPaths = ({ counters }: Pick<Plan, "counters">): string[] =>
  Array.from({ length: counters }, (_, index) => `${COUNTERS}/${index}`);

/** Does a plan's work until it is over, or `deadline` aborts. The recorder tells how far it is. */
export async function work(plan: Plan, deadline: AbortSignal, recorder: Recorder = new Recorder()): Promise<Run> {
  const clients: RecordedClient[] = [];
  const failed = new AbortController();
  const signal = AbortSignal.any([deadline, failed.signal]);
  // Every client listens.
  setMaxListeners(0, signal);
  const open = (role: string): RecordedClient => {
    const index = clients.length;
    const client = new RecordedClient(`${role}${index}`, plan.open(index, signal), recorder);
    clients.push(client);
    return client;
  };
  /** What fails ends all the others, so that nothing goes on behind it. */
  const start = (count: number, role: string, task: (client: RecordedClient, index: number) => Promise<void>) =>
    Array.from({ length: count }, (_, index) => task(open(role), index).catch((error) => failed.abort(error)));

  const watching = start(plan.watching, "watch", (client, i) => watch(client, GLOBS[i % GLOBS.length]!, 1));
  const locking = { left: plan.locking };
  await Promise.all([
    ...start(plan.counting, "count", (client, i) => count(client, `${COUNTERS}/${i % plan.counters}`, plan)),
    ...start(plan.locking, "lock", (client, i) => lock(client, `${LOCKS}/${i % plan.locks}`, plan, locking)),
    ...start(plan.looking, "look", (client) => look(client, plan)),
  ]);
  const late = start(1, "late", async (client) => watch(client, GLOBS[0]!, (await client.rev()) - PAST));
  await Promise.all([...start(1, "end", markEnd), ...watching, ...late]);
  for (const client of clients) client.close();
  if (failed.signal.aborted && !deadline.aborted) throw failed.signal.reason;
  return { history: recorder.history(), isFinished: !deadline.aborted, toldUnknown: recorder.toldUnknown };
}

async function* rounds({ rounds, pause, isOver }: Plan): AsyncGenerator<number> {
  for (let round = 0; round < rounds && !isOver(); round++) {
    yield round;
    if (pause > 0) await delay(pause);
  }
}

/** A counter is `N TEXT`: the text makes each write one of its own. */
async function count(client: RecordedClient, path: string, plan: Plan): Promise<void> {
  for await (const _ of rounds(plan)) {
    for (let isDone = false; !isDone; ) {
      const { revision, value } = await client.get(path);
      const next = `${Number.parseInt(value || "0", 10) + 1} ${client.unique()}`;
      isDone = (await client.set(path, next, revision)).kind === "written";
    }
  }
}

/** A lock is a file: who creates it holds it, and removes it at the revision it was created with. */
async function lock(client: RecordedClient, path: string, plan: Plan, clients: { left: number }): Promise<void> {
  let isUnsure = false;
  const take = async (revision: number) => {
    const giveBack = client.recorder.hold(client.name, path, revision);
    await delay(1);
    giveBack();
    // Whoever has it since has a higher revision: a removal that is tried again cannot be theirs.
    for (let isDone = false; !isDone; ) {
      const { kind } = await client.del(path, revision);
      isDone = kind === "written" || kind === "mismatch";
    }
  };
  const isOwn = (value: string) => value.startsWith(`${client.name}.`);
  for await (const _ of rounds(plan)) {
    for (let isDone = false; !isDone; ) {
      const tried = await client.set(path, client.unique(), 0);
      if (tried.kind === "unknown") isUnsure = true;
      const found = tried.kind === "written" ? { ...tried, value: `${client.name}.` } : await client.get(path);
      isDone = isOwn(found.value);
      if (isDone) await take(found.revision);
      else if (found.revision > 0) await client.wait(path, found.revision + 1);
    }
  }
  clients.left--;
  // A try without an answer may still be carried out: then the others wait for who does not know.
  while (isUnsure && clients.left > 0) {
    const found = await client.get(path);
    if (isOwn(found.value)) await take(found.revision);
    await delay(20);
  }
}

async function look(client: RecordedClient, plan: Plan): Promise<void> {
  for await (const round of rounds(plan)) {
    if (round % 3 === 0) await client.rev();
    else if (round % 3 === 1) await client.get(`${COUNTERS}/${round % plan.counters}`);
    else await client.get(`${LOCKS}/${round % plan.locks}`);
  }
}

/** From a revision on, until the mark at the end. */
async function watch(client: RecordedClient, glob: string, start: number): Promise<void> {
  const sightings = client.recorder.watch(client.name, glob, Math.max(1, start));
  const last = endOf(glob);
  for (let from = Math.max(1, start); ; ) {
    const sighting = await client.wait(glob, from);
    sightings.push(sighting);
    if (sighting.path === last) return;
    from = sighting.revision + 1;
  }
}

const endOf = (glob: string): string => glob.replace(/[*]+$/, END);

/** What comes last: a watcher who sees it has seen all. */
async function markEnd(client: RecordedClient): Promise<void> {
  for (const glob of GLOBS) {
    while ((await client.set(endOf(glob), client.unique(), -1)).kind !== "written");
  }
}
