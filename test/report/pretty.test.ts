import { describe, expect, test } from "vitest";
import { dot } from "../../src/report/dot.ts";
import { pretty } from "../../src/report/pretty.ts";
import { changed, document, eventsOf, example, exchange, failed, failedExample, reportOf, same } from "./sample.ts";

const tooLong = failedExample([
  failed([changed(16, "INSERTED {{id:int}}", "EXPECTED_CRLF")], { sent: ["put 0 0 60 5", "hello, world"] }),
]);
const reserve = document({ path: "docs/reserve.md", examples: [example(), tooLong] });

describe("the pretty report", () => {
  test("of a run with a failure", async () => {
    const skipped = example({ status: "skipped", reason: "needs two", attempts: 0, exchanges: [] });
    const put = document({ examples: [example({ exchanges: [exchange(), exchange()] }), skipped] });
    expect(`\n${await reportOf(pretty, eventsOf([put, reserve]))}`).toBe(`
✓ docs/put.md         2 examples     2 exchanges  1 skipped
✗ docs/reserve.md     2 examples     2 exchanges  1 failed

    - expected  + received

  ✗ put › too long
    docs/reserve.md:16: the reply differs

      >>> put 0 0 60 5
      >>> hello, world

      16 │ - INSERTED {{id:int}}
         │ + EXPECTED_CRLF

documents  2  1 failed
examples   4  2 passed, 1 failed, 1 skipped
exchanges  4
time       1.23s
`);
  });

  test("of a document's mistakes, each with its place", async () => {
    const errors = [
      { kind: "document", line: 3, column: 1, message: 'unknown key "targt"', details: [] },
      { kind: "document", line: 9, column: 5, message: "nothing has bound {{id}}", details: [] },
    ] as const;
    const text = await reportOf(pretty, eventsOf([document({ errors, examples: [] })]));
    expect(text).toContain(
      '✗ docs/put.md  not run: 2 errors\n\n    docs/put.md:3:1: unknown key "targt"\n    docs/put.md:9:5: nothing has bound {{id}}\n',
    );
    expect(text).not.toContain("- expected");
  });

  test("of a server that did not start, with the end of its output", async () => {
    const details = ["\x1b[31mfatal\x1b[0m", ...Array.from({ length: 99 }, (_, index) => `line ${index}`)];
    const errors = [{ kind: "server", line: 0, column: 0, message: "redis ended with code 1", details }] as const;
    const text = await reportOf(pretty, eventsOf([document({ errors, examples: [] })]));
    expect(text).toContain("its server did not start");
    expect(text).toContain("    docs/put.md: redis ended with code 1\n      │ fatal\n      │ line 0\n");
    expect(text).toContain("… 71 more lines …\n");
    expect(text).toContain("      │ line 98\n");
  });

  test("of an example that should have failed", async () => {
    const examples = [example({ status: "xpassed", reason: "bug 12" }), example({ status: "xfailed" })];
    const text = await reportOf(pretty, eventsOf([document({ examples })]));
    expect(text).toContain("docs/put.md:12: was expected to fail (bug 12), but it passed\n");
    expect(text).toContain("1 failed, 1 failed as expected");
    expect(text).toContain("examples   2  1 passed (1 failed as expected), 1 failed");
  });

  test("shows later failures of an example in fewer lines, and not all of a thousand", async () => {
    const rows = Array.from({ length: 9 }, (_, index) => changed(20 + index, `a ${index}`, `b ${index}`));
    const exchanges = [failed([same("x"), ...rows]), ...Array.from({ length: 7 }, () => failed([same("x"), ...rows]))];
    const examples = [failedExample([...exchanges, exchange({ status: "skipped" })], { attempts: 3 })];
    const lines = (await reportOf(pretty, eventsOf([document({ examples })]))).split("\n");
    expect(lines.filter((line) => line.endsWith(": the reply differs"))).toHaveLength(5);
    const places = lines.flatMap((line, index) => (line.endsWith(": the reply differs") ? [index] : []));
    expect(places[1]! - places[0]!).toBeGreaterThan(18);
    expect(places[2]! - places[1]!).toBeLessThan(12);
    expect(lines).toContain("  ✗ put › too long (3 attempts)");
    expect(lines).toContain("    … 3 more exchanges of this example failed …");
    expect(lines).toContain("    1 exchange after that was not run");
  });

  test("shows what was sent on a named connection, many lines cut", async () => {
    const sent = Array.from({ length: 30 }, (_, index) => `body ${index} `);
    const bob = failed([changed(15, "a", "b")], { connection: "bob", sent });
    const greeting = failed([changed(19, "220 a", "220 b")], { connection: "bob", sent: [] });
    const text = await reportOf(pretty, eventsOf([document({ examples: [failedExample([bob, greeting])] })]));
    expect(text).toContain("      bob>>> body 0·\n");
    expect(text).toContain("      … 19 more lines …\n      bob>>> body 27·\n");
    expect(text).toContain("      (nothing was sent on bob)\n");
  });

  test("shows what came where there was nothing to compare", async () => {
    const late = failed([], { received: ["bye"], diff: undefined }, "not-closed");
    const text = await reportOf(pretty, eventsOf([document({ examples: [failedExample([late])] })]));
    expect(text).toContain("         │   bye\n");
    expect(text).not.toContain("- expected");
  });

  test("has the legend in the first failure of each document", async () => {
    const text = await reportOf(pretty, eventsOf([reserve, { ...reserve, path: "docs/b.md" }, document()]));
    expect(text.match(/- expected {2}\+ received\n\n {2}✗/g)).toHaveLength(2);
  });

  test("lists what failed at the end where it is longer than a screen", async () => {
    const many = Array.from({ length: 5 }, (_, i) => ({ ...tooLong, line: 20 + i, name: `no ${i}` }));
    const events = eventsOf([document({ examples: [...many, example()] }), reserve]);
    const text = await reportOf(pretty, events);
    expect(text).toContain("\nfailed: docs/put.md:20 no 0\n");
    expect(text).toMatch(
      /\nfailed: docs\/put\.md:24 no 4\nfailed: docs\/reserve\.md:12 put › too long\n\ndocuments {2}2/,
    );
    expect(await reportOf(pretty, events, { rows: 200 })).not.toContain("failed: ");
    expect(await reportOf(pretty, eventsOf([reserve]))).not.toContain("failed: ");
    expect(await reportOf(dot, events)).toContain("\nfailed: docs/put.md:20 no 0\n");
  });

  test("says why exchanges and examples were skipped that another failure took with it, a line a reason", async () => {
    const reason = "not tried: the connection was given up after line 16";
    const later = (line: number) =>
      example({ line, status: "skipped", exchanges: [exchange({ line, status: "skipped", reason, unsent: true })] });
    const own = { ...tooLong, exchanges: [...tooLong.exchanges, exchange({ status: "skipped", reason })] };
    const text = await reportOf(pretty, eventsOf([document({ examples: [own, later(30), later(40)] })]));
    expect(text).toContain(`    1 exchange ${reason}\n`);
    expect(text).toContain(`\n  - 2 examples (lines 30, 40) ${reason}\n`);
    const verbose = await reportOf(pretty, eventsOf([document({ examples: [own] })]), {}, { verbose: true });
    expect(verbose).toContain(`  ${reason}\n`);
  });

  test("leaves the colon out where a skipped example gives no reason", async () => {
    const skipped = example({ line: 30, status: "skipped", reason: "", attempts: 0, exchanges: [] });
    const text = await reportOf(pretty, eventsOf([document({ examples: [tooLong, skipped] })]));
    expect(text).toContain("\n  - 1 example (line 30) skipped\n");
  });

  test("shows an opening that failed for several connections once, and which examples needed it", async () => {
    const opening = { line: 8, sent: [] };
    const skipped = exchange({ status: "skipped", reason: "not tried: the opening failed at line 8" });
    const first = failedExample([failed([changed(8, "INFO 1", "INFO 2")], opening), skipped]);
    const again = failed([], { ...opening, repeated: true, diff: [], received: ["INFO 2"] });
    const later = [21, 30].map((line) =>
      failedExample([{ ...again, failure: { kind: "mismatch", line: 8, message: "again" } }, skipped], { line }),
    );
    const text = await reportOf(pretty, eventsOf([document({ examples: [first, ...later] })]));
    expect(text.match(/\+ INFO 2/g)).toHaveLength(1);
    expect(text).toContain("\n  ✗ 2 more examples (lines 21, 30)\n    docs/put.md:8: again\n\ndocuments");
    const one = await reportOf(pretty, eventsOf([document({ examples: [first, later[0]!] })]));
    expect(one).toContain(
      "\n  ✗ put › too long\n    docs/put.md:8: again\n\n    1 exchange not tried: the opening failed at line 8\n",
    );
  });

  test("does not show as sent what was not sent", async () => {
    const unbound = failed([], { unsent: true, sent: ["take {{id}}"], diff: undefined, received: [] }, "unbound");
    const text = await reportOf(pretty, eventsOf([document({ examples: [failedExample([unbound])] })]));
    expect(text).toContain("      not sent:\n      >>> take {{id}}\n");
  });

  test("says that a run was interrupted and how many documents that left", async () => {
    const half = document({ path: "docs/half.md", interrupted: true });
    const events = eventsOf([document(), half], { interrupted: true, neverBegun: ["docs/c.md", "docs/d.md"] });
    const text = await reportOf(pretty, events);
    expect(text).toContain("! docs/half.md     1 example      1 exchange   interrupted\n");
    expect(text).toContain("\nInterrupted: 3 documents were not finished.\n");
  });

  test("says that nothing was found", async () => {
    expect(await reportOf(pretty, eventsOf([]))).toBe("\nNothing to run: no example was found.\n");
    expect(await reportOf(pretty, eventsOf([document({ examples: [] })]))).toContain("Nothing to run");
  });

  test("tells times where asked, and of what was slow", async () => {
    const slow = document({ path: "docs/slow.md", ms: 1500 });
    expect(await reportOf(pretty, eventsOf([document(), slow]))).toMatch(
      /put\.md .* exchange\n.*slow\.md .* {2}1\.5s\n/,
    );
    expect(await reportOf(pretty, eventsOf([document()]), {}, { timings: true })).toMatch(/put\.md .* {2}12ms\n/);
  });

  test("--quiet leaves failures and the summary", async () => {
    const text = await reportOf(pretty, eventsOf([document(), reserve]), {}, { quiet: true });
    expect(text).not.toContain("docs/put.md");
    expect(text).toMatch(/^✗ docs\/reserve\.md/);
    expect(text).toContain("examples   3  2 passed, 1 failed\n");
  });

  test("--verbose tells each exchange with its place, and why examples were skipped", async () => {
    const alice = example({ exchanges: [exchange({ connection: "alice", sent: ["hi"], received: ["ho", ""] })] });
    const examples = [
      alice,
      example({ name: "later", line: 30, status: "skipped", reason: "slow", attempts: 0, exchanges: [] }),
      example({ name: "flaky", line: 40, attempts: 2 }),
    ];
    const text = await reportOf(pretty, eventsOf([document({ examples })]), {}, { verbose: true });
    expect(text).toContain(
      "  ✓ docs/put.md:13  put › a job  0.4 ms\n      alice>>> hi\n      alice<<< ho\n      alice<<<\n",
    );
    expect(text).toContain("  - docs/put.md:30  later  skipped (slow)\n");
    expect(text).toContain("  - docs/put.md:40  flaky  passed at attempt 2\n");
  });

  test("in colour says the same words", async () => {
    const plain = await reportOf(pretty, eventsOf([reserve]));
    const colored = await reportOf(pretty, eventsOf([reserve]), { color: true });
    expect(colored).toContain("\x1b[32mINSERTED {{id:int}}\x1b[39m");
    expect(colored.replace(/\x1b\[\d+m/g, "")).toBe(plain);
  });
});

describe("the dot report", () => {
  test("is a character an example, 80 a line, then what failed", async () => {
    const states = (["skipped", "xfailed", "xpassed"] as const).map((status) => example({ status }));
    const many = document({ examples: [...Array.from({ length: 80 }, () => example()), ...states] });
    const errors = [{ kind: "connect", line: 2, column: 9, message: "refused", details: [] }] as const;
    const broken = document({ path: "docs/down.md", errors, examples: [] });
    const text = await reportOf(dot, eventsOf([many, reserve, broken]));
    expect(text.startsWith(`${".".repeat(80)}\nsxX.FE\n\n`)).toBe(true);
    expect(text).toContain("    docs/reserve.md:16: the reply differs\n");
    expect(text).toContain("    docs/down.md:2:9: refused\n");
    expect(text).toContain("\nexamples   85  82 passed (1 failed as expected), 2 failed, 1 skipped\n");
  });

  test("--quiet leaves out the dots", async () => {
    expect(await reportOf(dot, eventsOf([document()]), {}, { quiet: true })).toMatch(/^\ndocuments/);
  });
});
