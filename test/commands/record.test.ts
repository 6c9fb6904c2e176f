/** `wiredoc record` with real clients and servers: the document passes when it is run afterwards. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../../src/run.ts";
import { makeCertificates } from "../support/certificates.ts";
import { postgresFolder, startPostgres } from "../support/postgres.ts";
import { describeWith, startBeanstalkd, startMemcached, startNginx, startRedis } from "../support/real-servers.ts";
import { render } from "../support/render.ts";

const EXECUTABLE = fileURLToPath(new URL("../../bin/wiredoc.js", import.meta.url));
const runProgram = promisify(execFile);
const running = new Set<ChildProcess>();
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wiredoc-record-"));
  file = join(folder, "recorded.md");
});
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  rmSync(folder, { recursive: true, force: true });
});

interface Command {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly ended: Promise<number | null>;
}

function record(...args: readonly string[]): Command {
  const child = spawn(process.execPath, [EXECUTABLE, "record", ...args], { cwd: folder, stdio: "pipe" });
  running.add(child);
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk) => (said.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (said.err += chunk));
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { child, said, ended };
}

async function session(input: string, ...args: readonly string[]): Promise<Command["said"] & { code: number | null }> {
  const { child, said, ended } = record(...args);
  child.stdin!.end(input);
  return { code: await ended, ...said };
}

/** A proxy, and the port that it says it listens on. */
async function proxy(target: string, ...args: readonly string[]): Promise<Command & { readonly port: number }> {
  const command = record("--listen", "127.0.0.1:0", "--target", target, "-o", file, ...args);
  const { child, said, ended } = command;
  while (!said.out.includes("\n"))
    await Promise.race([once(child.stdout!, "data"), ended.then(() => expect.fail(said.err))]);
  return { ...command, port: Number(/^listening on \w+:\/\/127\.0\.0\.1:(\d+)\n$/.exec(said.out)![1]) };
}

async function interrupt({ child, ended }: Command): Promise<void> {
  child.kill("SIGINT");
  expect(await ended).toBe(0);
}

const recorded = (): string => readFileSync(file, "utf8");

async function expectToPass(): Promise<void> {
  const events = [];
  for await (const event of run({ cwd: folder, paths: ["recorded.md"] })) events.push(event);
  const end = events.at(-1);
  if (end?.kind !== "run-end" || !end.ok) expect.fail(`${recorded()}\n${await render(events)}`);
  expect(end.counts.passed).toBeGreaterThan(0);
}

