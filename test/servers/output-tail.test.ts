import { expect, it } from "vitest";
import { OutputTail } from "../../src/servers/output-tail.ts";

function tailOf(...chunks: string[]): string {
  const tail = new OutputTail();
  for (const chunk of chunks) tail.append(chunk);
  return tail.toString();
}

it("joins pieces and leaves out what is empty at the ends", () => {
  expect(tailOf()).toBe("");
  expect(tailOf("\n\n  on", "e\r\n\ntw", "o\n\n")).toBe("  one\n\ntwo");
});

it("keeps the last twenty lines", () => {
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  expect(tailOf(`${lines.join("\n")}\n`)).toBe(lines.slice(-20).join("\n"));
});

it("keeps whole lines where it had to drop characters, and the end of one that is longer than all it keeps", () => {
  const long = "x".repeat(5000);
  expect(tailOf(`${long}\n`, `${long}\n`, "last\n")).toBe(`${long}\nlast`);
  expect(tailOf("y".repeat(100_000)).length).toBe(8192);
});

it("shows no colours and nothing that would move the cursor", () => {
  expect(tailOf("\x1b[31mred\x1b[0m\tand \x07bell\u202e\n")).toBe("red\tand \\x07bell\\u{202e}");
});
