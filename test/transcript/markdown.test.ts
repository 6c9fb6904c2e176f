import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Block } from "../../src/transcript/block.ts";
import { readStretch } from "../../src/transcript/commonmark.ts";
import { normalize, readBlocks } from "../../src/transcript/markdown.ts";
import { markdownText } from "./markdown-text.ts";

const linesOf = (text: string): readonly string[] => normalize(text).split("\n");
/** What markdown-it alone finds in the whole text. */
const reference = (text: string): readonly Block[] => {
  const lines = linesOf(text);
  return readStretch(lines, 0, lines.length).blocks;
};
const read = (text: string): readonly Block[] => [...readBlocks(linesOf(text), 0)];

const headings = (text: string): readonly string[] =>
  read(text).flatMap((block) => (block.kind === "heading" ? [`${block.line} ${block.text}`] : []));

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = ["README.md", "CONTRIBUTING.md", "docs", "examples"].flatMap((path) =>
  path.endsWith(".md")
    ? [path]
    : readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".md"))
        .map((file) => join(path, file)),
);

describe("readBlocks", () => {
  it.each(PAGES)("finds in %s what markdown-it finds in it", (page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    expect(read(text)).toEqual(reference(text));
    expect(read(text.replaceAll("\n", "\r\n"))).toEqual(reference(text));
  });

  it.each([
    ["a fence that four spaces do not close", "```\na\n    ```\n# b\n```\n# c\n", ["6 c"]],
    ["a fence that goes on behind a blank line", "- a\n```\n\n# b\n\n# c\n\n# d\n```\n\n# e\n", ["11 e"]],
    ["a comment of several parts", "<!-- a\n\nb\n\n# c\n\nd -->\n\n# e\n", ["9 e"]],
    ["an underlined paragraph", "a\nb\n---\n\nc\n=\n", ["1 a b", "5 c"]],
    ["an underline behind a definition", "[a]: /b\n===\n\n# c\n", ["4 c"]],
    ["a heading in a list and a quote", "- a\n\n  # b\n\n> # c\n\nd\n", ["3 b", "5 c"]],
    ["twelve lists in a line", `${"- ".repeat(12)}a\n\n# b\n`, ["3 b"]],
  ])("%s", (_, text, found) => {
    expect(headings(text)).toEqual(found);
    expect(read(text)).toEqual(reference(text));
  });

  it("reads comments one after the other, the last one open to the end", () => {
    const comments = (text: string): readonly unknown[] =>
      read(text).flatMap((block) =>
        block.kind === "comment" ? [[block.extent.from, block.infoColumn, block.info, block.closed]] : [],
      );
    expect(comments("<!-- wire a --> <!-- wire b -->\n")).toEqual([
      [1, 11, "a", true],
      [1, 27, "b", true],
    ]);
    expect(comments("> <!-- wire a\n> b <!-- wire c -->\n")).toEqual([[1, 13, "a", true]]);
    expect(comments("<!-- a <!-- wire b -->\n\n<!--wire c-->\n")).toEqual([[3, 10, "c", true]]);
    expect(comments("<!-- wire\n".repeat(5000))).toEqual([[1, 10, "", false]]);
    expect(comments("<!--\n".repeat(5000))).toEqual([]);
  });

  it("keeps the indentation that code in a list has left", () => {
    const text = "- a\n\n      # b\n";
    expect(read(text)).toEqual(reference(text));
    expect(read(text)).toMatchObject([{ kind: "code", lines: [{ text: "# b", line: 3, column: 7 }] }]);
  });

  it("finds in any text what markdown-it finds in it", () => {
    fc.assert(
      fc.property(markdownText, (text) => {
        expect(read(text)).toEqual(reference(text));
      }),
      { numRuns: Number(process.env.WIREDOC_FUZZ_RUNS ?? 20_000) },
    );
  });
});
