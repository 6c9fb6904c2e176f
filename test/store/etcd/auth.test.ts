import { expect, test } from "vitest";
import type { Engine } from "../../../src/store/engine.ts";
import { etcdEngine } from "../../../src/store/etcd/etcd.ts";
import { startEtcd } from "../../support/etcd.ts";
import { describeWith } from "../../support/real-servers.ts";
import { base64, gateway, line, never, put } from "./support.ts";

describeWith(["etcd"], "an etcd that asks for name and password", () => {
  test("is told them, again when it has forgotten the token, and says what is wrong with them", async () => {
    const etcd = await startEtcd();
    const endpoint = etcd.endpoints[0]!;
    let engine: Engine | undefined;
    try {
      await gateway(endpoint, "auth/user/add", { name: "root", password: "p@ss" });
      await gateway(endpoint, "auth/user/add", { name: "nobody", password: "x" });
      await gateway(endpoint, "auth/role/add", { name: "root" });
      await gateway(endpoint, "auth/user/grant", { user: "root", role: "root" });
      // What `etcdctl role grant-permission store readwrite '' --prefix` asks for: all keys.
      await gateway(endpoint, "auth/user/add", { name: "store", password: "p@ss" });
      await gateway(endpoint, "auth/role/add", { name: "store" });
      const all = { permType: "READWRITE", key: base64("\0"), range_end: base64("\0") };
      await gateway(endpoint, "auth/role/grant", { name: "store", perm: all });
      await gateway(endpoint, "auth/user/grant", { user: "store", role: "store" });
      await gateway(endpoint, "auth/enable", {});
      const as = (user: string) => etcdEngine({ endpoints: [endpoint.replace("//", `//${user}`)], timeout: 60_000 });
      await expect(as("")).rejects.toThrow("http://NAME:PASSWORD@host:port");
      await expect(as("root:wrong@")).rejects.toThrow(/authentication failed/);
      await expect(as("nobody:x@")).rejects.toThrow(/permission denied; .*all keys/);
      await (await as("root:p%40ss@")).close();
      engine = await as("store:p%40ss@");
      const start = await put(engine, "/a", "1");
      const waiting = engine.wait("/a", start + 1, never());
      Promise.resolve(waiting).catch(() => {});
      await etcd.kill(0);
      await etcd.restart(0);
      const revision = await put(engine, "/a", "2");
      expect(line(await waiting)).toBe(`${revision} set /a=2`);
    } finally {
      await engine?.close();
      await etcd.stop();
    }
  });
});
