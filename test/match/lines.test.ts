import { describe, expect, it } from "vitest";
import { match, matchOne } from "./support.ts";

describe("one line", () => {
  it.each([
    ["hello", "hello", true],
    ["hello", "hello ", false],
    ["hello", "Hello", false],
    ["", "", true],
    ["größe ✓", "größe ✓", true],
    ["{{x}}", "anything at all", true],
    ["{{x}}", "", false],
    ["{{x:any}}", "", true],
    ["a{{x}}c", "abc", true],
    ["a{{x}}c", "ac", false],
    ["a{{x:any}}c", "ac", true],
    ["{{x:int}}", "-17", true],
    ["{{x:int}}", "1.5", false],
    ["{{x:word}}", "one", true],
    ["{{x:word}}", "one two", false],
    ["{{x:word}}", "wörd", true],
    ["{{x:hex}}", "DeadBeef0", true],
    ["{{x:hex}}", "xyz", false],
    ["{{x:base64}}", "aGk=", true],
    ["{{x:base64}}", "a-b", false],
    ["{{x:uuid}}", "123e4567-e89b-12d3-a456-426614174000", true],
    ["{{x:uuid}}", "123e4567", false],
    ["{{x:/[a-c]+/}}", "abc", true],
    ["{{x:/[a-c]+/}}", "abd", false],
    ["{{x:/a{2}/}}", "aa", true],
    ["{{x:/é./}}", "éà", true],
    ["v{{a:int}}.{{b:int}}", "v1.22", true],
    ["v{{a:int}}.{{b:int}}", "v1.x", false],
    ["{{a:word}} {{b}}", "one two three", true],
    ["{{_}} {{_}}", "a b", true],
    ["{{x}}={{x}}", "a=a", true],
    ["{{x}}={{x}}", "a=b", false],
    ["{{x}} {{_}} {{x}}", "7 a b 7", true],
    ["{{x:any}}={{x}}", "=", true],
    ["{{a}}{{b}}", "é", false],
    ["x{{a}}{{b}}", "xé", false],
    ["{{a:any}}é", "éé", true],
    ["{{a}}\\xa9 (esc)", "é", false],
    ["{{a}}\\xa9 (esc)", "x\u{dca9}", true],
    ["{{x:/\\x{61}+/}}{{y}}", "aab", true],
    ["{{x:/(?U)a+?/}}{{y:int}}", "aa1", true],
    ["{{x:/^a$/}}{{y}}", "ab", true],
    ["{{x:/a\\b/}}{{y}}", "a b", true],
    ["{{x:/a\\b/}}{{y}}", "ab", false],
    ["{{x}} {{x|length}}", "abc 3", true],
    ["{{x}} {{x|length}}", "abc 4", false],
    ["{{{n}}}", "{5}", true],
    ["{{ n }}", "{{ n }}", true],
    ["{{n", "{{n", true],
    ["\\{{n}}", "{{n}}", true],
    ["\\...", "...", true],
    ["....", "....", true],
    ["a ...", "a ...", true],
    ["what \\(re)", "what (re)", true],
    ["what\\(re)", "what\\(re)", true],
    ["what (foo)", "what (foo)", true],
    ["(re)", "(re)", true],
    ["[a-z]+ \\d (re)", "abc 5", true],
    ["[a-z]+ (re)", "abc!", false],
    ["a|b (re)", "ab", false],
    ["{{2}} (re)", "{{2}}", false],
    ["a{2} (re)", "aa", true],
    [". (re)", "é", true],
    ["a\\tb\\x41\\u{e9}\\\\ (esc)", "a\tbAé\\", true],
    ["\\x80 (esc)", "\u{dc80}", true],
  ])("%j against %j: %s", (expected, received, matches) => {
    expect(matchOne(expected, received).progress).toBe(matches ? "done" : "failed");
  });

  it("takes the shortest text for each placeholder, the earlier ones deciding first", () => {
    expect(matchOne("{{a}} {{b}} {{c}}", "1 2 3 4").captures).toEqual({ a: "1", b: "2", c: "3 4" });
    expect(matchOne("{{a}}{{b}}", "xyz").captures).toEqual({ a: "x", b: "yz" });
    expect(matchOne("{{a:any}}{{b}}", "xyz").captures).toEqual({ a: "", b: "xyz" });
    expect(matchOne("{{a}}-{{b:int}}", "1-2-3").captures).toEqual({ a: "1-2", b: "3" });
    expect(matchOne("{{a:/x+/}}{{b:any}}", "xxx").captures).toEqual({ a: "x", b: "xx" });
    expect(matchOne("{{a:/ab|a/}}{{b:any}}", "ab").captures).toEqual({ a: "ab", b: "" });
    expect(matchOne("{{a:/a|ab/}}{{b:any}}", "ab").captures).toEqual({ a: "a", b: "b" });
    expect(matchOne("x{{a}}{{b}}", "xéà").captures).toEqual({ a: "\xc3\xa9", b: "\xc3\xa0" });
    expect(matchOne("{{a:/(x)+|y/}}{{b:int}}", "xx7").captures).toEqual({ a: "xx", b: "7" });
  });

  it("compares a bound name, with and without a filter", () => {
    const vars = { id: "42", name: "hé" };
    expect(matchOne("id {{id}}", "id 42", { vars }).progress).toBe("done");
    expect(matchOne("id {{id}}", "id 43", { vars }).progress).toBe("failed");
    expect(matchOne("{{name|length}}", "3", { vars }).progress).toBe("done");
    expect(matchOne("{{name|base64}}", "aMOp", { vars }).progress).toBe("done");
    expect(matchOne("{{id|md5}}", "a1d0c6e83f027327d8461063f4ac58a6", { vars }).progress).toBe("done");
  });

  it("never reads a value as a pattern", () => {
    const vars = { x: "{{y}} ... (re)" };
    expect(matchOne("{{x}}", "{{y}} ... (re)", { vars }).progress).toBe("done");
    expect(matchOne("{{x}}", "abc", { vars }).progress).toBe("failed");
  });

  it("binds the named groups of an expression, and compares them when bound", () => {
    expect(matchOne("(?P<a>\\d+)-(?<b>.*) (re)", "12-é").captures).toEqual({ a: "12", b: "\xc3\xa9" });
    expect(matchOne("(?P<a>\\d+) (re)", "12", { vars: { a: "13" } }).progress).toBe("failed");
  });

  it("captures bytes that are no UTF-8", () => {
    expect(matchOne("a{{x}}b", "a\u{dcff}b").captures).toEqual({ x: "\xff" });
    expect(matchOne("a{{x:/./}}b", "a\u{dcff}b").captures).toEqual({ x: "\xff" });
  });
});

