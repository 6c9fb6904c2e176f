import { describe, expect, it } from "vitest";
import { readDocument } from "./read-document.ts";

const dialects = { names: ["line", "http", "redis"], options: {} };
const warnings = (text: string, targetKnown = false): readonly string[] =>
  readDocument(text, { dialects, targetKnown }).document.warnings.map(String);
const block = (info: string, lines = ">>> a\nb"): string => `\`\`\`${info}\n${lines}\n\`\`\`\n`;
const OURS = "---\ntarget: tcp://127.0.0.1:1\n---\n";

describe("a block of prose that has client lines", () => {
  it.each([
    ["capitals", "Wire", "wire"],
    ["capitals", "HTTP", "http"],
    ["what follows the letters", "wire,", "wire"],
    ["what follows the letters", "wire{timeout=5s}", "wire"],
    ["what follows the letters", "redis-cli", "redis"],
    ["what follows the letters and capitals", "Http1.1", "http"],
    ["a letter more", "wires", "wire"],
    ["a letter less", "wir", "wire"],
    ["another letter", "wirr", "wire"],
    ["letters in the wrong order", "wrie", "wire"],
    ["braces", "{wire}", "wire"],
    ["braces", "{.http", "http"],
  ])("is told in any document where its language differs by %s: %s", (_, language, meant) => {
    expect(warnings(block(language))).toEqual([
      `a.md:1:4: this block has client lines but is not played: its language is "${language}" (did you mean "${meant}"?) [unplayed-block]`,
    ]);
  });

  it("is told where the language is near a word of blocks", () => {
    expect(warnings(`---\nblocks: [smtp]\n---\n${block("smpt")}`)).toEqual([
      expect.stringMatching(/^a\.md:4:4: .*"smtp"\?/),
    ]);
  });

  it.each([
    ["RESP3", "resp3"],
    ["REDIS3", "redis3"],
    ["smtp-25:", "smtp-25"],
  ])("is told where %s stands for %s, a word of blocks with digits", (language, word) => {
    expect(warnings(`---\nblocks: [${word}]\n---\n${block(language)}`)).toEqual([
      expect.stringContaining(`(did you mean "${word}"?)`),
    ]);
  });

  it.each(["", "text", "console", "wired-up", "telnet", "x".repeat(100_000)])(
    "is nothing where neither its language nor the document points to wiredoc: %#",
    (language) => expect(warnings(block(language.replace("wired-up", "rewired")))).toEqual([]),
  );

  it.each([
    ["a target", OURS],
    ["a server", "---\nserver: builtin:kv\n---\n"],
    ["a client", '---\nclient: ">>> "\n---\n'],
    ["an example above", block("wire")],
  ])("is told whatever its language in a document with %s", (_, head) => {
    expect(warnings(head + block("telnet"))).toEqual([
      expect.stringContaining('its language is "telnet"; write "wire"'),
    ]);
    expect(warnings(`${head}text\n\n    >>> a\n    b\n`)).toEqual([expect.stringContaining("it is indented code")]);
  });

  it("is told where an example follows it", () => {
    expect(warnings(block("telnet") + block("wire"))).toHaveLength(1);
  });

  it("without a language is told where only the target is missing", () => {
    expect(warnings(block("") + block("wire"))).toEqual([expect.stringContaining("the document names no target")]);
    expect(warnings(block("") + block("wire"), true)).toEqual([]);
  });

  it.each("python py python3 pycon ipython doctest markdown md mdx diff patch html xml rst Python HTML".split(" "))(
    "is nothing in %s, where >>> means something else",
    (language) => expect(warnings(OURS + block(language) + block(`${language} title="x"`))).toEqual([]),
  );

  it("is told once for each language, at the first, with the number of the others", () => {
    const found = warnings(OURS + block("telnet") + block("wires") + block("telnet x=1") + block("telnet"));
    expect(found).toEqual([
      expect.stringMatching(/^a\.md:4:4: .*not played \(and so are 2 more with this language\): /),
      expect.stringMatching(/^a\.md:8:4: .*not played: /),
    ]);
  });

  it("is told in the document's own markers", () => {
    const head = '---\nclient: "C: "\n---\n';
    expect(warnings(head + block("telnet", "C: a\nb"))).toHaveLength(1);
    expect(warnings(head + block("telnet", ">>> a\nb"))).toEqual([]);
  });

  it("without client lines is nothing", () => {
    expect(warnings(OURS + block("wires", "a") + block("telnet", "a >>> b") + block("telnet", ">>>> a"))).toEqual([]);
  });
});

describe("a reply line that looks like a client's", () => {
  it.each([
    ">> a",
    "$ a",
    "C: a",
    "&gt;&gt;&gt; a",
    "  >>> a",
    "\t>>> a",
    "\u00a0>>> a",
    " bob>>> a",
    " <<< a",
    " === close",
  ])("is told in an example without markers: %j", (line) =>
    expect(warnings(block("wire", `b\n${line}`))).toEqual([expect.stringMatching(/^a\.md:3:1: .*\[unmarked-line\]$/)]),
  );

  it.each([">> a", "$ a", "C: a", "&gt;&gt;&gt; a"])("is nothing beside markers: %j", (line) => {
    for (const marked of [">>> a", "<<< a", "=== silence 1ms", "bob<<< a"])
      expect(warnings(block("wire", `${marked}\n${line}`))).toEqual([]);
  });

  it.each(["  >>> a", "\tbob>>> a"])("is told beside markers where it is one but for the white space: %j", (line) => {
    expect(warnings(block("wire", `>>> a\n${line}`))).toEqual([
      expect.stringContaining("white space precedes its marker"),
    ]);
  });

  it.each([">>a", "$a", "C:a", "  === Statistics ===", " x >>> a", "  >>>> a", " >>>a", "&gt; a"])(
    "is not %j",
    (line) => {
      expect(warnings(block("wire", `b\n${line}`))).toEqual([]);
    },
  );

  it("is told in the document's own markers", () => {
    const head = '---\nclient: "$ "\n---\n';
    expect(warnings(head + block("wire", " $ a"))).toEqual([expect.stringMatching(/^a\.md:5:1: /)]);
    expect(warnings(head + block("wire", "$ a\nb"))).toEqual([]);
  });

  it("is told once for each example, also in a list or a comment", () => {
    const text = `- x\n\n  \`\`\`wire\n  >> a\n  >> b\n  \`\`\`\n\n<!-- wire\n$ a\n-->\n`;
    expect(warnings(text).map((one) => one.slice(0, 9))).toEqual(["a.md:4:3:", "a.md:9:1:"]);
  });
});
