import { describe, expect, it } from "vitest";
import { DocumentErrors } from "../../src/base/error.ts";
import type { Example, Exchange } from "../../src/transcript/model.ts";
import { parseDocument } from "../../src/transcript/parse.ts";

const dialects = { names: ["line", "http"], options: {} };
const parse = (text: string, targetKnown = false) => parseDocument(text, { path: "a.md", dialects, targetKnown });
const examples = (text: string, targetKnown = false): readonly Example[] => parse(text, targetKnown).examples;

/** Each exchange as `connection: sends | expects`. */
const exchanges = (lines: string, settings = ""): readonly string[] =>
  examples(`${settings === "" ? "" : `---\n${settings}\n---\n`}\`\`\`wire\n${lines}\n\`\`\`\n`).flatMap(({ steps }) =>
    steps.map((step) =>
      step.kind === "control"
        ? `${step.connection}=== ${step.verb} ${step.argument}`.trim()
        : `${step.connection}: ${step.sends.map(({ text }) => text).join(",")} | ${step.expects.map(({ text }) => text).join(",")}`,
    ),
  );

describe("which blocks are examples", () => {
  const block = (info: string, lines = ">>> a") => `\`\`\`${info}\n${lines}\n\`\`\`\n`;
  it.each<[string, string, boolean, number]>([
    ["wire", block("wire"), false, 1],
    ["wire without a client line", block("wire", "greeting"), false, 1],
    ["a dialect", block("http"), false, 1],
    ["a dialect without a client line", block("http", "GET / HTTP/1.1"), false, 0],
    ["no language, no target", block(""), false, 0],
    ["no language, a target", block(""), true, 1],
    ["text", block("text"), true, 1],
    ["console", block("console"), true, 1],
    ["console without a client line", block("console", "$ ls"), true, 0],
    ["another language", block("python"), true, 0],
    ["a language in blocks", `---\nblocks: [smtp]\n---\n${block("smtp")}`, false, 1],
    ["an indented block", "a\n\n    >>> a\n    b\n", true, 0],
    ["an indented block that is asked for", "---\nblocks: indented\n---\n    >>> a\n    b\n", false, 1],
    ["tildes", "~~~wire\n>>> a\n~~~\n", false, 1],
    ["four backticks", "````wire\n>>> a\n```\n````\n", false, 1],
    ["in a list", "- item\n  ```wire\n  >>> a\n  ```\n", false, 1],
    ["in a quote", "> ```wire\n> >>> a\n> ```\n", false, 1],
    ["in a comment", "<!-- wire\n>>> a\n-->\n", false, 1],
    ["in another comment", "<!-- wired\n>>> a\n-->\n", false, 0],
    ["in HTML", "<pre>\n>>> a\n</pre>\n", true, 0],
  ])("%s", (_name, text, targetKnown, count) => {
    expect(examples(text, targetKnown)).toHaveLength(count);
    expect(examples(text.replaceAll("\n", "\r\n"), targetKnown)).toHaveLength(count);
    expect(examples(`\ufeff${text}`, targetKnown)).toHaveLength(count);
  });

  it("have the headings above them, as plain text", () => {
    const text = "# A `b` *c*\n\n## D\n\n```wire\n>>> a\n```\n\n# E\n\n### F [g](h) &amp; i\n\n```wire\n>>> b\n```\n";
    expect(examples(text).map(({ headings }) => headings)).toEqual([
      ["A b c", "D"],
      ["E", "F g & i"],
    ]);
  });

  it("keep the place and the white space of every line", () => {
    const text = "- item\n\n  > ```wire\n  > >>> a\t b \n  >   two\n  > ```\n";
    const [step] = examples(text)[0]!.steps as readonly Exchange[];
    expect(step?.sends[0]).toMatchObject({ text: "a\t b ", line: 4, column: 9 });
    expect(step?.expects[0]).toMatchObject({ text: "  two", line: 5 });
  });

  it("take the attributes of the comment before them, their own winning", () => {
    const text =
      '<!-- wire skip="why" timeout=1s -->\n<!-- wire tags=a,b -->\n\n```wire timeout=2s fresh\n>>> a\n```\n\n```wire\n>>> b\n```\n';
    expect(examples(text).map(({ attributes }) => attributes)).toEqual([
      { skip: "why", timeout: 2000, fresh: true, tags: ["a", "b"] },
      {},
    ]);
  });
});