/** Says lines on one connection, each after the reply to the one before, which is so many lines. */
class LineClient {
  readonly #socket;
  #received = "";
  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
    this.#socket.on("data", (chunk) => (this.#received += chunk));
  }
  say(text: string): void {
    this.#socket.write(text, "latin1");
  }
  async hear(lines: number): Promise<string> {
    while (this.#received.split("\n").length <= lines) await once(this.#socket, "data");
    const heard = this.#received;
    this.#received = "";
    return heard;
  }
  async ask(text: string, lines: number): Promise<string> {
    this.say(text);
    return this.hear(lines);
  }
  async close(): Promise<void> {
    this.#socket.end();
    await once(this.#socket, "close");
  }
}

describeWith(["redis-server", "redis-cli"], "redis-cli", () => {
  test("is recorded through the proxy", async () => {
    const redis = await startRedis();
    try {
      const recording = await proxy(redis.target);
      const cli = (...args: string[]) => runProgram("redis-cli", ["-p", `${recording.port}`, ...args]);
      await cli("SET", "color", "light green");
      await cli("GET", "color");
      const many = runProgram("redis-cli", ["-p", `${recording.port}`]);
      many.child.stdin!.end(
        'LPUSH list a b\nLRANGE list 0 -1\nNOSUCH\nMULTI\nINCR n\nEXEC\nSET bin "\\x00\\xff"\nGET bin\n',
      );
      await many;
      await interrupt(recording);
      expect(recorded()).toContain('>>> GET color\n"light green"\n');
      await runProgram("redis-cli", ["-p", `${redis.port}`, "FLUSHALL"]);
      await expectToPass();
    } finally {
      await redis.stop();
    }
  });

  test("a kill loses at most the exchange under way", async () => {
    const redis = await startRedis();
    try {
      const recording = await proxy(redis.target);
      const client = new LineClient(recording.port);
      for (let i = 1; i <= 200; i++) expect(await client.ask("INCR n\r\n", 1)).toBe(`:${i}\r\n`);
      recording.child.kill("SIGKILL");
      await recording.ended;
      expect(recorded()).toMatch(/>>> INCR n\n\(integer\) 200\n```\n$/);
      await runProgram("redis-cli", ["-p", `${redis.port}`, "FLUSHALL"]);
      await expectToPass();
    } finally {
      await redis.stop();
    }
  });

  test("a session is piped in", async () => {
    const redis = await startRedis();
    try {
      const lines = "SET n 4\nINCR n\nQUIT\nPING\nbob>>> GET n\n=== close\n";
      const { code, out, err } = await session(lines, "--target", redis.target, "-o", file);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toBe('OK\n(integer) 5\nOK\nPONG\nbob<<< "5"\n');
      expect(recorded()).toContain(">>> QUIT\nOK\n=== closed\n");
      expect(recorded()).toContain('client1>>> PING\nPONG\nbob>>> GET n\n"5"\nbob=== close\n');
      await expectToPass();
    } finally {
      await redis.stop();
    }
  });
});

describeWith(["nginx", "curl"], "curl", () => {
  test("is recorded through the proxy", async () => {
    const nginx = await startNginx();
    try {
      const recording = await proxy(nginx.target);
      const url = `http://127.0.0.1:${recording.port}`;
      const curl = (...args: string[]) => runProgram("curl", ["-s", "--max-time", "20", ...args]);
      await curl(`${url}/`, `${url}/files/data.json`);
      await curl("-I", `${url}/files/text.txt`);
      await curl("--compressed", "-r", "0-9", `${url}/files/text.txt`);
      await curl("-L", `${url}/files`);
      await curl("-d", "a=b", `${url}/files/`);
      await interrupt(recording);
      expect(recorded()).not.toMatch(/^(?:Date|Server|ETag|Last-Modified):/im);
      await expectToPass();
    } finally {
      await nginx.stop();
    }
  });

  describeWith(["openssl"], "over TLS", () => {
    test("toward the client", async () => {
      const nginx = await startNginx();
      try {
        const { ca, cert, key } = makeCertificates(["IP:127.0.0.1"]);
        for (const [name, text] of Object.entries({ ca, cert, key })) writeFileSync(join(folder, name), text);
        const recording = await proxy(nginx.target, "--tls-cert", "cert", "--tls-key", "key");
        expect(recording.said.out).toMatch(/^listening on https:/);
        const url = `https://127.0.0.1:${recording.port}/`;
        expect((await runProgram("curl", ["-s", "--cacert", join(folder, "ca"), url])).stdout).toBe("hello\n");
        await expect(runProgram("curl", ["-s", url])).rejects.toThrow();
        await expect(runProgram("curl", ["-s", url.replace("https", "http")])).rejects.toThrow();
        await interrupt(recording);
        const problem = "wiredoc: a client did not complete the TLS handshake: ";
        expect(recording.said.err).toContain(`${problem}it does not trust the certificate; `);
        expect(recording.said.err).toContain(`${problem}it does not speak TLS; let it connect to https://`);
        await expectToPass();
      } finally {
        await nginx.stop();
      }
    });
  });
});

describeWith(["memcached"], "a memcached client", () => {
  test("is recorded through the proxy", async () => {
    const memcached = await startMemcached();
    try {
      const recording = await proxy(memcached.target);
      const client = new LineClient(recording.port);
      await client.ask("set a 0 0 5\r\nhello\r\n", 1);
      await client.ask("set b 0 0 4\r\n\x00\x01\xfe\xff\r\n", 1);
      await client.ask("get a b\r\n", 5);
      await client.ask("nonsense\r\n", 1);
      await client.close();
      await interrupt(recording);
      expect(recorded()).toContain("00 01 fe ff 0d 0a (hex)\n");
      await expectToPass();
    } finally {
      await memcached.stop();
    }
  });
});

describeWith(["beanstalkd"], "clients that wait for each other", () => {
  test("are recorded through the proxy", async () => {
    const [first, fresh] = [await startBeanstalkd(), await startBeanstalkd()];
    try {
      const recording = await proxy(first.target);
      const [producer, worker] = [new LineClient(recording.port), new LineClient(recording.port)];
      await worker.ask("watch jobs\r\n", 1);
      await producer.ask("use jobs\r\n", 1);
      worker.say("reserve\r\n");
      while (!recorded().includes("use jobs")) await delay(5);
      await delay(50);
      expect(await producer.ask("put 0 0 60 5\r\nhello\r\n", 1)).toBe("INSERTED 1\r\n");
      await worker.hear(2);
      await worker.ask("delete 1\r\n", 1);
      await producer.close();
      await worker.close();
      await interrupt(recording);
      writeFileSync(file, recorded().replace(first.target, fresh.target));
      await expectToPass();
    } finally {
      await Promise.all([first.stop(), fresh.stop()]);
    }
  });
});

describeWith(postgresFolder() ? ["psql"] : ["psql", "postgresql-server"], "psql", () => {
  test("is recorded through the proxy", { timeout: 120_000 }, async () => {
    const postgres = await startPostgres();
    try {
      const recording = await proxy(`tcp://127.0.0.1:${postgres.port}`);
      const address = ["-X", "-h", "127.0.0.1", "-p", `${recording.port}`, "-U", "postgres"];
      const psql = (...commands: string[]) =>
        runProgram("psql", [...address, ...commands.flatMap((one) => ["-c", one])]);
      await psql("create table t (id int, name text)", "insert into t values (1, 'ünï'), (2, null)", "select * from t");
      await psql("select now(), 1 as one", "drop table t").catch(() => {});
      await psql("select broken").catch(() => {});
      await interrupt(recording);
      expect(recording.said.err).toBe(
        "wiredoc: a client asked for encryption and was told that there is none, so that its messages can be recorded\n",
      );
      expect(recorded()).toContain("dialect: hex\n");
      await expectToPass();
    } finally {
      postgres.stop();
    }
  });
});

describe("a file that exists", () => {
  test("is never overwritten", async () => {
    writeFileSync(file, "mine");
    const { code, err } = await session("", "--target", "tcp://127.0.0.1:1", "-o", "recorded.md");
    expect(code).toBe(2);
    expect(err).toBe(
      'wiredoc: the document "recorded.md" cannot be written: it exists already: delete it first, or choose another name [usage]\n',
    );
    expect(recorded()).toBe("mine");
  });
});

describe("a server that cannot be reached", () => {
  test("ends a session with 3, and leaves no file", async () => {
    const { code, err } = await session("a\n", "--target", "tcp://127.0.0.1:1", "-o", file);
    expect({ code, err }).toEqual({
      code: 3,
      err: "wiredoc: cannot connect to tcp://127.0.0.1:1: nothing listens there (connection refused)\n",
    });
    expect(existsSync(file)).toBe(false);
  });

  test("costs a client of the proxy its connection, and is told", async () => {
    const recording = await proxy("tcp://127.0.0.1:1");
    const client = connect({ port: recording.port, host: "127.0.0.1" }).on("error", () => {});
    await new Promise((resolve) => client.on("close", resolve));
    await interrupt(recording);
    expect(recording.said.err).toMatch(/^wiredoc: cannot connect to tcp:\/\/127\.0\.0\.1:1: nothing listens/);
    expect(recorded()).toBe("---\ntarget: tcp://127.0.0.1:1\nconnection: example\n---\n\n# A recording\n");
  });
});

describe("an address that is taken", () => {
  test("ends the proxy with 3, and leaves no file", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { code, err } = await session(
      "",
      "--target",
      "tcp://127.0.0.1:1",
      "--listen",
      `127.0.0.1:${port}`,
      "-o",
      file,
    );
    server.close();
    expect(code).toBe(3);
    expect(err).toMatch(/^wiredoc: cannot listen on 127\.0\.0\.1:\d+: another program listens there/);
    expect(existsSync(file)).toBe(false);
  });
});

describe("a session", () => {
  test("hears a greeting, notes what controls say, and stops at a mistake", async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {}).on("end", () => socket.end("bye\r\n"));
      socket.on("data", (chunk) => (`${chunk}` === "QUIT\r\n" ? socket.end("221\r\n") : socket.write(`echo ${chunk}`)));
      socket.write("220 hi\r\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    try {
      const lines = "A\n=== silence 20ms\n=== half-close\n=== closed\nbob>>> QUIT\n=== closed\n>>> B\n{{c}}\nD\n";
      const { code, out, err } = await session(lines, "--target", `tcp://127.0.0.1:${port}`, "-o", file);
      expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining("line 8: {{c}} has no value") });
      expect(out).toBe("220 hi\necho A\nbye\nbob<<< 220 hi\nbob<<< 221\n220 hi\necho B\n");
      const blocks = [...recorded().matchAll(/```wire\n(.*?)```/gs)].map(([, block]) => block);
      expect(blocks).toEqual([
        "220 hi\n>>> A\necho A\n=== silence 20ms\n=== half-close\nbye\n=== closed\n",
        "bob<<< 220 hi\nbob>>> QUIT\n221\nbob=== closed\n",
        "220 hi\n>>> B\necho B\n",
      ]);
    } finally {
      server.close();
    }
  });
});

