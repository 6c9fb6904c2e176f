import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../../src/store/engine.ts";
import { type EtcdOptions, etcdEngine } from "../../../src/store/etcd/etcd.ts";
import { type Etcd, startEtcd } from "../../support/etcd.ts";
import { describeWith } from "../../support/real-servers.ts";
import { bytes, CLOBBER, compact, line, never, put, watchAll } from "./support.ts";

/** For what has to succeed: only a hang takes as many milliseconds. */
const PATIENT = { timeout: 60_000 };

describeWith(["etcd"], "the etcd engine on three members", () => {
  let etcd: Etcd;
  const engines: Engine[] = [];
  /** A front end that uses this member as long as it can. */
  const open = async (member: number, options: Partial<EtcdOptions> = {}): Promise<Engine> => {
    const endpoints = [...etcd.endpoints.slice(member), ...etcd.endpoints.slice(0, member)];
    const engine = await etcdEngine({ endpoints, ...options });
    engines.push(engine);
    return engine;
  };
  beforeAll(async () => {
    etcd = await startEtcd({ members: 3 });
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
  });
  afterAll(() => etcd.stop());

  test("what one member has answered every other one knows", async () => {
    const all = await Promise.all([0, 1, 2].map((member) => open(member)));
    for (let i = 0; i < 30; i++) {
      const revision = await put(all[i % 3]!, "/known", `${i}`);
      const others = all.map((engine) => engine.get("/known", undefined, never()));
      for (const file of await Promise.all(others)) expect(file).toMatchObject({ revision, value: bytes(`${i}`) });
      for (const now of await Promise.all(all.map((engine) => engine.revision()))) expect(now).toBe(revision);
    }
  });

  test.each(["a follower", "the leader"])(
    "%s is killed in the middle: acknowledged writes are there, watchers see each change once",
    async (which) => {
      const leader = await etcd.leader();
      const victim = which === "the leader" ? leader : (leader + 1) % 3;
      const path = `/killed-${victim}`;
      // What is on its way to a leader that is gone etcd itself gives up after seven seconds.
      const [writer, watcher] = [await open(victim, { timeout: 3000 }), await open(victim)];
      const start = (await writer.revision()) + 1;
      const acknowledged = new Map<number, string>();
      const unknown = new Set<string>();
      let isOver = false;
      const writing = (async () => {
        for (let i = 0; !isOver; i++) {
          try {
            acknowledged.set((await writer.set(path, bytes(`${i}`), CLOBBER)) as number, `${i}`);
          } catch (error) {
            expect(error).toMatchObject({ name: "EngineError", unknown: true });
            unknown.add(`${i}`);
          }
        }
      })();
      const until = async (count: number) => expect.poll(() => acknowledged.size).toBeGreaterThan(count);
      await until(30);
      await etcd.kill(victim);
      await until(acknowledged.size + 50);
      await etcd.restart(victim);
      await until(acknowledged.size + 30);
      isOver = true;
      await writing;
      const end = await writer.revision();
      const seen = await watchAll(watcher, start, end);
      const told = new Map(seen.map((text) => [Number(text.split(" ")[0]), text.replace(/^.*=/, "")]));
      expect(told.size).toBe(seen.length);
      expect([...told.keys()]).toEqual(Array.from({ length: end - start + 1 }, (_, i) => start + i));
      for (const [revision, value] of acknowledged) expect(told.get(revision)).toBe(value);
      const values = [...told.values()];
      expect(new Set(values).size).toBe(values.length);
      for (const value of values) expect([...acknowledged.values(), ...unknown]).toContain(value);
      expect(unknown.size).toBeLessThan(10);
    },
  );

  test("a member hangs: reads go elsewhere, a write to it is unknown, and who waits is told by another", async () => {
    const victim = ((await etcd.leader()) + 1) % 3;
    const [one, other] = [
      await open(victim, { attemptTimeout: 300, ...PATIENT }),
      await open((victim + 1) % 3, PATIENT),
    ];
    const impatient = await open(victim, { timeout: 1000 });
    const start = await put(one, "/hangs", "1");
    const waiting = one.wait("/hangs", start + 1, never());
    // Of one that asks for nothing only a ping finds out.
    const idle = (await open(victim, { pingInterval: 1000, ...PATIENT })).wait("/hangs", start + 1, never());
    await etcd.pause(victim);
    try {
      await expect(impatient.set("/hangs", bytes("2"), start)).rejects.toMatchObject({ unknown: true });
      expect(await one.get("/hangs", undefined, never())).toMatchObject({ revision: start, value: bytes("1") });
      const revision = await put(one, "/hangs", "3", start);
      expect(line(await waiting)).toBe(`${revision} set /hangs=3`);
      expect(line(await idle)).toBe(`${revision} set /hangs=3`);
      expect(await other.get("/hangs", undefined, never())).toMatchObject({ revision, value: bytes("3") });
    } finally {
      etcd.resume(victim);
    }
    // What it had taken but not passed on must not come after all: the compare is a later revision's.
    expect(await other.set("/hangs", bytes("4"), CLOBBER)).toBeTypeOf("number");
  });

  test("two members are gone: requests end with an error, and all goes on when one is back", async () => {
    const [impatient, engine] = [await open(0, { attemptTimeout: 300, timeout: 1000 }), await open(0, PATIENT)];
    const start = await put(engine, "/majority", "1");
    const waiting = engine.wait("/majority", start + 1, never());
    const gone = [1, 2];
    await Promise.all(gone.map((member) => etcd.kill(member)));
    await expect(impatient.get("/majority", undefined, never())).rejects.toMatchObject({ name: "EngineError" });
    await expect(impatient.set("/majority", bytes("2"), start)).rejects.toMatchObject({ name: "EngineError" });
    await Promise.all(gone.map((member) => etcd.restart(member)));
    const change = line(await Promise.race([waiting, put(engine, "/majority", "3").then(() => waiting)]));
    expect(change).toMatch(/set \/majority=[23]$/);
  });

  test("what is compacted while its member is gone is not passed over in silence", async () => {
    // Without a change of leaders, so that the other one's writes are answered.
    const leader = await etcd.leader();
    const victim = (leader + 1) % 3;
    const [engine, other] = [await open(victim, { endpoints: [etcd.endpoints[victim]!] }), await open(leader)];
    const start = await put(engine, "/away", "1");
    const missed = engine.wait("/away", start + 1, never());
    const later = engine.wait("/away", start + 4, never());
    await etcd.kill(victim);
    await put(other, "/away", "2");
    await put(other, "/away", "3");
    await compact(etcd, start + 2, leader);
    await etcd.restart(victim);
    expect(await missed).toBe("TOO_LATE");
    await put(other, "/away", "4");
    await put(other, "/away", "5");
    expect(line(await later)).toBe(`${start + 4} set /away=5`);
    expect(line(await engine.wait("/away", start + 2, never()))).toBe(`${start + 2} set /away=3`);
    expect(await engine.wait("/away", start + 1, never())).toBe("TOO_LATE");
  });
});
