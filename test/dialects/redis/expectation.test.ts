import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Codec, Expectation } from "../../../src/dialects/codec.ts";
import { redisMatcher } from "../../../src/dialects/redis/matcher.ts";
import { patterns, scopeOf } from "../../match/support.ts";
import { codec, encoded, latin1 } from "./support.ts";

const LIMIT = 60;
const VARS = { bound: "b1" };

interface Asked {
  readonly client: Codec;
  readonly expectation: Expectation | undefined;
}

/** A client that has sent commands, and what it expects. */
function ask(commands: readonly string[], written: readonly string[], version?: "3", unordered = false): Asked {
  const client = codec(version ? { protocol: version } : {}, { limit: LIMIT, eol: "crlf" });
  encoded(client.requests, commands);
  if (version) client.responses.decode(latin1("%1\r\n+proto\r\n:3\r\n"));
  const context = { eol: "crlf", unordered, scope: scopeOf(VARS), options: {}, isFollowed: false } as const;
  return { client, expectation: client.responses.expect?.(patterns(written), context) };
}

/** What the full way makes of a reply of which not a byte more comes: its captures; undefined where it is not as written. */
function fullWay(command: string, written: readonly string[], reply: string): Record<string, string> | undefined {
  const { client } = ask([command], []);
  const matcher = redisMatcher(patterns(written), scopeOf(VARS), { eol: "crlf", unordered: false });
  try {
    const messages = client.responses.decode(latin1(reply));
    if (messages.length !== 1 || client.owed !== 0 || client.responses.pending !== "nothing") return undefined;
    let progress = "more";
    for (const line of messages[0]!.lines) progress = progress === "more" ? matcher.feed(line, "") : "failed";
    return progress === "done" ? Object.fromEntries(matcher.captures()) : undefined;
  } catch {
    return undefined;
  }
}

const REPLIES: readonly (readonly [written: string, reply: string])[] = [
  ["PONG", "+PONG\r\n"],
  ["{{state}}", "+a b\r\n"],
  ["(integer) 5", ":5\r\n"],
  ["(integer) {{n:int}}", ":-12\r\n"],
  ["(nil)", "$-1\r\n"],
  ['"abc"', "$3\r\nabc\r\n"],
  ['""', "$0\r\n\r\n"],
  ['"{{id}}"', "$2\r\n17\r\n"],
  ['"{{bound}}"', "$2\r\nb1\r\n"],
  ["(error) ERR no {{_}}", "-ERR no such key\r\n"],
];
const UNUSUAL: readonly (readonly [written: string, reply: string])[] = [
  ["...", "+OK\r\n"],
  ["O. (re)", "+OK\r\n"],
  ["OK (?)", "+OK\r\n"],
  ['"a\\"b"', '$3\r\na"b\r\n'],
  ['"a\\r\\nb"', "$4\r\na\r\nb\r\n"],
  ["(integer) 5", ":+5\r\n"],
  ["(integer) 5", ":05\r\n"],
  ["(nil)", "_\r\n"],
  ["(nil)", "*-1\r\n"],
  ["(true)", "#t\r\n"],
  ['1) "a"', "*1\r\n$1\r\na\r\n"],
  ["QUEUED", "+QUEUED\r\n"],
  ["\u00e9", "+\xc3\xa9\r\n"],
];

