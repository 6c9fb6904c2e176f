import { afterEach, describe, expect, test } from "vitest";
import type { Config } from "../../src/plan/config/config.ts";
import { describeWith, startNginx, startRedis } from "../support/real-servers.ts";
import { example } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";
import { benchTexts } from "./bench.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(script: (peer: Peer) => Promise<void>): Promise<string> {
  server = await scriptedServer(script);
  return server.target;
}

/** Answers each line. */
const answering = (answer: (line: string, count: number) => string): Promise<string> => {
  let count = 0;
  return serve(async (peer) => {
    for (;;) peer.write(answer(await peer.line(), ++count));
  });
};

const PING = ">>> PING\nPONG";
/** Longer than any test. */
const LONG = 60_000;

describe("a load", () => {
  test("plays as many exchanges as it is told, on as many connections", async () => {
    const target = await answering(() => "PONG\r\n");
    const result = await benchTexts(example(target, PING), { connections: 4, count: 100 });
    expect(result).toMatchObject({ passed: 100, failed: 0, skipped: 0, replies: 100, overdue: 0, interrupted: false });
    expect(result).toMatchObject({ failures: [], errors: [] });
    expect(server!.connections).toBe(4);
    const { p50, p90, p99, p999, max } = result.latencies;
    const latencies = [0, p50, p90, p99, p999, max, result.elapsed];
    expect(latencies).toEqual([...latencies].sort((a, b) => a! - b!));
  });

  test("plays for as long as it is told", async () => {
    const target = await answering(() => "PONG\r\n");
    const result = await benchTexts(example(target, PING), { duration: 100 });
    expect(result.elapsed).toBeGreaterThanOrEqual(99);
    expect(result.passed).toBeGreaterThan(0);
  });

  test("divides its connections among documents", async () => {
    const lines: string[] = [];
    const target = await answering((line) => {
      lines.push(line);
      return "PONG\r\n";
    });
    const result = await benchTexts([example(target, PING), example(target, ">>> PING b\nPONG")], {
      connections: 2,
      count: 20,
    });
    expect(result.passed).toBe(20);
    expect(new Set(lines)).toEqual(new Set(["PING", "PING b"]));
  });

  test("forgets what it captured when a document begins again", async () => {
    const target = await answering((line, count) => (line === "NEW" ? `ID ${count}\r\n` : `${line}\r\n`));
    const result = await benchTexts(example(target, ">>> NEW\nID {{id}}\n>>> GET {{id}}\nGET {{id}}"), { count: 40 });
    expect(result).toMatchObject({ passed: 40, failed: 0 });
  });

  test("opens anew what the server closed at the end of the document", async () => {
    const target = await serve(async (peer) => {
      peer.write(`${await peer.line()}\r\n`);
    });
    const result = await benchTexts(example(target, ">>> BYE\nBYE\n=== closed"), { count: 5 });
    expect(result).toMatchObject({ passed: 5, failed: 0 });
    expect(server!.connections).toBeGreaterThanOrEqual(5);
  });

  test("plays the opening on each connection, and counts only exchanges", async () => {
    const target = await answering((line) => `${line}\r\n`);
    const text = `---\ntarget: ${target}\n---\n\`\`\`wire opening\n>>> HI\nHI\n\`\`\`\n\`\`\`wire\n>>> A\nA\n\`\`\`\n`;
    expect(await benchTexts(text, { connections: 3, count: 30 })).toMatchObject({ passed: 30, failed: 0 });
  });

  test("leaves out what is skipped or expected to fail", async () => {
    const target = await answering(() => "PONG\r\n");
    const text = `---\ntarget: ${target}\n---\n\`\`\`wire xfail="why"\n>>> A\nA\n\`\`\`\n\`\`\`wire skip\n>>> B\nB\n\`\`\`\n\`\`\`wire\n${PING}\n\`\`\`\n`;
    expect(await benchTexts(text, { count: 5 })).toMatchObject({ passed: 5, failed: 0, skipped: 0 });
  });

  test("tries again what a document tries again", async () => {
    const target = await answering((_, count) => (count % 3 === 0 ? "READY\r\n" : "WAIT\r\n"));
    const text = example(target, ">>> STATE\nREADY", "retry=5 every=1ms");
    expect(await benchTexts(text, { count: 30 })).toMatchObject({ passed: 10, failed: 0 });
  });

  test("ends while a document tries again", async () => {
    const target = await answering(() => "WAIT\r\n");
    const text = example(target, ">>> STATE\nREADY", "retry=1000 every=5ms timeout=1m");
    expect(await benchTexts(text, { connections: 2, duration: 100 })).toMatchObject({ passed: 0, failed: 0 });
  });

  test("ends while a document waits", async () => {
    const target = await answering(() => "PONG\r\n");
    const text = example(target, `${PING}\n=== wait 1m`);
    expect(await benchTexts(text, { connections: 2, count: 2 })).toMatchObject({ passed: 2, replies: 2 });
    expect(await benchTexts(text, { connections: 2, duration: 50 })).toMatchObject({ passed: 2, replies: 2 });
  });

  test("ends where a document awaits no reply", async () => {
    const target = await serve((peer) => peer.stall());
    const result = await benchTexts(example(target, ">>> LOG a"), { duration: 50 });
    expect(result).toMatchObject({ failed: 0, replies: 0, latencies: { p50: undefined, max: undefined } });
    expect(result.passed).toBeGreaterThan(0);
  });

  test("starts the servers of documents", async () => {
    const text = "---\nserver: builtin:kv\n---\n```wire opening\nKV 1.0 ready\n```\n```wire\n>>> GET a\nNONE\n```\n";
    expect(await benchTexts(text, { connections: 2, count: 20 })).toMatchObject({ passed: 20, failed: 0 });
  });

  test("ends when it is interrupted, with what was measured", async () => {
    const controller = new AbortController();
    const target = await answering((_, count) => {
      if (count === 10) controller.abort();
      return "PONG\r\n";
    });
    const result = await benchTexts(example(target, PING), { duration: LONG, signal: controller.signal });
    expect(result.interrupted).toBe(true);
    expect(result.passed).toBeGreaterThanOrEqual(9);
    expect(result.elapsed).toBeLessThan(LONG);
  });

  test("shows what was measured so far", async () => {
    const target = await answering(() => "PONG\r\n");
    const seen: number[] = [];
    await benchTexts(example(target, PING), { duration: 700, watch: ({ passed }) => seen.push(passed) });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe("a reply that differs", () => {
  test("is found, and told once with its count", async () => {
    const target = await answering((_, count) => (count % 10 === 0 ? `BUSY ${count}\r\n` : "PONG\r\n"));
    const { passed, failed, replies, failures } = await benchTexts(example(target, PING), { count: 100 });
    expect({ passed, failed, replies }).toEqual({ passed: 90, failed: 10, replies: 100 });
    expect(failures).toMatchObject([
      { path: "1.md", count: 10, failure: { kind: "mismatch", line: 6, message: 'expected "PONG", got "BUSY 10"' } },
    ]);
  });

  test("is told without secrets", async () => {
    const target = await answering((line) => `${line} no\r\n`);
    const text = example(target, ">>> LOGIN {{password}}\nLOGIN {{password}} ok");
    const options = { count: 3, vars: { password: "hush-hush" }, secrets: ["password"] };
    const result = await benchTexts(text, options);
    expect(result).toMatchObject({ failed: 3, failures: [{ count: 3 }] });
    expect(JSON.stringify(result)).toContain("***");
    expect(JSON.stringify(result)).not.toContain("hush");
  });

  test("leaves the rest of its example to be played", async () => {
    const target = await answering((line, count) => (count === 1 ? "NO\r\n" : `${line}\r\n`));
    const result = await benchTexts(example(target, ">>> A\nA\n>>> B\nB\n>>> C\nC"), { count: 4 });
    expect(result).toMatchObject({ passed: 3, failed: 1, skipped: 0 });
  });

  test("that is too long fails its exchange, also when the rest comes later", async () => {
    const target = await serve(async (peer) => {
      for (;;) {
        await peer.line();
        peer.write("PONG\r\n");
        await peer.line();
        peer.write("PONG\r\nEXTRA\r\n");
      }
    });
    const result = await benchTexts(example(target, `${PING}\n${PING}\n=== silence 20ms`), { count: 10 });
    expect(result).toMatchObject({ passed: 5, failed: 5 });
    expect(result.failures).toMatchObject([{ count: 5, failure: { kind: "extra", line: 8 } }]);
  });

  test("that never comes is a failure without a reply", async () => {
    const target = await serve((peer) => peer.stall());
    const result = await benchTexts(example(target, PING, "timeout=20ms"), { connections: 2, count: 4 });
    expect(result).toMatchObject({ passed: 0, failed: 4, replies: 0 });
    expect(result.failures).toMatchObject([{ count: 4, failure: { kind: "timeout" } }]);
    expect(result.latencies.p50).toBeGreaterThanOrEqual(19);
  });
});

describe("a connection that fails", () => {
  test("is opened again, and counts", async () => {
    const target = await serve(async (peer) => {
      for (let i = 0; i < 5; i++) {
        await peer.line();
        peer.write("PONG\r\n");
      }
      await peer.line();
      peer.reset();
    });
    const result = await benchTexts(example(target, PING), { count: 24 });
    expect(result).toMatchObject({ passed: 20, failed: 4, failures: [{ count: 4, failure: { kind: "closed" } }] });
    expect(server!.connections).toBeGreaterThanOrEqual(4);
  });

  test("to a server that is not there ends the load", async () => {
    const target = await answering(() => "");
    await server!.close();
    const result = await benchTexts(example(target, PING), { connections: 3, duration: LONG });
    expect(result).toMatchObject({ passed: 0, failed: 0, failures: [] });
    expect(result.errors).toMatchObject([{ path: "1.md", kind: "connect", message: expect.stringContaining(target) }]);
  });

  test("to a server that has gone meanwhile is a failure", async () => {
    const target = await answering((_, count) => {
      if (count === 3) setImmediate(() => void server!.close());
      return "PONG\r\n";
    });
    const result = await benchTexts(example(target, PING), { duration: 500 });
    expect(result.errors).toEqual([]);
    expect(result.failures.map(({ failure }) => failure.kind)).toContain("connect");
  });

  test("as its opening differs is told once", async () => {
    const target = await answering(() => "NO\r\n");
    const text = `---\ntarget: ${target}\n---\n\`\`\`wire opening\n>>> HI\nHI\n\`\`\`\n\`\`\`wire\n${PING}\n\`\`\`\n`;
    const result = await benchTexts(text, { connections: 2, count: 10 });
    expect(result).toMatchObject({ passed: 0, failed: 10, skipped: 10 });
    expect(result.failures).toMatchObject([{ count: 10, failure: { kind: "mismatch", line: 6 } }]);
  });
});

test("a server that stalls shows in every latency that it delays, where a rate is given", async () => {
  const target = await serve(async (peer) => {
    for (let count = 1; ; count++) {
      await peer.line();
      if (count === 2) await peer.wait(600);
      peer.write("PONG\r\n");
    }
  });
  // All exchanges are due within 400 ms.
  const { latencies, passed } = await benchTexts(example(target, PING), { count: 40, rate: 100 });
  expect(passed).toBe(40);
  expect(latencies.p50).toBeGreaterThan(200);
  expect(latencies.max).toBeGreaterThan(590);
});

test("exchanges that were due and could not begin are told", async () => {
  const target = await serve(async (peer) => {
    for (;;) {
      await peer.line();
      await peer.wait(50);
      peer.write("PONG\r\n");
    }
  });
  const result = await benchTexts(example(target, PING), { duration: 500, rate: 1000 });
  expect(result.failed).toBe(0);
  expect(result.overdue).toBeGreaterThan(100);
});

describeWith(["redis-server"], "redis under load", () => {
  test("passes", async () => {
    const redis = await startRedis();
    try {
      const text = example(redis.target, '>>> PING\nPONG\n>>> SET a "1 2"\nOK\n>>> GET a\n"1 2"\n>>> GET none\n(nil)');
      const result = await benchTexts(text, { connections: 20, count: 2000 });
      expect(result).toMatchObject({ passed: 2000, failed: 0, failures: [] });
    } finally {
      await redis.stop();
    }
  });
});

describeWith(["nginx"], "nginx under load", () => {
  test("passes, also where it closes connections after a thousand requests", async () => {
    const nginx = await startNginx();
    try {
      const text = example(nginx.target, ">>> GET / HTTP/1.1\nHTTP/1.1 200 OK\n\nhello");
      const result = await benchTexts(text, { connections: 2, count: 4000 });
      expect(result).toMatchObject({ passed: 4000, failed: 0, failures: [] });
    } finally {
      await nginx.stop();
    }
  });
});

/** Exits after twenty replies. */
const CRASHING = `
let count = 0;
require("node:net").createServer((socket) => {
  socket.on("data", () => ++count > 20 ? (console.error("disk full"), process.exit(3)) : socket.write("PONG\\r\\n"));
}).listen(Number(process.argv[1]), "127.0.0.1", () => console.log("open"));`;

const configOf = (command: string): Config => ({
  path: undefined,
  folder: process.cwd(),
  documents: [],
  defaults: {},
  vars: {},
  dialects: [],
  servers: {
    market: {
      name: "market",
      command,
      target: "tcp://127.0.0.1:{{port}}",
      ready: { kind: "output", regex: /^open/ },
      scope: "document",
      environment: {},
      stop: "SIGTERM",
      startup: 10_000,
      span: undefined,
    },
  },
});

describe("a server of the config file", () => {
  const page = `---\nserver: market\n---\n\`\`\`wire\n${PING}\n\`\`\`\n`;

  test("that ends in the middle ends the load, and the failure says how", async () => {
    const config = configOf(`exec '${process.execPath}' -e '${CRASHING}' {{port}}`);
    const result = await benchTexts(page, { connections: 4, duration: LONG, config });
    expect(result).toMatchObject({ passed: 20, interrupted: false, errors: [] });
    const messages = result.failures.map(({ failure }) => failure.message);
    expect(messages).toContainEqual(expect.stringContaining("exited with code 3"));
  });

  test("that does not start is an error", async () => {
    const { errors, passed } = await benchTexts(page, { duration: LONG, config: configOf("echo no disk; exit 5") });
    expect({ errors, passed }).toMatchObject({ errors: [{ kind: "server", details: ["no disk"] }], passed: 0 });
  });
});
