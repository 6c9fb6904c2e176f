import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kvServer } from "../../src/servers/builtin-kv.ts";
import type { RunningServer } from "../../src/servers/server.ts";
import { Dialogue } from "./dialogue.ts";

let server: RunningServer;
beforeEach(async () => {
  server = await kvServer().start(new AbortController().signal);
});
afterEach(() => server.stop());

async function connect(): Promise<Dialogue> {
  const client = new Dialogue(server);
  expect(await client.hear()).toEqual(["KV 1.0 ready"]);
  return client;
}

describe("keys", () => {
  it("are set, read and removed, every change with the next version", async () => {
    const client = await connect();
    expect(await client.ask("GET a")).toEqual(["NONE"]);
    expect(await client.ask("SET a one two  three ")).toEqual(["OK 1"]);
    expect(await client.ask("SET b ")).toEqual(["OK 2"]);
    expect(await client.ask("SET a again")).toEqual(["OK 3"]);
    expect(await client.say("GET a", "GET b").hear(2)).toEqual(["VALUE 3 again", "VALUE 2 "]);
    expect(await client.say("DEL b", "DEL b", "GET b", "SET b x").hear(4)).toEqual(["OK 4", "NONE", "NONE", "OK 5"]);
  });

  it("hold the bytes they were given, whatever they are", async () => {
    const client = await connect();
    const value = " \t\xff\xfe\0\x80 a\rb ";
    expect(await client.say(`SET \xe9 ${value}`, "GET \xe9").hear(2)).toEqual(["OK 1", `VALUE 1 ${value}`]);
  });

  it("are listed in the order of their bytes", async () => {
    const client = await connect();
    expect(await client.ask("KEYS")).toEqual(["END"]);
    await client.say("SET b 1", "SET \xff 1", "SET B 1", "SET ba 1").hear(4);
    expect(await client.ask("KEYS", 5)).toEqual(["KEY B 3", "KEY b 1", "KEY ba 4", "KEY \xff 2", "END"]);
    expect(await client.ask("KEYS b", 3)).toEqual(["KEY b 1", "KEY ba 4", "END"]);
  });

  it("are compared and set", async () => {
    const [one, two] = [await connect(), await connect()];
    expect(await one.ask("CAS a 1 x")).toEqual(["CONFLICT 0"]);
    expect(await one.ask("CAS a 0 x")).toEqual(["OK 1"]);
    expect(await two.ask("CAS a 0 y")).toEqual(["CONFLICT 1"]);
    expect(await two.ask("CAS a 1 y z")).toEqual(["OK 2"]);
    expect(await one.ask("CAS a 1 w")).toEqual(["CONFLICT 2"]);
    expect(await one.ask("GET a")).toEqual(["VALUE 2 y z"]);
  });

  it("may be written with bare LF; answers end in CRLF", async () => {
    expect(await (await connect()).write("SET a 1\nGET a\r\nGET b\n").hear(3)).toEqual(["OK 1", "VALUE 1 1", "NONE"]);
  });

  it("are as many as there is room for", async () => {
    const client = await connect();
    const sets = Array.from({ length: 10_001 }, (_, i) => `SET k${i} v`);
    expect((await client.say(...sets).hear(10_001)).slice(-2)).toEqual([
      "OK 10000",
      "ERROR too-many at most 10000 keys",
    ]);
    expect(await client.ask("SET k0 w")).toEqual(["OK 10001"]);
  });
});

describe("WATCH", () => {
  it("tells of the changes that others make, until UNWATCH", async () => {
    const [watcher, other] = [await connect(), await connect()];
    expect(await watcher.say("WATCH a", "WATCH b").hear(2)).toEqual(["OK", "OK"]);
    await other.say("SET a 1", "SET c 1", "CAS a 1 2", "CAS a 1 3", "DEL a", "DEL a", "SET b 1").hear(7);
    expect(await watcher.hear(4)).toEqual(["CHANGED a 1", "CHANGED a 3", "DELETED a 4", "CHANGED b 5"]);
    expect(await watcher.say("SET a 1", "UNWATCH b").hear(2)).toEqual(["OK 6", "OK"]);
    await other.say("SET b 2", "AUTH sesame", "FLUSH").hear(3);
    expect(await watcher.hear()).toEqual(["DELETED a 8"]);
    expect(await watcher.ask("KEYS")).toEqual(["END"]);
  });

  it("is bounded", async () => {
    const client = await connect();
    const watches = Array.from({ length: 1001 }, (_, i) => `WATCH k${i}`);
    expect((await client.say(...watches).hear(1001)).slice(-2)).toEqual(["OK", "ERROR too-many at most 1000 watches"]);
  });
});

