import { expect, test } from "vitest";
import { type Etcd, startEtcd } from "./etcd.ts";
import { describeWith } from "./real-servers.ts";

async function call(etcd: Etcd, member: number, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(etcd.endpoints[member] + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { connection: "close" },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

describeWith(["etcd"], "startEtcd", () => {
  test("one member keeps its data over a kill, and is gone after stop", async () => {
    const etcd = await startEtcd();
    try {
      expect(await etcd.leader()).toBe(0);
      await call(etcd, 0, "/v3/kv/put", { key: "YQ==", value: "Yg==" });
      await etcd.kill(0);
      await expect(fetch(`${etcd.endpoints[0]}/version`)).rejects.toThrow();
      await etcd.restart(0);
      expect(await call(etcd, 0, "/v3/kv/range", { key: "YQ==" })).toMatchObject({ kvs: [{ value: "Yg==" }] });
    } finally {
      await etcd.stop();
    }
    await etcd.stop();
    await expect(fetch(`${etcd.endpoints[0]}/version`)).rejects.toThrow();
  });

  test("three members replace a killed leader, and it comes back", async () => {
    const etcd = await startEtcd({ members: 3 });
    try {
      const first = await etcd.leader();
      await etcd.kill(first);
      const second = await etcd.leader();
      expect(second).not.toBe(first);
      await call(etcd, second, "/v3/kv/put", { key: "YQ==", value: "Yg==" });
      await etcd.restart(first);
      expect(await call(etcd, first, "/v3/kv/range", { key: "YQ==" })).toMatchObject({ kvs: [{ value: "Yg==" }] });
    } finally {
      await etcd.stop();
    }
  });
});
