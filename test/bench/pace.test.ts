import { describe, expect, test } from "vitest";
import { Pace, PacedGate, type PaceOptions } from "../../src/bench/pace.ts";
import type { Note } from "../../src/play/note.ts";
import { Runner } from "../../src/play/script.ts";

/** A gate whose clock stands still until it is set, and the alarms that it sets. */
function gateOf(options: Partial<PaceOptions>) {
  const over: number[] = [];
  const alarms: number[] = [];
  const runner = new Runner();
  const pace = new Pace({ connections: 1, ...options }, () => over.push(runner.now));
  const gate = new PacedGate(pace, runner, { alarm: (at) => alarms.push(at) }, 0);
  return {
    pace,
    gate,
    over,
    alarms,
    mayBeginAt(now: number): boolean {
      runner.now = now;
      return gate.mayBegin();
    },
    latency: (started: number, ms: number) => gate.latencyOf({ started, ms } as Note),
  };
}

describe("without a rate", () => {
  test("an exchange begins as soon as it can, until there are enough", () => {
    const { mayBeginAt, over, alarms, pace } = gateOf({ count: 2 });
    expect([mayBeginAt(0), over.length, mayBeginAt(1), over, mayBeginAt(2)]).toEqual([true, 0, true, [1], false]);
    expect(pace.isOver).toBe(true);
    expect(alarms).toEqual([]);
  });

  test("its latency is the time of its reply, and nothing is overdue", () => {
    const { mayBeginAt, latency, gate } = gateOf({});
    mayBeginAt(0);
    expect(latency(500, 7)).toBe(7);
    expect(gate.overdueAt(10_000)).toBe(0);
  });

  test("none begins when the load is over", () => {
    const { mayBeginAt, over, pace } = gateOf({});
    pace.end();
    pace.end();
    expect([mayBeginAt(5), over.length]).toEqual([false, 1]);
  });
});

describe("with a rate", () => {
  /** A gate of one client that begins an exchange each 10 ms; the first one has begun at 0. */
  function paced() {
    const one = gateOf({ connections: 2, rate: 200 });
    expect(one.mayBeginAt(0)).toBe(true);
    expect(one.latency(0, 1)).toBe(1);
    return one;
  }

  test("clients share it, one after the other", () => {
    expect(gateOf({ connections: 4, rate: 100 }).pace).toMatchObject({ stagger: 10, interval: 40 });
  });

  test("an exchange waits until it is due", () => {
    const { mayBeginAt, alarms } = paced();
    expect([mayBeginAt(4), alarms]).toEqual([false, [10]]);
    expect(mayBeginAt(10)).toBe(true);
  });

  test("latency counts from when it was due, so that a stall is not hidden", () => {
    const { mayBeginAt, latency } = paced();
    // The reply before took until 95.
    expect(mayBeginAt(95)).toBe(true);
    expect(latency(95, 2)).toBe(87);
    expect(mayBeginAt(97)).toBe(true);
    expect(latency(97, 2)).toBe(79);
  });

  test("a timer that rings late is not the server's fault", () => {
    const { mayBeginAt, latency } = paced();
    expect(mayBeginAt(4)).toBe(false);
    expect(mayBeginAt(25)).toBe(true);
    expect(latency(25, 2)).toBe(2);
    // Also due at 20, while the timer slept.
    expect(mayBeginAt(27)).toBe(true);
    expect(latency(27, 1)).toBe(3);
  });

  test("the time that the first connection takes delays the schedule", () => {
    const { mayBeginAt, latency, gate } = gateOf({ rate: 100 });
    expect(mayBeginAt(0)).toBe(true);
    expect(latency(50, 3)).toBe(3);
    expect(gate.overdueAt(59)).toBe(0);
    expect(mayBeginAt(59)).toBe(false);
    expect(mayBeginAt(60)).toBe(true);
  });

  test("what was due and could not begin is counted", () => {
    const { gate } = paced();
    expect([9, 10, 19, 20, 105].map((end) => gate.overdueAt(end))).toEqual([0, 1, 1, 2, 10]);
  });
});
