import fc from "fast-check";
import { expect, test } from "vitest";
import { splitCommand } from "../../../src/dialects/redis/arguments.ts";
import { describeWith } from "../../support/real-servers.ts";
import { runCli } from "./cli-support.ts";
import { codec, decode, request } from "./support.ts";
import { encode, push, resp2, resp3, type Value } from "./values.ts";

/** What the dialect shows of the same bytes. */
function shown(bytes: string, command = "GET x"): string {
  const one = codec();
  request(one, [command]);
  const { messages, error } = decode(one.responses, Buffer.from(bytes, "latin1"));
  return error ?? messages.join("");
}

async function expectSame(values: readonly string[], version: 2 | 3): Promise<void> {
  const { outputs } = await runCli(
    values.map(() => "GET x"),
    version,
    (i) => values[i]!,
  );
  expect(values.map((value) => shown(value))).toEqual(outputs);
}

const many = (value: fc.Arbitrary<Value>): fc.Arbitrary<readonly string[]> =>
  fc.array(
    value.map((one) => encode(one)),
    { minLength: 20, maxLength: 40, size: "max" },
  );

describeWith(["redis-cli"], "replies are written as redis-cli writes them", () => {
  test("of the second version", async () => {
    await fc.assert(
      fc.asyncProperty(many(resp2), (values) => expectSame(values, 2)),
      { numRuns: 40 },
    );
  });

  test("of the third version", async () => {
    await fc.assert(
      fc.asyncProperty(many(resp3), (values) => expectSame(values, 3)),
      { numRuns: 60 },
    );
  });

  test("with pushes in front", async () => {
    const pushed = fc.tuple(push, resp3).map(([one, other]) => encode(one) + encode(other));
    await fc.assert(
      fc.asyncProperty(fc.array(pushed, { minLength: 10, maxLength: 20 }), (values) => expectSame(values, 3)),
      { numRuns: 20 },
    );
  });

  test("an invalidation of keys", () =>
    expectSame(
      [
        ">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$3\r\nb'c\r\n+OK\r\n",
        ">2\r\n$10\r\ninvalidate\r\n_\r\n+OK\r\n",
        ">2\r\n$10\r\ninvalidate\r\n*0\r\n+OK\r\n",
      ],
      3,
    ));

  test.each([
    ...["9", "10", "99", "100", "101"].map((count) => [`*${count}\r\n`, ":1\r\n", Number(count)] as const),
    ...["9", "10", "99", "100"].map((count) => [`%${count}\r\n`, "+k\r\n*2\r\n:1\r\n:2\r\n", Number(count)] as const),
  ])("numbers are as wide as the last: %j", (head, element, count) =>
    expectSame([head + element.repeat(count), `*1\r\n${head}${element.repeat(count)}`], 3),
  );

  test("commands for people are shown as they are", async () => {
    const commands = [
      ...["INFO", "info server", "lolwut version 5", "client list", "client list id 1", "client info", "Memory Doctor"],
      ...["cluster info", "cluster nodes", "cluster nodes x", "latency graph x", "latency graph", "latency doctor"],
      ...[
        "latency doctor x",
        "memory malloc-stats",
        "debug htstats 0",
        "debug htstats-key k",
        "proxy info",
        "client id",
      ],
      ...["debug client-eviction", "memory usage x", "cluster slots", "ECHO info"],
    ];
    const values = [
      "$14\r\n# A\r\nb:1\r\n\r\nc\n\r\n",
      "=8\r\ntxt:a\nb\n\r\n",
      "-ERR no\r\n",
      "$-1\r\n",
      "%2\r\n+a\r\n*2\r\n:1\r\n#t\r\n+b\r\n,1.5\r\n",
      "*3\r\n-ERR no\r\n$1\r\na\r\n*1\r\n:1\r\n",
    ];
    const all = commands.flatMap((command) => values.map((value) => ({ command, value })));
    const { outputs } = await runCli(
      all.map(({ command }) => command),
      3,
      (i) => all[i]!.value,
    );
    // The bytes of a text stay: without a line ending at its end the next one begins on the same line there, and not here.
    const lines = (text: string): string => text.replaceAll("\r\n", "\n").replace(/(?<=[^\n])$/, "\n");
    expect(all.map(({ command, value }) => shown(value, command))).toEqual(outputs.map(lines));
  });
});

describeWith(["redis-cli"], "client lines are split as redis-cli splits them", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '"',
      "'",
      "\\",
      " ",
      "\t",
      "\\x41",
      "\\xff",
      "\\n",
      "\\a",
      "\\b",
      "\\'",
      '\\"',
      "\\\\",
      "a b",
      "é",
      "x4",
    ),
    fc.string({ maxLength: 4, unit: "grapheme-ascii" }),
  );
  const quoted = fc
    .tuple(fc.constantFrom('"', "'"), fc.array(piece, { maxLength: 5 }))
    .map(([quote, pieces]) => `${quote}${pieces.join("").replaceAll(quote, "")}${quote}`);
  const line = fc
    .array(fc.oneof(piece, quoted, fc.constant(" ")), { maxLength: 8 })
    .map((pieces) => `CMD ${Buffer.from(pieces.join(""), "utf8").toString("latin1")}`);

  function split(text: string): readonly string[] | undefined {
    const MISTAKE = new Error("a mistake in the line");
    try {
      return splitCommand(text, () => {
        throw MISTAKE;
      });
    } catch (error) {
      if (error === MISTAKE) return undefined;
      throw error;
    }
  }

  test("any of them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 20, maxLength: 40, size: "max" }), async (lines) => {
        const { sent } = await runCli(lines, 2, () => "+OK\r\n");
        expect(lines.map(split)).toEqual(sent);
      }),
      { numRuns: 40 },
    );
  });
});
