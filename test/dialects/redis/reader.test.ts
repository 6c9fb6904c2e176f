import { describe, expect, it, test } from "vitest";
import { startWork } from "../../support/work.ts";
import { codec, decode, decodeBothWays } from "./support.ts";

/** A reply on the wire, and its lines; several messages are parted by an empty text. */
const cases: readonly (readonly [name: string, bytes: string, ...messages: string[]])[] = [
  ["a simple string", "+OK\r\n", "OK\n"],
  ["an empty simple string", "+\r\n", "\n"],
  ["a simple string with bytes beyond ASCII", "+caf\xc3\xa9\r\n", "caf\xc3\xa9\n"],
  ["an error", "-ERR no such key\r\n", "(error) ERR no such key\n"],
  ["an integer", ":1000\r\n", "(integer) 1000\n"],
  ["a negative integer", ":-1\r\n", "(integer) -1\n"],
  ["an integer with a sign", ":+7\r\n", "(integer) 7\n"],
  ["the largest integer", ":9223372036854775807\r\n", "(integer) 9223372036854775807\n"],
  ["the smallest integer", ":-9223372036854775808\r\n", "(integer) -9223372036854775808\n"],
  ["a string", "$5\r\nhello\r\n", '"hello"\n'],
  ["an empty string", "$0\r\n\r\n", '""\n'],
  [
    "a string with all kinds of bytes",
    '$10\r\n\r\n\t\x07\b"\\\0\x7f\xff\r\n',
    '"\\r\\n\\t\\a\\b\\"\\\\\\x00\\x7f\\xff"\n',
  ],
  ["a string that looks like an end", "$4\r\n\r\n\r\n\r\n", '"\\r\\n\\r\\n"\n'],
  ["no string", "$-1\r\n", "(nil)\n"],
  ["no array", "*-1\r\n", "(nil)\n"],
  ["null", "_\r\n", "(nil)\n"],
  ["an empty array", "*0\r\n", "(empty array)\n"],
  ["an array", "*2\r\n$1\r\na\r\n:2\r\n", '1) "a"\n2) (integer) 2\n'],
  [
    "arrays in arrays",
    "*2\r\n*2\r\n:1\r\n*0\r\n*1\r\n$-1\r\n",
    "1) 1) (integer) 1\n   2) (empty array)\n2) 1) (nil)\n",
  ],
  ["an error in an array", "*2\r\n-ERR no\r\n+OK\r\n", "1) (error) ERR no\n2) OK\n"],
  ["a double", ",3.14\r\n", "(double) 3.14\n"],
  ["a double without a fraction", ",10\r\n", "(double) 10\n"],
  ["a double with an exponent", ",1.5E+10\r\n", "(double) 1.5E+10\n"],
  ["infinity", ",inf\r\n", "(double) inf\n"],
  ["negative infinity", ",-inf\r\n", "(double) -inf\n"],
  ["not a number", ",nan\r\n", "(double) nan\n"],
  ["true", "#t\r\n", "(true)\n"],
  ["false", "#f\r\n", "(false)\n"],
  [
    "a big number",
    "(3492890328409238509324850943850943825024385\r\n",
    "(big number) 3492890328409238509324850943850943825024385\n",
  ],
  [
    "a negative big number",
    "(-34928903284092385093248509438509438250\r\n",
    "(big number) -34928903284092385093248509438509438250\n",
  ],
  ["an error with a length", "!21\r\nSYNTAX invalid syntax\r\n", "(error) SYNTAX invalid syntax\n"],
  ["an error of several lines", "!7\r\nERR a\nb\r\n", "(error) ERR a\nb\n"],
  ["a verbatim string", "=15\r\ntxt:Some string\r\n", "Some string\n"],
  ["a verbatim string of several lines", "=9\r\nmkd:a\r\nb\n\r\n", "a\nb\n\n"],
  ["a verbatim string that is empty", "=4\r\ntxt:\r\n", "\n"],
  ["an empty map", "%0\r\n", "(empty hash)\n"],
  ["a map", "%2\r\n+first\r\n:1\r\n+second\r\n*1\r\n:2\r\n", "1# first => (integer) 1\n2# second => 1) (integer) 2\n"],
  [
    "a map in a map",
    "%1\r\n+k\r\n%2\r\n:1\r\n#t\r\n:2\r\n#f\r\n",
    "1# k => \n   1# (integer) 1 => (true)\n   2# (integer) 2 => (false)\n",
  ],
  ["an empty set", "~0\r\n", "(empty set)\n"],
  ["a set", "~2\r\n$1\r\na\r\n$1\r\nb\r\n", '1~ "a"\n2~ "b"\n'],
  ["a push, and a reply", ">2\r\n+a\r\n:1\r\n+OK\r\n", "1) a\n2) (integer) 1\n", "OK\n"],
  ["an empty push", ">0\r\n", "(empty push)\n"],
  ["attributes", "|1\r\n$3\r\nttl\r\n:60\r\n$1\r\na\r\n", '1| "ttl" => (integer) 60\n"a"\n'],
  [
    "attributes of several aggregates",
    "|1\r\n+a\r\n*2\r\n:1\r\n:2\r\n*1\r\n:3\r\n",
    "1| a => \n   1) (integer) 1\n   2) (integer) 2\n1) (integer) 3\n",
  ],
  [
    "attributes of an element",
    "*2\r\n:1\r\n|1\r\n+a\r\n+b\r\n:2\r\n",
    "1) (integer) 1\n2) 1| a => b\n   (integer) 2\n",
  ],
  ["attributes of a map's value", "%1\r\n+k\r\n|1\r\n+a\r\n+b\r\n:2\r\n", "1# k => \n   1| a => b\n   (integer) 2\n"],
  ["attributes twice", "|1\r\n+a\r\n+b\r\n|1\r\n+c\r\n+d\r\n_\r\n", "1| a => b\n2| c => d\n(nil)\n"],
  ["no attributes", "|0\r\n+OK\r\n", "OK\n"],
  ["a string in chunks", "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n", '"Hello word"\n'],
  ["an empty string in chunks", "$?\r\n;0\r\n", '""\n'],
  [
    "an array without a count",
    "*?\r\n:1\r\n*?\r\n.\r\n:2\r\n.\r\n",
    "1) (integer) 1\n2) (empty array)\n3) (integer) 2\n",
  ],
  [
    "a map without a count",
    "%?\r\n+a\r\n:1\r\n+b\r\n$?\r\n;1\r\nx\r\n;0\r\n.\r\n",
    '1# a => (integer) 1\n2# b => "x"\n',
  ],
  ["a set without a count", "~?\r\n:1\r\n:2\r\n.\r\n", "1~ (integer) 1\n2~ (integer) 2\n"],
  ["several messages", "+a\r\n:1\r\n*1\r\n+b\r\n", "a\n", "(integer) 1\n", "1) b\n"],
  ["what is not complete", "+a\r\n*2\r\n:1\r\n", "a\n"],
  ["a string that is not complete", "$5\r\nhell"],
  ["a line that is not complete", "+OK\r"],
];