describe("line endings", () => {
  it.each([
    ["a", "a\r\n", "crlf", true],
    ["a", "a\n", "crlf", false],
    ["a (lf)", "a\n", "crlf", true],
    ["a (lf)", "a\r\n", "crlf", false],
    ["a", "a\n", "lf", true],
    ["a", "a\r\n", "lf", false],
    ["a (crlf)", "a\r\n", "lf", true],
    ["a\\r (esc)", "a\r\n", "lf", true],
    ["a", "a\n", "any", true],
    ["a", "a\r\n", "any", true],
    ["a\\rb (esc)", "a\rb\r\n", "crlf", true],
    ["{{x}}", "a\r\r\n", "crlf", true],
  ] as const)("%j against %j under %s: %s", (expected, received, eol, matches) => {
    expect(match([expected], received, { rules: { eol } }).progress).toBe(matches ? "done" : "failed");
  });
});

describe("many lines", () => {
  it.each<[string, string[], string, string]>([
    ["in order", ["a", "b"], "a\r\nb\r\n", "done"],
    ["fail at once", ["a", "b"], "x\r\n", "failed"],
    ["await more", ["a", "b"], "a\r\n", "more"],
    ["... takes none", ["a", "...", "b"], "a\r\nb\r\n", "done"],
    ["... takes some", ["a", "...", "b"], "a\r\nx\r\ny\r\nb\r\n", "done"],
    ["... takes what a later line would", ["...", "a", "b"], "a\r\na\r\nb\r\n", "done"],
    ["... at the end stays open", ["a", "..."], "a\r\nx\r\n", "open"],
    ["... alone", ["..."], "", "open"],
    ["(?) is there", ["a", "b (?)", "c"], "a\r\nb\r\nc\r\n", "done"],
    ["(?) is absent", ["a", "b (?)", "c"], "a\r\nc\r\n", "done"],
    ["(?) only once", ["a", "b (?)", "c"], "a\r\nb\r\nb\r\n", "failed"],
    ["(?) at the end", ["a", "b (?)"], "a\r\n", "open"],
    ["(?) at the end, taken", ["a", "b (?)"], "a\r\nb\r\n", "done"],
    ["(*) none", ["a (*)", "b"], "b\r\n", "done"],
    ["(*) some", ["a (*)", "b"], "a\r\na\r\nb\r\n", "done"],
    [
      "(*) stops in front of what follows",
      ["250-{{_}} (*)", "250-STARTTLS", "250 {{_}}"],
      "250-A\r\n250-STARTTLS\r\n250 B\r\n",
      "done",
    ],
    [
      "(*) goes on past what could follow",
      ["250-{{_}} (*)", "250-STARTTLS", "250 {{_}}"],
      "250-STARTTLS\r\n250-A\r\n250-STARTTLS\r\n250 B\r\n",
      "done",
    ],
    ["several ...", ["...", "b", "...", "d"], "a\r\nb\r\nc\r\nd\r\n", "done"],
  ])("%s", (_name, expected, received, progress) => {
    expect(match(expected, received).progress).toBe(progress);
    expect(match(expected, received, { bytewise: true }).progress).toBe(progress);
  });

  it("binds a name once and compares it afterwards", () => {
    expect(match(["{{x}}", "...", "end {{x}}"], "a\r\nend b\r\nend a\r\n").progress).toBe("done");
    expect(match(["{{x}}", "end {{x}}"], "a\r\nend b\r\n").progress).toBe("failed");
  });

  it("forgets what a failed try captured", () => {
    expect(match(["...", "k {{x}}", "end"], "k 1\r\nk 2\r\nend\r\n").captures).toEqual({ x: "2" });
  });

  it("names the line awaited, past those that may be absent", () => {
    expect(match(["a", "b (?)", "...", "c"], "a\r\n").matcher.unmatched().pattern?.line).toBe(4);
    expect(match(["a", "b", "c"], "a\r\nx\r\n").matcher.unmatched()).toMatchObject({
      received: 1,
      pattern: { line: 2 },
    });
  });
});

