import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type ByteString, encodeText } from "../../src/base/bytes.ts";
import { loadRegexEngine } from "../../src/base/regex.ts";
import type { Eol } from "../../src/base/settings.ts";
import { matchInOrder } from "../../src/match/in-order.ts";
import { parseClientLine, parseReplyLine } from "../../src/match/pattern.ts";
import type { Document, Exchange } from "../../src/transcript/model.ts";
import { parseDocument } from "../../src/transcript/parse.ts";
import { blockEndOf } from "../../src/write/block.ts";
import { writeText } from "../../src/write/line-text.ts";
import { type ReplyStyle, writeReply, writeReplyLine, writeRun } from "../../src/write/reply.ts";

beforeAll(loadRegexEngine);

const NOTHING = { get: () => undefined };
const parse = (text: string): Document =>
  parseDocument(text, { path: "a.md", dialects: { names: ["line", "hex"], options: {} }, targetKnown: true });

/** A front matter and what its documents begin a client line and a marked reply line with. */
interface Marking {
  readonly settings: readonly string[];
  readonly client: string;
  readonly reply: string;
}
const MARKINGS: readonly Marking[] = [
  { settings: [], client: ">>> ", reply: "<<< " },
  { settings: ['client: "C: "', 'reply: "S: "'], client: "C: ", reply: "S: " },
  { settings: ['client: "$ "'], client: "$ ", reply: "<<< " },
  { settings: ["reply: '/<<\\s*/'"], client: ">>> ", reply: "<< " },
];

/** The first lines of a block in its container, what its other lines begin with, and its last line. */
interface Frame {
  readonly open: readonly string[];
  readonly prefix: string;
  readonly close: readonly string[];
  readonly settings?: readonly string[];
}
const FRAMES: readonly Frame[] = [
  { open: ["```wire"], prefix: "", close: ["```"] },
  { open: ["  ~~~~wire"], prefix: "  ", close: ["  ~~~~"] },
  { open: ["> ```wire"], prefix: "> ", close: ["> ```"] },
  { open: ["> 1. ````wire"], prefix: ">    ", close: [">    ````"] },
  { open: ["-\t```wire"], prefix: "\t", close: ["\t```"] },
  { open: ["<!-- wire"], prefix: "", close: ["-->"] },
  { open: [], prefix: "    ", close: [], settings: ["blocks: [indented]"] },
];

/** What is likely to read as something else. */
const TRICKY = [
  ...[
    "",
    " ",
    "...",
    "\\...",
    ">>> x",
    "<<<",
    "<<<x",
    "===",
    "=== close",
    "bob>>> x",
    "S: x",
    "C:",
    "$ x",
    "<< x",
    "  << ",
  ],
  ...[
    "```",
    "````",
    "~~~~ ",
    "  ```",
    "-->",
    "x --> y",
    "<!-- wire",
    "{{a}}",
    "\\{{a}}",
    "{{{a}}}",
    "{{a:b}}",
    "{{",
    "{{ a }}",
  ],
  ...[
    "x (re)",
    "x \\(re)",
    "x (!)",
    "x (?)",
    " (*)",
    "x (esc) (hex)",
    "x (nothing)",
    "\\",
    "\\x41",
    "x ",
    "x\u00a0",
    "\t",
    "\tx",
  ],
  ...["\r", "a\rb", "\u0000", "\u001b[31m", "\u2028", "\ufeff", "Ünlaut", "- x", "> x", "    x", '{"a": 1}', "# x"],
];
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TRICKY).map(encodeText) },
  fc.string({ maxLength: 12 }).map(encodeText),
  fc.tuple(fc.constantFrom(...TRICKY), fc.constantFrom(...TRICKY)).map((both) => encodeText(both.join(""))),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => String.fromCharCode(...bytes)),
);
const line = fc
  .tuple(text, fc.constantFrom("\r\n", "\r\n", "\r\n", "\n"))
  .map(([bytes, ending]) => bytes.replaceAll("\n", "") + ending);
const reply = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 4 }), fc.option(text))
  .map(([lines, last]) => (last ? [...lines, last.replaceAll("\n", "")] : lines).filter((one) => one !== ""));

interface Framed {
  readonly marking: Marking;
  readonly frame: Frame;
  readonly eol: Eol;
}
const framed: fc.Arbitrary<Framed> = fc.record({
  marking: fc.constantFrom(...MARKINGS),
  frame: fc.constantFrom(...FRAMES),
  eol: fc.constantFrom<Eol>("crlf", "lf", "any"),
});

const styleOf = ({ marking, frame, eol }: Framed): ReplyStyle => {
  const { client, reply: marker } = parse(["---", ...marking.settings, "---", ""].join("\n")).settings;
  return {
    ending: eol,
    markers: { client, reply: marker },
    marker: marking.reply,
    end: blockEndOf(frame.open[0] ?? ""),
  };
};

