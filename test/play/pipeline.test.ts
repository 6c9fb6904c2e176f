/** Client lines that are sent ahead (`--pipeline`): what is sent when, and the same verdicts as without. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytewise, gathered, type PeerStep, type Performed, perform, planned, whole } from "./perform.ts";

/** Requests with what may be written below them and what a server may reply. */
interface Dialect {
  readonly name: string;
  readonly requests: readonly {
    readonly written: readonly string[];
    readonly bytes: string;
    readonly replies: readonly (readonly [written: readonly string[], bytes: string])[];
  }[];
}

const http = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

const DIALECTS: readonly Dialect[] = [
  {
    name: "redis",
    requests: [
      {
        written: ["GET k"],
        bytes: "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        replies: [
          [['"v"'], "$1\r\nv\r\n"],
          [['"{{v}}"'], "$2\r\nab\r\n"],
          [["(nil)"], "$-1\r\n"],
          [[], "+OK\r\n"],
        ],
      },
      {
        written: ["LRANGE l 0 -1"],
        bytes: "*4\r\n$6\r\nLRANGE\r\n$1\r\nl\r\n$1\r\n0\r\n$2\r\n-1\r\n",
        replies: [
          [['1) "a"', "..."], "*2\r\n$1\r\na\r\n$1\r\nb\r\n"],
          [['1) "a"', '2) "{{v}}"'], "*2\r\n$1\r\na\r\n$2\r\nab\r\n"],
          [["(error) ERR{{_}}"], "-ERR no\r\n"],
        ],
      },
      {
        written: ["SET k {{v}}"],
        bytes: "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nab\r\n",
        replies: [[["OK"], "+OK\r\n"]],
      },
    ],
  },
  {
    name: "http",
    requests: [
      {
        written: ["GET / HTTP/1.1"],
        bytes: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        replies: [
          [["HTTP/1.1 200 OK", "", "one"], http("200 OK", "one")],
          [["HTTP/1.1 404 Not Found"], http("404 Not Found", "")],
          [["HTTP/1.1 200 OK", "", "{{v}}"], http("200 OK", "ab")],
        ],
      },
      {
        written: ["HEAD / HTTP/1.1"],
        bytes: "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        replies: [[["HTTP/1.1 200 OK"], "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"]],
      },
      {
        written: ["POST /{{v}} HTTP/1.1", "", "x"],
        bytes: "POST /ab HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx",
        replies: [
          [["HTTP/1.1 201 Created"], http("201 Created", "")],
          [["HTTP/1.1 200 OK", "", "one"], http("200 OK", "one")],
        ],
      },
    ],
  },
  {
    name: "line",
    requests: [
      {
        written: ["ask"],
        bytes: "ask\r\n",
        replies: [
          [["one"], "one\r\n"],
          [["{{v}}"], "ab\r\n"],
          [["...", "END"], "one\r\ntwo\r\nEND\r\n"],
          [["one (?)", "two"], "two\r\n"],
        ],
      },
      { written: ["put {{v}}"], bytes: "put ab\r\n", replies: [[["done"], "done\r\n"]] },
    ],
  },
];

interface Exchange {
  readonly lines: readonly string[];
  readonly steps: readonly PeerStep[];
}

const exchanges = ({ name, requests }: Dialect): fc.Arbitrary<readonly Exchange[]> =>
  fc.array(
    fc.constantFrom(...requests).chain(({ written, bytes, replies }) =>
      fc
        .tuple(fc.constantFrom(...replies), fc.nat(9), fc.constantFrom(...replies), fc.constantFrom(0, 0, 0, 50))
        .map(([[expected, right], chance, [, wrong], ms]): Exchange => {
          const says = chance > 0 ? right : name === "line" ? "wrong\r\n" : wrong;
          const passes: readonly PeerStep[] = ms > 0 ? [{ kind: "pass", ms }] : [];
          const lines = [...written.map((line) => `>>> ${line}`), ...expected];
          return { lines, steps: [{ kind: "await", bytes }, ...passes, { kind: "send", bytes: says }] };
        }),
    ),
    { minLength: 1, maxLength: 12 },
  );

