import { describe, expect, it } from "vitest";
import type { Config } from "../../src/plan/config/config.ts";
import type { ServerDefinition } from "../../src/plan/config/server-definition.ts";
import { replay } from "../support/replay.ts";
import { scriptedServer } from "../support/scripted-server.ts";

/** `CODE n` and `SIGNAL name` end it, `BYE` has it exit after a reply, `HANG` hangs up; other lines come back. */
const SERVER = `
const server = require("node:net").createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", (data) => {
    const [word, value] = String(data).trim().split(" ");
    if (word === "CODE") { console.error("Error: disk full at slot " + value); process.exit(Number(value)); }
    if (word === "SIGNAL") process.kill(process.pid, value);
    else if (word === "BYE") {
      // From the reply on no connection is taken.
      server.close();
      socket.end("bye\\r\\n", () => process.exit(4));
    }
    else if (word === "HANG") socket.destroy();
    else socket.write(data);
  });
}).listen(Number(process.argv[1]), "127.0.0.1", () => console.log("open"));`;

const market = (definition: Partial<ServerDefinition> = {}): Config => ({
  path: undefined,
  folder: process.cwd(),
  documents: [],
  defaults: {},
  vars: {},
  dialects: [],
  servers: {
    market: {
      name: "market",
      command: `exec '${process.execPath}' -e '${SERVER}' {{port}}`,
      target: "tcp://127.0.0.1:{{port}}",
      ready: { kind: "output", regex: /^open/ },
      scope: "document",
      environment: {},
      stop: "SIGTERM",
      startup: 10_000,
      span: undefined,
      ...definition,
    },
  },
});

