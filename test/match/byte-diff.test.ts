import { describe, expect, it } from "vitest";
import { diffBytes } from "../../src/match/byte-diff.ts";
import type { Captured } from "../../src/match/captures.ts";
import { type LinePattern, parseReplyLine } from "../../src/match/pattern.ts";
import { matchLine } from "../../src/match/text.ts";
import { startWork } from "../support/work.ts";

const received = (hex: string): string => Buffer.from(hex.replaceAll(" ", ""), "hex").toString("latin1");

/** A row a line: what was written in front of ` | `, what came behind it; `=` where they match. */
function rows(
  written: readonly string[],
  bytes: string,
  values: Readonly<Record<string, string>> = {},
  implied?: "hex",
): string[] {
  const patterns = written.map((text, i) => parseReplyLine({ text, line: i + 1, column: 1, marked: false }, implied));
  const scope = { get: (name: string) => values[name] };
  const comparison = {
    scope,
    suffix: "",
    ending: "\r\n",
    show: (line: string) => line.trimEnd(),
    match: (pattern: LinePattern, line: string, captured: Captured) =>
      matchLine(pattern, line, { eol: "crlf", endingOptional: false }, scope, captured),
  };
  return diffBytes(patterns, bytes, comparison).rows.map((row) => {
    switch (row.kind) {
      case "same":
        return `= ${row.received}`;
      case "changed":
        return `${row.expected} | ${row.received}`;
      case "expected":
        return `${row.expected} |`;
      default:
        return `| ${row.received}`;
    }
  });
}

const hexRows = (written: readonly string[], bytes: string, values: Readonly<Record<string, string>> = {}) =>
  rows(written, bytes, values, "hex");