describe("without a file", () => {
  test("the document goes to standard output, and replies to standard error", async () => {
    const server = createServer((socket) => socket.write("220 hi\r\n")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { code, out, err } = await session("", "--target", `tcp://127.0.0.1:${port}`);
    server.close();
    expect({ code, err }).toEqual({ code: 0, err: "220 hi\n" });
    expect(out).toMatch(/## A conversation\n\n```wire\n220 hi\n```\n$/);
  });
});

describe("mistakes on the command line", () => {
  test.each([
    [[], "no server to record: name it with --target URL, or a recording with --import FILE [usage]"],
    [["--target", "tcp://127.0.0.1:1", "a.md"], '"wiredoc record" takes no documents: write the new one with -o a.md'],
    [["--target", "127.0.0.1:1"], "--target: "],
    [["--target", "tcp://127.0.0.1:1", "--dialect", "htp"], '--dialect: unknown dialect "htp" (did you mean "http"?)'],
    [["--target", "tcp://127.0.0.1:1", "--dialect", "protobuf"], "--dialect: the dialect protobuf needs a schema"],
    [["--target", "tcp://127.0.0.1:1", "--listen", "8000"], '--listen: invalid address "8000": use for example'],
    [["--target", "tcp://127.0.0.1:1", "--tls-cert", "a"], "--tls-cert needs the private key"],
    [["--target", "tcp://127.0.0.1:1", "--tls-key", "a"], "--tls-key needs the certificate"],
    [
      ["--target", "tcp://127.0.0.1:1", "--listen", "127.0.0.1:0", "--tls-cert", "a", "--tls-key", "b"],
      '--tls-cert: the file "a" cannot be read: there is no such file',
    ],
  ])("%j", async (args, message) => {
    const { code, err } = await session("", ...args);
    expect(code).toBe(2);
    expect(err).toContain(`wiredoc: ${message}`);
  });
});
