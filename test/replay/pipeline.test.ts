/** Client lines that are sent ahead (`--pipeline`), with real servers. */
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { describeWith, startNginx, startRedis } from "../support/real-servers.ts";
import { example, replay } from "../support/replay.ts";

let server: Server | undefined;
afterEach(() => server?.close());

/** Answers each read as if it held one request. @returns its URL. */
async function startFlawed(): Promise<string> {
  const flawed = createServer((socket) => {
    socket.on("data", (read) => socket.write(String(read) === "PING\r\n" ? "PONG\r\n" : "ERROR\r\n"));
  });
  server = flawed;
  await new Promise<void>((resolve) => flawed.listen(0, "127.0.0.1", resolve));
  return `tcp://127.0.0.1:${(flawed.address() as { port: number }).port}`;
}

describe("a server that takes one read for one request", () => {
  test("passes in turn, and is found out where more is sent ahead", async () => {
    const text = example(await startFlawed(), ">>> PING\nPONG\n>>> PING\nPONG\n>>> PING\nPONG");
    expect((await replay(text)).failures).toEqual([]);
    const { exchanges, failures } = await replay(text, { pipeline: 2 });
    // The first client lines and those sent ahead may still come in two reads.
    expect(failures).toHaveLength(1);
    expect(exchanges.find(({ failure }) => failure)?.failure?.message).toMatch(
      /^expected "PONG", got "ERROR"; sent (?:together|ahead) .*\(--pipeline\)$/,
    );
  });
});

describeWith(["redis-server"], "redis", () => {
  test("passes with 500 exchanges sent ahead, each with its own reply", async () => {
    const redis = await startRedis();
    try {
      const lines = Array.from({ length: 500 }, (_, i) => `>>> ECHO ${i}\n"${i}"`);
      expect((await replay(example(redis.target, lines.join("\n")), { pipeline: 100 })).failures).toEqual([]);
      lines[250] = '>>> ECHO 250\n"251"';
      const { exchanges } = await replay(example(redis.target, lines.join("\n")), { pipeline: 100 });
      expect(exchanges.flatMap(({ status }, i) => (status === "passed" ? [] : [i]))).toEqual([250]);
    } finally {
      await redis.stop();
    }
  });
});

describeWith(["nginx"], "nginx", () => {
  test("passes, also where it closes the connection in between", async () => {
    const nginx = await startNginx();
    try {
      const get = ">>> GET / HTTP/1.1\nHTTP/1.1 200 OK\n\nhello\n";
      const last = ">>> GET / HTTP/1.1\n>>> Connection: close\nHTTP/1.1 200 OK\n\nhello\n";
      const text = example(nginx.target, `${get.repeat(20)}${last}${get.repeat(20)}`);
      expect((await replay(text, { pipeline: 100 })).failures).toEqual([]);
    } finally {
      await nginx.stop();
    }
  });
});
