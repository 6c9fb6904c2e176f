import { describe, expect, it, test } from "vitest";
import { redis } from "../../../src/dialects/redis/redis.ts";
import type { Matcher } from "../../../src/match/matcher.ts";
import { expected } from "../http/support.ts";
import { codec, feed, latin1, reading, request } from "./support.ts";

const known = (values: Readonly<Record<string, string>>) => ({ get: (name: string) => values[name] });

function judge(written: readonly string[], sent: readonly string[], values: Readonly<Record<string, string>> = {}) {
  const matcher: Matcher = redis.requests!.matcher!(expected(...written), known(values), reading(false));
  const commands = codec().requests.decode(latin1(request(codec(), sent)));
  const progress = feed(matcher, commands, matcher.mayBeEmpty ? "done" : "more");
  return { progress, captures: Object.fromEntries(matcher.captures()), unmatched: matcher.unmatched() };
}

describe("commands that a server awaits", () => {
  it.each<[written: string, sent: string, captures?: Record<string, string>]>([
    ["PING", "PING"],
    ["SET  \"k\"\t'v' ", "SET k v"],
    ['SET k "a b"', "SET k 'a b'"],
    ['SET k "\\x61"', "SET k a"],
    ['SET k ""', "SET k ''"],
    ["SET {{k}} {{v}}", 'SET "a b" \'"\'', { k: "a b", v: '"' }],
    ['SET k "x {{v}}!"', 'SET k "x \\n!"', { v: "\n" }],
    ["SET k {{v}}-{{v}}", "SET k a-a", { v: "a" }],
    ["SET k {{n:int}}", "SET k 42", { n: "42" }],
    ["SET k \\d+ (re)", "SET k 42"],
    ["PING", "ping"],
    ["set k V", "SET k V"],
    ["GET caf\u00e9", "GET caf\xc3\xa9"],
  ])("%s takes %s", (written, sent, captures = {}) => {
    expect(judge([written], [sent])).toMatchObject({ progress: "done", captures });
  });

  it.each([
    ["SET k v", "set K v"],
    ["SET k v", "SET k 'v '"],
    ["SET {{k}}", "SET a b"],
    ["SET k {{n:int}}", "SET k a"],
    ['SET k ""', "SET k"],
    ['SET "', "SET k"],
  ])("%s does not take %s", (written, sent) => {
    expect(judge([written], [sent]).progress).toBe("failed");
  });

  test("hold values that are put in before they are split", () => {
    expect(judge(["{{command}} k {{v}}"], ["SET a k b"], { command: "SET a" })).toMatchObject({
      progress: "done",
      captures: { v: "b" },
    });
  });

  test("come in their order; a line without a command is none", () => {
    expect(judge(["PING", "", "GET {{k}}"], ["PING", "GET a"])).toMatchObject({
      progress: "done",
      captures: { k: "a" },
    });
    expect(judge(["PING", "GET a"], ["PING"])).toMatchObject({ progress: "more", unmatched: { pattern: { line: 2 } } });
    expect(judge(["PING", "GET a"], ["PING", "GET b"])).toMatchObject({
      progress: "failed",
      unmatched: { pattern: { line: 2 }, after: { line: 1 }, received: 1 },
    });
    expect(judge([""], []).progress).toBe("done");
  });

  test("are told in reports as they were sent", () => {
    const { lines, matches } = redis.requests!.compare!(
      expected('SET "k" v'),
      [{ line: "SET k v\n", part: "" }],
      known({}),
      reading(false),
    );
    expect(lines).toEqual(["SET k v\n"]);
    expect(matches(expected('SET "k" v')[0]!, lines[0]!)).toBe(true);
    expect(matches(expected('SET "k" w')[0]!, lines[0]!)).toBe(false);
  });
});
