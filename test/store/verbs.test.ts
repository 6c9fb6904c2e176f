/** Rights, the order of the checks and the history, as the tables of the real server have them. */
import { describe, expect, test } from "vitest";
import type { Client, RequestFields } from "./client.ts";
import { encode } from "./client.ts";
import { storesForTests } from "./stores.ts";

const start = storesForTests();

const DENIED = { err_code: 127, err_detail: "permission denied" };
const MISSING_ARG = { err_code: 7 };
type Verb = Parameters<typeof encode>[0];

describe("secrets", () => {
  const mayRead = async (client: Client) => (await client.ask("GET", { path: "/none" })).err_code === undefined;
  const mayWrite = async (client: Client) => (await client.ask("NOP")).err_code === undefined;
  const rights = async (client: Client) =>
    `${(await mayRead(client)) ? "r" : "-"}${(await mayWrite(client)) ? "w" : "-"}`;

  test.each([
    ["none", {}, "rw", ["rw", "", "rw", "x", "rw", "x"]],
    ["both", { secret: "rw", readOnlySecret: "ro" }, "--", ["--", "x", "r-", "", "rw", ""]],
    ["for writing", { secret: "rw" }, "r-", ["r-", "", "r-", "x", "rw", ""]],
    ["for reading", { readOnlySecret: "ro" }, "rw", ["rw", "", "rw", "", "rw", "x"]],
  ])("%s", async (_name, secrets, blank, [afterBlank, blankSays, afterRead, readSays, afterWrite, writeSays]) => {
    const store = await start(secrets);
    for (const [secret, after, says] of [
      ["", afterBlank, blankSays],
      ["ro", afterRead, readSays],
      ["rw", afterWrite, writeSays],
    ]) {
      const client = await store.open();
      expect(await rights(client)).toBe(blank);
      expect(await client.ask("ACCESS", { value: secret! })).toEqual(says === "x" ? DENIED : {});
      expect(await rights(client)).toBe(after);
    }
    const client = await store.open();
    expect(await client.ask("ACCESS", { value: "wrong" })).toEqual(DENIED);
    expect(await rights(client)).toBe(blank);
  });

  test("that are the same give all", async () => {
    const client = await (await start({ secret: "same", readOnlySecret: "same" })).open();
    expect(await client.ask("ACCESS")).toEqual(DENIED);
    expect(await rights(client)).toBe("--");
    expect(await client.ask("ACCESS", { value: "same" })).toEqual({});
    expect(await rights(client)).toBe("rw");
  });

  test("that are wrong or for less take nothing away", async () => {
    const client = await (await start({ secret: "rw", readOnlySecret: "ro" })).open();
    expect(await client.ask("ACCESS", { value: "rw" })).toEqual({});
    expect(await client.ask("ACCESS", { value: "bad" })).toEqual(DENIED);
    expect(await client.ask("ACCESS", { value: "ro" })).toEqual({});
    expect(await rights(client)).toBe("rw");
  });

  test("are asked for before anything else is looked at", async () => {
    const client = await (await start({ secret: "rw", readOnlySecret: "ro" })).open();
    for (const verb of ["GET", "SET", "DEL", "STAT", "GETDIR", "WALK", "WAIT", "NOP"] as const)
      expect([verb, await client.ask(verb)]).toEqual([verb, DENIED]);
    expect(await client.ask("REV")).toEqual({ rev: 58 });
    expect(await client.ask("SELF")).toEqual({ value: expect.stringMatching(/^[A-Z2-7]{16}$/) });
    expect(await client.send("00000004 08011004").reply()).toEqual({ tag: 1, err_code: 2 });
    expect(await client.send("0000000b 08011063 2a0577726f6e67").frame()).toBe(
      "00000019 0801a0067faa06117065726d697373696f6e2064656e696564",
    );
    expect(await client.send("00000008 08011063 2a027277").frame()).toBe("00000002 0801");
  });
});

