import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Codec, Decoded } from "../../../src/dialects/codec.ts";
import { LineError } from "../../../src/dialects/errors.ts";
import { codec, decode, decodeBothWays, encoded, latin1, request } from "./support.ts";
import { encode, pieces, plain } from "./values.ts";

const strings = (...all: string[]): string =>
  `*${all.length}\r\n${all.map((one) => `$${one.length}\r\n${one}\r\n`).join("")}`;

/** What a server hears of a client's bytes. */
const heard = (server: Codec, bytes: string): readonly Decoded[] => server.requests.decode(latin1(bytes));
/** A server that was asked for these commands. */
function asked(...commands: string[]): Codec {
  const server = codec();
  heard(server, request(codec(), commands));
  return server;
}
const answer = (server: Codec, ...lines: string[]): string => encoded(server.responses, lines);

describe("commands that a server hears", () => {
  it.each([
    ["an array", strings("SET", "k", "v"), "SET k v"],
    ["a line", "SET k v\r\n", "SET k v"],
    ["a line that ends in LF", "  SET\tk  v \n", "SET k v"],
    ["quotes in a line", `SET "a b" 'it\\'s' \r\n`, `SET "a b" "it's"`],
    ["what would be a reply", "+OK\r\n", "+OK"],
    ["text with white space", strings("SET", "a b", ""), 'SET "a b" ""'],
    ["quotes", strings('a"b', "it's", "a\\b", 'a "\\'), '"a\\"b" "it\'s" a\\b "a \\"\\\\"'],
    ["text beyond ASCII", strings("SET", "caf\xc3\xa9", "\xc3\xa9 \xc3\xa9"), 'SET caf\xc3\xa9 "\xc3\xa9 \xc3\xa9"'],
    ["other bytes", strings("SET", "\xff\0\r\n", "\t"), 'SET "\\xff\\x00\\r\\n" "\\t"'],
    ["what cannot be seen", strings("SET", "\xe2\x80\x8b"), 'SET "\\xe2\\x80\\x8b"'],
  ])("%s", (_name, bytes, line) => {
    for (const shown of decodeBothWays(bytes, () => codec().requests))
      expect(shown).toEqual({ messages: [`${line}\n`], error: undefined });
  });

  it.each([
    ["an empty line", "\r\n"],
    ["an empty array", "*0\r\n"],
    ["no array", "*-1\r\n"],
  ])("%s is none", (_name, bytes) => {
    const server = codec();
    expect(heard(server, bytes)).toEqual([]);
    expect(server.owed).toBe(0);
  });

  test("each is a request", () => {
    const server = codec();
    const ends = "message";
    expect(heard(server, `${strings("PING")}GET a\r\n`)).toEqual([
      { lines: ["PING\n"], part: "", to: undefined, ends, request: { id: 0, isIdempotent: false } },
      { lines: ["GET a\n"], part: "", to: undefined, ends, request: { id: 1, isIdempotent: false } },
    ]);
    expect(server.owed).toBe(2);
  });

  test("but not where nothing answers it, or replies are taken in order", () => {
    expect(heard(codec(), "CLIENT REPLY OFF\r\nPING\r\n").map(({ request }) => request)).toEqual([
      undefined,
      undefined,
    ]);
    expect(heard(codec(), "PING\r\nSUBSCRIBE a\r\nPING\r\n").map(({ request }) => request?.id)).toEqual([
      0,
      undefined,
      undefined,
    ]);
  });

  it.each([
    ["*1\r\n:1\r\n", 'a command is an array of strings; its argument 1 is of the type "integer"'],
    ["*2\r\n$4\r\nPING\r\n*0\r\n", 'a command is an array of strings; its argument 2 is of the type "array"'],
    ["*x\r\n", '"x" is no count of an array'],
    ["*1\r\nx", '"x" is no type of RESP: a command begins with one of + - : $ * _ # , ( ! = % ~ > |'],
    ['PING "a\r\n', 'a command in a line, column 6: the quote " is not closed'],
    ["*1\r\n$2000\r\n", "a string of 2000 bytes makes the command larger than the limit of 1000 bytes"],
    [`PING ${"x".repeat(1000)}`, "a command in a line is larger than the limit of 1000 bytes"],
    [`PING ${"x".repeat(1000)}\r\n`, "a command in a line is larger than the limit of 1000 bytes"],
  ])("%j breaks the framing, for good", (bytes, error) => {
    for (const shown of decodeBothWays(`PING\r\n${bytes}`, () => codec({}, { limit: 1000 }).requests))
      expect(shown).toEqual({ messages: ["PING\n"], error });
    const broken = codec({}, { limit: 1000 }).requests;
    expect(() => broken.decode(latin1(bytes))).toThrow(error);
    expect(() => broken.decode(latin1("PING\r\n"))).toThrow(error);
  });
});

