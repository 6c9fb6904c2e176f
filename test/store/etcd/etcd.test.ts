import { setMaxListeners } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../../src/store/engine.ts";
import { type EtcdOptions, etcdEngine } from "../../../src/store/etcd/etcd.ts";
import { engineContract } from "../../contract/engine.ts";
import { type Etcd, startEtcd } from "../../support/etcd.ts";
import { describeWith } from "../../support/real-servers.ts";
import { base64, bytes, CLOBBER, compact, gateway, line, never, put, watchAll } from "./support.ts";

describeWith(["etcd"], "the etcd engine", () => {
  let etcd: Etcd;
  const engines: Engine[] = [];
  const open = async (options: Partial<EtcdOptions> = {}): Promise<Engine> => {
    const engine = await etcdEngine({ endpoints: etcd.endpoints, ...options });
    engines.push(engine);
    return engine;
  };
  const foreign = (path: string, body: object) => gateway(etcd.endpoints[0]!, path, body);
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.close()));
  });
  afterAll(() => etcd.stop());

  test("begins with /ctl/name, written once by whoever comes first", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    expect(await one.revision()).toBe(2);
    expect(await other.get("/ctl/name", undefined, never())).toMatchObject({ revision: 2, value: bytes("local") });
    expect(await one.get("/ctl/name", 1, never())).toMatchObject({ revision: 0 });
    expect(await one.stat("/", 1, never())).toEqual({ kind: "directory", entries: 0 });
    expect(await one.entry("/", 0, 1, never())).toBe("RANGE");
    expect(line(await other.wait("/**", 1, never()))).toBe("2 set /ctl/name=local");
    expect(await foreign("kv/range", { key: base64("/ctl/name") })).toMatchObject({
      kvs: [{ value: base64("local") }],
    });
  });

  engineContract({
    name: "etcd",
    create: ({ history }) => etcdEngine({ endpoints: etcd.endpoints, history }),
  });

  /** A path of its own, and changes of each kind at and below it. */
  async function changeAll(engine: Engine, top: string): Promise<{ first: number; told: readonly string[] }> {
    const first = await put(engine, `${top}/a`, "one");
    await engine.set(`${top}/a`, bytes("x"), 0);
    await engine.del(`${top}/none`, 0);
    await engine.nop();
    await engine.del(`${top}/a/below/it`, CLOBBER);
    await put(engine, `${top}/a/b`, "two");
    await engine.del(`${top}/a/b`, CLOBBER);
    const told = [
      `set ${top}/a=one`,
      "set /ctl/err=rev mismatch",
      `del ${top}/none=`,
      "nop /=",
      `del ${top}/a/below/it=`,
      `set ${top}/a/b=two`,
      `del ${top}/a/b=`,
    ];
    return { first, told: told.map((text, index) => `${first + index} ${text}`) };
  }

  describe("several front ends", () => {
    test("tell each other's changes, each once and in order", async () => {
      const [one, other] = await Promise.all([open(), open()]);
      const from = (await one.revision()) + 1;
      const watching = [watchAll(one, from, from + 6), watchAll(other, from, from + 6)];
      const { first, told } = await changeAll(one, "/sides");
      expect(first).toBe(from);
      expect(await Promise.all(watching)).toEqual([told, told]);
    });

    test("see what was answered by another one", async () => {
      const [one, other] = await Promise.all([open(), open()]);
      for (let i = 0; i < 100; i++) {
        const revision = await put(one, "/seen", `${i}`);
        expect(await other.revision()).toBe(revision);
        expect(await other.get("/seen", undefined, never())).toMatchObject({ revision, value: bytes(`${i}`) });
      }
    });

    test("count together without a loss", async () => {
      const all = await Promise.all([open(), open(), open()]);
      await put(all[0]!, "/count", "0");
      const count = async (engine: Engine) => {
        for (let done = 0; done < 30; ) {
          const file = await engine.get("/count", undefined, never());
          if (typeof file === "string") throw new Error(file);
          const next = `${Number(Buffer.from(file.value).toString()) + 1}`;
          if (typeof (await engine.set("/count", bytes(next), file.revision)) === "number") done++;
        }
      };
      await Promise.all(all.map(count));
      expect(await all[0]!.get("/count", undefined, never())).toMatchObject({ value: bytes("90") });
    });

    test("wait for revisions that others make", async () => {
      const [one, other] = await Promise.all([open(), open()]);
      const now = await one.revision();
      const read = one.get("/to-come", now + 2, never());
      await other.nop();
      await put(other, "/to-come", "there");
      expect(await read).toMatchObject({ revision: now + 2, value: bytes("there") });
    });
  });

  describe("the past", () => {
    test("is told by a front end that was not there", async () => {
      const { first, told } = await changeAll(await open(), "/past");
      const late = await open();
      expect(await watchAll(late, first, first + 6)).toEqual(told);
      expect(line(await late.wait("/past/a/**", first, never()))).toBe(told[4]);
    });

    test("is followed with a few watches, by several who are not at the same place", async () => {
      const one = await open();
      const start = await put(one, "/followed0", "0");
      for (let i = 1; i < 300; i++) await put(one, i % 3 === 0 ? "/followed-by" : `/followed${i % 2}`, `${i}`);
      const end = start + 299;
      const late = await open();
      const watches = async () => {
        const metrics = await (await fetch(`${etcd.endpoints[0]}/metrics`)).text();
        return Number(/^grpc_server_started_total\{grpc_method="Watch".* (\d+)$/m.exec(metrics)?.[1]);
      };
      const before = await watches();
      const everything = watchAll(late, start, end);
      const [all, half] = await Promise.all([everything, watchAll(late, start + 150, end)]);
      expect(all).toHaveLength(300);
      expect(half).toEqual(all.slice(150));
      const some = await watchAll(late, start + 3, end - 2, "/followed-by");
      expect(some).toEqual(all.filter((text) => text.includes("-by")));
      expect((await watches()) - before).toBeLessThan(6);
    });

    test("goes over into what is to come", async () => {
      const one = await open();
      const start = await put(one, "/over", "1");
      await put(one, "/over", "2");
      const late = await open();
      const later = late.wait("/not-yet", start, never());
      const other = late.wait("/over", start + 2, never());
      const revision = await put(one, "/not-yet");
      expect(line(await later)).toBe(`${revision} set /not-yet=x`);
      await put(one, "/over", "3");
      expect(line(await other)).toBe(`${revision + 1} set /over=3`);
    });

    test("is looked at by many at a time, whether they end or not", async () => {
      const one = await open();
      const start = await put(one, "/many", "0");
      const late = await open();
      const gone = new AbortController();
      setMaxListeners(0, gone.signal);
      const given = Array.from({ length: 50 }, () => late.wait("/never", start, gone.signal));
      const wanted = Array.from({ length: 50 }, () => late.wait("/many", start, never()));
      gone.abort(new Error("gone"));
      for (const { status } of await Promise.allSettled(given)) expect(status).toBe("rejected");
      for (const change of await Promise.all(wanted)) expect(line(change)).toBe(`${start} set /many=0`);
    });

    test.each([
      ["DEL", async (engine: Engine) => engine.del("/gone", CLOBBER), "del /gone="],
      ["DEL of what is missing", async (engine: Engine) => engine.del("/missing", CLOBBER), "del /missing="],
      ["DEL below a file", async (engine: Engine) => engine.del("/gone/below", CLOBBER), "del /gone/below="],
      ["NOP", async (engine: Engine) => engine.nop(), "nop /="],
      ["SET", async (engine: Engine) => engine.set("/gone", bytes("2"), CLOBBER), "set /gone=2"],
    ])("a %s is still told when all before it is compacted", async (_name, write, told) => {
      const one = await open();
      await put(one, "/gone", "1");
      const revision = (await write(one)) as number;
      await put(one, "/behind");
      await compact(etcd, revision);
      for (const engine of [one, await open()]) {
        expect(line(await engine.wait("/**", revision, never()))).toBe(`${revision} ${told}`);
        expect(await engine.wait("/**", revision - 1, never())).toBe("TOO_LATE");
        expect(await engine.get("/gone", revision - 1, never())).toBe("TOO_LATE");
        expect(await engine.get("/gone", revision, never())).not.toBe("TOO_LATE");
        expect(await engine.wait("/**", 1, never())).toBe("TOO_LATE");
        expect(await engine.get("/gone", 1, never())).toBe("TOO_LATE");
      }
    });

    test("lacks a foreign deletion that was compacted away, and says so", async () => {
      await put(await open(), "/foreign");
      const { header } = (await foreign("kv/deleterange", { key: base64("/foreign") })) as {
        header: { revision: string };
      };
      const revision = Number(header.revision);
      await put(await open(), "/behind");
      await compact(etcd, revision);
      const late = await open();
      expect(await late.wait("/**", revision, never())).toBe("TOO_LATE");
      expect(line(await late.wait("/**", revision + 1, never()))).toBe(`${revision + 1} set /behind=x`);
    });
  });

  describe("who else uses the etcd", () => {
    const from = async (engine: Engine) => (await engine.revision()) + 1;

    test("moves the revision, as a NOP, with what is no file", async () => {
      const engine = await open();
      const start = await from(engine);
      for (const key of ["elsewhere", "/no_path", "/", "/a//b", "\xff\x00"])
        await foreign("kv/put", { key: base64(key), value: base64("v") });
      await foreign("kv/deleterange", { key: base64("/no_path") });
      expect(await watchAll(engine, start, start + 5)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `${start + i} nop /=`));
      expect(await engine.walk("/no?path", 0, undefined, never())).toBe("RANGE");
      await foreign("kv/deleterange", { key: base64("/a//b") });
    });

    test("changes files", async () => {
      const engine = await open();
      const start = await from(engine);
      await foreign("kv/put", { key: base64("/theirs"), value: base64("v") });
      await foreign("kv/deleterange", { key: base64("/theirs") });
      expect(await watchAll(engine, start, start + 1)).toEqual([`${start} set /theirs=v`, `${start + 1} del /theirs=`]);
    });

    test("changes several files in one revision: who waits for one of them sees it", async () => {
      const engine = await open();
      const start = await from(engine);
      const waiting = ["/two/a", "/two/b", "/two/*"].map((glob) => engine.wait(glob, start, never()));
      await foreign("kv/txn", {
        success: ["/two/b", "/two/a"].map((key) => ({ request_put: { key: base64(key), value: base64("v") } })),
      });
      expect((await Promise.all(waiting)).map(line)).toEqual(
        ["/two/a", "/two/b", "/two/b"].map((path) => `${start} set ${path}=v`),
      );
      expect(line(await (await open()).wait("/two/a", start, never()))).toBe(`${start} set /two/a=v`);
    });
  });

  describe("large", () => {
    /** Files with empty values, many to a transaction. */
    async function fill(paths: readonly string[]): Promise<void> {
      for (let i = 0; i < paths.length; i += 128) {
        const success = paths.slice(i, i + 128).map((path) => ({ request_put: { key: base64(path) } }));
        await foreign("kv/txn", { success });
      }
    }

    test("directories are listed, past subdirectories of any size", async () => {
      const engine = await open();
      const below = Array.from({ length: 10_100 }, (_, i) => `/large/a/${i}`);
      await fill([...below, "/large/a-b", "/large/a.b/c", "/large/z", "/large/0"]);
      const { length } = below;
      expect(await engine.stat("/large", undefined, never())).toEqual({ kind: "directory", entries: 5 });
      expect(await engine.stat("/large/a", undefined, never())).toEqual({ kind: "directory", entries: length });
      const at = await engine.revision();
      const names = [];
      for (let i = 0; i < 6; i++) names.push(await engine.entry("/large", i, at, never()));
      expect(names).toEqual([..."0 a a-b a.b z".split(" ").map((name) => ({ name })), "RANGE"]);
      const sorted = below.map((path) => path.slice(9)).sort();
      expect(await engine.entry("/large/a", length - 1, at, never())).toEqual({ name: sorted.at(-1) });
      expect(await engine.walk("/large/**", length + 1, at, never())).toMatchObject({ path: "/large/a-b" });
      expect(await engine.walk("/large/*/*", length, undefined, never())).toMatchObject({ path: "/large/a.b/c" });
    });

    test("lists that are kept are not told when etcd would not tell them", async () => {
      const engine = await open();
      const at = await put(engine, "/kept/a");
      expect(await engine.entry("/kept", 0, at, never())).toEqual({ name: "a" });
      expect(await engine.walk("/kept/*", 1, at, never())).toBe("RANGE");
      await put(engine, "/kept/a");
      await compact(etcd, at + 1);
      expect(await engine.entry("/kept", 0, at, never())).toBe("TOO_LATE");
      expect(await engine.walk("/kept/*", 1, at, never())).toBe("TOO_LATE");
      expect(await engine.entry("/kept", 0, undefined, never())).toEqual({ name: "a" });
    });

    test("values are refused, and nothing was written", async () => {
      const engine = await open();
      const before = await put(engine, "/value", "small");
      for (const size of [1_600_000, 3_000_000]) {
        const refused = engine.set("/value", Buffer.alloc(size), CLOBBER);
        await expect(refused).rejects.toMatchObject({ name: "EngineError", unknown: false });
        await expect(refused).rejects.toThrow(/too large|larger than max/);
      }
      expect(await engine.revision()).toBe(before);
      await engine.set("/value", Buffer.alloc(1_500_000, 1), CLOBBER);
      expect(await engine.stat("/value", undefined, never())).toMatchObject({ bytes: 1_500_000 });
      expect(await engine.wait("/value", before + 1, never())).toMatchObject({ value: { length: 1_500_000 } });
    });

    test("paths with more levels than etcd compares are refused, and nothing was written", async () => {
      const engine = await open();
      const before = await engine.revision();
      const refused = engine.set("/d".repeat(64), bytes("x"), CLOBBER);
      await expect(refused).rejects.toMatchObject({ name: "EngineError", unknown: false });
      await expect(refused).rejects.toThrow("--max-txn-ops");
      expect(await engine.revision()).toBe(before);
      await put(engine, "/d".repeat(63));
      expect(await engine.set("/d".repeat(63), bytes("x"), 0)).toBe("REV_MISMATCH");
      expect(await engine.del("/d".repeat(100), CLOBBER)).toBe(before + 3);
      expect(await engine.stat("/d", undefined, never())).toEqual({ kind: "missing" });
    });
  });

  test("a path is a directory or nothing, whatever else begins with its name", async () => {
    const engine = await open();
    const start = await put(engine, "/name-x");
    await put(engine, "/name.x/y");
    const get = (at?: number) => engine.get("/name", at, never());
    expect(await get()).toMatchObject({ path: "/name", revision: 0, value: { length: 0 } });
    await put(engine, "/name/z");
    expect(await get()).toBe("ISDIR");
    expect(await get(start)).toMatchObject({ revision: 0 });
    await put(engine, "/name0");
    await engine.del("/name/z", CLOBBER);
    expect(await get()).toMatchObject({ revision: 0 });
    expect(await get(start + 2)).toBe("ISDIR");
    expect(await get(start - 1)).toMatchObject({ revision: 0 });
    const revision = await put(engine, "/name");
    expect(await get()).toMatchObject({ revision });
  });

  test("thousands wait on one watch", async () => {
    const engine = await open();
    const from = (await engine.revision()) + 1;
    const gone = new AbortController();
    setMaxListeners(0, gone.signal);
    const waiting = Array.from({ length: 5000 }, (_, i) => engine.wait(`/crowd/${i}/*`, from, gone.signal));
    const metrics = await (await fetch(`${etcd.endpoints[0]}/metrics`)).text();
    expect(Number(/^etcd_debugging_mvcc_watcher_total (\d+)$/m.exec(metrics)?.[1])).toBeLessThan(10);
    for (let i = 0; i < 5000; i += 100) await put(engine, `/crowd/${i}/x`, `${i}`);
    const woken = await Promise.all(waiting.filter((_, i) => i % 100 === 0));
    expect(woken.map((change) => line(change))).toEqual(
      woken.map((_, i) => `${from + i} set /crowd/${100 * i}/x=${100 * i}`),
    );
    gone.abort(new Error("gone"));
    const ends = await Promise.allSettled(waiting);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(50);
  });

  test("closing ends what is open", async () => {
    const engine = await etcdEngine({ endpoints: etcd.endpoints, history: 100_000 });
    const open = [
      engine.wait("/**", 1_000_000_000, never()),
      engine.get("/a", 1_000_000_000, never()),
      engine.revision(),
    ].map((promise) => Promise.resolve(promise).catch((error: Error) => error.message));
    await engine.close();
    expect((await Promise.all(open)).slice(0, 2)).toEqual(["the store is closing", "the store is closing"]);
    await expect(engine.revision()).rejects.toThrow("the store is closing");
  });
});
