/** Where the real server is broken, this one is not: each case on real sockets. */
import { readFileSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { EngineError } from "../../src/store/engine.ts";
import { memoryEngine } from "../../src/store/memory.ts";
import { type Client, encode, framed } from "./client.ts";
import { slowEngine } from "./slow-engine.ts";
import { storesForTests, type TestStore } from "./stores.ts";

const start = storesForTests();

const repliesOf = async (client: Client, count: number) => {
  const replies = [];
  for (let i = 0; i < count; i++) replies.push(await client.reply());
  return replies;
};

describe.each([
  ["memory", () => memoryEngine()],
  ["an engine that takes its time", () => slowEngine(memoryEngine())],
])("requests in one write, %s:", (_name, engine) => {
  const begin = () => start({ engine: engine() });

  test("are applied and answered in order", async () => {
    const client = await (await begin()).open();
    const requests = Array.from({ length: 20 }, (_, i) =>
      encode("SET", { tag: i, path: "/a", rev: -1, value: `${i}` }),
    );
    client.send(Buffer.concat([...requests, encode("GET", { tag: 20, path: "/a" }), encode("REV", { tag: 21 })]));
    const replies = await repliesOf(client, 22);
    const first = replies[0]!.rev as number;
    expect(replies.slice(0, 20)).toEqual(requests.map((_, i) => ({ tag: i, rev: first + i })));
    expect(replies[20]).toEqual({ tag: 20, rev: first + 19, value: "19" });
    expect(replies[21]).toEqual({ tag: 21, rev: first + 19 });
  });

  test("pass a WAIT and a read of a revision to come", async () => {
    const store = await begin();
    const [client, other] = [await store.open(), await store.open()];
    const { rev } = (await client.ask("REV")) as { rev: number };
    client.send(
      Buffer.concat([
        encode("WAIT", { tag: 1, path: "/a", rev: rev + 1 }),
        encode("GET", { tag: 2, path: "/a", rev: rev + 1 }),
        encode("STAT", { tag: 3, path: "/a_b", rev: rev + 1 }),
        encode("GETDIR", { tag: 4, path: "/none", offset: 0, rev: rev + 1 }),
        encode("WALK", { tag: 5, path: "/a", offset: 0, rev: rev + 1 }),
        encode("REV", { tag: 6 }),
      ]),
    );
    expect(await client.reply()).toEqual({ tag: 6, rev });
    await other.ask("SET", { path: "/a", rev: 0, value: "x" });
    const replies = await repliesOf(client, 5);
    expect(replies.sort((a, b) => (a.tag as number) - (b.tag as number))).toEqual([
      { tag: 1, flags: 4, rev: rev + 1, path: "/a", value: "x" },
      { tag: 2, rev: rev + 1, value: "x" },
      { tag: 3, rev: 0, len: 0 },
      { tag: 4, err_code: 22 },
      { tag: 5, flags: 4, rev: rev + 1, path: "/a", value: "x" },
    ]);
  });

  test("get their replies after a half-close", async () => {
    const store = await begin();
    for (let i = 0; i < 50; i++) {
      const client = await store.open();
      client
        .send(encode("SET", { tag: 1, path: "/a", rev: -1, value: `${i}` }))
        .send(encode("GET", { tag: 2, path: "/a" }));
      client.socket.end();
      expect(await repliesOf(client, 2)).toEqual([
        { tag: 1, rev: expect.any(Number) },
        { tag: 2, rev: expect.any(Number), value: `${i}` },
      ]);
      expect(await client.frame()).toBe("closed");
    }
  });

  test("that are open at a half-close are waited for a second", async () => {
    const store = await begin();
    const [client, other] = [await store.open(), await store.open()];
    const { rev } = (await client.ask("REV")) as { rev: number };
    // The second passes when the test says so.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      for (const path of ["/a", "/b"]) client.send(encode("WAIT", { path, rev: rev + 1 }));
      client.socket.end();
      while (vi.getTimerCount() === 0) await nextTurn();
      vi.advanceTimersByTime(900);
      await other.ask("SET", { path: "/a", rev: 0, value: "x" });
      expect(await client.reply()).toMatchObject({ path: "/a" });
      expect(client.unread).toBe("");
      vi.advanceTimersByTime(101);
      expect(await client.frame()).toBe("closed");
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a connection", () => {
  const expectToServe = async (store: TestStore) => {
    const client = await store.open();
    expect(await client.ask("REV", { tag: 1 })).toMatchObject({ tag: 1 });
    await client.close();
  };

  test("survives an empty path", async () => {
    const client = await (await start()).open();
    expect(await client.ask("GET", { tag: 1, path: "" })).toEqual({ tag: 1, err_code: 6 });
    expect(await client.ask("GETDIR", { tag: 2, path: "", offset: 0 })).toEqual({ tag: 2, err_code: 6 });
    expect(await client.ask("REV", { tag: 3 })).toMatchObject({ tag: 3 });
  });

  test.each(["80000000", "ffffffff"])("with the length %s is closed, alone", async (length) => {
    const store = await start();
    const [client, other] = [await store.open(), await store.open()];
    client.send(length);
    await client.closed();
    expect(client.unread).toBe("");
    expect(await other.ask("REV")).toEqual({ rev: 58 });
  });

  test("is told that a message is too long, with its tag, and goes on", async () => {
    const client = await (await start({ limits: { maxMessage: 1000 } })).open();
    client.send(encode("SET", { tag: 300, path: "/a", rev: 0, value: "x".repeat(100_000) }));
    expect(await client.reply()).toEqual({
      tag: 300,
      err_code: 127,
      err_detail: "message too long: the limit is 1000 bytes",
    });
    expect(await client.ask("GET", { tag: 301, path: "/a" })).toEqual({ tag: 301, rev: 0, value: "" });
  });

  test("is told so when there is nothing but the length", async () => {
    const client = await (await start()).open();
    client.send("7fffffff");
    expect(await client.reply()).toEqual({ err_code: 127, err_detail: "message too long: the limit is 1048576 bytes" });
  });

  test("is told so before it hangs up", async () => {
    const client = await (await start()).open();
    client.send("7fffffff 0807");
    client.socket.end();
    expect(await client.reply()).toMatchObject({ tag: 7, err_code: 127 });
    expect(await client.frame()).toBe("closed");
  });

  test("may send messages up to the limit", async () => {
    const client = await (await start()).open();
    const overhead = encode("SET", { tag: 1, path: "/big", rev: -1, value: "x".repeat(2 ** 20 - 100) }).length - 4;
    const value = "y".repeat(2 ** 20 - 100 + (2 ** 20 - overhead));
    const frame = encode("SET", { tag: 1, path: "/big", rev: -1, value });
    expect(frame.length).toBe(4 + 2 ** 20);
    expect(await client.send(frame).reply()).toEqual({ tag: 1, rev: 59 });
    expect(await client.ask("GET", { path: "/big" })).toEqual({ rev: 59, value });
    expect(await client.ask("SET", { tag: 1, path: "/big", rev: -1, value: `${value}y` })).toMatchObject({
      err_code: 127,
    });
  });

  test("has so many open requests and no more", async () => {
    const store = await start({ limits: { maxOpen: 2 } });
    const [client, other] = [await store.open(), await store.open()];
    const tooMany = { err_code: 127, err_detail: "too many requests are open on this connection: the limit is 2" };
    client.send(encode("WAIT", { tag: 1, path: "/a", rev: 59 })).send(encode("GET", { tag: 2, path: "/a", rev: 60 }));
    expect(await client.ask("WAIT", { tag: 3, path: "/a", rev: 59 })).toEqual({ tag: 3, ...tooMany });
    expect(await client.ask("GET", { tag: 4, path: "/a", rev: 59 })).toEqual({ tag: 4, ...tooMany });
    // What is there already is not open.
    expect(await client.ask("WAIT", { tag: 5, path: "/ctl/name", rev: 1 })).toMatchObject({ tag: 5, value: "local" });
    expect(await client.ask("GET", { tag: 6, path: "/a", rev: 58 })).toMatchObject({ tag: 6, rev: 0 });
    await other.ask("SET", { path: "/a", rev: 0, value: "x" });
    expect(await client.reply()).toMatchObject({ tag: 1, rev: 59 });
    client.send(encode("WAIT", { tag: 7, path: "/a", rev: 60 }));
    await other.ask("SET", { path: "/a", rev: -1, value: "y" });
    expect((await repliesOf(client, 2)).map(({ tag }) => tag).sort()).toEqual([2, 7]);
  });

  test("that is silent in the middle of a message is closed", async () => {
    const store = await start({ limits: { messageTimeout: 1000 } });
    const [idle, waiting, header, body, slow] = [
      await store.open(),
      await store.open(),
      await store.open(),
      await store.open(),
      await store.open(),
    ];
    await idle.ask("REV");
    waiting.send(encode("WAIT", { path: "/a", rev: 59 }));
    header.send("0000");
    body.send(encode("REV")).send("00000010 0801");
    const started = performance.now();
    // Every byte is a sign of life.
    for (const byte of encode("REV", { tag: 1 })) {
      slow.send(Buffer.of(byte));
      await sleep(150);
    }
    expect(await slow.reply()).toEqual({ tag: 1, rev: 58 });
    await header.closed();
    expect(await body.reply()).toEqual({ rev: 58 });
    await body.closed();
    expect(performance.now() - started).toBeGreaterThan(990);
    expect(await idle.ask("SET", { path: "/a", rev: 0, value: "x" })).toEqual({ rev: 59 });
    expect(await waiting.reply()).toMatchObject({ path: "/a" });
    expect(await slow.ask("REV")).toEqual({ rev: 59 });
  });

  test("that does not read is not read from, and gets everything in order later", async () => {
    const store = await start();
    const [client, other] = [await store.open(), await store.open()];
    const value = "v".repeat(100_000);
    await other.ask("SET", { path: "/big", rev: 0, value });
    const before = process.memoryUsage().rss;
    client.socket.pause();
    const COUNT = 20_000;
    client.send(Buffer.concat(Array.from({ length: COUNT }, (_, i) => encode("GET", { tag: i, path: "/big" }))));
    // 2 GB would be waiting here.
    await sleep(200);
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    await expectToServe(store);
    client.socket.resume();
    for (let i = 0; i < 300; i++) expect(await client.reply()).toEqual({ tag: i, rev: 59, value });
  });

  test("that reads late gets what it waited for", async () => {
    const store = await start();
    const [client, other] = [await store.open(), await store.open()];
    const value = "v".repeat(200_000);
    client.socket.pause();
    for (let i = 0; i < 200; i++) client.send(encode("WAIT", { tag: i, path: "/a", rev: 59 + i }));
    for (let i = 0; i < 200; i++) await other.ask("SET", { path: "/a", rev: -1, value });
    client.socket.resume();
    for (let i = 0; i < 200; i++) expect(await client.reply()).toMatchObject({ tag: i, rev: 59 + i, value });
  });

  test("that goes with a WAIT open is not missed", async () => {
    const store = await start();
    const other = await store.open();
    for (let i = 0; i < 20; i++) {
      const client = await store.open();
      client.send(encode("WAIT", { path: "/**", rev: 1000 })).send(encode("GET", { path: "/a", rev: 59 }));
      await client.ask("REV");
      if (i % 2 === 0) client.socket.resetAndDestroy();
      else await client.close();
    }
    expect(await other.ask("SET", { path: "/a", rev: 0, value: "x" })).toEqual({ rev: 59 });
  });

  test("is one of thousands", async () => {
    const store = await start();
    const writer = await store.open();
    const clients = await Promise.all(Array.from({ length: 2000 }, () => store.open()));
    const replies = clients.map((client, i) => client.ask("WAIT", { tag: i, path: "/a", rev: 59 }));
    await Promise.all(clients.map((client) => client.send(encode("REV"))));
    await writer.ask("SET", { path: "/a", rev: 0, value: "all" });
    // Of some the WAIT may come before their REV is answered.
    const first = await Promise.all(replies);
    const second = await Promise.all(clients.map((client) => client.reply()));
    for (const [i, reply] of first.entries())
      expect([reply, second[i]]).toContainEqual({ tag: i, flags: 4, rev: 59, path: "/a", value: "all" });
  });

  test("that asks for much at once lets the others have their turn", async () => {
    const engine = memoryEngine();
    for (let i = 0; i < 20_000; i++) engine.set(`/f/${i}`, new Uint8Array(0), -1);
    const store = await start({ engine });
    const [greedy, other] = [await store.open(), await store.open()];
    await Promise.all([greedy.ask("SELF"), other.ask("SELF")]);
    const order: string[] = [];
    greedy.send(Buffer.concat(Array<Buffer>(50).fill(encode("WALK", { path: "/**", offset: 2 ** 31 - 1 }))));
    const all = repliesOf(greedy, 50).then((replies) => {
      order.push("greedy");
      expect(replies).toEqual(Array(50).fill({ err_code: 8 }));
    });
    await other.ask("REV");
    order.push("other");
    await all;
    expect(order).toEqual(["other", "greedy"]);
  });

  test.runIf(process.platform === "linux")("that is silent is asked by the system whether it is there", async () => {
    const store = await start();
    await (await store.open()).ask("REV");
    const port = store.port.toString(16).toUpperCase().padStart(4, "0");
    // The local address, the state "established", and a running timer that is none of a retransmission.
    const kept = new RegExp(`: [0-9A-F]{8}:${port} \\S+ 01 \\S+ 02:`);
    await expect.poll(() => readFileSync("/proc/net/tcp", "latin1")).toMatch(kept);
  });

  test("that sends on after it was hung up on gets what was said before", async () => {
    const store = await start();
    const value = "x".repeat(1_000_000);
    const client = await store.open();
    await client.ask("SET", { path: "/a", rev: -1, value });
    client.socket.pause();
    // More than a read takes: the store hangs up before it has all of it.
    const after = Buffer.concat([Buffer.from("ffffffff", "hex"), Buffer.alloc(300_000)]);
    client.send(Buffer.concat([encode("GET", { path: "/a" }), encode("REV"), after]));
    await sleep(20);
    client.socket.resume();
    expect((await client.reply()).value).toBe(value);
    expect(await client.reply()).toEqual({ rev: 59 });
    await client.closed();
  });

  test("that does not stop after it was hung up on is cut off", async () => {
    const client = await (await start()).open();
    client.send("ffffffff");
    const sending = setInterval(() => client.send(Buffer.alloc(100)), 10);
    try {
      while (!client.socket.destroyed) await sleep(20);
    } finally {
      clearInterval(sending);
    }
  });

  test("beyond the most that are taken is hung up on", async () => {
    const store = await start({ limits: { maxConnections: 3 } });
    const clients = [await store.open(), await store.open(), await store.open()];
    for (const client of clients) await client.ask("REV");
    const fourth = await store.open();
    await fourth.closed();
    await clients[0]!.close();
    // The store has yet to hear of it.
    const next = async () => {
      const client = await store.open();
      return client.ask("REV").catch(() => "closed");
    };
    await expect.poll(next).toEqual({ rev: 58 });
  });

  test("that says anything at all hurts nobody else", async () => {
    const store = await start({ limits: { maxMessage: 1000, messageTimeout: 1000 } });
    const other = await store.open();
    const anything = fc.uint8Array({ maxLength: 300, size: "max" });
    const body = fc.uint8Array({ maxLength: 60 }).map((bytes) => framed(bytes));
    const request = fc
      .record({
        verb: fc.constantFrom("GET", "STAT", "GETDIR", "WALK", "WAIT", "REV", "SELF", "ACCESS", "SET", "DEL", "NOP"),
        path: fc.option(fc.string(), { nil: undefined }),
        rev: fc.option(fc.integer(), { nil: undefined }),
        offset: fc.option(fc.integer(), { nil: undefined }),
        value: fc.option(fc.string(), { nil: undefined }),
      })
      .map(({ verb, ...fields }) => {
        const present = Object.fromEntries(Object.entries(fields).filter(([, one]) => one !== undefined));
        return encode(verb as "GET", present);
      });
    const cut = fc
      .tuple(request, fc.nat(30), fc.integer({ min: 0, max: 255 }))
      .map(([bytes, at, byte]) => Buffer.from(bytes.map((one, i) => (i === at ? byte : one))));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(anything, body, request, cut), { minLength: 1, maxLength: 10 }),
        async (all) => {
          const client = await store.open();
          for (const bytes of all) client.send(bytes);
          client.socket.end();
          const tag = Math.floor(Math.random() * 1e9);
          expect(await other.ask("SELF", { tag })).toMatchObject({ tag });
          await client.close();
        },
      ),
      { numRuns: 500 },
    );
    await expectToServe(store);
  });
});