describe("received bytes beside written ones", () => {
  it.each<[string, string[], string, string[]]>([
    ["a byte differs", ["20 02", "00 00"], "20 02 00 01", ["= 20 02", "00 00 | 00 01"]],
    ["spaces stay", ["20  02", "00   00"], "20 03 00 00", ["20  02 | 20  03", "= 00   00"]],
    ["a byte is too much", ["20 02", "01 05", "aa"], "20 02 01 01 05 aa", ["= 20 02", "01 05 | 01 01 05", "= aa"]],
    ["bytes are too much at the end", ["20 02"], "20 02 01 02", ["= 20 02", "| 01 02"]],
    ["bytes are too much in front", ["20 02"], "01 20 02", ["20 02 | 01 20 02"]],
    ["a byte is missing", ["20 02 03", "aa bb"], "20 03 aa bb", ["20 02 03 | 20 03", "= aa bb"]],
    ["a line is missing", ["20 02", "03 04", "05 06"], "20 02 05 06", ["= 20 02", "03 04 |", "= 05 06"]],
    ["the end is missing", ["20 02", "03 04", "05 06"], "20 02 03", ["= 20 02", "03 04 | 03", "05 06 |"]],
    ["nothing came", ["20 02", "..."], "", ["20 02 |"]],
    ["a text differs", ['03 "web" 00'], "03 77 69 62 00", ['03 "web" 00 | 03 "wib" 00']],
    [
      "a text is longer",
      ['03 "web" 00', "c0 0c"],
      "05 77 65 62 2d 32 00 c0 0c",
      ['03 "web" 00 | 05 "web-2" 00', "= c0 0c"],
    ],
    ["a text is none", ['"ab"'], "61 00", ['"ab" | 61 00']],
    [
      "texts among bytes",
      ['"OK" 00 01 02 03'],
      "65 72 72 6f 72 00 01 02 03",
      ['"OK" 00 01 02 03 | "error" 00 01 02 03'],
    ],
    [
      "texts with bytes between them",
      ['"SERROR" 00 01 02 03 04 05 06'],
      "00 01 70 67 5f 61 00 01 02 03 04 05 06",
      ['"SERROR" 00 01 02 03 04 05 06 | 00 01 "pg_a" 00 01 02 03 04 05 06'],
    ],
    [
      "a text in place of a byte",
      ["01 02 03 04 05 06"],
      "01 61 62 63 03 04 05 06",
      ['01 02 03 04 05 06 | 01 "abc" 03 04 05 06'],
    ],
    ["a quote in a text", ['"ab"'], "61 22", ['"ab" | 61 22']],
    ["a placeholder in a text", ['"n={{n:int}}." 00'], "6e 3d 34 32 2e 01", ['"n={{n:int}}." 00 | "n=42." 01']],
    ["a placeholder of another type", ['"n={{n:int}}." 00'], "6e 3d 61 62 2e 00", ['"n={{n:int}}." 00 | "n=ab." 00']],
    [
      "wildcards that match",
      ["{{id:2 bytes}} ?? ... 01", "00"],
      "aa bb cc dd ee 01 02",
      ["= aa bb cc dd ee 01", "00 | 02"],
    ],
    [
      "wildcards of a line that differs",
      ["{{id:2 bytes}} ?? ... 01"],
      "aa bb cc dd ee 02",
      ["aabb cc dd ee 01 | aabb cc dd ee 02"],
    ],
    [
      "`...` of a line that differs takes nothing",
      ["01 02 03 ... 04"],
      "01 02 03 05",
      ["01 02 03 ... 04 | 01 02 03 05"],
    ],
    [
      "`...` of a line that differs takes much",
      ["01 02 03 04 ... 05"],
      `01 02 03 04 ${"aa ".repeat(20)}06`,
      ["01 02 03 04 ... 05 | 01 02 03 04 ... 06"],
    ],
    [
      "a second use that differs",
      ["{{id:2 bytes}}", "{{id}} 01"],
      "aa bb aa cc 01",
      ["= aa bb", "aa bb 01 | aa cc 01"],
    ],
    ["a line of any bytes", ["20", "...", "30"], "20 01 02 31", ["= 20", "= 01 02", "30 | 31"]],
  ])("%s", (_name, written, bytes, expected) => {
    expect(hexRows(written, received(bytes))).toEqual(expected);
  });

  it("knows the values that names have", () => {
    expect(hexRows(["40 {{id}} 00"], received("40 01 02 01"), { id: "\x01\x02" })).toEqual(["40 0102 00 | 40 0102 01"]);
    expect(hexRows(["40 {{id}}", "00"], received("40 01 03 00"), { id: "\x01\x02" })).toEqual([
      "40 01 02 | 40 01 03",
      "= 00",
    ]);
  });

  it.each<[string, string[], string, string[]]>([
    [
      "between them",
      ["VALUE {{n:int}}", '01 "abc" (hex)', "", "END"],
      "VALUE 5\r\n\x01abd\r\nEND\r\n",
      ["= VALUE 5", '01 "abc" (hex) | 01 "abd" (hex)', "= ", "= END"],
    ],
    [
      "after any number of lines",
      ["{{_:word}} (*)", "00 ... 01 (hex)", "END"],
      "x\r\ny\r\n\x00abc\x02END\r\n",
      ["= x", "= y", "00 61 62 63 01 (hex) | 00 61 62 63 02 (hex)", "= END"],
    ],
    ["where a line differs", ["OK", "01 02 (hex)"], "NO\r\n\x01\x02", ["OK | NO", "= 01 02 (hex)"]],
    [
      "after a prompt",
      ["login:  (no-eol)", "secret", "BYE"],
      "login: secret\r\nBYE 2\r\n",
      ["= login:", "= secret", "BYE | BYE 2"],
    ],
  ])("stand among lines: %s", (_name, written, bytes, expected) => {
    expect(rows(written, bytes)).toEqual(expected);
  });

  it("shows another message as it is, texts in quotes", () => {
    expect(hexRows(["10 20 30 40 50"], "error 7\x00")).toEqual(["10 20 30 40 50 |", '| "error 7" 00']);
  });

  it("finds one byte in a long message", () => {
    const line = "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f";
    const written = Array.from({ length: 1500 }, () => line);
    const bytes = received(line.repeat(750) + line.replace("05", "ff") + line.repeat(749));
    const different = hexRows(written, bytes).filter((row) => !row.startsWith("="));
    expect(different).toEqual([`${line} | ${line.replace("05", "ff")}`]);
  });

  it.each([
    ["wholly different", ["00 01 02 03"], 200_000],
    ["open", ["00 ... 01", "... 02", "..."], 200_000],
    ["long itself", Array.from({ length: 10_000 }, () => "00 01 02 03"), 500_000],
  ])("a hostile reply that is %s is laid out in seconds", (_name, written, length) => {
    const work = startWork();
    hexRows(written, "\x01\x05".repeat(length / 2));
    expect(work()).toBeLessThan(10_000);
  });
});
