import fc from "fast-check";
import { expect, test } from "vitest";
import type { Engine, File } from "../../../src/store/engine.ts";
import { etcdEngine } from "../../../src/store/etcd/etcd.ts";
import { memoryEngine } from "../../../src/store/memory.ts";
import { startEtcd } from "../../support/etcd.ts";
import { describeWith } from "../../support/real-servers.ts";
import { bytes, CLOBBER } from "./support.ts";

const OPERATIONS = 350;
/** The first change there is in etcd, where a new store is at revision 1. */
const FIRST = 2;

/** Few names, so that files and directories get in each other's way; some sort around a slash. */
const path = fc
  .array(fc.constantFrom("a", "b", "a-b", "a.b", "a0", "A"), { minLength: 0, maxLength: 3 })
  .map((names) => `/${names.join("/")}`);
const anyPath = fc.oneof(
  { weight: 20, arbitrary: path },
  { weight: 1, arbitrary: fc.constantFrom("/ctl", "/ctl/err", "/ctl/err/x") },
);
const glob = fc.oneof(path, fc.constantFrom("/**", "/*", "/a/*", "/a**", "/**/a", "/?", "/*/b", "/a/?/?", "/a.b/**"));
/** Counted back from the present, or one of those that mean something. */
const revision = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(CLOBBER, 0) },
  { weight: 1, arbitrary: fc.constantFrom(-2, -3, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER) },
  { weight: 3, arbitrary: fc.nat(30).map((back) => ({ back })) },
);
const at = fc.option(fc.nat(60), { nil: undefined });
const offset = fc.integer({ min: -1, max: 6 });

interface Operation {
  readonly name: string;
  /** A wait is given up by the engine in memory where the change is yet to come. */
  ask(engine: Engine, now: number, signal: AbortSignal): unknown;
}

const operationOf = (name: string, ask: Operation["ask"]): Operation => ({ name, ask });
const given = (revision: number | { readonly back: number }, now: number): number =>
  typeof revision === "number" ? revision : Math.max(0, now - revision.back);
const past = (at: number | undefined, now: number) => (at === undefined ? undefined : Math.max(1, now - at));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc
    .tuple(anyPath, fc.string({ maxLength: 3 }), revision)
    .map(([path, value, rev]) =>
      operationOf(`set ${path}`, (engine, now) => engine.set(path, bytes(value), given(rev, now))),
    ),
  fc
    .tuple(anyPath, revision)
    .map(([path, rev]) => operationOf(`del ${path}`, (engine, now) => engine.del(path, given(rev, now)))),
  fc.constant(operationOf("nop", (engine) => engine.nop())),
  fc
    .tuple(anyPath, at)
    .map(([path, at]) => operationOf(`get ${path}`, (engine, now, signal) => engine.get(path, past(at, now), signal))),
  fc
    .tuple(anyPath, at)
    .map(([path, at]) =>
      operationOf(`stat ${path}`, (engine, now, signal) => engine.stat(path, past(at, now), signal)),
    ),
  fc
    .tuple(anyPath, offset, at)
    .map(([path, offset, at]) =>
      operationOf(`entry ${path} ${offset}`, (engine, now, signal) =>
        engine.entry(path, offset, past(at, now), signal),
      ),
    ),
  fc
    .tuple(glob, fc.nat(8), at)
    .map(([glob, offset, at]) =>
      operationOf(`walk ${glob} ${offset}`, (engine, now, signal) => engine.walk(glob, offset, past(at, now), signal)),
    ),
  fc
    .tuple(glob, fc.nat(60))
    .map(([glob, at]) =>
      operationOf(`wait ${glob}`, (engine, now, signal) => engine.wait(glob, Math.max(FIRST, now - at), signal)),
    ),
);

/** Without what an engine may add to a file, values as text. */
function shown(result: unknown): unknown {
  if (typeof result !== "object" || result === null) return result;
  if ("name" in result) return { name: result.name };
  if (!("value" in result)) return result;
  const { path, revision, value } = result as File;
  return { path, revision, value: Buffer.from(value).toString() };
}

describeWith(["etcd"], "the engines in memory and on etcd", () => {
  test.each([1, 2, 3, 4])("answer alike, %i", async (seed) => {
    const etcd = await startEtcd();
    const engine = await etcdEngine({ endpoints: etcd.endpoints });
    try {
      const memory = memoryEngine();
      memory.nop();
      memory.set("/ctl/name", bytes("local"), 0);
      expect(await engine.revision()).toBe(memory.revision());
      for (const [index, { name, ask }] of fc.sample(operation, { seed, numRuns: OPERATIONS }).entries()) {
        const now = (await memory.revision()) as number;
        const gone = new AbortController();
        const expected = ask(memory, now, gone.signal);
        if (expected instanceof Promise) {
          expected.catch(() => {});
          gone.abort(new Error("it is yet to come"));
          continue;
        }
        const received = await ask(engine, now, gone.signal);
        expect([index, name, shown(received)]).toEqual([index, name, shown(expected)]);
      }
      expect(await engine.revision()).toBe(await memory.revision());
    } finally {
      await engine.close();
      await etcd.stop();
    }
  });
});