describe("what an engine cannot do", () => {
  const failing = async (unknown: boolean) => {
    const fail = async (): Promise<never> => {
      throw new EngineError("no member answered", unknown);
    };
    const engine = { ...slowEngine(memoryEngine()), revision: () => 1, set: fail, del: fail, nop: fail };
    return (await start({ engine })).open();
  };

  test("is told to the client that asked for it", async () => {
    const client = await failing(false);
    const refused = { tag: 1, err_code: 127, err_detail: "no member answered" };
    expect(await client.ask("SET", { tag: 1, path: "/a", rev: 0, value: "é" })).toEqual(refused);
    expect(await client.ask("GET", { tag: 2, path: "/a" })).toEqual({ tag: 2, rev: 0, value: "" });
  });

  test("but may have done is told as that", async () => {
    const client = await failing(true);
    const refused = { tag: 1, err_code: 127, err_detail: "no member answered; the change may have been made" };
    expect(await client.ask("SET", { tag: 1, path: "/a", rev: 0, value: "x" })).toEqual(refused);
    expect(await client.ask("DEL", { tag: 1, path: "/a", rev: 0 })).toEqual(refused);
    expect(await client.ask("NOP", { tag: 1 })).toEqual(refused);
  });
});

describe("stopping", () => {
  test("ends connections, answered requests and all, and may be asked for twice", async () => {
    const store = await start();
    const [client, waiting, silent] = [await store.open(), await store.open(), await store.open()];
    waiting.send(encode("WAIT", { path: "/a", rev: 59 }));
    silent.socket.pause();
    await client.ask("REV");
    await Promise.all([store.stop(), store.stop()]);
    expect(await client.frame()).toBe("closed");
    expect(await waiting.frame()).toBe("closed");
  });
});
