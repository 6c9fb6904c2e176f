/** What was recorded of the real server, frame by frame, is answered byte for byte. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { memoryEngine } from "../../src/store/memory.ts";
import { type Client, encode, framed } from "./client.ts";
import { slowEngine } from "./slow-engine.ts";
import { storesForTests, type TestStore } from "./stores.ts";

const start = storesForTests();

interface Recording {
  /** The random name of the server that was recorded. */
  readonly id: string;
  readonly rows: readonly (readonly string[])[];
}

function recording(name: string): Recording {
  const text = readFileSync(new URL(`../fixtures/doozer/${name}.txt`, import.meta.url), "utf8");
  const lines = text.trimEnd().split("\n").slice(1);
  const rows = lines.slice(1).map((line) => (line.startsWith("#") ? [line] : line.split(" | ")));
  return { id: lines[0]!.replace("# id ", ""), rows };
}

const hex = (text: string): string => Buffer.from(text).toString("hex");

/** The recorded frame with the name of the server that answers now. */
async function ownFrames(client: Client, { id }: Recording): Promise<(frame: string) => string> {
  const own = (await client.ask("SELF")).value as string;
  expect(own).toMatch(/^[A-Z2-7]{16}$/);
  return (frame) => frame.replaceAll(hex(id), hex(own));
}

async function setDirectory(client: Client): Promise<void> {
  for (const name of ["b", "c", "a", "z", "B", "10", "9", "a.b", "a-b", "sub/x"])
    await client.ask("SET", { path: `/gd/${name}`, rev: 0, value: name });
}

async function begin(
  name: string,
  engine = memoryEngine(),
): Promise<{ store: TestStore; recorded: Recording; own: (frame: string) => string }> {
  const store = await start({ engine });
  const recorded = recording(name);
  return { store, recorded, own: await ownFrames(await store.open(), recorded) };
}

describe("recorded", () => {
  test.each([["whole"], ["byte by byte"], ["by an engine that takes its time"]])(
    "REV, SELF, NOP, ACCESS, SET, GET, DEL, STAT, GETDIR, WALK, %s",
    async (how) => {
      const { store, recorded, own } = await begin(
        "verbs",
        how.startsWith("by an engine") ? slowEngine(memoryEngine(), () => 1) : memoryEngine(),
      );
      const client = await store.open();
      const other = await store.open();
      let count = 0;
      for (const [request, frame, reply, revision] of recorded.rows) {
        if (request!.startsWith("# GETDIR")) continue;
        if (request!.startsWith("#")) {
          if (request!.includes("/gd")) await setDirectory(client);
          continue;
        }
        const bytes = Buffer.from(frame!.replace(" ", ""), "hex");
        if (how !== "byte by byte") client.send(bytes);
        else for (const byte of bytes) client.send(Buffer.of(byte));
        expect([request, await client.frame()]).toEqual([request, own(reply!)]);
        expect([request, (await other.ask("REV")).rev]).toEqual([request, Number(revision)]);
        count++;
      }
      expect(count).toBe(199);
    },
  );

  test("WAIT", async () => {
    const { store, recorded, own } = await begin("wait");
    const connections: Readonly<Record<string, Client>> = { A: await store.open(), B: await store.open() };
    let count = 0;
    for (const [who, request, frame, reply] of recorded.rows) {
      count++;
      const step = `${count}: ${who} ${request}`;
      if (who === "A receives" && frame === "") {
        // A reply that was on its way would come before this one.
        expect([step, await connections.A!.ask("REV", { tag: 99 })]).toEqual([
          step,
          expect.objectContaining({ tag: 99 }),
        ]);
      } else if (who === "A receives") {
        expect([step, await connections.A!.frame()]).toEqual([step, own(frame!)]);
      } else {
        connections[who!]!.send(frame!);
        if (reply) expect([step, await connections[who!]!.frame()]).toEqual([step, own(reply)]);
      }
    }
    expect(count).toBe(83);
  });

  test("the command line", async () => {
    const { store, recorded, own } = await begin("command-line");
    for (const [command, frame, reply] of recorded.rows) {
      const client = await store.open();
      // The recording has this WAIT behind a del: its revision is still in the history.
      expect([command, await client.send(frame!).frame()]).toEqual([command, own(reply!)]);
      await client.close();
    }
  });

  test("GET of a revision to come", async () => {
    const store = await start();
    const [a, b] = [await store.open(), await store.open()];
    await b.ask("SET", { path: "/a", rev: 0, value: "five" });
    while (((await b.ask("REV")).rev as number) < 89) await b.ask("NOP");
    a.send("0000000a 08091001 22022f61485b");
    await b.ask("NOP");
    expect(await a.ask("REV", { tag: 3 })).toEqual({ tag: 3, rev: 90 });
    await b.ask("SET", { path: "/a", rev: -1, value: "six" });
    expect(await a.frame()).toBe("00000009 0809185b3203736978");
  });

  test.each([
    ["no message at all", "", "a00602"],
    ["a tag that is a string", "0a0131 1005", "183a"],
    ["a path that is a number", "08011001 2005", "0801a00607"],
    ["an unknown field", "08011005 900305", "0801183a"],
    ["an unknown empty group", "08011005 93039403", "0801183a"],
    ["a field twice", "08010802 1005", "0802183a"],
    ["an overlong number", "08818000 1005", "0801183a"],
    ["a tag of 2^32+5", "088580808010 1005", "0805183a"],
    ["a verb of 2^32+5", "0801 108580808010", "0801183a"],
    ["a verb below zero", "0801 10ffffffffffffffffff01", "0801a00602"],
    ["the other tag", "08011005 3007", "0801183a"],
    ["a path that is no UTF-8", "08011001 22022fff", "080118003200"],
    ["a glob that is no UTF-8", "08011009 22022fff 3800", `0801a0067faa0618${hex("invalid glob pattern: /")}ff`],
    ["a directory of which the first byte is wrong", "0801100e 22047863746c 3800", "08012a0363616c"],
    ["the same without its first byte", "0801100e 220363746c 3800", "0801a00616"],
    ["STAT of the same", "08011010 22047863746c", "080118004000"],
    ["STAT of an empty path", "08011010 2200", "080118004000"],
  ])("framing: %s", async (_name, request, reply) => {
    const client = await (await start()).open();
    expect(await client.send(framed(Buffer.from(request.replaceAll(" ", ""), "hex"))).frame()).toBe(
      framed(Buffer.from(reply, "hex")).toString("hex").replace(/^.{8}/, "$& "),
    );
  });

  test.each(["0f", "0000", "08", "080110052205", "08011005 9b03"])("framing: %s is hung up on", async (body) => {
    const store = await start();
    const [client, other] = [await store.open(), await store.open()];
    client.send(encode("REV", { tag: 7 })).send(framed(Buffer.from(body.replaceAll(" ", ""), "hex")));
    expect(await client.reply()).toEqual({ tag: 7, rev: 58 });
    await client.closed();
    expect(client.unread).toBe("");
    expect(await other.ask("REV")).toEqual({ rev: 58 });
  });
});
