import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates } from "../../support/certificates.ts";
import { describeWith, type RealServer, startRedis } from "../../support/real-servers.ts";
import { example, replay } from "../../support/replay.ts";
import { scriptedServer } from "../../support/scripted-server.ts";
import { SESSION } from "./session.ts";

describeWith(["redis-server", "redis-cli"], "the redis dialect with redis-server", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await startRedis("--enable-debug-command", "yes");
  });
  afterAll(() => server.stop());

  const play = (lines: string, attributes = "", settings = "") =>
    replay(example(server.target, lines, attributes).replace("---\n```", `${settings}---\n\`\`\``));
  const passes = async (lines: string, attributes = "", settings = ""): Promise<void> => {
    const { exchanges, failures } = await play(lines, attributes, settings);
    expect(exchanges.flatMap(({ failure, received }) => (failure ? [failure.message, ...received] : []))).toEqual([]);
    expect(failures).toEqual([]);
  };

  for (const version of [2, 3] as const) {
    test(`a session is shown as redis-cli shows it, RESP${version}`, async () => {
      const cli = (input: string): string => {
        const { stdout, status } = spawnSync(
          "redis-cli",
          ["--no-raw", "-p", String(server.port), ...(version === 3 ? ["-3"] : [])],
          { input, env: { PATH: process.env.PATH, REDISCLI_RCFILE: "/dev/null" }, encoding: "latin1" },
        );
        expect(status).toBe(0);
        return stdout;
      };
      cli("FLUSHALL\n");
      const shown = cli(SESSION.map((line) => `${line}\n`).join(""));
      cli("FLUSHALL\n");
      const settings = version === 3 ? 'redis: {protocol: "3"}\n' : "";
      const { exchanges, failures } = await play(SESSION.map((line) => `>>> ${line}\n...`).join("\n"), "", settings);
      expect(failures).toEqual([]);
      const received = exchanges.flatMap(({ received }) => received).join("\n");
      // What a document writes as (esc), redis-cli writes as it is.
      expect(received.replace(/\\x20 \(esc\)$/gm, " ")).toBe(shown.replaceAll("\r\n", "\n").trimEnd());
    });
  }

  test("commands of one exchange are answered in their order", () =>
    passes('>>> SET p 1\n>>> INCR p\n>>> GET p\nOK\n(integer) 2\n"2"\n>>> DEL p\n(integer) 1'));

  test("resp is another name", () => passes(">>> GET none\n(nil)", "dialect=resp"));

  test("what is missing is told at once", async () => {
    const { exchanges } = await play(">>> PING\n>>> PING\nPONG\nPONG\nPONG\n>>> PING\nPONG", "timeout=10s");
    expect(exchanges[0]!.failure).toMatchObject({
      kind: "missing",
      line: 9,
      message: 'the reply is complete: expected "PONG"',
    });
    expect(exchanges[0]!.ms).toBeLessThan(2000);
    expect(exchanges[1]!.failure).toBeUndefined();
  });

  test("a reply that may go on ends when all that is owed is in", async () => {
    const { exchanges, failures } = await play(">>> PING\n>>> PING\nPONG\n...", "timeout=10s settle=8s");
    expect(failures).toEqual([]);
    expect(exchanges[0]!.received).toEqual(["PONG", "PONG"]);
    expect(exchanges[0]!.ms).toBeLessThan(2000);
  });

  test("a reply that was not written is too much", async () => {
    const { exchanges } = await play(">>> PING\n>>> GET nothing\nPONG");
    expect(exchanges[0]!.failure).toMatchObject({
      kind: "extra",
      message: 'unexpected line: "(nil)"',
    });
  });

  test("a mistake in a command is found before anything is sent", async () => {
    const { events, exitCode } = await play('>>> PING\nPONG\n>>> SET k "v');
    expect(exitCode).toBe(2);
    const errors = JSON.stringify(events);
    expect(errors).toContain('the quote \\" is not closed');
    expect(errors).toMatch(/"line":7,"column":11\b/);
  });

  test("blocking commands leave other connections free", () =>
    passes(
      'a>>> BLPOP q 5\nb>>> BLMOVE q r LEFT RIGHT 5\n>>> RPUSH q x y\n(integer) 2\na<<< 1) "q"\na<<< 2) "x"\nb<<< "y"\n>>> BRPOP q 0.02\n(nil)',
    ));

  for (const version of [2, 3] as const) {
    test(`subscribers are told what is published, RESP${version}`, () =>
      passes(
        [
          's>>> SUBSCRIBE a b\n1) "subscribe"\n2) "a"\n3) (integer) 1\n1) "subscribe"\n2) "b"\n3) (integer) 2',
          's>>> PSUBSCRIBE c*\n1) "psubscribe"\n2) "c*"\n3) (integer) 3',
          '>>> PUBLISH a x\n>>> PUBLISH cc y\n(integer) 1\n(integer) 1\ns<<< 1) "message"\ns<<< 2) "a"\ns<<< 3) "x"',
          's<<< 1) "pmessage"\ns<<< 2) "c*"\ns<<< 3) "cc"\ns<<< 4) "y"\ns=== silence 50ms',
          version === 2 ? 's>>> PING\n1) "pong"\n2) ""' : "s>>> GET none\n(nil)",
          's>>> UNSUBSCRIBE\n...\n1) "unsubscribe"\n2) {{last}}\n3) (integer) 1',
          's>>> PUNSUBSCRIBE\n1) "punsubscribe"\n2) "c*"\n3) (integer) 0\ns>>> GET none\n(nil)',
          "s>>> RESET\nRESET\ns>>> QUIT\nOK\ns=== closed",
        ].join("\n"),
        "",
        version === 3 ? 'redis: {protocol: "3"}\n' : "",
      ));
  }

  test("a monitor sees the commands of others", () =>
    passes(
      'm>>> MONITOR\nOK\n>>> ECHO hi\n"hi"\nm<<< {{at}} [0 127.0.0.1:{{port:int}}] "ECHO" "hi"\nm>>> RESET\nRESET\nm>>> PING\nPONG',
    ));

  test("connections that close are opened anew", () =>
    passes(">>> QUIT\nOK\n=== closed\n>>> PING\nPONG\n>>> QUIT\nOK\n>>> PING\nPONG"));

  test("a server that does not answer is not awaited where it said so", () =>
    passes(
      '>>> CLIENT REPLY OFF\n>>> PING\n>>> CLIENT REPLY ON\nOK\n>>> CLIENT REPLY SKIP\n>>> PING\n>>> ECHO x\n"x"',
    ));

  test("the types that only DEBUG sends", () =>
    passes(
      [
        ">>> DEBUG PROTOCOL attrib",
        '1| "key-popularity" =>',
        '   1) "key:123"',
        "   2) (integer) 90",
        '"Some real reply following the attribute"',
        ">>> DEBUG PROTOCOL bignum",
        "(big number) 1234567999999999999999999999999999999",
        ">>> DEBUG PROTOCOL true",
        "(true)",
        ">>> DEBUG PROTOCOL double",
        "(double) 3.141",
        ">>> DEBUG PROTOCOL verbatim",
        "This is a verbatim",
        "string",
        ">>> DEBUG PROTOCOL push",
        '1) "server-cpu-usage"',
        "2) (integer) 42",
        '"Some real reply following the push reply"',
      ].join("\n"),
      "",
      'redis: {protocol: "3"}\n',
    ));

  describe("in any order", () => {
    test("sets, hashes of both versions, what CONFIG tells", () =>
      passes(
        [
          ">>> DEL h s\n>>> HSET h f v g w\n>>> SADD s a b c\n(integer) {{_}}\n(integer) 2\n(integer) 3",
          '>>> HGETALL h\n1) "g"\n2) "w"\n3) "f"\n4) "v"',
          '>>> SMEMBERS s\n1) "c"\n2) "a"\n3) "b"',
          '>>> CONFIG GET *-max-listpack-entries\n1) "zset-max-listpack-entries"\n2) "128"\n...',
          '>>> HELLO 3\n1# "proto" => (integer) 3\n...',
          '>>> HGETALL h\n1# "g" => "w"\n2# "f" => "v"',
          '>>> SMEMBERS s\n1~ "c"\n2~ "a"\n3~ "b"',
        ].join("\n"),
        "unordered",
      ));

    test("a field with another's value is told with its line", async () => {
      const { exchanges } = await play(
        '>>> DEL h\n>>> HSET h f v g w\n...\n>>> HGETALL h\n1) "f"\n2) "w"\n3) "g"\n4) "v"',
        "unordered",
      );
      expect(exchanges[1]!.failure).toMatchObject({ kind: "mismatch", line: 10 });
      expect(exchanges[1]!.diff).toEqual([
        { kind: "same", expected: '1) "f"', received: '1) "f"' },
        { kind: "changed", expected: '2) "w"', received: '2) "v"', line: 10 },
        { kind: "same", expected: '3) "g"', received: '3) "g"' },
        { kind: "changed", expected: '4) "v"', received: '4) "w"', line: 12 },
      ]);
    });
  });

  test("a line beyond the replies that were left open is missing at once", async () => {
    for (const lines of [
      "w>>> PING\nw>>> PING\n=== wait 20ms\nw<<< PONG\nw<<< PONG\nw<<< PONG",
      'w>>> BLPOP jobs 5\n>>> RPUSH jobs wash\n(integer) 1\nw<<< 1) "jobs"\nw<<< 2) "wash"\nw<<< 3) "dry"',
    ]) {
      const { failures, exchanges } = await play(lines);
      expect(failures).toEqual([expect.stringMatching(/^missing:/)]);
      expect(exchanges.at(-1)!.ms).toBeLessThan(1000);
    }
  });

  test("an element too many is told with the number of its line", async () => {
    const lines = '>>> DEL s\n>>> SADD s a b c\n...\n>>> SMEMBERS s\n1) "c"\n2) {{_}}';
    const { exchanges } = await play(lines, "unordered");
    expect(exchanges[1]!.failure).toEqual({
      kind: "extra",
      line: 10,
      message: expect.stringMatching(
        /^unexpected line: "[123]\) "[ab]"", which is none of the elements still awaited$/,
      ),
    });
  });

  describeWith(["openssl"], "over TLS", () => {
    test("is spoken alike", async () => {
      const { cert, key } = makeCertificates(["IP:127.0.0.1"]);
      const front = createServer({ cert, key }, (socket) => {
        const back = connect({ port: server.port, host: "127.0.0.1" });
        socket.on("error", () => back.destroy()).on("close", () => back.destroy());
        back.on("error", () => socket.destroy());
        socket.pipe(back).pipe(socket);
      });
      front.listen(0, "127.0.0.1");
      await once(front, "listening");
      const { port } = front.address() as { port: number };
      try {
        const { failures, exchanges } = await replay(example(`rediss://127.0.0.1:${port}`, ">>> PING\nPONG"));
        expect(failures).toEqual([]);
        expect(exchanges).toHaveLength(1);
      } finally {
        front.close();
      }
    });
  });
});

