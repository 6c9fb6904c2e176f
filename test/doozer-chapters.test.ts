import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../src/play/outcome.ts";
import { run } from "../src/run.ts";
import type { Engine } from "../src/store/engine.ts";
import { etcdEngine } from "../src/store/etcd/etcd.ts";
import { memoryEngine } from "../src/store/memory.ts";
import { startStore } from "../src/store/server.ts";
import { startEtcd } from "./support/etcd.ts";
import { describeWith } from "./support/real-servers.ts";
import { render } from "./support/render.ts";

const FOLDER = fileURLToPath(new URL("../examples/doozer", import.meta.url));
const CHAPTERS = readdirSync(FOLDER).filter((name) => name.endsWith(".md"));

type Stops = (() => Promise<void>)[];

interface Store {
  readonly name: string;
  /** What it needs on the machine. */
  readonly programs: readonly string[];
  /** Resolves to its engine; what has to end after the engine goes to `stops`. */
  start(stops: Stops): Promise<Engine>;
}

const onEtcd =
  (members: 1 | 3): Store["start"] =>
  async (stops) => {
    const etcd = await startEtcd({ members });
    stops.push(() => etcd.stop());
    return etcdEngine({ endpoints: etcd.endpoints });
  };

const STORES: readonly Store[] = [
  { name: "memory", programs: [], start: async () => memoryEngine() },
  { name: "one etcd", programs: ["etcd"], start: onEtcd(1) },
  { name: "an etcd cluster", programs: ["etcd"], start: onEtcd(3) },
];

/** Every reply comes: only what hangs takes so many milliseconds. */
const PATIENCE = 60_000;

/** Replays the chapters as somebody would who stands in their folder. Fails with the report that they would read. */
async function expectToPass(paths: readonly string[], target?: string): Promise<void> {
  const events: RunEvent[] = [];
  for await (const event of run({ paths, cwd: FOLDER, timeout: PATIENCE, ...(target && { target }) }))
    events.push(event);
  const end = events.at(-1);
  if (end?.kind !== "run-end" || !end.ok) expect.fail(`\n${await render(events)}`);
  expect(end.counts).toMatchObject({ documents: paths.length, failed: 0, skipped: 0 });
}

// Much of their time they wait to see that nothing comes.
describe.concurrent("the chapters of the Doozer protocol", () => {
  test("are all named in the first one", () => {
    const contents = readFileSync(`${FOLDER}/README.md`, "utf8");
    for (const name of CHAPTERS) if (name !== "README.md") expect(contents).toContain(`(${name})`);
  });

  for (const { name, programs, start } of STORES)
    describeWith(programs, `on ${name}`, () => {
      test("pass, and pass again where what was written is kept", async () => {
        const stops: Stops = [];
        try {
          const engine = await start(stops);
          const store = await startStore({ engine, host: "127.0.0.1", port: 0 });
          stops.push(() => store.stop());
          await expectToPass(CHAPTERS, `doozer://${store.address}`);
          await expectToPass(CHAPTERS, `doozer://${store.address}`);
        } finally {
          for (const stop of stops.reverse()) await stop();
        }
      });
    });

  test.each(CHAPTERS)("%s passes, with the server that it names", (name) => expectToPass([name]));
});