describe("bytes without line endings", () => {
  it.each<[string, string[], string, string]>([
    ["hex", ["01 02 (hex)"], "\x01\x02", "done"],
    ["hex in parts", ["01 (hex)", '"ab" ?? (hex)'], "\x01abz", "done"],
    ["hex awaits", ["01 02 (hex)"], "\x01", "more"],
    ["hex differs", ["01 02 (hex)"], "\x01\x03", "failed"],
    ["... in hex", ["01 ... 02 (hex)"], "\x01\x05\x06\x02", "done"],
    ["... in hex takes what only looks like the end", ["01 ... 02 03 (hex)"], "\x01\x02\x02\x03", "done"],
    [":any in hex is empty", ["61 {{x:any}} 01 (hex)"], "a\x01", "done"],
    [":any in hex is empty at the end", ["61 {{_:any}} (hex)"], "a", "done"],
    ["a line after more than the first 00", ["... 00 (hex)", "OK"], "a\0b\0OK\r\n", "done"],
    ["a line after a placeholder", ['{{h}} "x" (hex)', "c"], "axbxc\r\n", "done"],
    ["a character shared by two", ["{{c}} {{d}} (hex)"], "é", "more"],
    ["a line of another ending after hex", ["01 (hex)", "OK"], "\x01OK\n", "failed"],
    ["... at the end of hex stays open", ["01 ... (hex)"], "\x01\x02", "open"],
    ["lines after hex", ["01 (hex)", "text", "more"], "\x01text\r\nmore\r\n", "done"],
    ["lines before hex", ["text", "01 0a (hex)", "x"], "text\r\n\x01\nx\r\n", "done"],
    ["... before hex", ["...", "ff (hex)"], "a\r\nb\r\n\u{dcff}", "done"],
    ["no-eol text", [">  (no-eol)"], "> ", "open"],
    ["no-eol text, then a line", [">  (no-eol)", "ok"], "> ok\r\n", "done"],
    ["no-eol with a wildcard", ["{{x}}>  (no-eol)"], "me> ", "open"],
    ["no-eol with a wildcard awaits", ["{{x}}>  (no-eol)"], "me", "more"],
    ["no-eol, but there is one", ["{{x}} (no-eol)"], "me\r\n", "failed"],
    ["no-eol expression", ["a+ (re) (no-eol)"], "aaa", "open"],
    ["an ordinary line is no piece", ["abc"], "abc", "more"],
    ["an expression that looks at the first byte", ["{{x:/\\bab?/}} 00 (hex)"], "ab\0", "done"],
    ["an expression that looks at the byte after it", ["{{x:/a+\\b/}} 00 01 (hex)"], "aa\0\x01", "done"],
  ])("%s", (_name, expected, received, progress) => {
    expect(match(expected, received).progress).toBe(progress);
    expect(match(expected, received, { bytewise: true }).progress).toBe(progress);
  });

  it("captures a number of bytes, and compares them", () => {
    const { progress, captures } = match(["{{id:2 bytes}} 00 {{id}} (hex)"], "\x01\n\0\x01\n", { bytewise: true });
    expect({ progress, captures }).toEqual({ progress: "done", captures: { id: "\x01\n" } });
    expect(match(["{{id:2 bytes}} {{id}} (hex)"], "abac").progress).toBe("failed");
  });

  it("gives back what lies beyond", () => {
    expect(match(["01 (hex)"], "\x01next\r\n").matcher.rest).toBe("next\r\n");
  });

  it("captures what a no-eol line said so far", () => {
    expect(match(["{{user}}>  (no-eol)"], "me> ").captures).toEqual({ user: "me" });
  });
});

