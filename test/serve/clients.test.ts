/** Clients that do as written, and clients that do not. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { now } from "../../src/base/clock.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWith } from "../support/real-servers.ts";
import { Client, serveText } from "./support.ts";

const PAGE = `---
target: tcp://127.0.0.1:11300
---
# Jobs

\`\`\`wire
hello
>>> put 5
>>> first
INSERTED {{id:int}}
>>> reserve
RESERVED {{id}}
>>> quit
=== closed
\`\`\`
`;
const RIGHT = "put 5\r\nfirst\r\nreserve\r\nquit\r\n";
const ANSWERS = "hello\r\nINSERTED 1\r\nRESERVED 1\r\n";

describe("a client", () => {
  it("that does as written is answered, and the server ends", async () => {
    const served = await serveText(PAGE);
    const client = new Client(served.port);
    await client.hears("hello\r\n");
    client.say("put 5\r\nfirst\r\n");
    await client.hears("hello\r\nINSERTED 1\r\n");
    client.say("reserve\r\n");
    await client.hears(ANSWERS);
    client.say("quit\r\n");
    expect(await client.rest()).toBe(ANSWERS);
    const { exitCode, document } = await served.ended;
    expect([exitCode, document.examples.map(({ status }) => status)]).toEqual([0, ["passed"]]);
  });

  it("may send everything at once, and close its side", async () => {
    const served = await serveText(PAGE);
    const client = new Client(served.port).say(RIGHT);
    client.socket.end();
    expect(await client.rest()).toBe(ANSWERS);
    expect((await served.ended).failures).toEqual([]);
  });

  it.each(["silence", "wait"])("has time for === %s before more is said", async (verb) => {
    const served = await serveText(
      `---\ntarget: tcp://127.0.0.1:1\n---\n\`\`\`wire\n>>> watch\nok\n=== ${verb} 20ms\n<<< news\n\`\`\`\n`,
    );
    const client = new Client(served.port);
    const started = now();
    client.say("watch\r\n");
    await client.hears("ok\r\nnews\r\n");
    // A client on a busy machine reads "ok" later than it was sent.
    expect(now() - started).toBeGreaterThan(400);
    client.socket.end();
    expect((await served.ended).failures).toEqual([]);
  });

  it("may send byte by byte", async () => {
    const served = await serveText(PAGE);
    const client = new Client(served.port);
    client.socket.setNoDelay();
    for (const byte of RIGHT) {
      client.say(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await client.rest()).toBe(ANSWERS);
    expect((await served.ended).exitCode).toBe(0);
  });

  it("that says something else is answered all the same", async () => {
    const served = await serveText(PAGE);
    const client = new Client(served.port).say("put 6\r\nfirst\r\n");
    await client.hears("hello\r\nINSERTED 1\r\n");
    client.say("reserve\r\nquit\r\n");
    expect(await client.rest()).toBe(ANSWERS);
    const { exitCode, failures, report } = await served.ended;
    expect(exitCode).toBe(1);
    expect(failures).toEqual(['8 mismatch expected "put 5", got "put 6"']);
    expect(report).toContain("8 │ - put 5\n");
    expect(report).toContain("  │ + put 6\n");
    expect(report).toContain("<<< INSERTED 1\n");
  });

  it("that says something else may have said the next thing, too", async () => {
    const served = await serveText(PAGE);
    const client = new Client(served.port).say("put 6\r\nfirst\r\nreserve\r\nquit\r\n");
    expect(await client.rest()).toBe(ANSWERS);
    expect((await served.ended).failures).toEqual(['8 mismatch expected "put 5", got "put 6"']);
  });

  it("that uses another value is told apart", async () => {
    const page = PAGE.replace(">>> reserve", ">>> reserve {{id}}");
    const served = await serveText(page);
    const client = new Client(served.port).say("put 5\r\nfirst\r\nreserve 7\r\nquit\r\n");
    await client.rest();
    expect((await served.ended).failures).toEqual([
      '11 mismatch expected "reserve 1" ({{id}}, bound at line 10), got "reserve 7"',
    ]);
  });

  it("that stops within a line is told so", async () => {
    const served = await serveText(PAGE, { timeout: 300 });
    const client = new Client(served.port).say("put 5\r\nfir");
    expect(await client.rest()).toBe("hello\r\n");
    const { exitCode, failures, exchanges } = await served.ended;
    expect(exitCode).toBe(1);
    expect(failures).toEqual(['9 timeout expected "first", got only "fir" without a line ending within 300ms']);
    expect(exchanges.map(({ status, unsent = false }) => [status, unsent])).toEqual([
      ["passed", false],
      ["failed", true],
      ["skipped", true],
      ["skipped", true],
    ]);
  });

  it("may take its time before it says anything", async () => {
    const served = await serveText(PAGE, { timeout: 50 });
    const client = new Client(served.port);
    await client.hears("hello\r\n");
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.say(RIGHT);
    expect(await client.rest()).toBe(ANSWERS);
    expect((await served.ended).exitCode).toBe(0);
  });

  it("that closes early is told so, and nobody waits for it long", async () => {
    const served = await serveText(`${PAGE}\n\`\`\`wire\n>>> more\nmore\n\`\`\`\n`, { timeout: 200 });
    const client = new Client(served.port).say("put 5\r\nfirst\r\n");
    await client.hears("hello\r\nINSERTED 1\r\n");
    client.socket.end();
    await client.rest();
    const { exitCode, failures, document } = await served.ended;
    expect(exitCode).toBe(1);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(/^11 closed the client (?:had )?closed the connection.* write === close there/);
    expect(document.examples[1]).toMatchObject({ status: "skipped", reason: "no client came back within 200ms" });
  });

  it("that says too much is told so", async () => {
    const served = await serveText(PAGE);
    const client = new Client(served.port).say(`${RIGHT}more\r\n`);
    await client.rest();
    expect((await served.ended).failures).toEqual(['13 extra unexpected line: "more"']);
  });

  it("that does not close is told so", async () => {
    const page = PAGE.replace("=== closed", "=== close");
    const served = await serveText(page, { timeout: 100 });
    const client = new Client(served.port).say(RIGHT);
    await client.rest();
    expect((await served.ended).failures).toEqual([
      "14 not-closed the client did not close the connection within 100ms",
    ]);
  });

  it("that connects once too often is sent away and told so", async () => {
    const served = await serveText(PAGE);
    const client = new Client(served.port);
    await client.hears("hello\r\n");
    const stranger = new Client(served.port).say("x\r\n");
    expect(await stranger.rest()).toBe("");
    client.say(RIGHT);
    expect(await client.rest()).toBe(ANSWERS);
    const { exitCode, failures } = await served.ended;
    expect(exitCode).toBe(1);
    expect(failures).toEqual(["6 extra a client connected when the document had no connection left"]);
  });

  it("that only looks whether somebody listens is no client", async () => {
    const page = `---\ntarget: tcp://127.0.0.1:1\n---\n\`\`\`wire\n>>> a\nb\n\`\`\`\n`;
    const served = await serveText(page);
    const probe = new Client(served.port);
    probe.socket.end();
    await probe.rest();
    const client = new Client(served.port).say("a\r\n");
    expect(await client.rest()).toBe("b\r\n");
    expect((await served.ended).exitCode).toBe(0);
  });

  it("that only looks, and nothing more, is a failure in the end", async () => {
    const page = `---\ntarget: tcp://127.0.0.1:1\n---\n\`\`\`wire\n>>> a\nb\n\`\`\`\n`;
    const served = await serveText(page, { timeout: 100 });
    const probe = new Client(served.port);
    probe.socket.end();
    await probe.rest();
    const { exitCode, failures } = await served.ended;
    expect(exitCode).toBe(1);
    expect(failures).toEqual([
      "5 connect a client closed its connection without a word, and no other one came within 100ms",
    ]);
  });

  it("that speaks another protocol is told so", async () => {
    const page = `---\ntarget: redis://127.0.0.1:1\n---\n\`\`\`redis\n>>> PING\nPONG\n\`\`\`\n`;
    const served = await serveText(page);
    const client = new Client(served.port).say("*1\r\n:x\r\n");
    expect(await client.rest()).toBe("");
    const { exitCode, failures } = await served.ended;
    expect(exitCode).toBe(1);
    expect(failures[0]).toMatch(/^5 protocol /);
  });
});

describe("an interrupt", () => {
  it("is the normal end, also while a client is waited for", async () => {
    const served = await serveText(PAGE);
    served.stop();
    const { exitCode, document } = await served.ended;
    expect([exitCode, document.interrupted]).toEqual([0, true]);
  });

  it("ends the connections, and what was wrong so far is told", async () => {
    const served = await serveText(PAGE);
    const client = new Client(served.port).say("put 6\r\nfirst\r\n");
    await client.hears("hello\r\nINSERTED 1\r\n");
    served.stop();
    await client.rest();
    const { exitCode, failures } = await served.ended;
    expect([exitCode, failures]).toEqual([0, ['8 mismatch expected "put 5", got "put 6"']]);
  });
});

describe("parts", () => {
  const page = `---
target: tcp://127.0.0.1:1
connection: example
vars: {secret: s3}
---
\`\`\`wire
ann>>> I am ann
hello ann
bob>>> I am bob {{secret}}
ann<<< bob came
\`\`\`

\`\`\`wire
>>> last
bye
\`\`\`
`;

  it("are taken in the order of the document", async () => {
    const served = await serveText(page, { vars: { secret: "x9" } });
    const ann = new Client(served.port).say("I am ann\r\n");
    await ann.hears("hello ann\r\n");
    const bob = new Client(served.port).say("I am bob x9\r\n");
    expect(await ann.rest()).toBe("hello ann\r\nbob came\r\n");
    expect(await bob.rest()).toBe("");
    const last = new Client(served.port).say("last\r\n");
    expect(await last.rest()).toBe("bye\r\n");
    expect((await served.ended).exitCode).toBe(0);
  });
});

describe("a document that cannot be served", () => {
  it.each([
    ["a mistake in it", "---\ntarget: tcp://127.0.0.1:1\n---\n```wire\n>>> {{x}}\n```\n", "nothing above binds {{x}}"],
    ["no example", "---\ntarget: tcp://127.0.0.1:1\n---\n", "has no example to serve"],
    ["no certificate", "---\ntarget: tls://127.0.0.1:1\n---\n```wire\n>>> a\n```\n", "tls:// needs a certificate"],
    [
      "no certificate for STARTTLS",
      "---\ntarget: tcp://127.0.0.1:1\n---\n```wire\n>>> a\n=== starttls\n```\n",
      "=== starttls needs a certificate",
    ],
  ])("%s", async (_name, text, message) => {
    await expect(serveText(text)).rejects.toThrow(message);
  });

  it("says which line no text was found for, and ends", async () => {
    const served = await serveText("---\ntarget: tcp://127.0.0.1:1\n---\n```wire\n>>> a\na\\b\\Bc (re)\n```\n");
    const client = new Client(served.port).say("a\r\n");
    expect(await client.rest()).toBe("");
    expect((await served.ended).failures).toEqual([
      '6 protocol not sent: no text was found that "a\\b\\Bc (re)" matches',
    ]);
  });
});

it("listens on a Unix socket, and removes it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wiredoc-serve-"));
  const path = join(folder, "the.sock");
  try {
    const served = await serveText(PAGE, { listen: { path } });
    expect(served.url).toBe(`unix:${path}`);
    const socket = connect(path);
    socket.write(RIGHT);
    let received = "";
    for await (const text of socket.setEncoding("latin1")) received += text;
    expect(received).toBe(ANSWERS);
    expect((await served.ended).exitCode).toBe(0);
    expect(existsSync(path)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describeWith(["openssl"], "TLS", () => {
  const { ca, cert, key } = makeCertificates(["IP:127.0.0.1"]);
  const certificate = { cert, key };

  it("from the first byte on", async () => {
    const served = await serveText(PAGE.replace("tcp:", "tls:"), { certificate });
    expect(served.url).toMatch(/^tls:/);
    const socket = connectTls({ port: served.port, host: "127.0.0.1", ca });
    socket.write(RIGHT);
    let received = "";
    for await (const text of socket.setEncoding("latin1")) received += text;
    expect(received).toBe(ANSWERS);
    expect((await served.ended).exitCode).toBe(0);
  });

  it("from STARTTLS on", async () => {
    const page = `---\ntarget: tcp://127.0.0.1:1\n---\n\`\`\`wire\n>>> STARTTLS\nready\n=== starttls\n>>> secret\nfine\n=== closed\n\`\`\`\n`;
    const served = await serveText(page, { certificate });
    const client = new Client(served.port).say("STARTTLS\r\n");
    await client.hears("ready\r\n");
    client.socket.removeAllListeners("data");
    const socket = connectTls({ socket: client.socket, host: "127.0.0.1", ca });
    socket.write("secret\r\n");
    let received = "";
    for await (const text of socket.setEncoding("latin1")) received += text;
    expect(received).toBe("fine\r\n");
    expect((await served.ended).failures).toEqual([]);
  });

  it("a client that does not turn to TLS is told so", async () => {
    const page = `---\ntarget: tcp://127.0.0.1:1\n---\n\`\`\`wire\n>>> STARTTLS\nready\n=== starttls\n>>> secret\nfine\n\`\`\`\n`;
    const served = await serveText(page, { certificate, timeout: 500 });
    const client = new Client(served.port).say("STARTTLS\r\n");
    await client.hears("ready\r\n");
    client.say("secret\r\n");
    await client.rest();
    const { exitCode, failures } = await served.ended;
    expect(exitCode).toBe(1);
    expect(failures[0]).toMatch(/^7 protocol the connection did not turn to TLS: /);
  });
});
