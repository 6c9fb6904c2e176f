import { describe, expect, it } from "vitest";
import { writeLine } from "../../src/base/bytes.ts";
import { parseReplyLine } from "../../src/match/pattern.ts";

describe("a received line as a document writes it", () => {
  it.each([
    ["plain", "plain"],
    ["b (re)", "b \\(re)"],
    ["b (esc) (no-eol)", "b (esc) \\(no-eol)"],
    ["b (?)", "b \\(?)"],
    ["b (ok)", "b (ok)"],
    ["b(re)", "b(re)"],
    ["b \\(re)", "b \\\\(re) (esc)"],
    ["b\x01 (re)", "b\\x01 \\(re) (esc)"],
    ["b\\\x01 ", "b\\\\\\x01\\x20 (esc)"],
  ])("is read as the same bytes: %j", (line, written) => {
    expect(writeLine(line)).toBe(written);
    expect(parseReplyLine({ text: written, line: 1, column: 1, marked: false })).toMatchObject({
      literal: line,
      ending: "written",
      repeat: "once",
    });
  });
});