describe("the quick way for replies", () => {
  test.each(REPLIES)("takes %s", (written, reply) => {
    const { client, expectation } = ask(["GET a"], [written]);
    const captured = fullWay("GET a", [written], reply);
    expect(captured).toBeDefined();
    expect(expectation?.read(reply, false)).toBe("all");
    expect(Object.fromEntries(expectation!.captured)).toEqual(captured);
    expect(client.owed).toBe(0);
    const decoded = ask(["GET a"], []).client.responses.decode(latin1(reply));
    expect(expectation!.decoded()).toEqual(decoded);
    const followed = ask(["GET a"], [written]).expectation!;
    expect(followed.read(`${reply}+OK\r\n`, true)).toBe("all");
    expect([followed.rest, Object.fromEntries(followed.captured)]).toEqual([5, captured]);
    expect(followed.decoded()).toEqual(decoded);
  });

  test.each([
    ["several replies", ["PONG"], "+PONG\r\n+PONG\r\n"],
    ["the beginning of one", ["PONG"], "+PON"],
    ["another one", ["PONG"], "+PANG\r\n"],
    ["a string that goes on", ['"abc"'], "$3\r\nab"],
    ["a string of another length", ['"abc"'], "$4\r\nabc\r\n"],
    ["a line that ends otherwise", ["PONG"], "+PONG\n"],
    ["one that is larger than the limit", ["{{x}}"], `+${"x".repeat(LIMIT)}\r\n`],
  ])("leaves %s to the full way", (_, written, reply) => {
    const { client, expectation } = ask(["GET a"], written);
    expect(expectation!.read(reply, false)).toBe("other");
    expect(client.owed).toBe(1);
  });

  test.each<readonly [string, readonly string[], readonly string[]]>([
    ["no command", [], ["PONG"]],
    ["several commands", ["PING", "PING"], ["PONG"]],
    ["no line", ["PING"], []],
    ["several lines", ["PING"], ["PONG", "PONG"]],
    ["a pattern with a choice", ["PING"], ["PONG (?)"]],
    ["a command whose answer is shown as it is", ["INFO"], ["a"]],
    ["a command that answers with pairs", ["HGETALL a"], ["(empty array)"]],
    ...["SUBSCRIBE a", "MULTI", "EXEC", "DISCARD", "HELLO 3", "MONITOR", "QUIT", "RESET", "CLIENT TRACKING ON"].map(
      (command): readonly [string, readonly string[], readonly string[]] => [command, [command], ["OK"]],
    ),
  ])("is not there for %s", (_, commands, written) => {
    expect(ask(commands, written).expectation).toBeUndefined();
  });

  test("is not there in any order, nor before the greeting was answered", () => {
    expect(ask(["PING"], ["PONG"], undefined, true).expectation).toBeUndefined();
    expect(ask(["PING"], ["PONG"], "3").expectation).toBeDefined();
    const client = codec({ protocol: "3" });
    encoded(client.requests, ["PING"]);
    const context = { eol: "crlf", unordered: false, scope: scopeOf(VARS), options: {}, isFollowed: false } as const;
    expect(client.responses.expect!(patterns(["PONG"]), context)).toBeUndefined();
  });

  test("leaves the replies to commands that were sent meanwhile", () => {
    const { client, expectation } = ask(["PING"], ["PONG"]);
    encoded(client.requests, ["PING", "PING"]);
    expect(expectation!.read("+PONG\r\n", false)).toBe("all");
    expect(client.owed).toBe(2);
  });

  test("says what the full way says, whatever comes", () => {
    const mutation = fc.record({
      at: fc.nat(20),
      drop: fc.nat(2),
      put: fc.constantFrom("", "x", "\r", "\n", "\r\n", "1", "+", "$", '"', "\\", "\xa9"),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...REPLIES, ...UNUSUAL),
        fc.constantFrom(...REPLIES, ...UNUSUAL),
        fc.boolean(),
        fc.array(mutation, { maxLength: 2 }),
        ([written, own], [, other], isOwn, mutations) => {
          let reply = isOwn ? own : other;
          for (const { at, drop, put } of mutations) reply = reply.slice(0, at) + put + reply.slice(at + drop);
          const { client, expectation } = ask(["GET a"], [written]);
          if (reply === "" || expectation?.read(reply, false) !== "all") return;
          const captured = fullWay("GET a", [written], reply);
          expect({ written, reply, captured: Object.fromEntries(expectation.captured) }).toEqual({
            written,
            reply,
            captured,
          });
          expect(client.owed).toBe(0);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("commands that are sent again", () => {
  test("are the same bytes, and have replies of their own", () => {
    const client = codec();
    const first = encoded(client.requests, ["SET a 1", "GET a"]);
    expect(encoded(client.requests, ["SET a 1", "GET a"])).toBe(first);
    expect(client.owed).toBe(4);
  });

  test("count their channels anew", () => {
    const client = codec();
    for (let round = 0; round < 2; round++) {
      encoded(client.requests, ["SUBSCRIBE a b"]);
      client.responses.decode(
        latin1("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"),
      );
    }
    encoded(client.requests, ["UNSUBSCRIBE"]);
    const [message] = client.responses.decode(latin1("*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n"));
    expect(message!.lines).toContain('1) "unsubscribe"\n');
  });
});
