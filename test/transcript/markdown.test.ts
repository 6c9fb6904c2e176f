import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Block } from "../../src/transcript/block.ts";
import { readStretch } from "../../src/transcript/commonmark.ts";
import { normalize, readBlocks } from "../../src/transcript/markdown.ts";

const linesOf = (text: string): readonly string[] => normalize(text).split("\n");
/** What markdown-it alone finds in the whole text. */
const reference = (text: string): readonly Block[] => {
  const lines = linesOf(text);
  return readStretch(lines, 0, lines.length).blocks;
};
const read = (text: string): readonly Block[] => readBlocks(linesOf(text), 0);

const INDENTS = ["", "", "", "", " ", "  ", "   ", "    ", "     ", "      ", "\t", " \t", "   \t", "\u00a0", "\f"];
const MARKERS = [
  ..."-+*>".split("").flatMap((mark) => [mark, `${mark} `, `${mark}   `, `${mark}    `, `${mark}     `, `${mark}\t`]),
  ...["1.", "1. ", "2) ", "12. ", "123456789. ", "1234567890. ", "1.  ", "1.\t", "0) "],
];
const LEAVES = [
  ...String.raw`
text
text
more *text* here.
Ünlaut
12 apples
1.5 apples
(c)
|a|b|
\# x
# one
## two ##
###### ${"`six`"} &amp; more
####### seven
#hash
#
# plain text
#  spaced
# a#
# a #b c
# a \#
# <b>x</b>
# [a](b) !
~~~
~~~~
~~~wire
~x
>>> GET a
<<< x
=== closed
===
=
---
-
--
- - -
***
* * *
___
_ _ _
_a_
__
+++
=== x
--- x
<!-- wire skip -->
<!-- wire
<!-- a
-->
x -->
<!-- a --> b
<?php
?>
<!X
<![CDATA[
]]>
<div>
</div>
<pre>
</pre>
<script>
<b>
<b
<https://a.b>
</x>
<a href='x'>
[foo]: /url
[foo]:
/url
'title
title'
"title"
[foo]: /url 'a
[a]
[^1]: note
![x](y)
%
~~~ ~~~
{{x}}
:::
$$
@a
&amp;
&
`.split("\n"),
  ...[
    "```",
    "```",
    "````",
    "```wire",
    "``` a`b",
    "``",
    "`code` text",
    "``x``",
    "```wire timeout=5s  ",
    "```\t",
    "``` ```",
  ],
  ...["# ", "#\ttab", "# ends in nbsp\u00a0", "# \u00a0", "# ends in spaces  ", "# \u007f x", "~~~wire `x`"],
  ...["\u2028", "\u0000", "\u0085# x", "\ud800", "\\"],
];

const leaf = fc.constantFrom(...LEAVES);
const line = fc
  .tuple(
    fc.constantFrom(...INDENTS),
    fc.array(fc.constantFrom(...MARKERS), { maxLength: 4 }).map((marks) => (marks.length > 2 ? marks : marks.slice(1))),
    fc.constantFrom(...INDENTS),
    leaf,
    fc.constantFrom("", "", "", "", " ", "  ", "\t", "\u00a0"),
  )
  .map((parts) => parts.flat().join(""));
const anything = fc.string({ unit: fc.constantFrom(..."-+*>#`~<=_[]:12.) \tab\n\n!/".split("")), maxLength: 12 });
const text = fc
  .tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: line }, leaf, leaf, fc.constant(""), anything), { maxLength: 14 }),
    fc.boolean(),
  )
  .map(([lines, ended]) => lines.join("\n") + (ended ? "\n" : ""));

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
        block.kind === "comment" ? [[block.line, block.infoColumn, block.info, block.closed]] : [],
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
      fc.property(text, (text) => {
        expect(read(text)).toEqual(reference(text));
      }),
      { numRuns: Number(process.env.WIREDOC_FUZZ_RUNS ?? 20_000) },
    );
  });
});