describe("a reply whose end is told", () => {
  const rules = { eol: "any", endingOptional: true, endKnown: true } as const;
  it.each<[string, string[], string, string]>([
    ["... takes a line like the last one", ["one", "...", "two"], "one\ntwo\nthree\ntwo\n", "done"],
    ["... takes no line behind the last one", ["one", "...", "two"], "one\ntwo\nthree\n", "more"],
    ["... takes bytes like the last ones", ["01 ... 02 03 (hex)"], "\x01\x02\x03\x02\x03", "done"],
    ["a last line without an ending", ["...", "two"], "two\none\ntwo", "done"],
    ["a line too many", ["one"], "one\ntwo\n", "failed"],
    ["a last line too many, without an ending", ["one"], "one\ntwo", "failed"],
    ["the same after lines that may be absent", ["one", "two (?)", "three (*)"], "one\nthree\nfour", "failed"],
    ["the same after an empty line", [""], "\ntwo", "failed"],
    ["a byte too many", ["01 (hex)"], "\x01\x02", "failed"],
    ["nothing at all", ["..."], "", "done"],
  ])("%s", (_name, expected, received, progress) => {
    for (const bytewise of [false, true]) {
      const { matcher, progress: fed } = match(expected, received, { rules, bytewise });
      expect(fed).not.toBe("done");
      expect(fed === "failed" ? fed : matcher.end()).toBe(progress);
    }
  });
});

