import { expect, it } from "vitest";
import { OutputLines } from "../../src/servers/output-lines.ts";

function linesOf(...chunks: readonly string[]): readonly string[] {
  const told: string[] = [];
  const lines = new OutputLines((line) => told.push(line));
  for (const chunk of chunks) lines.append(chunk);
  lines.end();
  lines.end();
  return told;
}

it.each([
  ["whole lines", "a\nb\n", ["a", "b"]],
  ["a last line without its end", "a\nb", ["a", "b"]],
  ["CRLF, and a CR within a line", "a\r\nb\rc\n", ["a", "b\rc"]],
  ["empty lines", "\n\na\n", ["", "", "a"]],
  ["nothing", "", []],
])("cuts output into lines, whole and byte by byte: %s", (_, text, expected) => {
  expect(linesOf(text)).toEqual(expected);
  expect(linesOf(...text)).toEqual(expected);
});

it("cuts a line that does not end", () => {
  const told = linesOf(...Array.from({ length: 100 }, () => "x".repeat(1000)));
  expect(told.join("")).toBe("x".repeat(100_000));
  expect(Math.max(...told.map(({ length }) => length))).toBe(8192);
});
