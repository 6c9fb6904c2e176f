import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeText } from "../../src/base/bytes.ts";
import { type LinePattern, parseClientLine, varied } from "../../src/match/pattern.ts";
import { LONGEST_LINE, speak, writtenColumn } from "../../src/plan/speak.ts";
import { Variables } from "../../src/plan/variables.ts";

const read = (text: string, line = 1): LinePattern => parseClientLine({ text, line, column: 5, marked: true });

function bound(values: Readonly<Record<string, string>>): Variables {
  const variables = new Variables(new Map());
  for (const [name, value] of Object.entries(values)) variables.captured.set(name, encodeText(value));
  return variables;
}

const said = (text: string, values: Readonly<Record<string, string>> = {}, eol: "crlf" | "lf" | "any" = "crlf") =>
  speak([read(text)], eol, bound(values))
    ?.map(({ bytes, ending }) => bytes + ending)
    .join("");

describe("speak", () => {
  it.each<[string, string]>([
    ["a b", "a b\r\n"],
    ["", "\r\n"],
    ["ü", "\xc3\xbc\r\n"],
    ["a\\tb\\x00 (esc)", "a\tb\0\r\n"],
    ['"a" 00ff (hex)', "a\0\xff"],
    ["a (no-eol)", "a"],
    ["a (lf)", "a\n"],
    ["a \\(lf)", "a (lf)\r\n"],
    ["{{x}}/{{y}}", "1/\xc3\xbc\r\n"],
    ["{{y|length}} \\{{x}}", "2 {{x}}\r\n"],
    ['"{{y}}" 0d (hex)', "\xc3\xbc\r"],
  ])("%s says %j", (text, bytes) => {
    expect(said(text, { x: "1", y: "ü" })).toBe(bytes);
  });

  it("ends lines as eol says, but where the line says so itself", () => {
    expect([said("a", {}, "lf"), said("a", {}, "any"), said("a (crlf)", {}, "lf")]).toEqual(["a\n", "a\r\n", "a\r\n"]);
    const [plain, written] = speak([read("a"), read("a (lf)")], "lf", bound({}))!;
    expect([plain?.endingWritten, written?.endingWritten]).toEqual([false, true]);
  });

  it("says nothing where a name is free, or a value makes a line too long", () => {
    expect(said("{{x}}")).toBeUndefined();
    const long = "a".repeat(LONGEST_LINE / 8);
    expect(said("{{x}}".repeat(9), { x: long })).toBeUndefined();
  });

  it("says the same of a line that is known as of its parts", () => {
    const text = fc.tuple(
      fc.string({ unit: fc.constantFrom(...'ab ü\\[}"\t') }),
      fc.constantFrom("", " (no-eol)", " (lf)", " (crlf)"),
    );
    fc.assert(
      fc.property(text, (written) => {
        const pattern = read(written.join(""));
        expect(pattern.literal).toBeDefined();
        const variables = bound({});
        expect(speak([varied(pattern, { literal: undefined })], "crlf", variables)).toEqual(
          speak([pattern], "crlf", variables),
        );
      }),
    );
  });
});

describe("writtenColumn", () => {
  it("is the place in the document of a place in what is said", () => {
    const pattern = read("a {{x}} b {{y}}");
    const variables = bound({ x: "12345", y: "" });
    const columns = Array.from({ length: 10 }, (_, i) => writtenColumn(pattern, i + 1, variables));
    // Each place in a value is where its placeholder is.
    expect(columns).toEqual([5, 6, 7, 7, 7, 7, 7, 12, 13, 14]);
  });

  it("is the line's for bytes", () => {
    expect(writtenColumn(read("0001 (hex)"), 2, bound({}))).toBe(5);
  });
});