describe("in any order", () => {
  it.each<[string, string[], string, string]>([
    ["swapped", ["a", "b"], "b\r\na\r\n", "done"],
    ["awaits", ["a", "b"], "b\r\n", "more"],
    ["twice where once is written", ["a", "b"], "a\r\na\r\n", "failed"],
    ["those without wildcards first", ["{{x}}", "a"], "a\r\nb\r\n", "done"],
    ["... takes further lines before the last", ["a", "...", "b"], "x\r\nb\r\ny\r\na\r\n", "done"],
    ["... and no more behind", ["...", "a"], "a\r\n", "done"],
    ["a stranger", ["a"], "x\r\n", "failed"],
  ])("%s", (_name, expected, received, progress) => {
    expect(match(expected, received, { unordered: true }).progress).toBe(progress);
  });
});

describe("(json)", () => {
  it.each<[string, string, boolean]>([
    ['{"a": 1, "b": [true, null]} (json)', '{"b":[true,null],"a":1}', true],
    ['{"a": 1.0} (json)', '{"a":1e0}', true],
    ['{"a": 10} (json)', '{"a":1e1}', true],
    ['{"a": 12345678901234567890} (json)', '{"a":12345678901234567891}', false],
    ['{"a": 0.1} (json)', '{"a":0.10}', true],
    ['{"a": 1} (json)', '{"a":1,"b":2}', false],
    ['{"a": 1, ...} (json)', '{"b":2,"a":1}', true],
    ["[1, ...] (json)", "[1,2,3]", true],
    ["[..., 3] (json)", "[1,2,3]", true],
    ["[1, ..., 3, ..., 5] (json)", "[1,2,3,4,5]", true],
    ["[1, ...] (json)", "[2]", false],
    ["[1,2] (json)", "[2,1]", false],
    ['{"a": {{x}}} (json)', '{"a": {"deep": [1]}}', true],
    ['{"a": {{x:int}}} (json)', '{"a": "1"}', false],
    ['{"a": "id-{{x:int}}"} (json)', '{"a": "id-7"}', true],
    ['{"a": "id-{{x:int}}"} (json)', '{"a": "id-x"}', false],
    ['{"a": "\\u00e9"} (json)', '{"a":"é"}', true],
    ['MSG {{n:int}} {"a": 1} (json)', 'MSG 5 {"a":1}', true],
    ['MSG {"a": 1} (json)', 'GSM {"a":1}', false],
    ['{"a": 1} (json)', "not json", false],
    ['{"a": 1} (json)', '{"a": 1} trailing', false],
    ['{"a": 01} (json)', '{"a": 1}', false],
  ])("%s against %s: %s", (expected, received, matches) => {
    if (expected.includes("01}")) {
      expect(() => matchOne(expected, received)).toThrow(/,|expected/);
      return;
    }
    expect(matchOne(expected, received).progress).toBe(matches ? "done" : "failed");
  });

  it("captures a value as it is written, and a text within its quotes", () => {
    expect(matchOne('{"a": {{x}}, "b": "{{y}}"} (json)', '{"b":"é\\n","a": [1, 2]}').captures).toEqual({
      x: "[1, 2]",
      y: "\xc3\xa9\n",
    });
  });

  it("says where it differs", () => {
    const { matcher } = matchOne('{"user": {"id": 3}} (json)', '{"user":{"id":4}}');
    expect(matcher.unmatched().detail).toBe("differs at $.user.id: the number is 4");
  });

  it("survives nesting without an end", () => {
    expect(matchOne("[{{x}}] (json)", "[".repeat(100_000)).progress).toBe("failed");
  });
});