describe("checks come in the order of the real server:", () => {
  const glob = (path: string) => ({ err_code: 127, err_detail: `invalid glob pattern: ${path}` });
  test.each<[Verb, RequestFields, object]>([
    ["SET", { path: "/a_b" }, MISSING_ARG],
    ["SET", { path: "/file/a_b", rev: 0 }, { err_code: 6 }],
    ["SET", { path: "/file/below", rev: -3 }, { err_code: 20 }],
    ["SET", { path: "/dir", rev: -3 }, { err_code: 5 }],
    ["SET", { path: "/dir", rev: -1 }, { err_code: 21 }],
    ["DEL", { path: "/a_b" }, MISSING_ARG],
    ["DEL", { path: "/a_b", rev: -3 }, { err_code: 6 }],
    ["DEL", { path: "/dir", rev: -3 }, { err_code: 5 }],
    ["DEL", { path: "/dir", rev: 0 }, { err_code: 21 }],
    ["GET", { rev: 1 }, MISSING_ARG],
    ["GET", { path: "/a_b", rev: 1 }, { err_code: 4 }],
    ["GET", { path: "/dir", rev: 1 }, { err_code: 4 }],
    ["STAT", { rev: 1 }, { err_code: 4 }],
    ["STAT", {}, { rev: 0, len: 0 }],
    ["GETDIR", { path: "/dir", rev: 1 }, MISSING_ARG],
    ["GETDIR", { path: "/a_b", offset: 0, rev: 1 }, { err_code: 4 }],
    ["GETDIR", { path: "/none", offset: -1 }, { err_code: 22 }],
    ["GETDIR", { path: "/file", offset: -1 }, { err_code: 20 }],
    ["GETDIR", { path: "/dir", offset: -1 }, { err_code: 8 }],
    ["WALK", { path: "/a_b", rev: 1 }, MISSING_ARG],
    ["WALK", { path: "/a_b", offset: -1, rev: 1 }, glob("/a_b")],
    ["WALK", { path: "/a", offset: -1, rev: 1 }, { err_code: 8 }],
    ["WALK", { path: "/a", offset: 0, rev: 1 }, { err_code: 4 }],
    ["WAIT", { path: "/a_b" }, MISSING_ARG],
    ["WAIT", { path: "/a_b", rev: 1 }, glob("/a_b")],
    ["WAIT", { path: "/a", rev: 1 }, { err_code: 4 }],
  ])("%s %j", async (verb, fields, expected) => {
    const client = await (await start({ history: 5 })).open();
    await client.ask("SET", { path: "/file", rev: 0, value: "x" });
    await client.ask("SET", { path: "/dir/file", rev: 0, value: "x" });
    expect(await client.ask(verb, fields)).toEqual(expected);
  });
});

test("the history ends where it was told to, for every verb that reads", async () => {
  const client = await (await start({ history: 10 })).open();
  await client.ask("SET", { path: "/d/a", rev: 0, value: "x" });
  while (((await client.ask("REV")).rev as number) < 89) await client.ask("SET", { path: "/d/a", rev: -1, value: "x" });
  const verbs: readonly [Verb, RequestFields][] = [
    ["GET", { path: "/d/a" }],
    ["STAT", { path: "/d" }],
    ["GETDIR", { path: "/d", offset: 0 }],
    ["WALK", { path: "/d/*", offset: 0 }],
    ["WAIT", { path: "/d/*" }],
  ];
  for (const [verb, fields] of verbs) {
    for (const rev of [-1, 0, 1, 58, 79]) {
      expect(await client.ask(verb, { ...fields, rev })).toEqual({ err_code: 4 });
      expect(await client.send(encode(verb, { tag: 1, ...fields, rev })).frame()).toBe("00000005 0801a00604");
    }
    for (const rev of [80, 85, 89]) expect((await client.ask(verb, { ...fields, rev })).err_code).toBe(undefined);
  }
  expect(await client.ask("SET", { path: "/ctl/name", rev: 1, value: "old, and unchanged" })).toEqual({ rev: 90 });
});

test("a new store holds what the real one does", async () => {
  const store = await start();
  const client = await store.open();
  const id = (await client.ask("SELF")).value as string;
  const changes: string[] = [];
  for (let rev = 1; rev <= 58; rev++) {
    const { flags, path, value } = await client.ask("WAIT", { path: "/**", rev });
    changes.push(`${flags} ${path} ${value}`);
  }
  expect(changes).toEqual([
    "4 /ctl/name local",
    `4 /ctl/node/${id}/addr ${store.address}`,
    expect.stringMatching(new RegExp(`^4 /ctl/node/${id}/hostname .+$`)),
    expect.stringMatching(new RegExp(`^4 /ctl/node/${id}/version wiredoc`)),
    `4 /ctl/cal/0 ${id}`,
    `4 /ctl/ns/local/${id} ${store.address}`,
    ...Array.from({ length: 50 }, () => "0 / "),
    `4 /ctl/node/${id}/writable true`,
    `4 /ctl/node/${id}/applied 57`,
  ]);
  expect((await (await (await start()).open()).ask("SELF")).value).not.toBe(id);
});