describe("commands there and back", () => {
  const args = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
      fc.string({ unit: "binary", maxLength: 6 }).map((text) => Buffer.from(text, "utf8").toString("latin1")),
      fc.constantFrom('"', "'", "\\", "\\x41", '\\"', " ", "\\'", "caf\xc3\xa9", "", "(hex)"),
    ),
    { minLength: 1, maxLength: 5 },
  );

  test("have the same arguments, whatever bytes they are", () => {
    fc.assert(
      fc.property(args, (all) => {
        const [{ lines } = { lines: [] }] = heard(codec(), strings(...all));
        expect(request(codec(), [lines[0]!.slice(0, -1)])).toBe(strings(...all));
      }),
      { numRuns: 2000 },
    );
  });

  test("are the same however they are cut", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    const bytes = fc
      .array(
        fc.oneof(
          args.map((all) => strings(...all)),
          fc.constantFrom("PING\r\n", "GET 'a b'\n", "\r\n", "*", '"', "$1\r\n"),
        ),
      )
      .map((all) => latin1(all.join("")));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 60 })), sizes, (bytes, pieces) => {
        expect(decode(codec().requests, bytes, ...pieces)).toEqual(decode(codec().requests, bytes));
      }),
      { numRuns: 1000 },
    );
  });

  test("take no memory before they come", () => {
    const before = process.memoryUsage().rss;
    const servers = Array.from({ length: 1000 }, () => codec({}, { limit: 2 ** 40 }));
    for (const { requests } of servers) requests.decode(latin1("*1000000000\r\n$1000000000\r\nx"));
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });
});

describe("what has begun", () => {
  it.each([
    ["requests", "PING\r\nPIN", "PIN"],
    ["requests", `${strings("PING")}*2\r\n$4\r\nab`, "*2\r\n$4\r\nab"],
    ["responses", "+OK\r\n*2\r\n:1\r\n", "*2\r\n:1\r\n"],
  ] as const)("of %s: %j", (name, bytes, begun) => {
    const direction = codec()[name];
    expect(direction.pending).toBe("nothing");
    for (const byte of bytes) direction.decode(latin1(byte));
    expect(direction.pending).toBe("message");
    expect(direction.begun).toEqual({ bytes: begun });
    for (const why of ["bytes", "silence", "closed", "broken"] as const) expect(direction.flush(why)).toEqual([]);
  });
});

describe("replies that a server says", () => {
  it.each([
    ["OK", "+OK\r\n"],
    ["(error) ERR no", "-ERR no\r\n"],
    ["(integer) -1", ":-1\r\n"],
    ['"a\\n\\xff"', "$3\r\na\n\xff\r\n"],
    ["(nil)", "$-1\r\n"],
    ["(double) 1.5", ",1.5\r\n"],
    ["(big number) 123", "(123\r\n"],
    ["(true)", "#t\r\n"],
    ["(empty array)", "*0\r\n"],
    ['1~ "a"', "~1\r\n$1\r\na\r\n"],
    ["1# a => (integer) 1", "%1\r\n+a\r\n:1\r\n"],
  ])("%s", (line, bytes) => {
    const server = asked("GET a");
    expect(answer(server, line)).toBe(bytes);
    expect(server.owed).toBe(0);
  });

  test("answer commands in their order", () => {
    const server = asked("PING", "LRANGE l 0 -1", "PING", "LRANGE l 0 -1");
    expect(answer(server, "PONG", '1) "a"', '2) "b"', "PONG", "1) (nil)")).toBe(
      `+PONG\r\n${strings("a", "b")}+PONG\r\n*1\r\n$-1\r\n`,
    );
    expect(server.owed).toBe(0);
  });

  test("answer the command that they name, and those after it", () => {
    const server = asked("GET a", "INFO", "GET b", "GET c");
    expect(encoded(server.responses, ["OK", "OK"], 2)).toBe("+OK\r\n+OK\r\n");
    expect(encoded(server.responses, ["OK"], 0)).toBe("+OK\r\n");
    expect(answer(server, "a:1")).toBe("$5\r\na:1\r\n\r\n");
    expect(server.owed).toBe(0);
  });

  test("are one a command", () => {
    for (const [lines, line] of [
      [["OK", "OK"], 2],
      [["OK", '1) "a"', '2) "b"'], 2],
    ] as const) {
      const error: unknown = (() => {
        try {
          return answer(asked("GET a"), ...lines);
        } catch (error) {
          return error;
        }
      })();
      expect(error).toBeInstanceOf(LineError);
      expect(error).toMatchObject({
        line: { line },
        message: expect.stringMatching(/^no command is left that this line/),
      });
    }
  });

  test("have no line ending of their own", () => {
    expect(() => answer(asked("GET a"), "OK (no-eol)")).toThrow(/^a reply is sent without any line ending/);
  });

  test("none are said without lines", () => {
    const server = asked("GET a");
    expect(answer(server)).toBe("");
    expect(server.owed).toBe(1);
  });

  test.each([
    ["INFO", ["# Server", "a:1", "", "b:2"], "$22\r\n# Server\r\na:1\r\n\r\nb:2\r\n\r\n"],
    ["INFO", [], "$0\r\n\r\n"],
    ["CLIENT LIST", ["id=1", "id=2"], "$10\r\nid=1\nid=2\n\r\n"],
    ["INFO", ["1) x", "(nil)"], "$13\r\n1) x\r\n(nil)\r\n\r\n"],
    ["INFO", ["ERR no"], "-ERR no\r\n"],
    ["INFO", ["QUEUED"], "+QUEUED\r\n"],
  ])("to %s are what people read: %j", (command, lines, bytes) => {
    expect(answer(asked(command), ...lines)).toBe(bytes);
    const client = codec();
    request(client, [command]);
    expect(decode(client.responses, latin1(bytes)).messages).toEqual([lines.map((line) => `${line}\n`).join("")]);
  });

  test("end the connection after QUIT", () => {
    const server = asked("QUIT", "PING");
    answer(server, "OK");
    expect(server.owed).toBe(0);
  });

  test("to SUBSCRIBE are several", () => {
    const server = asked("SUBSCRIBE a b");
    const lines = (word: string, channel: string, n: number) => [
      `1) "${word}"`,
      `2) "${channel}"`,
      `3) (integer) ${n}`,
    ];
    const bytes = (channel: string, n: number) => `*3\r\n$9\r\nsubscribe\r\n$1\r\n${channel}\r\n:${n}\r\n`;
    expect(answer(server, ...lines("subscribe", "a", 1), ...lines("subscribe", "b", 2))).toBe(
      bytes("a", 1) + bytes("b", 2),
    );
    expect(server.owed).toBeUndefined();
    expect(answer(server, '1) "message"', '2) "a"', '3) "m"')).toBe(strings("message", "a", "m"));
  });
});

