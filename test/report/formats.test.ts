/** The reports for programs: TAP, JUnit XML, JSON. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { DocumentResult } from "../../src/play/outcome.ts";
import { json } from "../../src/report/json.ts";
import { junit } from "../../src/report/junit.ts";
import { tap } from "../../src/report/tap.ts";
import { describeWith } from "../support/real-servers.ts";
import { changed, document, eventsOf, example, exchange, failed, failedExample, reportOf } from "./sample.ts";

const bytes = failed([changed(16, "INSERTED {{id:int}}", "\udcff\x1b")], { sent: ["put # 1"], connection: "bob" });
const states = [
  example({ name: "one # two \\ three" }),
  example({ name: "skips", status: "skipped", reason: "needs #2", attempts: 0, exchanges: [] }),
  example({ name: "known bug", status: "xfailed", reason: "bug 1", exchanges: [failed([changed(20, "a", "b")])] }),
  example({ name: "no bug any more", status: "xpassed", reason: "bug 2" }),
  failedExample([exchange(), bytes]),
];
const errors = [
  { kind: "document", line: 3, column: 1, message: 'unknown key "targt"', details: [] },
  { kind: "document", line: 9, column: 5, message: "a <second> one", details: ["more"] },
] as const;
const broken = document({ path: "docs/broken.md", errors, examples: [] });

describe("TAP", () => {
  test("has a test point an example, in one list for all documents", async () => {
    const lines = (await reportOf(tap, eventsOf([document({ examples: states }), broken]))).split("\n");
    expect(lines[0]).toBe("TAP version 13");
    const points = lines.filter((line) => /^ *(# |(not )?ok|\d+\.\.)/.test(line));
    expect(points).toEqual([
      "# docs/put.md",
      "ok 1 - docs/put.md:12 one \\# two \\\\ three",
      "ok 2 - docs/put.md:12 skips # SKIP needs \\#2",
      "not ok 3 - docs/put.md:12 known bug # TODO bug 1",
      "not ok 4 - docs/put.md:12 no bug any more",
      "not ok 5 - docs/put.md:12 put › too long",
      "# docs/broken.md",
      "not ok 6 - docs/broken.md",
      "1..6",
    ]);
  });

  describeWith(["prove"], "Perl's prove", () => {
    test("reads it without a complaint", async () => {
      const folder = await mkdtemp(join(tmpdir(), "wiredoc-tap-"));
      try {
        const ask = async (documents: readonly DocumentResult[]) => {
          await writeFile(join(folder, "a.tap"), await reportOf(tap, eventsOf(documents)));
          return spawnSync("prove", ["--exec", "cat", join(folder, "a.tap")], { encoding: "utf8" }).stdout;
        };
        const failing = await ask([document({ examples: states }), broken]);
        expect(failing).toContain("Failed tests:  4-6");
        expect(failing).not.toContain("Parse errors");
        expect(await ask([document({ examples: states.slice(0, 3) })])).toContain("Result: PASS");
        expect(await ask([])).toContain("Result: NOTESTS");
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });

  test("says of a skipped example what its exchanges were skipped for", async () => {
    const reason = "not tried: the connection was given up after line 31";
    const exchanges = [exchange({ status: "skipped", reason, unsent: true })];
    const skipped = [example({ status: "skipped", attempts: 0, exchanges })];
    expect(await reportOf(tap, eventsOf([document({ examples: skipped })]))).toContain(`# SKIP ${reason}\n`);
    expect(await reportOf(junit, eventsOf([document({ examples: skipped })]))).toContain(
      `<skipped message="${reason}"/>`,
    );
    const report = JSON.parse(await reportOf(json, eventsOf([document({ examples: skipped })])));
    expect(report.documents[0].examples[0].exchanges[0]).toMatchObject({ status: "skipped", reason, unsent: true });
  });

  test("has diagnostics that YAML reads", async () => {
    const text = await reportOf(tap, eventsOf([document({ examples: states }), broken]));
    const blocks = [...text.matchAll(/^ *---\n([\s\S]*?)^ *\.\.\.\n/gm)].map((block) => parse(block[1]!));
    expect(blocks).toHaveLength(4);
    expect(blocks[0]).toMatchObject({ severity: "todo", kind: "mismatch", at: { line: 20 } });
    expect(blocks[1]).toMatchObject({ message: "expected to fail (bug 2), but it passed", severity: "fail" });
    expect(blocks[2]).toEqual({
      message: "the reply differs",
      severity: "fail",
      kind: "mismatch",
      at: { file: "docs/put.md", line: 16 },
      connection: "bob",
      sent: ["put # 1"],
      expected: ["INSERTED {{id:int}}"],
      received: ["\\xff\\x1b (esc)"],
    });
    expect(blocks[3].errors).toEqual([
      {
        message: 'unknown key "targt"',
        severity: "fail",
        kind: "document",
        at: { file: "docs/broken.md", line: 3, column: 1 },
        details: [],
      },
      {
        message: "a <second> one",
        severity: "fail",
        kind: "document",
        at: { file: "docs/broken.md", line: 9, column: 5 },
        details: ["more"],
      },
    ]);
  });

  test("tells durations where asked", async () => {
    const text = await reportOf(tap, eventsOf([document()]), {}, { timings: true });
    expect(text).toContain("  ---\n  duration_ms: 2\n  ...\n");
    expect(await reportOf(tap, eventsOf([document()]))).not.toContain("duration_ms");
  });

  test("of nothing, and of a run that was interrupted", async () => {
    expect(await reportOf(tap, eventsOf([]))).toBe("TAP version 13\n1..0 # SKIP nothing to run\n");
    const text = await reportOf(tap, eventsOf([document()], { interrupted: true, neverBegun: ["b.md"] }));
    expect(text).toMatch(/\nok 1 - docs\/put\.md:12 [^\n]*\nBail out! The run was interrupted\n$/);
    expect(text).not.toMatch(/^1\.\./m);
    expect(await reportOf(tap, eventsOf([document({ examples: [] })]))).toContain(
      "ok 1 - docs/put.md # SKIP no examples\n",
    );
  });
});

/** Elements in the order of their ends, with attributes and text; throws where the XML is not well-formed. */
function elementsOf(xml: string): { name: string; attributes: Record<string, string>; text: string; path: string }[] {
  const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#9": "\t" };
  const read = (text: string) => {
    if (/[<>]|&(?!(?:amp|lt|gt|quot|#9);)/.test(text)) throw new Error(`not well-formed: ${text}`);
    return text.replace(/&([^;]+);/g, (_, name: string) => ENTITIES[name]!);
  };
  if (/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml))
    throw new Error("a character that XML forbids");
  const found: ReturnType<typeof elementsOf> = [];
  const open: { name: string; attributes: Record<string, string>; text: string; path: string }[] = [];
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  for (const [, text, end, name, list, empty] of body.matchAll(
    /([^<]*)(?:<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>)?/g,
  )) {
    const top = open.at(-1);
    if (top) top.text += read(text!);
    else if (text!.trim() !== "") throw new Error(`text outside of the root: ${text}`);
    if (name === undefined) continue;
    if (end) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
      found.push(top!);
      continue;
    }
    const attributes = Object.fromEntries(
      [...list!.matchAll(/ ([a-z]+)="([^"]*)"/g)].map((one) => [one[1]!, read(one[2]!)]),
    );
    const element = { name, attributes, text: "", path: [...open.map((one) => one.name), name].join("/") };
    if (empty) found.push(element);
    else open.push(element);
  }
  if (open.length > 0) throw new Error("an element has no end");
  return found;
}

describe("JUnit XML", () => {
  test("has a testsuite a document, and a testcase an example", async () => {
    const found = elementsOf(await reportOf(junit, eventsOf([document({ examples: states }), broken])));
    expect(found.at(-1)).toMatchObject({
      name: "testsuites",
      attributes: { name: "wiredoc", tests: "7", failures: "2", errors: "2", skipped: "1", time: "1.234568" },
    });
    const suites = found.filter(({ name }) => name === "testsuite");
    expect(suites.map(({ attributes }) => attributes)).toEqual([
      {
        name: "docs/put.md",
        tests: "5",
        failures: "2",
        errors: "0",
        skipped: "1",
        time: "0.012000",
        file: "docs/put.md",
      },
      {
        name: "docs/broken.md",
        tests: "2",
        failures: "0",
        errors: "2",
        skipped: "0",
        time: "0.012000",
        file: "docs/broken.md",
      },
    ]);
    const cases = found.filter(({ name }) => name === "testcase").map(({ attributes }) => attributes);
    expect(cases[4]).toEqual({
      classname: "docs/put.md",
      name: "put › too long",
      time: "0.002000",
      file: "docs/put.md",
      line: "12",
    });
    expect(cases).toHaveLength(7);
    expect(found.find(({ name }) => name === "skipped")?.attributes).toEqual({ message: "needs #2" });
    const failures = found.filter(({ name }) => name === "failure");
    expect(failures.map(({ attributes }) => attributes.type)).toEqual(["xpassed", "mismatch"]);
    expect(failures[1]!.text).toContain(
      "      bob>>> put # 1\n\n      16 │ - INSERTED {{id:int}}\n         │ + \\xff\\x1b (esc)\n",
    );
    const mistakes = found.filter(({ name }) => name === "error");
    expect(mistakes[1]).toMatchObject({
      attributes: { type: "document", message: "a <second> one" },
      text: "docs/broken.md:9:5: a <second> one\nmore",
    });
  });

  test("is well-formed whatever a server says", async () => {
    const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));
    const rows = [0, 1, 2, 3].map((quarter) =>
      changed(15, "a", units.slice(quarter * 0x4000, (quarter + 1) * 0x4000).join("")),
    );
    const all = rows.map((row) => failedExample([failed([row])], { name: row.kind === "changed" ? row.received : "" }));
    const names = Array.from({ length: 200 }, (_, part) =>
      example({ name: units.slice(part * 328, (part + 1) * 328).join("") }),
    );
    const found = elementsOf(await reportOf(junit, eventsOf([document({ examples: [...all, ...names] })])));
    expect(found.filter(({ name }) => name === "testcase")).toHaveLength(204);
    expect(found.some(({ attributes }) => attributes.name?.includes("<=>"))).toBe(true);
  });

  test("of a run that was interrupted, has errors for what did not finish", async () => {
    const half = document({ path: "docs/half.md", interrupted: true });
    const events = eventsOf([document(), half], { interrupted: true, neverBegun: ["docs/later.md"] });
    const found = elementsOf(await reportOf(junit, events));
    const broken = found.filter(({ name, attributes }) => name === "testsuite" && attributes.errors === "1");
    expect(broken.map(({ attributes }) => attributes.name)).toEqual(["docs/half.md", "docs/later.md"]);
    expect(found.at(-1)!.attributes).toMatchObject({ tests: "4", errors: "2" });
  });
});

