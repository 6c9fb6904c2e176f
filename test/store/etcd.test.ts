import { afterAll, beforeAll } from "vitest";
import { etcdEngine } from "../../src/store/etcd.ts";
import { engineContract } from "../contract/engine.ts";
import { type Etcd, startEtcd } from "../support/etcd.ts";
import { describeWith } from "../support/real-servers.ts";

describeWith(["etcd"], "the etcd engine", () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd.stop());

  engineContract({
    name: "etcd",
    create: ({ history }) => etcdEngine({ endpoints: etcd.endpoints, history }),
  });
});
