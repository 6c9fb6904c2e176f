import { describe, expect, it } from "vitest";
import type { Captured } from "../../src/match/captures.ts";
import { ReplyDiff } from "../../src/match/diff.ts";
import { parseReplyLine } from "../../src/match/pattern.ts";
import { matchLine } from "../../src/match/text.ts";
import { startWork } from "../support/work.ts";

/** Rows: a space before lines that match, `-` and `+` before those that do not. */
function rows(written: readonly string[], came: readonly string[], values: Readonly<Record<string, string>> = {}) {
  const patterns = written.map((text, i) => parseReplyLine({ text, line: i + 1, column: 1, marked: false }));
  const scope = { get: (name: string) => values[name] };
  const received = came.map((shown) => ({ bytes: `${shown}\r\n`, shown }));
  const match = (pattern: (typeof patterns)[number], line: string, captured: Captured) =>
    matchLine(pattern, line, { eol: "crlf", endingOptional: false }, scope, captured);
  const diff = new ReplyDiff({ match, scope });
  diff.lines(patterns, received);
  return diff.rows.flatMap((row) => {
    if (row.kind === "same") return [`  ${row.received}`];
    return [...("expected" in row ? [`- ${row.expected}`] : []), ...("received" in row ? [`+ ${row.received}`] : [])];
  });
}

describe("received lines beside written ones", () => {
  it.each<[string, string[], string[], string[]]>([
    ["a line differs", ["a", "b", "c"], ["a", "x", "c"], ["  a", "- b", "+ x", "  c"]],
    ["a line is missing", ["a", "b", "c"], ["a", "c"], ["  a", "- b", "  c"]],
    ["a line is too much", ["a", "c"], ["a", "b", "c"], ["  a", "+ b", "  c"]],
    ["nothing came", ["a", "..."], [], ["- a"]],
    ["`...` takes what is left", ["a", "...", "z"], ["a", "b", "c", "y"], ["  a", "  b", "  c", "  y", "- z"]],
    ["`...` leaves what is like the next line", ["...", "END 7"], ["a", "END 8"], ["  a", "- END 7", "+ END 8"]],
    [
      "`...` leaves what is like the line between two of them",
      ["...", "size: 50", "...", "END"],
      ["a", "b", "size: 40", "c", "END"],
      ["  a", "  b", "- size: 50", "+ size: 40", "  c", "  END"],
    ],
    [
      "a repeated line stands before one that differs",
      ["{{_:word}} {{_:int}} (*)", "END"],
      ["a 1", "b 2", "c 3", "FIN"],
      ["  a 1", "  b 2", "  c 3", "- END", "+ FIN"],
    ],
    ["a repeated line does not come", ["x (*)", "y (?)", "END"], ["FIN"], ["- END", "+ FIN"]],
    ["an optional line comes", ["x (?)", "END"], ["x", "FIN"], ["  x", "- END", "+ FIN"]],
    [
      "the likest line is beside it",
      ["a: 1", "b: 2", "c: 3"],
      ["b: 5", "c: 3"],
      ["- a: 1", "- b: 2", "+ b: 5", "  c: 3"],
    ],
    [
      "placeholders stand as what they took",
      ["job {{id:int}} of {{name}} is ready"],
      ["job 17 of carrots is buried"],
      ["- job 17 of carrots is ready", "+ job 17 of carrots is buried"],
    ],
    ["a line is wholly another one", ["JOB {{n}} 20"], ["ERROR what"], ["- JOB {{n}} 20", "+ ERROR what"]],
    [
      "a value is of another type",
      ["job {{id:int}} found"],
      ["job x17 found"],
      ["- job {{id:int}} found", "+ job x17 found"],
    ],
    [
      "hardly anything but placeholders is alike",
      [":ann!~ann@{{host}} JOIN {{channel}}"],
      [":irc.example 451 bob :Connection not registered"],
      ["- :ann!~ann@{{host}} JOIN {{channel}}", "+ :irc.example 451 bob :Connection not registered"],
    ],
    ["digits stand beside a placeholder", ["2{{_:/[0-9]/}}0 ho"], ["220 hi"], ["- 220 ho", "+ 220 hi"]],
    [
      "a name of the same reply has another value",
      ["id {{id:int}}", "again {{id}}", "end"],
      ["id 7", "again 8", "end"],
      ["  id 7", "- again 7", "+ again 8", "  end"],
    ],
    [
      "a name is used after a line that differs",
      ["id {{id:int}} ok", "then {{id}}"],
      ["id 7 no", "then 7"],
      ["- id 7 ok", "+ id 7 no", "  then 7"],
    ],
    ["a value is written in escapes", ["a {{x}}\\t1 (esc)"], ["a b c\t2"], ["- a b c\\t1 (esc)", "+ a b c\t2"]],
  ])("%s", (_name, written, came, expected) => {
    expect(rows(written, came)).toEqual(expected);
  });

  it("knows the values of names, and shows them for a line that never came", () => {
    expect(rows(["OK {{n}}", "BYE {{n}}"], ["OK 8"], { n: "7" })).toEqual(["- OK 7", "+ OK 8", "- BYE 7"]);
  });

  it.each([
    ["of many lines that differ", (i: number) => `line ${i}`, (i: number) => `other ${i}`],
    ["of placeholders", (i: number) => `{{_:int}} {{_}} ${i}`, (i: number) => `${i} x y`],
  ])("a long reply %s is laid out in seconds", (_, written, came) => {
    const work = startWork();
    const lines = Array.from({ length: 5000 }, (_, i) => i);
    expect(rows(lines.map(written), lines.map(came)).length).toBeGreaterThanOrEqual(5000);
    expect(work()).toBeLessThan(10_000);
  });
});
