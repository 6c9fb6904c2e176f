import { setImmediate as tick } from "node:timers/promises";
import { expect, test } from "vitest";
import { fanOut } from "../../src/report/fan-out.ts";

/** Counts to `last`; tells how far it came and whether it was closed. */
function counter(last: number, failure?: Error) {
  const state = { given: 0, closed: false };
  async function* count() {
    try {
      while (state.given < last) yield ++state.given;
      if (failure) throw failure;
    } finally {
      state.closed = true;
    }
  }
  return { state, events: count() };
}

async function collect(events: AsyncIterable<number>, into: number[]): Promise<void> {
  for await (const event of events) into.push(event);
}

test.each([1, 2, 3])("%i consumers each get every event, in order", async (count) => {
  const { events, state } = counter(5);
  const got: number[][] = Array.from({ length: count }, () => []);
  await fanOut(
    events,
    got.map((into) => (branch) => collect(branch, into)),
  );
  expect(got).toEqual(Array.from({ length: count }, () => [1, 2, 3, 4, 5]));
  expect(state.closed).toBe(true);
});

test("the source waits for the slowest one", async () => {
  const { events, state } = counter(100);
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const fast: number[] = [];
  const slow: number[] = [];
  const done = fanOut(events, [
    (branch) => collect(branch, fast),
    async (branch) => {
      for await (const event of branch) {
        slow.push(event);
        if (event === 3) await released;
      }
    },
  ]);
  for (let i = 0; i < 20; i++) await tick();
  expect(state.given).toBe(3);
  release();
  await done;
  expect(fast).toHaveLength(100);
  expect(slow).toEqual(fast);
});

test("one that stops early leaves the others to go on", async () => {
  const { events } = counter(4);
  const got: number[] = [];
  await fanOut(events, [
    async (branch) => {
      for await (const event of branch) if (event === 2) break;
    },
    (branch) => collect(branch, got),
    async () => {},
  ]);
  expect(got).toEqual([1, 2, 3, 4]);
});

test("one that fails is told once the others are done", async () => {
  const { events } = counter(4);
  const got: number[] = [];
  const failing = fanOut(events, [
    async (branch) => {
      for await (const event of branch) if (event === 2) throw new Error("disk full");
    },
    (branch) => collect(branch, got),
  ]);
  await expect(failing).rejects.toThrow("disk full");
  expect(got).toEqual([1, 2, 3, 4]);
});

test("when all have stopped the source is closed", async () => {
  const { events, state } = counter(100);
  const first = async (branch: AsyncIterable<number>): Promise<void> => {
    for await (const _ of branch) break;
  };
  await fanOut(events, [first, first]);
  expect(state).toEqual({ given: 1, closed: true });
});

test("a source that fails fails everywhere", async () => {
  const { events } = counter(2, new Error("no such file"));
  const seen: unknown[] = [];
  const consumer = async (branch: AsyncIterable<number>): Promise<void> => {
    await collect(branch, []).catch((error: Error) => {
      seen.push(error.message);
      throw error;
    });
  };
  await expect(fanOut(events, [consumer, consumer])).rejects.toThrow("no such file");
  expect(seen).toEqual(["no such file", "no such file"]);
});
