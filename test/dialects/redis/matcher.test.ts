import { describe, expect, it, test } from "vitest";
import type { Decoded } from "../../../src/dialects/codec.ts";
import { redis } from "../../../src/dialects/redis/redis.ts";
import type { Matcher } from "../../../src/match/matcher.ts";
import type { Scope } from "../../../src/match/variables.ts";
import { startWork } from "../../support/work.ts";
import { expected } from "../http/support.ts";
import { codec, feed, reading, request } from "./support.ts";

const NOTHING_KNOWN: Scope = { get: () => undefined };

interface Judged {
  readonly progress: string;
  readonly captures: Readonly<Record<string, string>>;
  readonly line: number | undefined;
  readonly detail: string;
}

const lines = (text: string): readonly string[] => text.split("\n");

/** A reply that is written (lines) and one that comes (lines, or bytes of RESP to a command). */
function judge(
  written: string,
  received: string | { readonly command: string; readonly bytes: string },
  unordered = true,
): Judged {
  const expects = expected(...lines(written));
  const matcher: Matcher = redis.responses!.matcher!(expects, NOTHING_KNOWN, reading(unordered));
  let messages: readonly Decoded[];
  if (typeof received === "string")
    messages = received.split("\n--\n").map((text) => ({
      lines: lines(text).map((line) => `${line}\n`),
      part: "",
      to: undefined,
      ends: "message" as const,
    }));
  else {
    const one = codec();
    request(one, [received.command]);
    messages = one.responses.decode(Buffer.from(received.bytes, "latin1"));
  }
  const progress = feed(matcher, messages, matcher.mayBeEmpty ? "open" : "more");
  const { pattern, detail } = matcher.unmatched();
  return { progress, captures: Object.fromEntries(matcher.captures()), line: pattern?.line, detail };
}

const done = (written: string, received: Parameters<typeof judge>[1]) =>
  expect(judge(written, received)).toMatchObject({ progress: "done" });
const strings = (...all: string[]): string =>
  `*${all.length}\r\n${all.map((one) => `$${one.length}\r\n${one}\r\n`).join("")}`;

describe("in order", () => {
  test("lines are compared as they are", () => {
    expect(judge('1) "a"\n2) "b"', '1) "a"\n2) "b"', false).progress).toBe("done");
    expect(judge('1) "b"\n2) "a"', '1) "a"\n2) "b"', false).progress).toBe("failed");
  });

  test("the space behind => may be missing", () => {
    for (const head of ['1# "k" => ', '1# "k" =>', '1# "k" =>\\x20 (esc)', "1# {{key}} =>"])
      expect(judge(`${head}\n   1) "a"\n   2) "b"`, '1# "k" => \n   1) "a"\n   2) "b"', false).progress).toBe("done");
  });
});

