import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPlainEntries } from "../../src/transcript/front-matter.ts";
import { readYamlEntries } from "../../src/transcript/front-matter-yaml.ts";

const withoutMistakes = (lines: readonly string[]) =>
  readYamlEntries(lines.join("\n"), "a.md", (error) => {
    throw error;
  });

const key = fc.constantFrom("target", "timeout", "Eol", "null", "true", "y", "dialect", "server", "a-b", "a b", "1");
const value = fc.oneof(
  fc.constantFrom("tcp://127.0.0.1:7411", "unix:/a/b.sock", "builtin:kv", "5s", "200ms", "1m", "crlf", "http", "a"),
  fc.constantFrom(
    "true",
    "No",
    "NULL",
    "Null",
    "False",
    "yes",
    "off",
    "007",
    "1e3",
    "0x1f",
    "0o7",
    ".inf",
    "~",
    "1.5",
    "",
  ),
  fc.constantFrom(
    "a:",
    "a: b",
    "a #b",
    "'a'",
    '"a"',
    "[a]",
    "{a: b}",
    "&a b",
    "*a",
    "|",
    ">",
    "- a",
    "!!str a",
    "a,b",
    "@a",
  ),
  fc.string({ unit: fc.constantFrom(..."aeEx0159:/.-_@sm #".split("")), maxLength: 8 }),
);
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(key, fc.constantFrom(": ", ":  ", ":"), value, fc.constantFrom("", "", "", " "))
      .map((parts) => parts.join("")),
  },
  fc.constantFrom("", "# a", "  a: b", "- a", "..."),
);

describe("readPlainEntries", () => {
  it("reads what everybody writes", () => {
    expect(readPlainEntries(["target: tcp://127.0.0.1:7411", "timeout:  5s"], "a.md")).toMatchObject([
      { name: "target", raw: { value: "tcp://127.0.0.1:7411" }, span: { line: 2, column: 9 } },
      { name: "timeout", raw: { source: "5s" }, keySpan: { line: 3, column: 1 }, span: { line: 3, column: 11 } },
    ]);
  });

  it("leaves to YAML what it does not read in the same way", () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 3 }), (lines) => {
        const read = readPlainEntries(lines, "a.md");
        if (!read) return;
        if (read.length > 0) plain++;
        expect(read).toEqual(withoutMistakes(lines));
      }),
      { numRuns: Number(process.env.WIREDOC_FUZZ_RUNS ?? 10_000) },
    );
    expect(plain).toBeGreaterThan(100);
  });
});