describe("NUDGE", () => {
  it("is answered once the client has answered the PING", async () => {
    const client = await connect();
    const [ping = ""] = await client.ask("NUDGE");
    expect(ping).toMatch(/^PING [0-9a-f]{16}$/);
    expect(await client.ask("PONG 0")).toEqual(["ERROR unexpected-pong PONG with the token of a PING"]);
    expect(await client.ask("GET a")).toEqual(["NONE"]);
    expect(await client.ask(ping.replace("PING", "PONG"))).toEqual(["OK"]);
    expect(await client.ask(ping.replace("PING", "PONG"))).toEqual([
      "ERROR unexpected-pong PONG with the token of a PING",
    ]);
  });

  it("has a new token each time, and as many open as are bounded", async () => {
    const client = await connect();
    const pings = await client.say(...Array.from({ length: 17 }, () => "NUDGE")).hear(17);
    expect(pings.pop()).toBe("ERROR too-many answer the PINGs first");
    expect(new Set(pings).size).toBe(16);
    expect(await client.say(...pings.map((ping) => ping.replace("I", "O")).reverse()).hear(16)).toEqual(
      Array.from({ length: 16 }, () => "OK"),
    );
  });
});

describe("AUTH", () => {
  it("takes the password, and unlocks FLUSH for its connection", async () => {
    const [client, other] = [await connect(), await connect()];
    await client.say("SET a 1", "SET b 2").hear(2);
    expect(await client.say("FLUSH", "AUTH open", "FLUSH").hear(3)).toEqual(["DENIED", "DENIED", "DENIED"]);
    expect(await client.say("AUTH sesame", "FLUSH", "KEYS").hear(3)).toEqual(["OK", "OK 3", "END"]);
    expect(await other.ask("FLUSH")).toEqual(["DENIED"]);
  });

  it("takes the digest of a challenge, once", async () => {
    const client = await connect();
    const prove = async (): Promise<string> => {
      const [challenge = ""] = await client.ask("CHALLENGE");
      expect(challenge).toMatch(/^CHALLENGE [0-9a-f]{16}$/);
      return createHash("md5")
        .update(`${challenge.slice(10)}sesame`)
        .digest("hex");
    };
    expect(await client.ask(`AUTH ${createHash("md5").update("undefinedsesame").digest("hex")}`)).toEqual(["DENIED"]);
    const stale = await prove();
    const proof = await prove();
    expect(await client.ask(`AUTH ${stale}`)).toEqual(["DENIED"]);
    expect(await client.ask(`AUTH ${proof}`)).toEqual(["DENIED"]);
    const good = await prove();
    expect(await client.say(`AUTH ${good}`, "FLUSH", `AUTH ${good}`).hear(3)).toEqual(["OK", "OK 1", "DENIED"]);
  });
});

describe("errors", () => {
  it.each([
    ["HELLO", "ERROR unknown-command one of SET GET CAS DEL KEYS WATCH UNWATCH NUDGE PONG CHALLENGE AUTH FLUSH QUIT"],
    [
      "constructor",
      "ERROR unknown-command one of SET GET CAS DEL KEYS WATCH UNWATCH NUDGE PONG CHALLENGE AUTH FLUSH QUIT",
    ],
    ["SET a", "ERROR bad-arguments SET key value"],
    [`SET ${"k".repeat(251)} v`, "ERROR bad-arguments SET key value"],
    ["GET", "ERROR bad-arguments GET key"],
    ["GET a b", "ERROR bad-arguments GET key"],
    ["CAS a x y", "ERROR bad-arguments CAS key version value"],
    ["QUIT now", "ERROR bad-arguments QUIT"],
    [`SET a ${"v".repeat(1019)}`, "ERROR line-too-long at most 1024 bytes"],
    ["x".repeat(200_000), "ERROR line-too-long at most 1024 bytes"],
  ])("%s", async (line, reply) => {
    const client = await connect();
    expect(await client.ask(line)).toEqual([reply]);
    expect(await client.ask(`SET a ${"v".repeat(1018)}`)).toEqual(["OK 1"]);
  });

  it("reads a line of the longest size whose CR comes later", async () => {
    const client = await connect();
    client.write(`SET a ${"v".repeat(1018)}\r`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await client.write("\n").hear()).toEqual(["OK 1"]);
  });
});

it("survives clients that reset their connections in the middle of everything", async () => {
  const client = await connect();
  for (let i = 0; i < 20; i++) {
    const other = new Dialogue(server);
    other.say("WATCH a", ...Array.from({ length: 100 }, () => "KEYS"));
    await other.leave();
    await client.ask(`SET a ${i}`);
  }
  expect(await client.ask("GET a")).toEqual(["VALUE 20 19"]);
});

it("says BYE and closes", async () => {
  expect(await (await connect()).say("QUIT", "GET a").hear(2)).toEqual(["BYE", "<closed>"]);
});

it("starts with nothing in it each time", async () => {
  const client = await connect();
  await client.ask("SET a 1");
  await server.stop();
  expect(await client.hear()).toEqual(["<closed>"]);
  server = await kvServer().start(new AbortController().signal);
  expect(await (await connect()).ask("SET a 1")).toEqual(["OK 1"]);
});