describe("JSON", () => {
  test("has the stable schema, its keys in order", async () => {
    const text = await reportOf(json, eventsOf([document({ examples: [failedExample([exchange(), bytes])] })]));
    expect(JSON.stringify(JSON.parse(text))).toBe(
      JSON.stringify({
        version: 1,
        ok: false,
        durationMs: 1234.568,
        counts: { documents: 1, examples: 1, exchanges: 2, passed: 0, failed: 1, skipped: 0 },
        documents: [
          {
            path: "docs/put.md",
            error: null,
            examples: [
              {
                name: "put › too long",
                line: 12,
                status: "failed",
                reason: null,
                exchanges: [
                  {
                    line: 13,
                    connection: "",
                    sent: ["put 0 0 60 5"],
                    expected: ["INSERTED {{id:int}}"],
                    received: ["INSERTED 1"],
                    status: "passed",
                    failure: null,
                    ms: 0.4,
                  },
                  {
                    line: 13,
                    connection: "bob",
                    sent: ["put # 1"],
                    expected: ["INSERTED {{id:int}}"],
                    received: ["\\xff\\x1b (esc)"],
                    status: "failed",
                    failure: { kind: "mismatch", line: 16, message: "the reply differs" },
                    ms: 0.4,
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
  });

  test("tells the first error of a document, and all of them where there are several", async () => {
    const one = document({ errors: [errors[0]], examples: [] });
    const report = JSON.parse(await reportOf(json, eventsOf([one, broken])));
    const first = { kind: "document", line: 3, column: 1, message: 'unknown key "targt"' };
    expect(report.documents[0]).toEqual({ path: "docs/put.md", error: first, examples: [] });
    expect(report.documents[1].error).toEqual(first);
    expect(report.documents[1].errors).toEqual([
      first,
      { kind: "document", line: 9, column: 5, message: "a <second> one" },
    ]);
  });

  test("says text exactly, and is ASCII where it could act on a terminal", async () => {
    const line = "tab\t \x1b[2J \x9b \u202e \u2028 \u{e0041} 😀 é";
    const text = await reportOf(
      json,
      eventsOf([document({ examples: [example({ exchanges: [exchange({ received: [line] })] })] })]),
    );
    expect(JSON.parse(text).documents[0].examples[0].exchanges[0].received).toEqual([line]);
    expect(text).toMatch(/\\u009b \\u202e \\u2028 \\udb40\\udc41 😀 é/);
  });

  test("of nothing, and of a run that was interrupted", async () => {
    const warnings = [{ path: "a.md", line: 3, column: 4, message: "\u{1b}[31m is not played" }];
    expect(JSON.parse(await reportOf(json, eventsOf([], { warnings })))).toMatchObject({ documents: [], warnings });
    expect(JSON.parse(await reportOf(json, eventsOf([document()], { warnings })))).toMatchObject({ warnings });
    expect(JSON.parse(await reportOf(json, eventsOf([])))).not.toHaveProperty("warnings");
    expect(JSON.parse(await reportOf(json, eventsOf([])))).toMatchObject({
      ok: false,
      counts: { documents: 0 },
      documents: [],
    });
    const events = eventsOf([document()], { interrupted: true, neverBegun: ["b.md"] });
    expect(JSON.parse(await reportOf(json, events))).toMatchObject({ ok: false, documents: [{ path: "docs/put.md" }] });
  });

  test("keeps a long reply whole", async () => {
    const received = Array.from({ length: 100_000 }, (_, index) => `line ${index}`);
    const text = await reportOf(
      json,
      eventsOf([document({ examples: [example({ exchanges: [exchange({ received })] })] })]),
    );
    expect(JSON.parse(text).documents[0].examples[0].exchanges[0].received).toHaveLength(100_000);
  });
});