describe("what is decoded, whole and byte by byte", () => {
  it.each(cases)("%s", (_name, bytes, ...messages) => {
    for (const decoded of decodeBothWays(bytes)) expect(decoded).toEqual({ messages, error: undefined });
  });
});

/** Bytes that are no RESP, and what is said of them. */
const mistakes: readonly (readonly [bytes: string, error: string | RegExp])[] = [
  ["hello\r\n", /^"h" is no type of RESP: a reply begins with one of /],
  ["HTTP/1.1 400 Bad Request\r\n", /^"H" is no type/],
  ["\r\n", '"\\r" is no type of RESP: a reply begins with one of + - : $ * _ # , ( ! = % ~ > |'],
  ["+OK\n", "a line ends with LF alone, not with CRLF: +OK"],
  ["+a\rb\r\n", "a line holds a CR: a\\rb"],
  [":\r\n", '"" is no integer'],
  [":1.5\r\n", '"1.5" is no integer'],
  [":12a\r\n", '"12a" is no integer'],
  [":9223372036854775808\r\n", "the integer 9223372036854775808 does not fit in 64 bits"],
  [":-9223372036854775809\r\n", "the integer -9223372036854775809 does not fit in 64 bits"],
  [`:${"9".repeat(100)}\r\n`, `"${"9".repeat(40)}…" is no integer`],
  [",\r\n", '"" is no double'],
  [",0x10\r\n", '"0x10" is no double'],
  [",1,5\r\n", '"1,5" is no double'],
  ["#x\r\n", '"x" is no boolean'],
  ["#\r\n", '"" is no boolean'],
  ["_x\r\n", '"x" is no null'],
  ["(1.5\r\n", '"1.5" is no big number'],
  ["$x\r\n", '"x" is no length of a string'],
  ["$\r\n", '"" is no length of a string'],
  ["$-2\r\n", '"-2" is no length of a string'],
  ["$03\r\n", '"03" is no length of a string'],
  ["$+3\r\n", '"+3" is no length of a string'],
  ["$1e3\r\n", '"1e3" is no length of a string'],
  ["=-1\r\n", '"-1" is no length of a verbatim string'],
  ["!?\r\n", '"?" is no length of an error'],
  ["$3\r\nhello\r\n", "behind the 3 bytes of a string CRLF is due; there came lo"],
  ["$3\r\nabc\n\n", "behind the 3 bytes of a string CRLF is due; there came \\n\\n"],
  ["=3\r\ntxt\r\n", /^a verbatim string begins with its format, like txt: or mkd:, not with txt$/],
  ["=5\r\nabcde\r\n", /^a verbatim string begins with its format/],
  ["*x\r\n", '"x" is no count of an array'],
  ["*-2\r\n", '"-2" is no count of an array'],
  ["%-1\r\n", '"-1" is no count of a map'],
  ["~1.0\r\n", '"1.0" is no count of a set'],
  [">?\r\n", '"?" is no count of a push'],
  ["|?\r\n", '"?" is no count of a map of attributes'],
  ["*1\r\n>1\r\n", "a push came within another value"],
  ["|1\r\n+a\r\n>1\r\n", "a push came within another value"],
  [".\r\n", 'an end (".") came, but no aggregate of unknown count is open'],
  ["*1\r\n.\r\n", 'an end (".") came, but no aggregate of unknown count is open'],
  ["*?\r\n.x\r\n", 'behind "." a line ends; there came x'],
  ["*?\r\n|1\r\n+a\r\n+b\r\n.\r\n", 'an end (".") came where the value of attributes is due'],
  ["%?\r\n+a\r\n.\r\n", "a map ends with a key that has no value"],
  [";1\r\n", 'a chunk (";") came, but no string is sent in chunks'],
  ["$?\r\n+a\r\n", 'within a string in chunks came "+" where a chunk (";") or its end is due'],
  ["$?\r\n;x\r\n", '"x" is no length of a chunk'],
];

