import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { engines } from "../../src/builtins.ts";
import { readArguments } from "../../src/commands/arguments.ts";
import { helpText } from "../../src/commands/help.ts";
import { storeCommand } from "../../src/commands/store.ts";

import { type StoreValues, storeValues } from "../../src/commands/store-values.ts";
import { freePort } from "../../src/servers/free-port.ts";
import { etcdEngine } from "../../src/store/etcd/etcd.ts";
import { DEFAULT_HISTORY, DEFAULT_LIMITS } from "../../src/store/limits.ts";
import { Client, encode } from "../store/client.ts";
import { startEtcd } from "../support/etcd.ts";
import { describeWith } from "../support/real-servers.ts";

const EXECUTABLE = fileURLToPath(new URL("../../bin/wiredoc.js", import.meta.url));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

interface Command {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly said: { out: string; err: string };
  readonly ended: Promise<number | null>;
}

function wiredocStore(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Command {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [EXECUTABLE, "store", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
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

/** The port that it says it listens on. */
async function portOf({ child, said, ended }: Command): Promise<number> {
  while (!said.out.includes("\n"))
    await Promise.race([once(child.stdout!, "data"), ended.then(() => expect.fail(said.err))]);
  return Number(/^listening on doozer:\/\/127\.0\.0\.1:(\d+)\n$/.exec(said.out)![1]);
}

describe("wiredoc store", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("says where it listens, serves, and ends with 0 on %s", async (signal) => {
    const command = wiredocStore(["--listen", "127.0.0.1:0"]);
    const client = await Client.open(await portOf(command));
    expect(await client.ask("SET", { path: "/a", rev: 0, value: "x" })).toEqual({ rev: 59 });
    client.send(encode("WAIT", { path: "/a", rev: 60 }));
    const silent = await Client.open(await portOf(command));
    silent.socket.pause();
    command.child.kill(signal);
    expect(await client.frame()).toBe("closed");
    expect(await command.ended).toBe(0);
    expect(command.said.err).toBe("");
    await Promise.all([client.close(), silent.close()]);
  });

  test("takes secrets from the environment, limits from the command line", async () => {
    const command = wiredocStore(["--listen", "127.0.0.1:0", "--history", "3", "--max-message", "1KiB"], {
      WIREDOC_SECRET: "rw",
      WIREDOC_READ_ONLY_SECRET: "ro",
    });
    const client = await Client.open(await portOf(command));
    expect(await client.ask("GET", { path: "/a" })).toMatchObject({ err_detail: "permission denied" });
    expect(await client.ask("ACCESS", { value: "ro" })).toEqual({});
    expect(await client.ask("GET", { path: "/a", rev: 55 })).toEqual({ err_code: 4 });
    expect(await client.ask("GET", { path: "/a", rev: 56 })).toEqual({ rev: 0, value: "" });
    expect(await client.ask("ACCESS", { value: "rw" })).toEqual({});
    expect(await client.ask("SET", { path: "/a", rev: 0, value: "x".repeat(1024) })).toMatchObject({ err_code: 127 });
    await client.close();
  });

  test("says what is in its way, and ends with 3", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const command = wiredocStore(["--listen", `127.0.0.1:${port}`]);
    expect(await command.ended).toBe(3);
    expect(command.said).toEqual({
      out: "",
      err: `wiredoc: cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose another port with --listen HOST:PORT\n`,
    });
    other.close();
  });

  test.each([
    ["--engine etcdd", '--engine: unknown engine "etcdd"'],
    ["--engine etcd --etcd 127.0.0.1:2379", "--etcd: an etcd member is given as http://host:port"],
    ["--engine etcd --etcd http://me:secret@h/root", 'the URL of an etcd member ends with its port: "http://…@h/root"'],
    ["--etcd http://127.0.0.1:2379", "--etcd needs the engine etcd: add --engine etcd"],
    ["a.md", '"wiredoc store" takes no documents: remove "a.md"'],
    ["--jobs 3", '"wiredoc store" has no option --jobs: it belongs to "wiredoc run"'],
    ["--secret=", "--secret needs a value: --secret SECRET"],
  ])("%s is a mistake", async (args, message) => {
    const command = wiredocStore(args.split(" "));
    expect(await command.ended).toBe(2);
    expect(command.said.err).toContain(message);
  });

  describeWith(["etcd"], "on etcd", () => {
    test("stands beside others, and is told what they do", async () => {
      const etcd = await startEtcd();
      try {
        const options = ["--listen", "127.0.0.1:0", "--engine", "etcd"];
        const commands = [
          wiredocStore([...options, "--etcd", etcd.endpoints[0]!]),
          wiredocStore(options, { WIREDOC_ETCD: `http://127.0.0.1:1, ${etcd.endpoints[0]}` }),
        ];
        const [one, other] = await Promise.all(commands.map(async (command) => Client.open(await portOf(command))));
        const rev = Number((await one!.ask("SET", { path: "/a", rev: 0, value: "x" })).rev);
        expect(await other!.ask("SET", { path: "/a", rev: 0, value: "y" })).toEqual({ err_code: 5 });
        expect(await other!.ask("GET", { path: "/a" })).toEqual({ rev, value: "x" });
        expect(await other!.ask("WAIT", { path: "/a", rev })).toEqual({ flags: 4, rev, path: "/a", value: "x" });
        expect(await one!.ask("REV", {})).toEqual({ rev: rev + 1 });
        for (const { child } of commands) child.kill("SIGTERM");
        expect(await Promise.all(commands.map(({ ended }) => ended))).toEqual([0, 0]);
        await Promise.all([one!.close(), other!.close()]);
      } finally {
        await etcd.stop();
      }
    });
  });

  test("without an etcd says who was asked, and ends with 3", async () => {
    // In process, as the command itself asks for ten seconds.
    const impatient = vi.spyOn(engines, "etcd");
    impatient.mockImplementation(({ etcd }) => etcdEngine({ endpoints: etcd, timeout: 100 }));
    const [stdout, stderr] = [new PassThrough({ encoding: "utf8" }), new PassThrough({ encoding: "utf8" })];
    try {
      const etcd = `http://127.0.0.1:${await freePort()}`;
      const given = { command: "store", paths: [], flags: {}, texts: { engine: ["etcd"], etcd: [etcd] } } as const;
      const code = await storeCommand(given, {
        ...{ stdin: new PassThrough(), stdout, stderr },
        takeInterrupts: () => new AbortController().signal,
      });
      const told = stderr.read();
      expect(code).toBe(3);
      expect(stdout.read()).toBeNull();
      expect(told).toMatch(
        /^wiredoc: the engine "etcd" cannot be asked: etcd: no member answered within 100 ms: .*\n$/,
      );
      expect(told).toContain(`${etcd}: connect ECONNREFUSED`);
    } finally {
      impatient.mockRestore();
    }
  });

  test("warns of what leaves the store open", async () => {
    const command = wiredocStore(["--listen", "127.0.0.1:0", "--read-only-secret", "ro"]);
    await portOf(command);
    expect(command.said.err).toMatch(/^wiredoc: there is a secret for reading only: .* set WIREDOC_SECRET\n$/);
    const same = wiredocStore(["--listen", "127.0.0.1:0"], { WIREDOC_SECRET: "s", WIREDOC_READ_ONLY_SECRET: "s" });
    await portOf(same);
    expect(same.said.err).toMatch(/^wiredoc: the secret for reading only is the one for writing too: .*\n$/);
  });
});

describe("its options", () => {
  const read = (line: string, environment: Readonly<Record<string, string>> = {}): StoreValues => {
    const given = readArguments(["store", ...line.split(" ").filter(Boolean)]);
    return storeValues(given, ["memory", "other"], environment);
  };

  test("have defaults", () => {
    expect(read("")).toEqual({
      host: "127.0.0.1",
      port: 8046,
      engine: "memory",
      etcd: ["http://127.0.0.1:2379"],
      history: undefined,
      secret: "",
      readOnlySecret: "",
      limits: DEFAULT_LIMITS,
    });
  });

  test("have the defaults that the help tells", async () => {
    const help = (await helpText("store", undefined)).replace(/\s+/g, " ");
    const told = [...help.matchAll(/--([a-z-]+) [A-Z:]+: (?:(?!--).)*?default: (\S+)/g)];
    expect(told.map(([, name]) => name)).toEqual([
      ...["listen", "engine", "etcd", "history", "max-message", "max-open", "max-connections", "message-timeout"],
    ]);
    expect(
      read(
        told
          .filter(([, name]) => name !== "etcd")
          .map(([, name, value]) => `--${name} ${value}`)
          .join(" "),
      ),
    ).toEqual({
      ...read(""),
      history: DEFAULT_HISTORY,
    });
  });

  test("are read", () => {
    expect(
      read(
        "--listen [::1]:1 --engine other --history 7 --secret a --read-only-secret b --max-message 2KiB --max-open 0 " +
          "--max-connections 9 --message-timeout 5s",
        { WIREDOC_SECRET: "c", WIREDOC_READ_ONLY_SECRET: "d" },
      ),
    ).toEqual({
      host: "::1",
      port: 1,
      engine: "other",
      etcd: ["http://127.0.0.1:2379"],
      history: 7,
      secret: "a",
      readOnlySecret: "b",
      limits: { maxMessage: 2048, maxOpen: 0, maxConnections: 9, messageTimeout: 5000 },
    });
    expect(read("--listen localhost:0", { WIREDOC_SECRET: "c" })).toMatchObject({
      host: "localhost",
      port: 0,
      secret: "c",
    });
  });

  test.each([
    ["--listen 8046", '--listen: invalid address "8046": use for example 127.0.0.1:8046 or [::1]:8046'],
    ["--listen ::1:80", '--listen: invalid address "::1:80": use for example 127.0.0.1:8046 or [::1]:8046'],
    ["--listen a:65536", '--listen: invalid address "a:65536": use for example 127.0.0.1:8046 or [::1]:8046'],
    ["--history 0", '--history: invalid number "0": use a whole number, 1 or more'],
    ["--max-message 0", '--max-message: invalid size "0": use for example 64KiB, 1MiB or 4096'],
    ["--max-message 3GB", '--max-message: "3GB" is larger than a message can be: use 256MiB or less'],
    ["--max-message 257MiB", '--max-message: "257MiB" is larger than a message can be: use 256MiB or less'],
    ["--message-timeout 5", '--message-timeout: invalid duration "5": use for example 500ms, 30s or 1m'],
    ["--engine memry", '--engine: unknown engine "memry" (did you mean "memory"?): use "memory" or "other"'],
  ])("that are wrong say what would be right: %s", (line, message) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: "usage", message }));
  });

  test.each(["WIREDOC_SECRET", "WIREDOC_READ_ONLY_SECRET"])("take no secret that is not UTF-8: %s", (variable) => {
    const message = `${variable}: the secret is not valid UTF-8: use one that is`;
    const environment = { [variable]: Buffer.from("a\xff", "latin1").toString() };
    expect(() => read("", environment)).toThrow(expect.objectContaining({ code: "usage", message }));
  });
});
