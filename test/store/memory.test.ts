import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { memoryEngine } from "../../src/store/memory.ts";
import { engineContract } from "../contract/engine.ts";

engineContract({ name: "memory", create: async ({ history }) => memoryEngine({ history }) });

test("what no revision has any more is not kept for those who walked over it", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const engine = memoryEngine({ history: 3 });
  const { signal } = new AbortController();
  const walkOver = (): WeakRef<Uint8Array> => {
    const value = new Uint8Array(1000);
    engine.set("/a", value, -1);
    engine.nop();
    expect(engine.walk("/*", 0, undefined, signal)).toMatchObject({ path: "/a", value });
    return new WeakRef(value);
  };
  const value = walkOver();
  engine.set("/a", new Uint8Array(0), -1);
  engine.nop();
  await turn();
  collect();
  expect(value.deref()).toHaveLength(1000);
  engine.nop();
  await turn();
  collect();
  expect(value.deref()).toBeUndefined();
});