describe("hostile replies", () => {
  /** In bytes: work that grows with the square of it does not end in time. */
  const SIZE = 600_000;
  it.each<[string, string[], string]>([
    ["a long line against many wildcards", ["{{a}}x{{b}}x{{c}}x{{d}}y"], "x".repeat(SIZE)],
    ["a long line against typed wildcards", ["{{a}}{{b:hex}}{{c:int}}"], `${"a1".repeat(SIZE / 2)}b`],
    [
      "a long line against expressions that look around",
      ["{{a:/\\ba.*/}}{{b:/.*\\bb/}}{{c:int}}"],
      "ab".repeat(SIZE / 2),
    ],
    ["a long line against an expression", ["(a*)*b (re)"], "a".repeat(SIZE)],
    [
      "many lines against ... and wildcards",
      ["...", "{{a}} x", "...", "{{b}} y", "...", "z"],
      "a x\r\n".repeat(SIZE / 5),
    ],
    ["many lines against (*)", ["{{_}} (*)", "{{_}} (*)", "{{_}} (*)", "end"], "a\r\n".repeat(SIZE / 3)],
    ["bytes against ... (hex)", ["... 00 ... 01 00 ... ff (hex)"], "\0\x01".repeat(SIZE / 2)],
    ["a JSON text of many escapes", ['{"a": "{{x}}z"} (json)'], `{"a": "${"\\n".repeat(SIZE / 2)}"}`],
  ])(
    "end: %s",
    (_name, expected, received) => {
      const { progress } = match(expected, `${received}\r\n`);
      expect(["more", "failed"]).toContain(progress);
    },
    40_000,
  );
});

describe("a line without its LF", () => {
  it.each<[string, string[], string, boolean, string]>([
    ["after a line that may come once", ["A", "B (?)"], "A\r\nZZZ", false, "failed"],
    ["after a line that may come often", ["A", "B (*)"], "A\r\nB\r\nZZZ", false, "failed"],
    ["like one that may come once", ["A", "B (?)"], "A\r\nB", false, "failed"],
    ["after lines in any order", ["A", "B (?)"], "A\r\nZZZ", true, "failed"],
    ["after lines in any order, and further ones", ["A", "...", "B (?)"], "A\r\nZZZ", true, "failed"],
    ["after `...`", ["A", "..."], "A\r\nZZZ", false, "open"],
    ["after bytes and a line that may come", ["01 (hex)", "B (?)"], "\x01ZZZ", false, "failed"],
    ["like a line after bytes that may come", ["01 (hex)", "B (?)"], "\x01B", false, "failed"],
    ["as the last line", ["A", "B"], "A\r\nB", false, "failed"],
  ])("%s", (_name, expected, received, unordered, progress) => {
    for (const bytewise of [false, true]) {
      const { matcher, progress: fed } = match(expected, received, { unordered, bytewise });
      expect(fed === "failed" ? fed : matcher.end()).toBe(progress);
      const isExtra = expected.length === 2 && expected[1] === "B";
      if (progress === "failed") expect(matcher.unmatched().pattern === undefined).toBe(!isExtra);
    }
  });
});

describe("hostile bytes", () => {
  const SIZE = 400_000;
  it.each<[string, string[], string]>([
    ["two placeholders", ["{{n}} 00 {{m}} 01 (hex)"], "a\0".repeat(SIZE / 2)],
    ["a type", ["{{n:word}} 00 (hex)"], "a".repeat(SIZE)],
    ["a name twice", ["... {{n}} 00 {{n}} 01 (hex)"], "\0".repeat(SIZE / 10)],
    ["many names twice", ["... {{n}} 00 {{m}} 00 {{n}} {{m}} 01 (hex)"], "\0".repeat(SIZE / 10)],
    ["a filter of what came", ["... {{n}} 00 {{n|md5}} 01 (hex)"], "\0".repeat(SIZE / 10)],
    ["a number of bytes", ["... {{n:8 bytes}} ff (hex)"], "\0".repeat(SIZE)],
    ["many bytes, counted from anywhere", ["... {{n:50000 bytes}} {{m:50000 bytes}} ff (hex)"], "\0".repeat(SIZE)],
    ["a line that could begin anywhere", ["... 00 (hex)", "OK {{x}}"], "\0".repeat(SIZE)],
    ["JSON that could begin anywhere", ["... 00 (hex)", "[1, ...] (json)"], "\0[".repeat(SIZE / 20)],
    ["an expression", ["{{n:/(a|b)+c?/}} 00 (hex)"], "ab".repeat(SIZE / 10)],
    ["a prompt", ["{{x:any}}> (no-eol)"], "a".repeat(SIZE)],
  ])(
    "end: %s",
    (_name, expected, received) => {
      expect(match(expected, received, { chunk: 65_536 }).progress).toBe("more");
    },
    40_000,
  );
});