/** An example a text, each in three lines or more from line 4 on. */
const page = (...examples: readonly string[]): string =>
  `---\nserver: market\n---\n${examples.map((one) => `\`\`\`wire${one.startsWith(" ") ? "" : "\n"}${one}\n\`\`\`\n`).join("")}`;

it("gives no advice on closing where the server has ended", async () => {
  const { exchanges } = await replay(page(">>> a\na\n>>> CODE 3\nOK"), { config: market() });
  expect(exchanges[1]?.failure?.message).toContain("exited with code 3");
  expect(exchanges[1]?.failure?.message).not.toContain("=== closed");
});

it("tells the output of a shared server that does not start once", async () => {
  const config = market({ scope: "run", command: "echo no disk; exit 5" });
  const { documents, exitCode } = await replay([page(">>> a\na"), page(">>> b\nb")], { config });
  expect(exitCode).toBe(3);
  const message = 'server "market" exited with code 5 before it was ready';
  expect(documents.map(({ errors }) => errors)).toMatchObject([
    [{ kind: "server", message, details: ["no disk"] }],
    [{ kind: "server", message: `${message} (see 1.md)`, details: [] }],
  ]);
});

it("is the last one where the run is interrupted while it stops", async () => {
  const interruption = new AbortController();
  const watcher = await scriptedServer(async (peer) => {
    await peer.line();
    interruption.abort();
  });
  const port = watcher.target.split(":").at(-1);
  const telling = `process.on("SIGTERM", () => {
    const told = require("node:net").connect(${port}, "127.0.0.1", () => told.end("stopping\\r\\n"));
    told.on("close", () => process.exit()).resume();
  });`;
  try {
    const config = market({ command: `exec '${process.execPath}' -e '${SERVER}${telling}' {{port}}` });
    const { signal } = interruption;
    const { documents, exitCode } = await replay(page(">>> a\na"), { config, signal, repeat: 5 });
    expect(exitCode).toBe(130);
    expect(documents[0]).toMatchObject({ rounds: 1, interrupted: true, examples: [{ status: "passed" }] });
  } finally {
    await watcher.close();
  }
});

describe("a server that ends in the middle of a run", () => {
  it("is told with its exit code and its last output; what needs it is skipped", async () => {
    const config = market();
    const { documents, failures, exitCode } = await replay(page(">>> CODE 3\nOK", ">>> a\na", ">>> b\nb"), { config });
    expect(failures).toEqual(["closed:6"]);
    expect(exitCode).toBe(1);
    const [first, ...others] = documents[0]!.examples;
    expect(first?.exchanges[0]?.failure).toEqual({
      kind: "closed",
      line: 6,
      message: expect.stringMatching(
        /^server "market" exited with code 3 after it printed: Error: disk full at slot 3; the server closed/,
      ),
      details: ["open", "Error: disk full at slot 3"],
    });
    const reason = 'not tried: server "market" exited with code 3 (see 1.md:6)';
    expect(others.map(({ status, reason: why }) => [status, why])).toEqual([
      ["skipped", reason],
      ["skipped", reason],
    ]);
  });

  it("is told with the signal that killed it, also where a shell started it", async () => {
    for (const command of [market().servers.market!.command!, market().servers.market!.command!.replace("exec ", "")]) {
      const { exchanges } = await replay(page(">>> SIGNAL SIGKILL\nOK"), {
        config: market({ command: `${command}; exit $?` }),
      });
      expect(exchanges[0]?.failure?.message).toMatch(
        /^server "market" (?:was killed by SIGKILL|exited with code 137) after it printed: /,
      );
    }
  });

  it("fails the first example that needs it, where the one before passed", async () => {
    const config = market();
    const { documents, failures, exitCode } = await replay(
      page(">>> BYE\nbye\n=== closed", ">>> a\na\n>>> b\nb", ">>> c\nc"),
      { config },
    );
    expect(failures).toEqual(["connect:10"]);
    expect(exitCode).toBe(3);
    expect(documents[0]?.examples.map(({ status }) => status)).toEqual(["passed", "failed", "skipped"]);
    expect(documents[0]?.examples[1]?.exchanges[0]?.failure?.message).toMatch(/^server "market" exited with code 4/);
  });

  it("is the reason why a request cannot be sent once more, which is shown as sent", async () => {
    const http = `require("node:http").createServer((request, response) => {
      if (request.url === "/end") process.exit(7);
      response.end("ok");
    }).listen(Number(process.argv[1]), "127.0.0.1", () => console.log("open"));`;
    const config = market({
      command: `exec '${process.execPath}' -e '${http}' {{port}}`,
      target: "http://127.0.0.1:{{port}}",
    });
    const get = (path: string): string => `>>> GET ${path} HTTP/1.1\nHTTP/1.1 200 OK`;
    const { exchanges } = await replay(page(get("/"), get("/end")), { config });
    // A process that ends may still accept the second connection.
    expect(exchanges[1]?.failure).toMatchObject({
      kind: expect.stringMatching(/^(?:connect|closed)$/),
      message: expect.stringMatching(/^server "market" exited with code 7 after it printed: open; /),
    });
    expect(exchanges[1]?.unsent).toBeUndefined();
  });

  it("is not tried again", async () => {
    const { documents } = await replay(page(" retry=1000 every=1m\n>>> CODE 3\nOK"), { config: market() });
    expect(documents[0]?.examples[0]?.attempts).toBe(1);
  });

  it("does not hide behind an example that is expected to fail", async () => {
    const { documents, exitCode } = await replay(page(' xfail="so"\n>>> CODE 3\nOK', ">>> a\na"), { config: market() });
    expect(documents[0]?.examples.map(({ status }) => status)).toEqual(["xfailed", "failed"]);
    expect(exitCode).toBe(3);
  });

  it("costs the documents after it, where they share it", async () => {
    const config = market({ scope: "run" });
    const crash = page(">>> CODE 3\nOK");
    const { documents, exitCode } = await replay([crash, page(">>> a\na"), page(">>> b\nb", ">>> c\nc")], { config });
    expect(exitCode).toBe(1);
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    const reason = 'not tried: server "market" exited with code 3 (see 1.md:6)';
    expect(documents.slice(1).flatMap(({ examples }) => examples.map((one) => one.reason))).toEqual([
      reason,
      reason,
      reason,
    ]);
  });

  it("is the reason why the next document cannot connect, where the one before passed", async () => {
    const config = market({ scope: "run" });
    const { documents, exitCode } = await replay([page(">>> BYE\nbye"), page(">>> a\na"), page(">>> b\nb")], {
      config,
    });
    expect(exitCode).toBe(3);
    expect(documents[1]?.errors).toEqual([
      expect.objectContaining({ kind: "connect", line: 5, message: expect.stringMatching(/^server "market" exited/) }),
    ]);
    expect(documents[2]?.errors).toEqual([]);
    expect(documents[2]?.examples[0]?.reason).toBe('not tried: server "market" exited with code 4 (see 2.md:5)');
  });

  it("is not one that hangs up and goes on", async () => {
    const { documents, failures } = await replay(page(">>> HANG\nOK", ">>> a\na"), { config: market() });
    expect(failures).toEqual(["closed:6"]);
    expect(documents[0]?.examples[0]?.exchanges[0]?.failure?.message).toMatch(/^the server (?:closed|broke)/);
    expect(documents[0]?.examples[1]?.status).toBe("passed");
  });
});