describe("the third version", () => {
  const HELLO_3 = ['1# "proto" => (integer) 3'];
  function speaking3(...commands: string[]): Codec {
    const server = asked("HELLO 3", ...commands);
    expect(answer(server, ...HELLO_3)).toBe("%1\r\n$5\r\nproto\r\n:3\r\n");
    return server;
  }

  test("begins with the reply to HELLO, if that is none that refuses", () => {
    expect(answer(speaking3("GET a"), "(nil)")).toBe("_\r\n");
    const refused = asked("HELLO 4", "HELLO 3", "GET a");
    answer(refused, "(error) NOPROTO unsupported protocol version", "(error) NOAUTH");
    expect(answer(refused, "(nil)")).toBe("$-1\r\n");
    const back = asked("HELLO 3", "HELLO 2", "RESET", "GET a");
    answer(back, ...HELLO_3, "OK", "RESET");
    expect(answer(back, "(nil)")).toBe("$-1\r\n");
  });

  test("knows pushes", () => {
    const server = speaking3("SUBSCRIBE a", "PING");
    expect(answer(server, '1) "subscribe"', '2) "a"', "3) (integer) 1")).toBe(
      ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n",
    );
    expect(answer(server, '1) "message"', '2) "a"', '3) "m"')).toBe(strings("message", "a", "m").replace("*", ">"));
    expect(answer(server, '1) "x"', '2) "a"')).toBe(strings("x", "a"));
    expect(answer(server, '1) "x"', '2) "a"')).toBe(strings("x", "a").replace("*", ">"));
  });

  test.each([
    [["-> invalidate: 'a', 'b'"], strings("a", "b")],
    [["-> invalidate: 'a", "b'"], strings("a\nb")],
    [["-> invalidate: "], strings()],
  ])("knows keys that are no longer valid: %j", (lines, keys) => {
    const server = speaking3("CLIENT TRACKING ON", "GET a");
    answer(server, "OK");
    expect(answer(server, ...lines)).toBe(`>2\r\n$10\r\ninvalidate\r\n${keys}`);
    expect(answer(server, '1) "invalidate"', "2) (nil)")).toBe(">2\r\n$10\r\ninvalidate\r\n_\r\n");
    expect(answer(server, "-> invalidate")).toBe("+-> invalidate\r\n");
  });

  test("has texts of several lines, which the last of several commands may be answered with", () => {
    expect(answer(speaking3("EVAL x 0"), "a", "b")).toBe("=7\r\ntxt:a\nb\r\n");
    expect(answer(speaking3("PING", "EVAL x 0"), "PONG", "a", "b")).toBe("+PONG\r\n=7\r\ntxt:a\nb\r\n");
    expect(answer(speaking3("INFO"), "a:1")).toBe("=9\r\ntxt:a:1\r\n\r\n");
    expect(() => answer(asked("EVAL x 0"), "a", "b")).toThrow(/takes version 3 of the protocol \(HELLO 3\)$/);
  });
});

