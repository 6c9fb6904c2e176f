import { describe, expect, it, test } from "vitest";
import type { Codec, Decoded, Request } from "../../../src/dialects/codec.ts";
import { LineError } from "../../../src/dialects/errors.ts";
import { codec, decode, latin1, outgoing, request } from "./support.ts";

const reply = (one: Codec, bytes: string) => decode(one.responses, latin1(bytes));
const decoded = (one: Codec, bytes: string): readonly Decoded[] => one.responses.decode(latin1(bytes));
/** The numbers of the requests that lines are. */
const numbersOf = (one: Codec, ...lines: string[]): readonly number[] =>
  (one.requests.encode(outgoing(...lines)) as { readonly requests: readonly Request[] }).requests.map(({ id }) => id);
const ask = (...lines: string[]): Codec => {
  const one = codec();
  request(one, lines);
  return one;
};
/** An array of strings, numbers where they are numbers. */
const array = (...elements: (string | number)[]): string =>
  `*${elements.length}\r\n${elements.map((one) => (typeof one === "number" ? `:${one}\r\n` : `$${one.length}\r\n${one}\r\n`)).join("")}`;
const push = (...elements: (string | number)[]): string => array(...elements).replace("*", ">");

describe("client lines", () => {
  it.each([
    ["PING", "*1\r\n$4\r\nPING\r\n"],
    ["  SET  k\tv  ", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"],
    ['SET "a b" "\\x00\\n\\r\\t\\b\\a\\"\\\\\\q"', '*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$9\r\n\0\n\r\t\b\x07"\\q\r\n'],
    [`SET 'a b' 'it\\'s\\n'`, "*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$6\r\nit's\\n\r\n"],
    [`SET "" ''`, "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$0\r\n\r\n"],
    ['GET a"b c"', "*2\r\n$3\r\nGET\r\n$4\r\nab c\r\n"],
    ["GET caf\xc3\xa9", "*2\r\n$3\r\nGET\r\n$5\r\ncaf\xc3\xa9\r\n"],
    ["3 PING", "*2\r\n$1\r\n3\r\n$4\r\nPING\r\n"],
  ])("%j", (line, bytes) => {
    expect(request(codec(), [line])).toBe(bytes);
  });

  test("several of an exchange are sent in one piece", () => {
    expect(request(codec(), ["PING", "ECHO x"])).toBe("*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n");
    expect(request(codec(), [])).toBe("");
  });

  test("an empty one sends nothing, and nothing is owed for it", () => {
    const one = codec({ protocol: "3" });
    expect(request(one, ["", " \t"])).toBe("");
    expect(numbersOf(one, "")).toEqual([]);
    expect(one.owed).toBe(0);
    expect(request(codec(), ["PING", "", "PING"])).toBe("*1\r\n$4\r\nPING\r\n".repeat(2));
  });

  it.each([
    ['GET "a', 'the quote " is not closed', 5],
    ["GET 'a\\'", "the quote ' is not closed", 5],
    ['GET "a\\"', 'the quote " is not closed', 5],
    ['GET "a"b', 'a closing " ends its argument; a space has to follow', 8],
    ["GET 'a''b'", "a closing ' ends its argument; a space has to follow", 8],
    ['ECHO \xc3\xa9 "', 'the quote " is not closed', 8],
    ["GET a (no-eol)", /^a command is sent without any line ending; leave the suffix out/, 1],
  ])("%j is a mistake", (line, message, column) => {
    const [written] = outgoing(line);
    const error: unknown = (() => {
      try {
        codec().requests.encode([written!]);
      } catch (error) {
        return error;
      }
    })();
    expect(error).toBeInstanceOf(LineError);
    expect(error).toMatchObject({ line: written, column });
    expect((error as LineError).message).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  });

  test("a mistake in one of several leaves nothing owed", () => {
    const one = codec();
    expect(() => request(one, ["PING", 'GET "'])).toThrow(LineError);
    expect(one.owed).toBe(0);
  });
});

test("lines end as the document's do", () => {
  for (const [eol, ending] of [
    ["lf", "\n"],
    ["crlf", "\r\n"],
    ["any", "\r\n"],
  ] as const) {
    expect(reply(codec({}, { eol }), "*2\r\n:1\r\n=8\r\ntxt:a\r\nb\r\n").messages).toEqual([
      `1) (integer) 1${ending}2) a${ending}b${ending}`,
    ]);
  }
});

describe("what is owed", () => {
  test("a reply a command", () => {
    const one = ask("PING", "GET a", "LRANGE l 0 -1");
    expect(one.owed).toBe(3);
    reply(one, "+PONG\r\n$-1\r\n");
    expect(one.owed).toBe(1);
    reply(one, "*2\r\n:1\r\n");
    expect(one.owed).toBe(1);
    reply(one, ":2\r\n");
    expect(one.owed).toBe(0);
  });

  test("an error is a reply", () => {
    const one = ask("FOO", "SUBSCRIBE a b");
    reply(one, "-ERR unknown command\r\n-NOPERM no\r\n");
    expect(one.owed).toBe(0);
  });

  for (const [version, message] of [
    [2, array],
    [3, push],
  ] as const) {
    describe(`subscribing, RESP${version}`, () => {
      test("one message a channel; unknown while anything is subscribed to", () => {
        const one = ask("SUBSCRIBE a b");
        reply(one, message("subscribe", "a", 1));
        expect(one.owed).toBeUndefined();
        reply(one, message("subscribe", "b", 2));
        request(one, ["UNSUBSCRIBE a b"]);
        expect(one.owed).toBeUndefined();
        reply(one, message("message", "b", "hello") + message("unsubscribe", "a", 1));
        expect(one.owed).toBeUndefined();
      });

      test("leaving all, by name or not, makes it known again", () => {
        for (const leave of ["UNSUBSCRIBE a b", "UNSUBSCRIBE"]) {
          const one = ask("SUBSCRIBE a b");
          reply(one, message("subscribe", "a", 1) + message("subscribe", "b", 2));
          request(one, [leave, "PING"]);
          reply(one, message("unsubscribe", "a", 1) + message("unsubscribe", "b", 0));
          expect(one.owed).toBe(1);
          reply(one, "+PONG\r\n");
          expect(one.owed).toBe(0);
        }
      });

      test("patterns and channels are counted apart", () => {
        const one = ask("PSUBSCRIBE a* b*", "SUBSCRIBE a");
        reply(one, message("psubscribe", "a*", 1) + message("psubscribe", "b*", 2) + message("subscribe", "a", 3));
        request(one, ["UNSUBSCRIBE", "PUNSUBSCRIBE", "GET x"]);
        reply(one, message("unsubscribe", "a", 2) + message("punsubscribe", "a*", 1));
        expect(one.owed).toBeUndefined();
        reply(one, message("punsubscribe", "b*", 0));
        expect(one.owed).toBe(1);
      });

      test("leaving nothing is answered once", () => {
        const one = ask("UNSUBSCRIBE", "PUNSUBSCRIBE");
        const nothing = `${version === 2 ? "*" : ">"}3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n`;
        reply(one, nothing + nothing.replace("$11\r\n", "$12\r\np"));
        expect(one.owed).toBe(0);
      });
    });
  }

  test("a published message is no reply", () => {
    const one = ask("SUBSCRIBE a");
    reply(one, array("subscribe", "a", 1));
    request(one, ["PING x", "UNSUBSCRIBE a"]);
    reply(
      one,
      array("message", "a", "m") + array("pong", "x") + array("smessage", "a", "m") + array("unsubscribe", "a", 0),
    );
    expect(one.owed).toBe(0);
  });

  test("pushes do not count, and make it unknown", () => {
    const one = ask("GET a", "GET b");
    const { messages } = reply(one, `${push("invalidate", "x")}$1\r\n1\r\n`);
    expect(messages).toEqual(['1) "invalidate"\n2) "x"\n', '"1"\n']);
    expect(one.owed).toBeUndefined();
  });

  test("who has its reads tracked may be told at any time", () => {
    const one = ask("CLIENT TRACKING on");
    expect(one.owed).toBe(1);
    reply(one, "+OK\r\n");
    expect(one.owed).toBeUndefined();
  });

  test("a monitor is told of every command", () => {
    const one = ask("MONITOR");
    expect(one.owed).toBe(1);
    reply(one, "+OK\r\n");
    expect(one.owed).toBeUndefined();
    request(one, ["RESET"]);
    reply(one, '+1700000000.123456 [0 127.0.0.1:1] "PING"\r\n');
    expect(one.owed).toBeUndefined();
    reply(one, "+RESET\r\n");
    expect(one.owed).toBe(0);
  });

  test("RESET ends subscriptions", () => {
    const one = ask("SUBSCRIBE a", "RESET");
    reply(one, `${array("subscribe", "a", 1)}+RESET\r\n`);
    expect(one.owed).toBe(0);
  });

  test("CLIENT REPLY says what is not answered", () => {
    expect(ask("CLIENT REPLY OFF", "PING", "GET a").owed).toBe(0);
    expect(ask("client reply off", "PING", "CLIENT REPLY SKIP", "CLIENT REPLY ON", "GET a").owed).toBe(2);
    expect(ask("CLIENT REPLY SKIP", "PING", "GET a").owed).toBe(1);
    expect(ask("CLIENT REPLY SKIP", "CLIENT REPLY SKIP", "PING", "GET a").owed).toBe(1);
    expect(ask("CLIENT REPLY ON", "CLIENT ID").owed).toBe(2);
  });

  test("QUIT is the last that is answered", () => {
    const one = ask("QUIT", "PING");
    expect(decoded(one, "+OK\r\n")).toEqual([
      { lines: ["OK\n"], part: "", to: 0, ends: "message", endsConnection: true },
    ]);
    expect(one.owed).toBe(0);
  });

  test("what nobody asked for makes it unknown", () => {
    const one = codec();
    expect(one.owed).toBe(0);
    expect(reply(one, "-ERR max number of clients reached\r\n").messages).toEqual([
      "(error) ERR max number of clients reached\n",
    ]);
    expect(one.owed).toBeUndefined();
  });
});

describe("the option protocol", () => {
  const HELLO = "*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n";

  test("says HELLO in front of the first command, and keeps the reply to itself", () => {
    const one = codec({ protocol: "3" });
    expect(request(one, [])).toBe("");
    expect(request(one, ["PING"])).toBe(`${HELLO}*1\r\n$4\r\nPING\r\n`);
    expect(request(one, ["PING"])).toBe("*1\r\n$4\r\nPING\r\n");
    expect(one.owed).toBe(2);
    expect(reply(one, "%1\r\n+proto\r\n:3\r\n+PONG\r\n").messages).toEqual(["PONG\n"]);
    expect(one.owed).toBe(1);
  });

  test("a refusal is told", () => {
    const one = codec({ protocol: "3" });
    request(one, ["PING"]);
    expect(reply(one, "-NOPROTO unsupported protocol version\r\n+PONG\r\n")).toEqual({
      messages: [],
      error: 'the server refused HELLO 3, which "protocol" asks for: NOPROTO unsupported protocol version',
    });
  });
});

describe("parts of a reply, which tell where fields and values follow each other", () => {
  const partsOf = (one: Codec, bytes: string): readonly string[] =>
    decoded(one, bytes).map(({ part, lines, ends }) => `${part}|${lines.length}|${ends ?? "goes on"}`);

  it.each([
    ["HGETALL h", "pairs 0"],
    ["hrandfield h 2 withvalues", "pairs 0"],
    ["HRANDFIELD h 2", ""],
    ["ZRANGE z 0 -1 WITHSCORES", "pairs 0"],
    ["ZRANGE z 0 -1", ""],
    ["CONFIG GET max*", "pairs 0"],
    ["CONFIG SET a b", ""],
    ["HSCAN h 0", "pairs 1"],
    ["SCAN 0", ""],
    ["XRANGE s - +", "entries"],
    ["XINFO GROUPS s", "pairs 1"],
    ["SMEMBERS s", ""],
  ])("%s", (command, part) => {
    expect(partsOf(ask(command), array("a", "b"))).toEqual([`${part}|2|message`]);
  });

  test("in a transaction each reply has its own, one level deeper", () => {
    const one = ask("MULTI", "HGETALL h", "SMEMBERS s", "NOSUCH", "XRANGE s - +", "EXEC");
    expect(partsOf(one, "+OK\r\n+QUEUED\r\n+QUEUED\r\n-ERR unknown command\r\n+QUEUED\r\n")).toHaveLength(5);
    expect(partsOf(one, `*3\r\n${array("f", "v")}${array("a", "b", "c")}*0\r\n`)).toEqual([
      "pairs 1|2|goes on",
      "|3|goes on",
      "entries|1|message",
    ]);
    request(one, ["MULTI", "GET a", "DISCARD", "MULTI", "GET a", "EXEC"]);
    reply(one, "+OK\r\n+QUEUED\r\n+OK\r\n+OK\r\n+QUEUED\r\n");
    expect(partsOf(one, array("a"))).toEqual(["|1|message"]);
  });

  test("one that was discarded leaves nothing behind", () => {
    const one = ask("MULTI", "HGETALL h", "EXEC", "MULTI", "SMEMBERS s", "EXEC");
    reply(one, "+OK\r\n+QUEUED\r\n*-1\r\n+OK\r\n+QUEUED\r\n");
    expect(partsOf(one, `*1\r\n${array("f", "v")}`)).toEqual(["|2|message"]);
  });
});