describe("what breaks the framing", () => {
  it.each(mistakes)("%j", (bytes, error) => {
    for (const decoded of decodeBothWays(`+before\r\n${bytes}+behind\r\n`)) {
      expect(decoded.messages).toEqual(["before\n"]);
      expect(decoded.error).toEqual(typeof error === "string" ? error : expect.stringMatching(error));
    }
  });

  it("stays broken", () => {
    const one = codec().responses;
    expect(() => one.decode(Buffer.from("?\r\n"))).toThrow('"?" is no type');
    expect(() => one.decode(Buffer.from("+OK\r\n"))).toThrow('"?" is no type');
  });
});

describe("the limit", () => {
  const small = () => codec({}, { limit: 1000 }).responses;

  it.each([
    ["a string", "$999\r\n", "a string of 999 bytes makes the reply larger than the limit of 1000 bytes"],
    ["a huge string", "$99999999999999999999\r\n", /^a string of 99999999999999999999 bytes makes the reply larger/],
    ["a chunk", `$?\r\n;500\r\n${"x".repeat(500)}\r\n;500\r\n`, /^a chunk of 500 bytes makes the reply larger/],
    ["an array", "*2147483647\r\n", "an array of 2147483647 makes the reply larger than the limit of 1000 bytes"],
    ["a map", "%63\r\n", "a map of 63 makes the reply larger than the limit of 1000 bytes"],
    ["a map that just fits", `%62\r\n${"+\r\n".repeat(123)}`, undefined],
    ["attributes", "|100000\r\n", /^a map of attributes of 100000 makes/],
    ["an array within arrays", `*60\r\n*100\r\n${":1\r\n".repeat(100)}*60\r\n`, /^an array of 60 makes/],
    ["a line without an end", `+${"x".repeat(1000)}`, "the reply is larger than the limit of 1000 bytes"],
    ["a line with an end", `+${"x".repeat(1000)}\r\n`, "the reply is larger than the limit of 1000 bytes"],
    ["elements without an end", `*?\r\n${":1\r\n".repeat(200)}`, "the reply is larger than the limit of 1000 bytes"],
    [
      "what grows as it is written",
      `$300\r\n${"\xff".repeat(300)}\r\n`,
      "the reply, written in lines, is larger than the limit of 1000 bytes",
    ],
    ["many small replies", "+OK\r\n".repeat(1000), undefined],
  ])("holds for %s", (_name, bytes, error) => {
    for (const decoded of decodeBothWays(bytes, small)) {
      expect(decoded.error).toEqual(error instanceof RegExp ? expect.stringMatching(error) : error);
    }
  });

  it("holds for the lines of a deeply nested reply, which are longer than its bytes", () => {
    const nested = `${"*1\r\n".repeat(100)}*1000\r\n${"_\r\n".repeat(1000)}`;
    const { error } = decode(codec({}, { limit: 100_000 }).responses, Buffer.from(nested));
    expect(error).toMatch(/^the reply, written in lines, is larger/);
  });

  it("is one for the nesting, too", () => {
    for (const [depth, error] of [
      [128, undefined],
      [129, "aggregates are nested deeper than 128 levels"],
      [100_000, "aggregates are nested deeper than 128 levels"],
    ] as const) {
      const { messages, error: found } = decode(codec().responses, Buffer.from(`${"*1\r\n".repeat(depth)}:1\r\n`));
      expect(found).toBe(error);
      expect(messages).toHaveLength(error ? 0 : 1);
    }
  });
});

test("a large reply in small pieces is read once", () => {
  const text = "x".repeat(4_000_000);
  const bytes = Buffer.from(`$${text.length}\r\n${text}\r\n+${text}\r\n`);
  const one = codec({}, { limit: 16_000_000 }).responses;
  const work = startWork();
  const { messages, error } = decode(one, bytes, 100);
  // Were it read again with each of its 80,000 pieces, that would take minutes.
  expect(work()).toBeLessThan(5000);
  expect(error).toBeUndefined();
  expect(messages.map(({ length }) => length)).toEqual([text.length + 3, text.length + 1]);
});

test("attributes without an end in front of a value are refused at the limit, before long", () => {
  const work = startWork();
  const { error } = decode(
    codec({}, { limit: 2_000_000 }).responses,
    Buffer.from("|1\r\n+a\r\n:1\r\n".repeat(200_000)),
  );
  // Were those before it copied with each of them, that would take minutes.
  expect(work()).toBeLessThan(3000);
  expect(error).toMatch(/larger than the limit of 2 MB$/);
});