describe("servers that are none", () => {
  const against = async (answer: string, lines = ">>> PING\nPONG", settings = "") => {
    const server = await scriptedServer(async (peer) => {
      await peer.line();
      peer.write(answer);
      await peer.stall();
    });
    try {
      return await replay(
        example(server.target.replace("tcp:", "redis:"), lines).replace("---\n```", `${settings}---\n\`\`\``),
        { settle: 20 },
      );
    } finally {
      await server.close();
    }
  };

  test.each([
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", /^"H" is no type of RESP/],
    ["a huge array", "*2147483647\r\n", /^an array of 2147483647 makes the reply larger than the limit of 16 MB$/],
    ["a huge string", "$99999999999\r\n", /^a string of 99999999999 bytes makes the reply larger/],
    ["deep nesting", "*1\r\n".repeat(100_000), /^aggregates are nested deeper than 128 levels$/],
    ["no number", ":12x\r\n", /^"12x" is no integer$/],
  ])("%s is a failure of the kind protocol", async (_name, answer, message) => {
    const { exchanges } = await against(answer);
    expect(exchanges[0]!.failure).toMatchObject({ kind: "protocol", message: expect.stringMatching(message) });
  });

  test.each(["$5\r\nab", "$", "*2\r\n:1\r\n", "$?\r\n", "|1\r\n+a\r\n:1\r\n"])(
    "the beginning of a further reply is too much: %j",
    async (beginning) => {
      for (const [control, line] of [
        ["", 6],
        ["\n=== silence 20ms", 7],
        ["\n=== wait 20ms\n=== close", 6],
      ] as const) {
        const { exchanges, failures } = await against(`+PONG\r\n${beginning}`, `>>> PING\nPONG${control}`);
        expect(failures).toEqual([`extra:${line}`]);
        expect(exchanges[0]!.failure!.message).toMatch(/the beginning of (?:a|another) reply/);
        expect(exchanges[0]!.received).toEqual(["PONG", ...beginning.split("\r\n").filter((shown) => shown !== "")]);
      }
    },
  );

  test("a reply that stays incomplete is told from none", async () => {
    const { exchanges } = await against("$5\r\nab", ">>> PING\nPONG", "timeout: 50ms\n");
    expect(exchanges[0]!.failure!.message).toBe('no reply within 50ms: expected "PONG"; an incomplete message came');
    expect(exchanges[0]!.received).toEqual(["$5", "ab"]);
  });

  test("a refused version is told", async () => {
    const { exchanges } = await against(
      "-NOAUTH Authentication required.\r\n",
      ">>> PING\nPONG",
      'redis: {protocol: "3"}\n',
    );
    expect(exchanges[0]!.failure).toMatchObject({
      kind: "protocol",
      message: expect.stringMatching(/^the server refused HELLO 3/),
    });
  });

  test("an option that there is not", async () => {
    const { events } = await against("+PONG\r\n", ">>> PING\nPONG", "redis: {protocol: 4}\n");
    expect(JSON.stringify(events)).toContain('\\"protocol\\" takes \\"2\\" or \\"3\\", not \\"4\\"');
  });
});