function exchangesOf({ marking, frame, eol }: Framed, lines: readonly string[], isAnswer = true): readonly Exchange[] {
  const { client } = marking;
  const content = [...(isAnswer ? [`${client}a`] : []), ...lines, "=== wait 1ms", `${client}b`];
  const front = ["target: tcp://127.0.0.1:1", `eol: ${eol}`, ...marking.settings, ...(frame.settings ?? [])];
  const blank = frame.prefix.trimEnd();
  const placed = content.map((one) => (one === "" ? blank : frame.prefix + one));
  const document = parse(["---", ...front, "---", "", ...frame.open, ...placed, ...frame.close, ""].join("\n"));
  expect(document.examples).toHaveLength(1);
  return document.examples[0]!.steps.filter((step) => step.kind === "exchange");
}

describe("a received line that is written down", () => {
  it.each([true, false])("matches exactly what was received, below client lines: %s", (isAnswer) => {
    fc.assert(
      fc.property(framed, reply, (where, received) => {
        const style = styleOf(where);
        const written = received.map((one) => writeReplyLine(one, style));
        const exchanges = exchangesOf(where, writeReply(written, style, isAnswer), isAnswer);
        expect(exchanges).toHaveLength(2);
        const expects = exchanges[0]!.expects.map((one) => parseReplyLine(one));
        expect(expects.map(({ source }) => source)).toEqual(written.map((one) => one.text));
        expect(expects.every(({ literal, repeat }) => literal !== undefined && repeat === "once")).toBe(true);
        expect(isMatch(expects, received, where.eol)).toBe(true);
        for (const [i, one] of received.entries()) {
          const other = [...received];
          other[i] = `x${one}`;
          expect(isMatch(expects, other, where.eol)).toBe(false);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is a run of bytes that matches exactly those", () => {
    fc.assert(
      fc.property(framed, fc.array(text, { minLength: 1 }), (where, pieces) => {
        const bytes = pieces.join("");
        fc.pre(bytes !== "");
        const style = styleOf(where);
        const lines = writeReply(writeRun(bytes, " (hex)", style), style, true);
        const expects = exchangesOf(where, lines)[0]!.expects.map((one) => parseReplyLine(one));
        expect(expects.map(({ literal }) => literal).join("")).toBe(bytes);
      }),
    );
  });

  it("is sent as exactly those bytes by a client line", () => {
    fc.assert(
      fc.property(line, fc.constantFrom<Eol>("crlf", "lf", "any"), (bytes, eol) => {
        const { literal, ending } = parseClientLine({
          text: writeText(bytes, "client", eol),
          line: 1,
          column: 1,
          marked: true,
        });
        const ended = { written: eol === "lf" ? "\n" : "\r\n", lf: "\n", crlf: "\r\n", none: "" }[ending];
        expect(eol === "any" ? (literal + ended).replace(/\r?\n$/, "") : literal + ended).toBe(
          eol === "any" ? bytes.replace(/\r?\n$/, "") : bytes,
        );
      }),
    );
  });

  const style: ReplyStyle = {
    ending: "crlf",
    markers: { client: undefined, reply: undefined },
    marker: "<<< ",
    end: blockEndOf("```wire"),
  };
  it.each<readonly [ByteString, readonly string[]]>([
    ["OK\r\n", ["OK"]],
    ["OK\n", ["OK (lf)"]],
    ["OK", ["OK (no-eol)"]],
    [">>> x\r\n", ["<<< >>> x"]],
    ["===x\r\n", ["<<< ===x"]],
    ["```\r\n", ["<<< ```"]],
    ["...\r\n", ["\\..."]],
    ["a {{b}} {{ c }}\r\n", ["a \\{{b}} {{ c }}"]],
    ["2 (re)\r\n", ["2 \\(re)"]],
    ["caf\xc3\xa9\r\n", ["café"]],
    ["caf\xe9\r\n", ["caf\\xe9 (esc)"]],
    ["a \r\n", ["a\\x20 (esc)"]],
    ["a\x1b[0m\r\n", ["a\\x1b[0m (esc)"]],
    ["a\tb\r\n", ["a\tb"]],
    ["\r\n", ["<<<"]],
  ])("%j stands as %j", (bytes, written) => {
    expect(writeReply([writeReplyLine(bytes, style)], style, true)).toEqual(written);
  });

  it("stands in a comment without ending it", () => {
    const hidden = { ...style, end: blockEndOf("<!-- wire") };
    expect(writeReply([writeReplyLine("a --> b\r\n", hidden)], hidden, true)).toEqual(["a --\\x3e b (esc)"]);
  });

  it("is a blank line within a reply and a marker at its end", () => {
    const lines = ["a\r\n", "\r\n", "b\r\n", "\r\n", "\r\n"].map((one) => writeReplyLine(one, style));
    expect(writeReply(lines, style, true)).toEqual(["a", "", "b", "", "<<<"]);
  });
});

function isMatch(expects: ReturnType<typeof parseReplyLine>[], received: readonly ByteString[], eol: Eol): boolean {
  const matcher = matchInOrder(expects, NOTHING, { eol, endingOptional: false });
  let progress = "more";
  for (const [i, one] of received.entries()) {
    if (progress === "failed" || (progress === "done" && i < received.length)) return false;
    progress = matcher.feed(one, "");
  }
  if (progress === "more") progress = matcher.end();
  return progress === "done" || progress === "open";
}
