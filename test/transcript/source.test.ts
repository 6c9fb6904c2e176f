import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Block, BlockLine, CodeBlock, CommentBlock } from "../../src/transcript/block.ts";
import { normalize, readBlocks } from "../../src/transcript/markdown.ts";
import type { Document, WrittenLine } from "../../src/transcript/model.ts";
import { markdownText } from "./markdown-text.ts";
import { readDocument } from "./read-document.ts";

const RUNS = Number(process.env.WIREDOC_FUZZ_RUNS ?? 5000);

const linesOf = (text: string): readonly string[] => normalize(text).split("\n");
const hasLines = (block: Block): block is CodeBlock | CommentBlock => block.kind !== "heading";
const blocksOf = (lines: readonly string[]): readonly (CodeBlock | CommentBlock)[] =>
  [...readBlocks(lines, 0)].filter(hasLines);

/** A line of the file from what stands before the text of a line of it, and that text. */
function rebuild(whole: string, { text, column }: Pick<BlockLine, "text" | "column">): string {
  const before = whole.slice(0, column - 1);
  const rest = whole.slice(column - 1);
  if (text === rest || !before.endsWith("\t")) return before + text;
  // The text begins with what is left of a tab.
  const spaces = text.length - rest.length;
  return spaces > 0 && spaces < 4 ? before + text.replace(/^ {1,3}/, (begin) => begin.slice(spaces)) : `${before}?`;
}

