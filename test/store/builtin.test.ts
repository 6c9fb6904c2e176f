import { expect, test } from "vitest";
import { builtins, servers } from "../../src/builtins.ts";
import { doozerServer } from "../../src/store/builtin.ts";
import { Client } from "./client.ts";

test("builtin:doozer is a new store at each start", async () => {
  expect(builtins.servers.doozer).toBe("doozer");
  const server = await servers.doozer!.load();
  for (let i = 0; i < 2; i++) {
    const running = await server.start(new AbortController().signal);
    const [, port] = /^doozer:\/\/127\.0\.0\.1:(\d+)$/.exec(running.target)!;
    const client = await Client.open(Number(port));
    expect(await client.ask("SET", { path: "/a", rev: 0, value: "x" })).toEqual({ rev: 59 });
    expect(running.output()).toBe("");
    await Promise.all([running.stop(), running.stop()]);
    expect(await client.frame()).toBe("closed");
    await client.close();
  }
});

test("builtin:doozer does not start for a run that is over", async () => {
  await expect(doozerServer.start(AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
});