describe("lines", () => {
  it.each<[string, string, readonly string[]]>([
    ["client lines in a row", ">>> a\n>>> b\nc", [": a,b | c"]],
    ["blank lines between client lines", ">>> a\n\n\n>>> b\nc", [": a,b | c"]],
    ["an empty client line", ">>>\n>>> \nc", [": , | c"]],
    ["blank lines in and behind a reply", ">>> a\nb\n\nc\n\n\n>>> d", [": a | b,,c", ": d | "]],
    ["a marked empty line at the end", ">>> a\nb\n<<<", [": a | b,"]],
    ["a blank line before the reply", ">>> a\n\nb", [": a | ,b"]],
    ["a greeting", "hi\n>>> a\nb", [":  | hi", ": a | b"]],
    ["marked reply lines", ">>> a\n<<< >>> b\n<<< === c", [": a | >>> b,=== c"]],
    ["names", "bob>>> a\nb\nbob-2>>> c\nbob<<< d\ne", ["bob: a | b", "bob-2: c | ", "bob:  | d,e"]],
    ["controls", ">>> a\n=== close\nbob=== wait 10ms\nb", [": a | ", "=== close", "bob=== wait 10ms", "bob:  | b"]],
    [
      "a control of the connection above",
      "bob>>> a\n=== half-close\nb",
      ["bob: a | ", "bob=== half-close", "bob:  | b"],
    ],
    ["a marker alone below a name", "bob>>> a\nb\n<<<\n<<< c", ["bob: a | b,", ":  | c"]],
    ["a marker alone at the start", "<<<\nbob<<<\n<<< ", [":  | ", "bob:  | ,"]],
    ["a marker alone below a control", "bob=== silence 1ms\n<<<", ["bob=== silence 1ms", "bob:  | "]],
    ["an empty line of the unnamed connection", "bob>>> a\n<<<  (esc)", ["bob: a | ", ":  |  (esc)"]],
    [
      "what only looks like a marker",
      "a >>> b\n>>>> c\n<<<< d\n==== e\n1bob>>> f",
      [":  | a >>> b,>>>> c,<<<< d,==== e,1bob>>> f"],
    ],
  ])("%s", (_name, lines, expected) => {
    expect(exchanges(lines)).toEqual(expected);
  });

  it("are read in linear time, whatever the marker's expression", () => {
    expect(exchanges(`${"a".repeat(5000)}b`, "client: '/(a+)+> /'")).toHaveLength(1);
  });

  it("may have markers of their own", () => {
    expect(exchanges("C: a\nS: b\nS:\n\nC:\nS: d", 'client: "C: "\nreply: "S: "')).toEqual([": a | b,", ":  | d"]);
    expect(exchanges("127.0.0.1:6379> PING\nPONG", 'client: "127.0.0.1:6379> "')).toEqual([": PING | PONG"]);
    expect(exchanges("$ a\n> b\nc", 'client: ["$ ", "> "]')).toEqual([": a,b | c"]);
    expect(exchanges("[bob] a\nb", "client: '/\\[(?<connection>\\w+)\\] (?<text>.*)/'")).toEqual(["bob: a | b"]);
    expect(exchanges("[bob] a\n<-", "client: '/\\[(?<connection>\\w+)\\] (?<text>.*)/'\nreply: '<- '")).toEqual([
      "bob: a | ",
    ]);
    expect(exchanges("% a\n>>> b", 'client: "% "')).toEqual([": a | >>> b"]);
  });
});

describe("front matter", () => {
  it("keeps a variable as it is written", () => {
    const { settings } = parse("---\nvars: {a: 007, b: 1.50, c: true, d: '08', e: null}\n---\n");
    expect(settings.vars).toEqual({ a: "007", b: "1.50", c: "true", d: "08", e: "null" });
  });

  it("is only what stands at the very beginning", () => {
    expect(parse("\n---\ntarget: x\n---\n").settings).toEqual({});
    expect(parse("---\n\nprose\n").settings).toEqual({});
  });

  it("that is not closed is a mistake", () => {
    expect(() => parse("---\ntarget: x\n")).toThrow(DocumentErrors);
  });
});