describe("a block's lines", () => {
  it("are found again in the file, whatever lists, quotes and tabs they stand in", () => {
    fc.assert(
      fc.property(markdownText, (text) => {
        const source = linesOf(text);
        for (const { kind, extent, lines, closed } of blocksOf(source)) {
          for (const [i, line] of lines.entries()) {
            const whole = source[line.line - 1]!;
            // The last line of a comment may hold its end.
            const isLast = kind === "comment" && closed && i === lines.length - 1 && whole.includes("-->");
            const end = isLast ? whole.indexOf("-->", line.column - 1) : whole.length;
            const own = isLast ? whole.slice(0, end).trimEnd() : whole;
            expect(rebuild(own, line)).toBe(own);
            expect(line.line).toBeGreaterThanOrEqual(extent.from);
            expect(line.line).toBeLessThanOrEqual(extent.to);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("can be written anew after the block's prefix", () => {
    const written = fc.constantFrom("a", " a", "    a", "\ta", ">>> a", "- a", "# a", "<<<", "=== closed");
    let count = 0;
    fc.assert(
      fc.property(markdownText, written, fc.nat(), (text, replacement, choice) => {
        const source = linesOf(text);
        const blocks = blocksOf(source);
        const block = blocks[choice % Math.max(1, blocks.length)];
        const index = choice % Math.max(1, block?.lines.length ?? 0);
        const line = block?.lines[index];
        if (!block || !line || line.line === block.extent.from || source[line.line - 1]!.includes("-->")) return;
        // Other HTML ends at a mark of its own, which may be replaced.
        if (block.kind === "comment" && /<(?!!--)/.test(text)) return;
        count++;
        const edited = source.with(line.line - 1, block.extent.prefix + replacement);
        const found = blocksOf(edited).find(({ extent }) => extent.from === block.extent.from);
        expect(found?.lines.map((one) => one.text)).toEqual(
          block.lines.map((one, i) => (i === index ? replacement : one.text)),
        );
        expect(found?.extent).toEqual(block.extent);
      }),
      { numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(RUNS / 20);
  });

  it.each<[string, string, string]>([
    ["at the margin", "```wire\n>>> a\n```\n", ""],
    ["indented by itself", "  ```wire\n  >>> a\n  ```\n", "  "],
    ["in a list", "1. b\n\n   ```wire\n   >>> a\n   ```\n", "   "],
    ["as a list's item", "- ```wire\n  >>> a\n  ```\n", "  "],
    ["in a list indented by tabs", "- b\n\n\t```wire\n\t>>> a\n\t```\n", "\t"],
    ["in a quote", "> ```wire\n> >>> a\n> ```\n", "> "],
    ["in a quote without spaces", ">```wire\n>>> a\n>```\n", "> "],
    ["in a quote without spaces, as an item", ">-\t```wire\n>   >>> a\n", ">    "],
    ["in a quote in a list in a quote", "> 1. > ```wire\n>    > >>> a\n>    > ```\n", ">    > "],
    ["that is indented code", "b\n\n    >>> a\n    c\n", "    "],
    ["that is indented code in an item", "-     >>> a\n      c\n", "      "],
    ["that is indented code by half a tab", "- b\n\n\t\t>>> a\n", "      "],
    ["in a comment in a quote", "> <!-- wire\n> >>> a\n> -->\n", "> "],
    ["of a comment in an item", "- <!-- wire\n  >>> a -->\n", "  "],
  ])("%s", (_name, text, prefix) => {
    expect(blocksOf(linesOf(text)).map(({ extent }) => extent.prefix)).toEqual([prefix]);
  });
});

/** A list, a quote or nothing around lines. */
type Container = (lines: readonly string[]) => readonly string[];
const item =
  (mark: string, indent: string): Container =>
  (lines) =>
    lines.map((line, i) => (i === 0 ? mark + line : line === "" ? line : indent + line));
const quote =
  (mark: string): Container =>
  (lines) =>
    lines.map((line) => mark + line);

const container = fc.constantFrom<Container>(
  item("- ", "  "),
  item("12. ", "    "),
  item("*   ", "    "),
  item("-\t", "\t"),
  item("- ", "\t"),
  quote("> "),
  quote(">"),
  quote(">\t"),
);
const transcript = fc
  .array(fc.constantFrom(">>> a", "b", "  c", "\td", "<<< e ", "<<<", "bob>>> f", "~~~", "``", "- g"), { maxLength: 4 })
  .map((lines) => [">>> first", ...lines]);
const block = fc.oneof(
  transcript.map((lines) => ["```wire", ...lines, "```"]),
  transcript.map((lines) => ["````wire", ...lines, "```", "h", "````"]),
  transcript.map((lines) => ["   ~~~~wire", ...lines.map((line) => `   ${line}`), "~~~~"]),
  transcript.map((lines) => ["<!-- wire", ...lines, "-->"]),
  transcript.map((lines) => ["<!-- wire", ...lines, "i -->"]),
  transcript.map((lines) => lines.map((line) => `    ${line}`)),
  transcript.map((lines) => lines.map((line) => `\t${line}`)),
);
const documentText = fc
  .tuple(
    fc.array(fc.tuple(block, fc.array(container, { maxLength: 3 })), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("\n", "\r\n", "\r"),
    fc.constantFrom("", "\ufeff"),
    fc.constantFrom("", "---\nblocks: indented\n---\n"),
  )
  .map(([blocks, eol, mark, frontMatter]) => {
    const parts = blocks.map(([lines, around]) =>
      around.reduce<readonly string[]>((inside, put) => put(inside), lines).join("\n"),
    );
    return mark + (frontMatter + parts.join("\n\nprose\n\n")).replaceAll("\n", eol);
  });

const parse = (text: string): Document => readDocument(text).document;
const writtenLines = ({ examples }: Document): readonly WrittenLine[] =>
  examples.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === "exchange" ? [...step.sends, ...step.expects] : [])),
  );

describe("a document", () => {
  it("gives its text back, line by line", () => {
    let count = 0;
    fc.assert(
      fc.property(documentText, (text) => {
        const document = parse(text);
        expect(document.source).toBe(text);
        const [, mark = "", body = ""] = /^(\ufeff?)(.*)$/s.exec(document.source)!;
        const parts = body.split(/(\r\n|\r|\n)/);
        for (const written of writtenLines(document)) {
          const at = 2 * (written.line - 1);
          // The last line of a comment goes on with its end.
          const end = parts[at]!.endsWith(written.text.trimStart()) ? "" : /\s*-->$/.exec(parts[at]!)![0];
          parts[at] = rebuild(parts[at]!.slice(0, parts[at]!.length - end.length), written) + end;
          count++;
        }
        expect(mark + parts.join("")).toBe(text);
      }),
      { numRuns: RUNS },
    );
    expect(count).toBeGreaterThan(RUNS);
  });

  it("knows where each example begins and ends", () => {
    const text =
      "\ufeff# a\r\n\r\n```wire\r\n>>> a\r\n```\r\n\r\n<!-- wire\r\n>>> b -->\r\n\r\n> <!-- wire\r\n> >>> c\r\n> -->\r\n";
    expect(parse(text).examples.map((example) => example.block)).toEqual([
      { from: 3, to: 5, prefix: "" },
      { from: 7, to: 8, prefix: "" },
      { from: 10, to: 12, prefix: "> " },
    ]);
  });

  it("keeps the white space at the end of a comment's last line", () => {
    expect(writtenLines(parse("<!-- wire\n>>> a\nb  \n-->\n")).map(({ text }) => text)).toEqual(["a", "b  "]);
    expect(writtenLines(parse("<!-- wire\n>>> a\nb  -->\n")).map(({ text }) => text)).toEqual(["a", "b"]);
  });
});
