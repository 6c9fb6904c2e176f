import { existsSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import {
  available,
  describeWith,
  type RealServer,
  startBeanstalkd,
  startMemcached,
  startNginx,
  startNgircd,
  startRedis,
  startSmtp,
} from "./real-servers.ts";

/** What the server says to `request`, up to the first answer that `expected` is in. */
function ask(server: RealServer, request: string, expected: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ port: server.port, host: "127.0.0.1" }, () => socket.write(request));
    socket.on("data", (chunk) => {
      answer += chunk;
      if (expected.test(answer)) socket.destroy();
    });
    socket.on("error", reject).on("close", () => resolve(answer));
  });
}

async function answers(server: RealServer, request: string, expected: RegExp): Promise<void> {
  try {
    expect(server.target).toMatch(new RegExp(`^[a-z]+://127\\.0\\.0\\.1:${server.port}$`));
    expect(await ask(server, request, expected)).toMatch(expected);
  } finally {
    await server.stop();
  }
  await server.stop();
  expect(existsSync(server.folder)).toBe(false);
  await expect(ask(server, request, expected)).rejects.toThrow("ECONNREFUSED");
}

describeWith(["redis-server"], "startRedis", () => {
  test("answers", async () => answers(await startRedis(), "PING\r\n", /^\+PONG\r\n/));
});
describeWith(["memcached"], "startMemcached", () => {
  test("answers", async () => answers(await startMemcached(), "version\r\n", /^VERSION \S+\r\n/));
});
describeWith(["beanstalkd"], "startBeanstalkd", () => {
  test("answers", async () => answers(await startBeanstalkd(), "put 0 0 60 2\r\nhi\r\n", /^INSERTED 1\r\n/));
});
describeWith(["aiosmtpd"], "startSmtp", () => {
  test("answers", async () => answers(await startSmtp(), "QUIT\r\n", /^220 .*\r\n221 .*\r\n/));
});
describeWith(["ngircd"], "startNgircd", () => {
  test("answers", async () =>
    answers(await startNgircd(), "NICK wire\r\nUSER wire 0 * :wire\r\n", /:irc\.wire\.example 001 wire /));
});
describeWith(["nginx"], "startNginx", () => {
  test("answers", async () => {
    const server = await startNginx();
    try {
      const get = (path: string, headers = "") =>
        ask(server, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`, /\0/);
      expect(await get("/")).toMatch(
        /^HTTP\/1\.1 200 OK\r\nServer: nginx\/.*\r\nDate: .*\r\nContent-Type: text\/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n$/,
      );
      expect(await get("/files/text.txt", "Range: bytes=5-7\r\n")).toMatch(/^HTTP\/1\.1 206 [\s\S]*\r\n\r\n567$/);
      const data = await get("/files/data.json");
      expect(data).toMatch(/Content-Type: application\/json\r\n[\s\S]*"name": "wiredoc"/);
      const tag = /^ETag: (.*)\r$/m.exec(data)![1];
      expect(await get("/files/data.json", `If-None-Match: ${tag}\r\n`)).toMatch(/^HTTP\/1\.1 304 /);
      expect(await get("/nothing")).toMatch(/^HTTP\/1\.1 404 /);
    } finally {
      await server.stop();
    }
    await answers(await startNginx(), "nonsense\r\n\r\n", /400 Bad Request/);
  });
});

test("available looks for programs", () => {
  expect(available("node")).toBe(true);
  expect(available("no-such-program")).toBe(false);
});
