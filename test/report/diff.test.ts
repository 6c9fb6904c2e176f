import picocolors from "picocolors";
import { describe, expect, test } from "vitest";
import type { DiffRow } from "../../src/play/outcome.ts";
import { renderDiff } from "../../src/report/diff.ts";
import { changed, same } from "./sample.ts";

const render = async (rows: readonly DiffRow[], over: { columns?: number; context?: number; lines?: number } = {}) =>
  (
    await renderDiff(rows, { columns: 80, indent: "", context: 3, lines: 40, ...over }, picocolors.createColors(false))
  ).join("\n");

const colored = async (rows: readonly DiffRow[]) =>
  (await renderDiff(rows, { columns: 80, indent: "", context: 3, lines: 40 }, picocolors.createColors(true))).join(
    "\n",
  );

describe("a difference within a line", () => {
  test("is marked once where it stands in the same columns", async () => {
    expect(await render([changed(15, "ready: 0 jobs", "ready: 1 jobs")])).toBe(
      ["15 │ - ready: 0 jobs", "   │ + ready: 1 jobs", "   │          ^"].join("\n"),
    );
  });

  test("is marked in both lines otherwise", async () => {
    expect(await render([changed(15, "job 17 of carrots is ready", "job 17 of carrots is buried")])).toBe(
      [
        "15 │ - job 17 of carrots is ready",
        "   │                        ^^^^^",
        "   │ + job 17 of carrots is buried",
        "   │                        ^^^^^^",
      ].join("\n"),
    );
  });

  test("is the placeholder where the value is not of its type", async () => {
    expect(await render([changed(15, "job {{id:int}} found", "job x17 found")])).toContain(
      "   │ + job x17 found\n   │       ^^^",
    );
  });

  test("is several where there are several", async () => {
    const text = await render([changed(15, '{"id": 1, "name": "a", "n": 3} (json)', '{"id": 2, "name": "a", "n": 4}')]);
    expect(text).toContain("   │          ^                    ^");
  });

  test.each([
    ["nothing is alike", "INSERTED {{id:int}}", "EXPECTED_CRLF"],
    ["only signs are", "a, b", "c, d"],
    ["one is empty", "", "hello"],
    ["it was a regular expression", "job [0-9]+ (re)", "job x"],
  ])("is not marked where %s", async (_, expected, received) => {
    expect(await render([changed(15, expected, received)])).not.toContain("^");
  });

  test("is seen where it is a space at the end, a tab, an odd space or a byte", async () => {
    expect(await render([changed(15, "OK", "OK  ")])).toBe("15 │ - OK\n   │ + OK··\n   │     ^^");
    expect(await render([changed(15, "a b", "a\tb")])).toContain("+ a\\tb");
    expect(await render([changed(15, "a b", "a\u00a0b")])).toContain("+ a\\u{a0}b");
    expect(await render([changed(15, "a", "\udcff")])).toContain("+ \\xff");
    expect(await render([changed(15, "a", "")])).toContain("+ (empty line)");
  });

  test("is seen where both lines look the same", async () => {
    const text = await render([changed(15, "name: Zo\u00eb", "name: Zoe\u0308")]);
    expect(text).toContain("- name: Zo\\u{eb} (esc)");
    expect(text).toContain("+ name: Zoe\\u{308} (esc)");
  });

  test("is seen in a word that looks the same", async () => {
    const text = await render([changed(15, "h\u00e9", "he\u0301")]);
    expect(text).toContain("- h\\u{e9} (esc)");
    expect(text).toContain("+ he\\u{301} (esc)");
  });

  test("leaves a regular expression and JSON as they are written", async () => {
    for (const line of ["a\\t (re)", '{"a": "\\t"} (json)'])
      expect(await render([changed(15, line, "\x01")])).toContain(`- ${line}\n`);
  });

  test("is compared in the escapes that the document has", async () => {
    const text = await render([changed(15, "a\\x1bb\\\\c end (esc)", "a\x1bb\\c End")]);
    expect(text).toContain("+ a\\x1bb\\\\c End (esc)\n   │             ^^^");
  });

  test("stands below wide characters", async () => {
    const text = await render([changed(15, "名前 山田 end", "名前 花子 end")]);
    expect(text.split("\n").at(-1)).toBe("   │        ^^^^");
  });

  test("is in inverse colours where there are colours", async () => {
    const text = await colored([changed(15, "ready: 0", "ready: 1")]);
    expect(text).toContain("\x1b[31mready: \x1b[39m\x1b[31m\x1b[7m1\x1b[27m\x1b[39m");
    expect(text).not.toContain("^");
  });
});

describe("a long line", () => {
  const long = (word: string) => `77 ${"a".repeat(900)} ${word} ${"b".repeat(900)}`;

  test("is cut around the difference", async () => {
    const text = await render([changed(15, long("needle"), long("noodle"))]);
    expect(text.split("\n").length).toBeLessThan(11);
    expect(text).toMatch(/…\(8\d\d more\)…a+/);
    expect(text).toContain("noodle");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("of sixteen million bytes is cut too", async () => {
    const text = await render([{ kind: "received", received: "q".repeat(16_000_000) }]);
    expect(text).toMatch(/more\)…$/);
    expect(text.length).toBeLessThan(400);
  });

  test("is never cut within a character or an escape", async () => {
    const text = await render([{ kind: "received", received: "😀\x1b".repeat(500) }], { columns: 60 });
    expect(text).not.toContain("\\u{d");
    for (const line of text.split("\n")) expect(line.replace(/^.*[│] {3}|…\(.*$/g, "")).not.toMatch(/^(x1b|1b|b)/);
  });
});

describe("a long reply", () => {
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => same(`line ${from + index}`));

  test("is cut around its differences", async () => {
    const text = await render([...rows(0, 50), changed(70, "a", "b"), ...rows(50, 170)]);
    expect(text).toBe(
      [
        "   │   … 47 more lines …",
        "   │   line 47",
        "   │   line 48",
        "   │   line 49",
        "70 │ - a",
        "   │ + b",
        "   │   line 50",
        "   │   line 51",
        "   │   line 52",
        "   │   … 117 more lines …",
      ].join("\n"),
    );
  });

  test("shows a single line rather than saying that one is left out", async () => {
    const text = await render([
      ...rows(0, 4),
      changed(70, "a", "b"),
      ...rows(4, 11),
      changed(78, "a", "b"),
      ...rows(11, 15),
    ]);
    expect(text).not.toContain("more line");
  });

  test("has an end, and says how much more differs", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => (index % 2 ? same("x") : changed(index, "a", "b")));
    const text = await render(many, { context: 0, lines: 10 });
    expect(text.split("\n").length).toBeLessThan(18);
    expect(text).toMatch(/… 9,99\d more lines, 4,99\d of them different …$/);
  });

  test("without differences shows its end", async () => {
    expect(await render(rows(0, 50))).toBe(
      ["   │   … 47 more lines …", "   │   line 47", "   │   line 48", "   │   line 49"].join("\n"),
    );
    expect(await render([])).toBe("");
  });

  test("shows lines that did not come, and lines too many", async () => {
    const text = await render([
      { kind: "expected", expected: "RESERVED", line: 9 },
      { kind: "expected", expected: "hello ", line: 10 },
      { kind: "received", received: "extra" },
    ]);
    expect(text).toBe(" 9 │ - RESERVED\n10 │ - hello·\n   │ + extra");
  });
});
