import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { now } from "../../src/base/clock.ts";
import { Alarm } from "../../src/replay/alarm.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "hrtime"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("rings once, when its time is over", () => {
  const ring = vi.fn();
  new Alarm().set(now() + 100, ring);
  vi.advanceTimersByTime(99);
  expect(ring).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(ring).toHaveBeenCalledTimes(1);
});

it("rings at what was set last, later or earlier, with one timer", () => {
  const rung: string[] = [];
  const alarm = new Alarm();
  for (let i = 0; i < 50; i++) {
    alarm.set(now() + 100, () => rung.push(`later ${i}`));
    vi.advanceTimersByTime(10);
    expect(vi.getTimerCount()).toBe(1);
  }
  vi.advanceTimersByTime(89);
  expect(rung).toEqual([]);
  alarm.set(now() + 20, () => rung.push("earlier"));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(19);
  expect(rung).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(rung).toEqual(["earlier"]);
});

it("does not ring once it is cleared, and may be set again", () => {
  const ring = vi.fn();
  const alarm = new Alarm();
  alarm.set(now() + 100, ring);
  alarm.clear();
  vi.advanceTimersByTime(50);
  alarm.set(now() + 100, ring);
  vi.advanceTimersByTime(99);
  expect(ring).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2);
  expect(ring).toHaveBeenCalledTimes(1);
});

it("leaves no timer once it is disposed of", () => {
  const alarm = new Alarm();
  alarm.set(now() + 100, () => {});
  alarm.dispose();
  expect(vi.getTimerCount()).toBe(0);
});

it("rings after what has arrived was read, however late the process is", async () => {
  vi.useRealTimers();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [peer] = (await once(server, "connection")) as [Socket];
  try {
    const happened: string[] = [];
    client.on("data", (chunk) => happened.push(chunk.toString()));
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        new Alarm().set(now() + 5, () => {
          happened.push("rung");
          resolve();
        });
        peer.write("in time");
        const late = now() + 10;
        while (now() < late);
      });
    });
    expect(happened).toEqual(["in time", "rung"]);
  } finally {
    for (const one of [client, peer]) one.destroy();
    server.close();
  }
});
