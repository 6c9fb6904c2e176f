import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { connectProblem } from "../../src/replay/connect-problem.ts";
import { targetOf } from "../support/listening.ts";
import { example, replay } from "../support/replay.ts";
import { type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Why the document of one exchange was not run. */
async function problem(target: string, lines = ">>> a\nb"): Promise<string | undefined> {
  const { documents, exitCode } = await replay(example(target, lines));
  expect(exitCode).toBe(3);
  expect(documents[0]?.errors).toMatchObject([{ kind: "connect" }]);
  return documents[0]?.errors[0]?.message;
}

describe("a connection that cannot be opened is told in words:", () => {
  it("nobody listens", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    await new Promise((resolve) => other.close(resolve));
    const target = `tcp://127.0.0.1:${port}`;
    expect(await problem(target)).toBe(`cannot connect to ${target}: nothing listens there (connection refused)`);
  });

  it.each([
    ["ENOTFOUND", "the name db.example is unknown"],
    ["EAI_AGAIN", "the name db.example could not be looked up, because the name server did not answer"],
    ["ENOENT", "there is no such socket"],
    ["EHOSTUNREACH", "the network has no route to this address"],
    ["EOTHER", "other"],
  ])("%s", (code, message) => {
    const error = Object.assign(new Error("other"), { code });
    expect(connectProblem(error, targetOf("tcp", { host: "db.example", port: 1 }))).toBe(message);
  });
});

describe("TLS with a server that speaks something else names it:", () => {
  it.each([
    ["a greeting", "SSH-2.0-OpenSSH_9.6\r\n", '; it seems to speak SSH; it says "SSH-2.0-OpenSSH_9.6"'],
    ["one that is not known", "KV 1.0 ready\r\n", '; it says "KV 1.0 ready"'],
  ])("%s", async (_, greeting, expected) => {
    server = await scriptedServer(async (peer) => {
      peer.write(greeting);
      await peer.stall();
    });
    const target = server.target.replace("tcp", "tls");
    expect(await problem(target)).toBe(
      `cannot connect to ${target}: the server does not speak TLS${expected}; write tcp:// instead of tls://`,
    );
  });

  it("a complaint", async () => {
    server = await scriptedServer(async (peer) => {
      await peer.bytes(5);
      peer.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const target = server.target.replace("tcp", "https");
    expect(await problem(target, ">>> GET / HTTP/1.1\nHTTP/1.1 200 OK")).toBe(
      `cannot connect to ${target}: the server does not speak TLS; it seems to speak HTTP; it says "HTTP/1.1 400 Bad Request"; write http:// instead of https://`,
    );
  });

  it("silence", async () => {
    server = await scriptedServer((peer) => peer.stall());
    const target = server.target.replace("tcp", "tls");
    const { documents } = await replay(example(target, ">>> a\nb"), { timeout: 400 });
    expect(documents[0]?.errors[0]?.message).toBe(
      `cannot connect to ${target}: no TLS connection within 400ms; if the server does not speak TLS, write tcp:// instead of tls://`,
    );
  });

  it("bytes, once and never again", async () => {
    let connections = 0;
    server = await scriptedServer(async (peer) => {
      if (++connections === 1) peer.write(Buffer.from("4a0000000a382e302e3336", "hex"));
      await peer.rest();
    });
    const target = server.target.replace("tcp", "rediss");
    const message = await problem(target);
    expect(message).toBe(
      `cannot connect to ${target}: the server does not speak TLS; write redis:// instead of rediss://`,
    );
  });
});

describe("plain text with a server that speaks TLS", () => {
  const HANDSHAKE_FAILURE = "15030300020228";
  /** Its last byte is an LF. */
  const UNEXPECTED_MESSAGE = "1503030002020a";

  it.each([
    ["tcp", "tls", ">>> hello\nOK", HANDSHAKE_FAILURE],
    ["tcp", "tls", ">>> hello\nOK", UNEXPECTED_MESSAGE],
    ["tcp", "tls", ">>> hello\nOK\n...", HANDSHAKE_FAILURE],
    ["redis", "rediss", ">>> PING\nPONG", HANDSHAKE_FAILURE],
    ["http", "https", ">>> GET / HTTP/1.1\nHTTP/1.1 200 OK", HANDSHAKE_FAILURE],
    ["http", "https", ">>> GET / HTTP/1.1\nHTTP/1.1 200 OK", UNEXPECTED_MESSAGE],
  ])("names it and the right scheme: %s, %s, %j, %s", async (scheme, secure, lines, alert) => {
    server = await scriptedServer(async (peer) => {
      await peer.line();
      peer.end(Buffer.from(alert, "hex"));
      await peer.rest();
    });
    const { exchanges, exitCode } = await replay(example(server.target.replace("tcp", scheme), lines));
    expect(exitCode).toBe(1);
    expect(exchanges[0]?.failure?.message).toContain(
      `; the server seems to speak TLS: write ${secure}:// instead of ${scheme}://`,
    );
  });

  it("says nothing of it where bytes are written", async () => {
    server = await scriptedServer(async (peer) => {
      await peer.bytes(1);
      peer.end(Buffer.from(HANDSHAKE_FAILURE, "hex"));
      await peer.rest();
    });
    const { exchanges } = await replay(example(server.target, ">>> 16 (hex)\n15 03 03 00 02 02 46 (hex)"));
    expect(exchanges[0]?.failure?.message).not.toContain("TLS");
  });
});
