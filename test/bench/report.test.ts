import picocolors from "picocolors";
import { describe, expect, test } from "vitest";
import type { LoadResult } from "../../src/bench/load.ts";
import { jsonReport, liveText, textReport } from "../../src/bench/report.ts";

const PLAIN = picocolors.createColors(false);

const result = (changes: Partial<LoadResult> = {}): LoadResult => ({
  elapsed: 2000,
  replies: 3000,
  passed: 3000,
  failed: 0,
  skipped: 0,
  overdue: 0,
  latencies: { p50: 0.5, p90: 12.345, p99: 123.4, p999: 1234.5678, max: 2000 },
  interrupted: false,
  errors: [],
  failures: [],
  ...changes,
});

const NOTHING = { p50: undefined, p90: undefined, p99: undefined, p999: undefined, max: undefined };

const failure = (message: string): LoadResult["failures"][number] => ({
  path: "a.md",
  count: 1200,
  failure: { kind: "mismatch", line: 7, message },
  example: {
    name: "greeting",
    headings: ["greeting"],
    line: 5,
    status: "failed",
    reason: undefined,
    attempts: 1,
    ms: 1,
    exchanges: [
      {
        line: 6,
        connection: "",
        sent: ["GET a"],
        expected: ["A"],
        received: ["B"],
        status: "failed",
        failure: { kind: "mismatch", line: 7, message },
        diff: [{ kind: "received", received: "B" }],
        ms: 1,
      },
    ],
  },
});

const text = async (changes?: Partial<LoadResult>): Promise<string> =>
  (await textReport(result(changes), 20, 80, PLAIN)).join("\n");

describe("the report for people", () => {
  test("says what was measured", async () => {
    expect(await text()).toBe(
      [
        "throughput  1,500 replies a second",
        "latency     p50 0.50ms  p90 12.3ms  p99 123ms  p99.9 1235ms  max 2000ms",
        "exchanges   3,000 passed",
        "time        2s, 20 connections",
      ].join("\n"),
    );
  });

  test("shows each failure once with its count, harmless", async () => {
    const shown = await text({ failed: 1200, failures: [failure("got \x1b[2J")] });
    expect(shown).toContain("✗ greeting (1,200 times)");
    expect(shown).toContain("a.md:7: got \\x1b[2J");
    expect(shown).toContain("3,000 passed, 1,200 failed");
  });

  test("says nothing of numbers where nothing was played", async () => {
    const errors = [
      { path: "a.md", kind: "connect", line: 3, column: 1, message: "cannot connect", details: [] },
    ] as const;
    expect(await text({ errors })).toBe("    a.md:3:1: cannot connect\n");
    expect(await text({ latencies: NOTHING })).toContain("nothing was measured");
  });

  test("says that a rate is too high, and what an interruption means", async () => {
    expect(await text({ overdue: 60 })).not.toContain("due");
    expect(await text({ overdue: 6000 })).toContain(
      "6,000 more exchanges were due and could not begin: the rate is too high",
    );
    expect(await text({ interrupted: true })).toContain("Interrupted");
  });
});

test("the line on a terminal is short", () => {
  expect(liveText(result())).toBe("2s  1,500 replies a second  p50 0.50ms  p99 123ms");
  expect(liveText(result({ failed: 2, latencies: NOTHING }))).toBe("2s  1,500 replies a second  2 failed");
  expect(liveText(result({ elapsed: 0, replies: 0, latencies: NOTHING }))).toBe("0ms  0 replies a second");
});

describe("the report for programs", () => {
  test("has its keys, in milliseconds", () => {
    const report = jsonReport(result({ failed: 1200, failures: [failure("got \x1b")] }), 20);
    expect(report).not.toMatch(/[\x00-\x1f]/);
    expect(JSON.parse(report)).toEqual({
      throughput: 1500,
      p50: 0.5,
      p90: 12.345,
      p99: 123.4,
      "p99.9": 1234.568,
      max: 2000,
      passed: 3000,
      failed: 1200,
      skipped: 0,
      overdue: 0,
      replies: 3000,
      connections: 20,
      durationMs: 2000,
      interrupted: false,
      failures: [{ path: "a.md", line: 7, kind: "mismatch", message: "got \x1b", count: 1200 }],
      errors: [],
    });
  });

  test("has null for what was not measured", () => {
    expect(JSON.parse(jsonReport(result({ latencies: NOTHING, elapsed: 0 }), 1))).toMatchObject({
      throughput: 0,
      p50: null,
      "p99.9": null,
      max: null,
    });
  });
});