describe("the option protocol on the side of the server", () => {
  test("hears the HELLO, and answers it before the first reply", () => {
    const client = codec({ protocol: "3" });
    const server = codec({ protocol: "3" });
    const messages = heard(server, request(client, ["GET a"]));
    expect(messages).toMatchObject([{ lines: ["GET a\n"], request: { id: 0 } }]);
    const bytes = answer(server, "(nil)");
    expect(bytes).toBe("%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n_\r\n");
    expect(decode(client.responses, latin1(bytes)).messages).toEqual(["(nil)\n"]);
    expect([client.owed, server.owed]).toEqual([0, 0]);
  });

  test.each(["HELLO 2", "HELLO 3 AUTH a b", "PING"])("takes %s as a command", (command) => {
    const server = codec({ protocol: "3" });
    expect(heard(server, `${command}\r\nHELLO 3\r\n`).map(({ lines }) => lines[0])).toEqual([
      `${command}\n`,
      "HELLO 3\n",
    ]);
    expect(server.owed).toBe(2);
  });
});

test("a proxy that decodes both directions knows which request a reply answers", () => {
  const proxy = codec();
  heard(proxy, "HGETALL h\r\nINFO\r\nQUIT\r\n");
  expect(proxy.responses.decode(latin1(`${strings("f", "v")}$3\r\na:1\r\n+OK\r\n`))).toEqual([
    { lines: ['1) "f"\n', '2) "v"\n'], part: "pairs 0", to: 0, ends: "message" },
    { lines: ["a:1\n"], part: "", to: 1, ends: "message" },
    { lines: ["OK\n"], part: "", to: 2, ends: "message", endsConnection: true },
  ]);
  expect(proxy.owed).toBe(0);
});

test("what one side says, the other one hears", () => {
  const command = fc.constantFrom("GET a", "HGETALL h", "ECHO 'a b'", "EXEC");
  const exchange = fc.record({ command, reply: plain });
  fc.assert(
    fc.property(fc.array(exchange, { minLength: 1, maxLength: 5 }), (exchanges) => {
      const [client, server, origin] = [codec(), codec(), codec()];
      const commands = exchanges.map(({ command }) => command);
      const sent = request(client, commands);
      const ids = heard(server, sent).map(({ request }) => request?.id);
      const replies = origin.responses.decode(latin1(exchanges.map(({ reply }) => encode(reply)).join("")));
      for (const { lines } of replies) {
        const bytes = answer(server, ...lines.map((line) => line.slice(0, -1)));
        expect(client.responses.decode(latin1(bytes))).toMatchObject([{ lines, to: ids.shift(), ends: "message" }]);
      }
      expect([client.owed, server.owed, ids]).toEqual([0, 0, []]);
    }),
    { numRuns: 300 },
  );
});

test("a server says any lines so that they are shown again, or refuses one of them", () => {
  const commands = fc.array(
    fc.constantFrom("GET a", "INFO", "SUBSCRIBE a", "QUIT", "MONITOR", "CLIENT TRACKING ON", "EXEC"),
    {
      maxLength: 3,
    },
  );
  const line = fc.oneof(
    pieces,
    fc.constantFrom(
      "OK",
      '1) "message"',
      '2) "a"',
      '1) "subscribe"',
      "3) (integer) 1",
      "-> invalidate: 'a",
      "b'",
      "QUEUED",
      '1) "invalidate"',
      '2) 1) "a"',
    ),
  );
  let said = 0;
  fc.assert(
    fc.property(fc.boolean(), commands, fc.array(line, { maxLength: 6 }), (isThree, asked, lines) => {
      const [client, server] = [codec(), codec()];
      const all = isThree ? ["HELLO 3", ...asked] : asked;
      heard(server, request(client, all));
      if (isThree) client.responses.decode(latin1(answer(server, '1# "proto" => (integer) 3')));
      const bytes = ((): string | undefined => {
        try {
          return answer(server, ...lines);
        } catch (error) {
          if (error instanceof LineError) return undefined;
          throw error;
        }
      })();
      if (bytes === undefined) return;
      said++;
      const { messages, error } = decode(client.responses, latin1(bytes));
      expect(error).toBeUndefined();
      expect(messages.join("")).toBe(lines.map((line) => `${line}\n`).join(""));
      expect(client.owed).toBe(server.owed);
    }),
    { numRuns: 3000 },
  );
  expect(said).toBeGreaterThan(300);
});