const document = (dialect: string, lines: readonly string[]): string =>
  `---\ndialect: ${dialect}\ntimeout: 200ms\n---\n\`\`\`wire\n${lines.join("\n")}\n\`\`\`\n`;

/** What became of exchanges, without how they were sent. */
const verdicts = ({ exchanges: all }: Performed): readonly unknown[] =>
  all.map((exchange) => ({
    ...exchange,
    failure: exchange.failure && {
      ...exchange.failure,
      message: exchange.failure.message.replace(/; sent (?:ahead|together) .*$/, ""),
    },
  }));

describe.each(DIALECTS)("in dialect $name", (dialect) => {
  it("the verdict is the same as without --pipeline", async () => {
    await fc.assert(
      fc.asyncProperty(
        exchanges(dialect),
        fc.constantFrom(1, 2, 5, 100),
        fc.constantFrom(whole, gathered, bytewise),
        async (some, most, cut) => {
          const plan = await planned(
            document(
              dialect.name,
              some.flatMap(({ lines }) => lines),
            ),
          ).catch(() => undefined);
          if (!plan) return;
          const peers = [some.flatMap(({ steps }) => steps), []];
          const inTurn = perform(plan, peers);
          const ahead = perform(plan, peers, cut, most);
          if (dialect.name !== "line") expect(verdicts(ahead)).toEqual(verdicts(inTurn));
          else {
            // A wrong line may be found out by a later reply, and after a failure nobody can tell replies apart.
            const failed = ({ exchanges }: Performed): number =>
              exchanges.findIndex(({ status }) => status === "failed");
            if (failed(inTurn) < 0) expect(verdicts(ahead)).toEqual(verdicts(inTurn));
            else expect(failed(ahead)).toBeGreaterThanOrEqual(failed(inTurn));
            expect(ahead.exchanges).toHaveLength(inTurn.exchanges.length);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** What is sent before anything is received, of a document that a server answers in no time. */
const sentAtOnce = async (dialect: string, lines: readonly string[], most: number): Promise<string> => {
  const plan = await planned(document(dialect, lines));
  return perform(plan, [[]], whole, most).sent[0]!;
};

describe("what is sent ahead", () => {
  it.each([
    ["no more exchanges than asked for", ["a", "", "b", "", "c", "", "d"], 2, "a b c"],
    ["nothing after a reply that only silence ends", ["a", "", "...", "b"], 9, "a"],
    ["nothing after a last line that may be missing", ["a", "one", "two (?)", "b"], 9, "a"],
    ["what follows a reply with an open middle", ["a", "...", "END", "b"], 9, "a b"],
    ["nothing after a reply that binds a name it needs", ["a", "{{v}}", "b", "", "c {{v}}", "", "d"], 9, "a b"],
    ["nothing after a prompt, which silence ends", ["a", "login: (no-eol)", "b", ""], 9, "a"],
    ["nothing before a wait", ["a", "", "=== wait 1ms", "b"], 9, "a"],
    ["nothing on another connection", ["a", "", "other>>> b", "", "c"], 9, "a"],
    ["a line whose reply is not written", ["a", "", "b", "c", "", "d"], 9, "a b c d"],
  ])("is %s", async (_, lines, most, expected) => {
    const written = lines.map((line) => (/^[a-d]\b/.test(line) ? `>>> ${line}` : line === "" ? "ok" : line));
    expect(await sentAtOnce("line", written, most)).toBe(`${expected.replaceAll(" ", "\r\n")}\r\n`);
  });

  it.each([
    ["a request that is not idempotent", "POST / HTTP/1.1"],
    ["a request that asks for another protocol", "CONNECT a:1 HTTP/1.1"],
    ["a request that ends the connection", "GET / HTTP/1.1\nConnection: close"],
    ["a request that waits for 100 Continue", "PUT / HTTP/1.1\nExpect: 100-continue\n\nx"],
  ])("is neither before nor after %s, in HTTP", async (_, request) => {
    const exchange = (lines: string): readonly string[] => [
      ...lines.split("\n").map((line) => `>>> ${line}`),
      "HTTP/1.1 200 OK",
    ];
    const get = exchange("GET / HTTP/1.1");
    const count = (sent: string): number => sent.split("Host:").length - 1;
    expect(count(await sentAtOnce("http", [...get, ...get, ...exchange(request), ...get], 9))).toBe(2);
    expect(count(await sentAtOnce("http", [...exchange(request), ...get], 9))).toBe(1);
  });

  it.each(["QUIT", "quit now", ' "Quit"', "SUBSCRIBE a", "punsubscribe", "MONITOR", "client reply on"])(
    "is neither before nor after %s, in Redis",
    async (command) => {
      const ask = [">>> PING", "PONG"];
      expect(await sentAtOnce("redis", [...ask, `>>> ${command}`, "OK", ...ask], 9)).toBe("*1\r\n$4\r\nPING\r\n");
      expect(await sentAtOnce("redis", [`>>> ${command}`, "OK", ...ask], 9)).not.toContain("PING");
    },
  );

  it("is nothing where replies come without a number, in Redis", async () => {
    const plan = await planned(
      document("redis", [">>> CLIENT REPLY ON", "OK", ...[1, 2, 3].flatMap((n) => [`>>> ECHO ${n}`, `"${n}"`])]),
    );
    const steps = [1, 2, 3].flatMap((n): readonly PeerStep[] => [
      { kind: "await", bytes: `*2\r\n$4\r\nECHO\r\n$1\r\n${n}\r\n` },
      { kind: "send", bytes: `$1\r\n${n}\r\n` },
    ]);
    const on = "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$2\r\nON\r\n";
    const { exchanges } = perform(
      plan,
      [[{ kind: "await", bytes: on }, { kind: "send", bytes: "+OK\r\n" }, ...steps]],
      whole,
      9,
    );
    expect(exchanges.map(({ status }) => status)).toEqual(Array(4).fill("passed"));
  });
});

describe("where the server closes the connection", () => {
  const GET = DIALECTS[1]!.requests[0]!;
  const page = http("200 OK", "one");
  const lines = Array.from({ length: 3 }, () => [">>> GET / HTTP/1.1", "HTTP/1.1 200 OK", "", "one"]).flat();

  it.each([1, 2, 9])("after each response, all %i requests sent ahead get theirs", async (most) => {
    const six = [...lines, ...lines];
    const plan = await planned(document("http", six));
    const once: readonly PeerStep[] = [
      { kind: "await", bytes: GET.bytes },
      { kind: "send", bytes: page },
      { kind: "pass", ms: 0 },
      { kind: "close" },
    ];
    const { exchanges } = perform(plan, Array(12).fill(once), whole, most);
    expect(exchanges.map(({ status }) => status)).toEqual(Array(6).fill("passed"));
  });

  it("requests that were sent ahead are sent once more on a new connection", async () => {
    const plan = await planned(document("http", lines));
    const once: readonly PeerStep[] = [
      { kind: "await", bytes: GET.bytes },
      { kind: "send", bytes: page },
    ];
    const { exchanges, sent } = perform(
      plan,
      [
        [...once, { kind: "close" }],
        [...once, ...once],
      ],
      whole,
      9,
    );
    expect(exchanges.map(({ status }) => status)).toEqual(["passed", "passed", "passed"]);
    expect(sent).toEqual([GET.bytes.repeat(3), GET.bytes.repeat(2)]);
  });
});

it("a failure says what was sent ahead", async () => {
  const plan = await planned(document("line", [">>> a", "one", ">>> b", "two", ">>> c", "three"]));
  const failure = (bytes: string): string | undefined =>
    perform(plan, [[{ kind: "send", bytes }]], whole, 9).exchanges.find(({ failure }) => failure)?.failure?.message;
  expect(failure("four\r\n")).toBe(
    'expected "one", got "four"; sent together with the client lines up to line 10 (--pipeline)',
  );
  expect(failure("one\r\nfour\r\n")).toBe('expected "two", got "four"; sent ahead of the reply to line 6 (--pipeline)');
});