describe("in any order", () => {
  it.each([
    ["elements", '1) "a"\n2) "b"\n3) "c"', '1) "c"\n2) "a"\n3) "b"'],
    ["twice the same", '1) "a"\n2) "a"\n3) "b"', '1) "a"\n2) "b"\n3) "a"'],
    ["a set", '1~ "a"\n2~ "b"', '1~ "b"\n2~ "a"'],
    ["a map", '1# "f" => "v"\n2# "g" => "w"', '1# "g" => "w"\n2# "f" => "v"'],
    [
      "numbers of other widths",
      `${Array.from({ length: 10 }, (_, i) => `${String(i + 1).padStart(2)}) "${i}"`).join("\n")}`,
      `${Array.from({ length: 10 }, (_, i) => `${String(i + 1).padStart(2)}) "${9 - i}"`).join("\n")}`,
    ],
    ["arrays in arrays", '1) 1) "a"\n   2) "b"\n2) 1) "c"\n   2) "d"', '1) 1) "d"\n   2) "c"\n2) 1) "b"\n   2) "a"'],
    [
      "values of several lines",
      '1# "k" =>\n   1) "a"\n   2) "b"\n2# "l" => (nil)',
      '1# "l" => (nil)\n2# "k" => \n   1) "b"\n   2) "a"',
    ],
    [
      "maps in maps",
      '1# "k" =>\n   1# "a" =>\n      1~ "x"\n      2~ "y"\n   2# "b" => 1) "z"\n2# "l" => "m"',
      '1# "l" => "m"\n2# "k" => \n   1# "b" => 1) "z"\n   2# "a" => \n      1~ "y"\n      2~ "x"',
    ],
    ["written out of order, numbers kept", '2) "b"\n1) "a"', '1) "a"\n2) "b"'],
    ["an empty array", "(empty array)", "(empty array)"],
    ["one string", '"a"', '"a"'],
    ["replies", '(integer) 1\n"b"', '"b"\n--\n(integer) 1'],
    ["replies with elements", '1) "a"\n2) "b"\n1) "c"\nOK', '1) "c"\n--\nOK\n--\n1) "b"\n2) "a"'],
    ["lines of a text", "role:master\n# Replication\n...", "# Replication\nrole:master\nslaves:0"],
    ["placeholders", '1) "a"\n2) "b{{y}}"\n3) {{x}}', '1) "bc"\n2) "a"\n3) "d"'],
    ["literals before wildcards", '1) {{x}}\n2) "a"', '1) "a"\n2) "b"'],
    ["a placeholder's second use", '1) "{{x}}"\n2) "{{x}}!"', '1) "a"\n2) "a!"'],
    ["a typed placeholder", '1) "a"\n2) (integer) {{n:int}}', '1) (integer) 42\n2) "a"'],
    ["a placeholder for a key", '1# {{k}} => "v"\n2# "f" => {{w}}', '1# "f" => "x"\n2# "g" => "v"'],
    ["expressions", '1) "a"\n\\d+\\) "b+" (re)', '1) "bbb"\n2) "a"'],
    ["expressions within", '1) 1) "a"\n   \\d+\\) "b+" (re)', '1) 1) "bb"\n   2) "a"'],
    ["escapes", '1) "\\x22" (esc)\n2) "a"', '1) "a"\n2) """'],
    ["JSON", '1) {"b": 1, "a": 2} (json)\n2) "x"', '1) "x"\n2) {"a":2,"b":1}'],
    ["further elements", '1) "b"\n...', '1) "a"\n2) "b"\n3) "c"'],
    ["further elements within", '1) 1) "b"\n   ...\n2) "x"', '1) "x"\n2) 1) "a"\n   2) "b"'],
    [
      "further fields within",
      '1# "get" =>\n   1# "since" => "1.0.0"\n   ...',
      '1# "get" => \n   1# "a" => "b"\n   2# "since" => "1.0.0"',
    ],
    ["what may be absent", '1) "a"\n2) "b" (?)', '1) "a"'],
    ["what may come often", '1) "a"\n2) "b{{_}}" (*)', '1) "b1"\n2) "a"\n3) "b2"'],
  ])("%s", (_name, written, received) => done(written, received));

  it.each([
    ["another element", '1) "a"\n2) "b"', '1) "a"\n2) "c"', 2, "is none of the elements still awaited"],
    ["one too few", '1) "a"\n2) "b"', '1) "a"', 2, 'one of its elements is missing: 2) "b"'],
    ["one too many", '1) "a"', '1) "a"\n2) "b"', undefined, "is none of the elements still awaited"],
    ["one twice", '1) "a"\n2) "b"', '1) "a"\n2) "a"', 2, "is none of the elements still awaited"],
    [
      "a value of another field",
      '1# "f" => "v"\n2# "g" => "w"',
      '1# "f" => "w"\n2# "g" => "v"',
      1,
      "is none of the elements still awaited",
    ],
    [
      "an element of another level",
      '1) 1) "a"\n2) "b"',
      '1) 1) "b"\n2) "a"',
      1,
      "is none of the elements still awaited",
    ],
    ["a set for an array", '1) "a"', '1~ "a"', 1, "is of another type than the reply still awaited"],
    ["a string for a number", '1) "1"', "1) (integer) 1", 1, "is none of the elements still awaited"],
    ["an array for its element", '1) "a"', '1) 1) "a"', 1, "is none of the elements still awaited"],
    ["another reply", "OK", '"x"', 1, "is none of the replies still awaited"],
    [
      "a placeholder that would have to be two",
      '1) "{{x}}"\n2) "{{x}}!"',
      '1) "a"\n2) "b!"',
      2,
      "is none of the elements still awaited",
    ],
  ])("%s is a difference", (_name, written, received, line, detail) => {
    expect(judge(written, received)).toMatchObject({ progress: "failed", line, detail });
  });

  test("is awaited", () => {
    expect(judge('1) "a"\nOK', '1) "a"')).toMatchObject({ progress: "more", line: 2 });
    // Further replies may come, so this one may not be the one that is written.
    expect(judge('1) 1) "a"\n...', '1) 1) "a"\n   2) "b"\n2) "c"')).toMatchObject({ progress: "more", line: 1 });
  });

  test("captures", () => {
    expect(judge('1) "a"\n2) "{{x}}"\n3) 1# "k" => "{{y}}"', '1) 1# "k" => "v"\n2) "w"\n3) "a"').captures).toEqual({
      x: "w",
      y: "v",
    });
  });

  test("a text that looks like endless nesting is harmless", () => {
    const text = "1) ".repeat(100_000);
    const { progress } = judge('1) "a"', { command: "GET a", bytes: `+${text}\r\n` });
    expect(progress).toBe("failed");
    const received = [{ line: `${text}\n`, part: "" }];
    const { lines } = redis.responses!.compare!(expected('1) "a"'), received, NOTHING_KNOWN, reading(true));
    expect(lines).toEqual([`${text}\n`]);
    done(`${text.trimEnd()} {{_:any}}`, { command: "GET a", bytes: `+${text}x\r\n` });
  });

  test("thousands of elements take no time", () => {
    const all = Array.from({ length: 20_000 }, (_, i) => `"${i}"`);
    const numbered = (list: readonly string[]): string =>
      list.map((one, i) => `${String(i + 1).padStart(5)}) ${one}`).join("\n");
    const work = startWork();
    done(numbered(all), numbered(all.toReversed()));
    expect(work()).toBeLessThan(5000);
  });
});

