import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, encodeText } from "../../src/base/bytes.ts";
import { capturedMap, NOTHING_CAPTURED } from "../../src/match/captures.ts";
import { matchInOrder } from "../../src/match/in-order.ts";
import { parseReplyLine } from "../../src/match/pattern.ts";
import { Sampler } from "../../src/match/sample.ts";
import { sampleRegex, withValues } from "../../src/match/sample-regex.ts";
import { matchText } from "../../src/match/text.ts";
import type { Scope } from "../../src/match/variables.ts";

const line = (text: string, at = 1) => parseReplyLine({ text, line: at, column: 1, marked: false });
const scopeOf = (values: Readonly<Record<string, string>>): Scope => ({
  get: (name) => (values[name] === undefined ? undefined : encodeText(values[name])),
});
function sampled(text: string, values: Readonly<Record<string, string>> = {}): string {
  const pattern = line(text);
  let count = 0;
  return decodeText(new Sampler(scopeOf(values), () => ++count).line(pattern));
}

describe("a sample", () => {
  it.each([
    ["a text", "INSERTED", "INSERTED"],
    ["a number", "INSERTED {{id:int}}", "INSERTED 1"],
    ["numbers that count up", "{{a:int}} {{b:int}} {{a}}", "1 2 1"],
    ["any text", "<{{name}}>", "<1>"],
    ["nothing, where that is enough", "<{{name:any}}>", "<>"],
    ["what nobody asks for again", "{{_}} {{_:int}} {{_:word}}", "1 1 1"],
    ["base64", "{{key:base64}}", "MQ=="],
    ["an expression in a placeholder", "{{version:/v\\d+\\.\\d/}}", "v1.1"],
    ["an expression", "(a+|bb)x* [^a-z] (re)", "a 1"],
    ["anchors and boundaries", "^\\b\\w+\\b$ (re)", "a"],
    ["a class without ASCII", "[^\\x00-\\x7f] (re)", "\u0080"],
    ["a flag", "(?i)OK (re)", "OK"],
    ["escapes", "a\\tb (esc)", "a\tb"],
    ["JSON", '{"id": {{id:int}}, "tags": ["a", ...], ...} (json)', '{"id": 1, "tags": ["a"]}'],
    ["strings in JSON", '{"name": "x{{id}}", "value": {{any}}} (json)', '{"name": "x1", "value": 2}'],
    ["bytes", '00 ?? ... "ab" (hex)', "\0\0ab"],
    ["some bytes", "{{id:4 bytes}} (hex)", "\0\0\x001"],
  ])("of %s", (_name, written, expected) => {
    expect(sampled(written)).toBe(expected);
  });

  it("says what is known", () => {
    expect(sampled("{{id:int}} {{id|length}} {{id|base64}}", { id: "abc" })).toBe("abc 3 YWJj");
    expect(sampled('{"id": {{id}}, "text": "{{text}}"} (json)', { id: "17", text: 'a"b' })).toBe(
      '{"id": 17, "text": "a\\"b"}',
    );
    expect(sampled("(?P<id>\\d+)-(?P<rest>x(y)z) (re)", { id: "42" })).toBe("42-xyz");
  });

  it("binds what the other side captures", () => {
    const pattern = line("{{a}}{{b}}");
    const sampler = new Sampler(scopeOf({}), () => 12);
    expect(sampler.line(pattern)).toBe("1212");
    expect(Object.fromEntries(capturedMap(sampler.captured))).toEqual({ a: "1", b: "212" });
  });

  it("is refused where there is none", () => {
    expect(() => sampled("a\\b\\Bc (re)")).toThrow('no text was found that "a\\b\\Bc (re)" matches');
  });
});

describe("a value in the place of a group", () => {
  it.each([
    ["(?P<a>x|(y))z", "(?:1)z"],
    ["(?<a>[)])(b)", "(?:1)(b)"],
    ["\\(?P<a>(c)", "\\(?P<a>(c)"],
    ["(?P<b>(?P<a>x))", "(?P<b>(?:1))"],
  ])("%s becomes %s", (source, expected) => {
    expect(withValues(source, (name) => (name === "a" ? "1" : undefined))).toBe(expected);
  });
});

/** Expressions that some text matches. */
const expression: fc.Arbitrary<string> = fc.letrec<{ all: string; one: string }>((tie) => ({
  one: fc.oneof(
    fc.constantFrom("a", "b", ".", "\\d", "\\w", "\\s", "[^a]", "[a-f0-9]", "\\.", "é", "\\pL", "[[:upper:]]"),
    tie("all").map((inner) => `(?:${inner})`),
    tie("all").map((inner) => `(${inner})`),
  ),
  all: fc.oneof(
    { maxDepth: 3 },
    tie("one"),
    fc.tuple(tie("all"), tie("one")).map((both) => both.join("")),
    fc.tuple(tie("all"), tie("one")).map((both) => both.join("|")),
    fc.tuple(tie("one"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "*?")).map((both) => both.join("")),
  ),
})).all;

const word = fc.constantFrom("a", " ", "x=", "[", "é", "0", "1", "(", "}");
const placeholder = fc
  .tuple(
    fc.constantFrom("_", "p", "q", "known"),
    fc.constantFrom("", "", ":int", ":word", ":hex", ":base64", ":uuid", ":any", ":/[a-c]+/"),
  )
  .map(([name, type]) => `{{${name}${type}}}`);
const text = fc.array(fc.oneof(word, placeholder), { maxLength: 6 }).map((parts) => parts.join(""));

describe("what is sampled matches", () => {
  it("of expressions", () => {
    fc.assert(
      fc.property(expression, (source) => {
        const pattern = line(`${source} (re)`);
        const found = sampleRegex(source);
        return (
          found !== undefined && matchText(pattern, encodeText(found), scopeOf({}), NOTHING_CAPTURED) !== undefined
        );
      }),
    );
  });

  it("of lines, with the captures of the other side", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.nat(20), (texts, from) => {
        const scope = scopeOf({ known: "17" });
        const say = texts.map((one, i) => line(one, i + 1));
        let count = from;
        const sampler = new Sampler(scope, () => ++count);
        const lines = say.map((one) => `${sampler.line(one)}\r\n`);
        const matcher = matchInOrder(say, scope, { eol: "crlf", endingOptional: false });
        const progress = lines.map((one) => matcher.feed(one, "")).at(-1);
        expect(progress).toBe("done");
        expect(matcher.captures()).toEqual(capturedMap(sampler.captured));
      }),
    );
  });
});