describe("field and value of a flat reply", () => {
  const hash = strings("g", "w", "f", "v");

  test("stay together", () => {
    done('1) "f"\n2) "v"\n3) "g"\n4) "w"', { command: "HGETALL h", bytes: hash });
    expect(judge('1) "f"\n2) "w"\n3) "g"\n4) "v"', { command: "HGETALL h", bytes: hash }).progress).toBe("failed");
    done('1) "f"\n2) "w"\n3) "g"\n4) "v"', { command: "LRANGE h 0 -1", bytes: hash });
  });

  test("with wildcards", () => {
    done('1) "f"\n2) "v"\n...', { command: "HGETALL h", bytes: hash });
    expect(judge('1) "f"\n2) "{{v}}"\n3) "{{g}}"\n4) "w"', { command: "HGETALL h", bytes: hash }).captures).toEqual({
      v: "v",
      g: "g",
    });
    expect(judge('1) "f"\n...', { command: "HGETALL h", bytes: hash }).progress).toBe("more");
  });

  test("within a reply, and in a transaction", () => {
    done('1) "0"\n2) 1) "f"\n   2) "v"\n   3) "g"\n   4) "w"', {
      command: "HSCAN h 0",
      bytes: `*2\r\n$1\r\n0\r\n${hash}`,
    });
    const one = codec();
    request(one, ["MULTI", "HGETALL h", "EXEC"]);
    one.responses.decode(Buffer.from("+OK\r\n+QUEUED\r\n"));
    const messages = one.responses.decode(Buffer.from(`*1\r\n${hash}`));
    for (const [written, progress] of [
      ['1) 1) "f"\n   2) "v"\n   3) "g"\n   4) "w"', "done"],
      ['1) 1) "f"\n   2) "w"\n   3) "g"\n   4) "v"', "failed"],
    ] as const) {
      const matcher = redis.responses!.matcher!(expected(...lines(written)), NOTHING_KNOWN, reading(true));
      expect(feed(matcher, messages, "more")).toBe(progress);
    }
  });

  test("in the entries of a stream", () => {
    const entry = (id: string): string => `*2\r\n$${id.length}\r\n${id}\r\n${hash}`;
    const written =
      '1) 1) "1-1"\n   2) 1) "f"\n      2) "v"\n      3) "g"\n      4) "w"\n2) 1) {{id}}\n   2) 1) "g"\n      2) "w"\n      3) "f"\n      4) "v"';
    done(written, { command: "XRANGE s - +", bytes: `*2\r\n${entry("2-1")}${entry("1-1")}` });
    expect(
      judge(written.replace('"v"', '"w"').replace('"w"', '"v"'), {
        command: "XRANGE s - +",
        bytes: `*2\r\n${entry("2-1")}${entry("1-1")}`,
      }).progress,
    ).toBe("done");
    expect(
      judge(written.replace('"f"\n      2) "v"', '"f"\n      2) "x"'), {
        command: "XRANGE s - +",
        bytes: `*2\r\n${entry("2-1")}${entry("1-1")}`,
      }).progress,
    ).toBe("failed");
  });

  test("a member and its score that come as an array of their own are one anyway", () => {
    const bytes = "*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2\r\n";
    done('1) 1) "b"\n   2) (double) 2\n2) 1) "a"\n   2) (double) 1', { command: "ZRANGE z 0 -1 WITHSCORES", bytes });
  });
});

describe("for reports", () => {
  const compare = (
    written: string,
    received: string,
    unordered = true,
  ): { lines: readonly string[]; same: readonly boolean[] } => {
    const expects = expected(...lines(written));
    const came = lines(received).map((line) => ({ line: `${line}\n`, part: "" }));
    const comparison = redis.responses!.compare!(expects, came, NOTHING_KNOWN, reading(unordered));
    return {
      lines: comparison.lines,
      same: comparison.lines.map((line, i) => expects[i] !== undefined && comparison.matches(expects[i], line)),
    };
  };

  it.each([
    [
      "elements come in the written order, numbered anew, and one too much in the place of one that is missing",
      '1) "a"\n2) "b"\n3) "c"',
      '1) "c"\n2) "x"\n3) "a"',
      ['1) "a"', '2) "x"', '3) "c"'],
      [true, false, true],
    ],
    [
      "a field stands beside its own",
      '1# "f" => "v"\n2# "g" => "w"',
      '1# "g" => "x"\n2# "f" => "v"',
      ['1# "f" => "v"', '2# "g" => "x"'],
      [true, false],
    ],
    [
      "levels are laid out each",
      '1) 1) "a"\n   2) "b"\n2) "c"',
      '1) "c"\n2) 1) "x"\n   2) "a"',
      ['1) 1) "a"', '   2) "x"', '2) "c"'],
      [true, false, true],
    ],
    [
      "heads",
      '1# "k" =>\n   1) "a"\n   2) "b"',
      '1# "k" => \n   1) "b"\n   2) "a"',
      ['1# "k" => ', '   1) "a"', '   2) "b"'],
      [true, true, true],
    ],
  ])("%s", (_name, written, received, arranged, same) => {
    expect(compare(written, received)).toEqual({ lines: arranged.map((line) => `${line}\n`), same });
  });

  test("replies in order stay as they are", () => {
    expect(compare('1# "k" =>\n   1) "b"', '1# "k" => \n   1) "a"', false)).toEqual({
      lines: ['1# "k" => \n', '   1) "a"\n'],
      same: [true, false],
    });
  });
});
