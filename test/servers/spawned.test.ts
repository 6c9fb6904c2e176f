import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { killAllServersNow } from "../../src/servers/process-group.ts";
import { type RunningServer, ServerError } from "../../src/servers/server.ts";
import { type SpawnedDefinition, spawnedServer } from "../../src/servers/spawned.ts";
import { groupIn, runningMembers } from "./process-listing.ts";

const NEVER = new AbortController().signal;
const NODE = process.execPath;
/** Prints its group, so that a test can look whether it is gone. */
const GROUP = "echo group $$";
const LISTEN = `require("net").createServer(s => s.end("hi")).listen(+process.env.PORT, "127.0.0.1")`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wiredoc-servers-"));
});
afterAll(() => rm(folder, { recursive: true }));

const started: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

function define(definition: Partial<SpawnedDefinition>) {
  return spawnedServer({
    name: "test",
    command: `${GROUP}; exec ${NODE} -e '${LISTEN}'`,
    target: "tcp://127.0.0.1:{{port}}",
    ready: { kind: "tcp" },
    environment: { PORT: "{{port}}" },
    stop: "SIGTERM",
    startup: 10_000,
    cwd: folder,
    ...definition,
  });
}

async function start(definition: Partial<SpawnedDefinition>): Promise<RunningServer> {
  const server = await define(definition).start(NEVER);
  started.push(server);
  return server;
}

async function failure(definition: Partial<SpawnedDefinition>, signal = NEVER): Promise<ServerError> {
  const error = await define(definition)
    .start(signal)
    .then((server) => server.stop())
    .catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ServerError);
  return error as ServerError;
}

function read(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    connect(Number(new URL(target).port), "127.0.0.1")
      .on("data", (chunk) => {
        text += chunk;
      })
      .on("end", () => resolve(text))
      .on("error", reject);
  });
}

describe("readiness", () => {
  it("is a TCP connection to the port that command, target and environment share", async () => {
    const port = "{{port}}";
    const server = await start({
      command: `echo command ${port}; exec ${NODE} -e 'console.log("environment", process.env.PORT); ${LISTEN}'`,
    });
    expect(await read(server.target)).toBe("hi");
    const { port: number } = new URL(server.target);
    await expect.poll(() => server.output()).toBe(`command ${number}\nenvironment ${number}`);
  });

  it("does not break off a server that is about to greet, which would be its end", async () => {
    const greet = `require("net").createServer({ allowHalfOpen: true }, s => { s.write("hello"); setTimeout(() => s.end(" there"), 50); s.on("error", e => { console.log(e.code); process.exit(1) }); s.on("end", () => console.log("end")) })`;
    const server = await start({
      command: `exec ${NODE} -e '${greet}.listen(+process.env.PORT, "127.0.0.1")'`,
    });
    await expect.poll(() => server.output()).toBe("end");
    expect(await read(server.target)).toBe("hello there");
  });

  it("is a connection to a Unix socket", async () => {
    const path = join(folder, "a.sock");
    const server = await start({
      command: `exec ${NODE} -e 'require("net").createServer().listen(process.env.SOCKET)'`,
      environment: { SOCKET: path },
      target: `unix:${path}`,
    });
    expect(server.target).toBe(`unix:${path}`);
  });

  it.each(["stdout", "stderr"])("is a line on %s that matches, in however many pieces it comes", async (stream) => {
    const print = `for (const [i, c] of [..."first\\nready to go\\n"].entries()) setTimeout(() => process.${stream}.write(c), i * 2)`;
    const server = await start({
      command: `exec ${NODE} -e '${print}; setInterval(() => {}, 1000)'`,
      target: "tcp://127.0.0.1:1",
      ready: { kind: "output", regex: /^ready to go$/g },
    });
    expect(server.output()).toContain("ready to go");
  });

  it("is found in output that ran on for long before", async () => {
    const server = await start({
      command: `head -c 1000000 /dev/zero | tr '\\0' x; echo; echo ready; exec sleep 60`,
      ready: { kind: "output", regex: /^ready/ },
    });
    expect(server.output()).toMatch(/ready$/);
  });

  it("is an answer to a GET with a status below 500", async () => {
    const serve = `let n = 0; require("http").createServer((q, r) => { r.statusCode = q.url !== "/health" ? 500 : n++ < 3 ? 503 : 404; console.log(r.statusCode); r.end() }).listen(+process.env.PORT, "127.0.0.1")`;
    const server = await start({
      command: `exec ${NODE} -e '${serve}'`,
      target: "http://127.0.0.1:{{port}}/api",
      ready: { kind: "http", path: "/health" },
    });
    await expect.poll(() => server.output().split("\n")).toEqual(["503", "503", "503", "404"]);
  });

  it("never comes from a server of somebody else that is there already", async () => {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const error = await failure({ target: `tcp://127.0.0.1:${port}` });
    expect(error.message).toBe(`server "test" was not started: something listens on 127.0.0.1:${port} already`);
    await new Promise((resolve) => other.close(resolve));
  });
});

describe("a server that does not start", () => {
  it("is reported with its exit code and the end of its output", async () => {
    const error = await failure({ command: "for i in $(seq 100); do echo line $i; done; echo oops >&2; exit 3" });
    expect(error.message).toBe('server "test" exited with code 3 before it was ready');
    const lines = error.output.split("\n");
    expect(lines).toHaveLength(20);
    expect(lines).toContain("line 100");
    expect(lines).toContain("oops");
  });

  it("is reported where it goes to the background, and what it left there is stopped", async () => {
    const error = await failure({ command: `${GROUP}; sleep 60 &`, target: "tcp://127.0.0.1:{{port}}" });
    expect(error.message).toMatch(
      /exited with code 0 before it was ready \(its command has to stay in the foreground\)/,
    );
    expect(runningMembers(groupIn(error.output))).toEqual([]);
  });

  it("is reported with the signal that killed it", async () => {
    const error = await failure({ command: "kill -SEGV $$" });
    expect(error.message).toBe('server "test" was killed by SIGSEGV before it was ready');
  });

  it("is reported where the command does not exist", async () => {
    const error = await failure({ command: "no-such-program-at-all" });
    expect(error.message).toBe('server "test" exited with code 127 before it was ready');
    expect(error.output).toContain("no-such-program-at-all");
  });

  it("is reported where the folder does not exist", async () => {
    const error = await failure({ cwd: join(folder, "nowhere") });
    expect(error.message).toBe(`server "test" could not be started: no folder "${join(folder, "nowhere")}"`);
  });

  it("is reported where the system refuses the command", async () => {
    const error = await failure({ command: "echo \0" });
    expect(error.message).toMatch(/^server "test" could not be started: /);
  });

  it.each([
    [
      { kind: "tcp" },
      /^server "test" was not ready within 500ms \(waiting for a TCP connection to 127\.0\.0\.1:\d+\)$/,
    ],
    [
      { kind: "output", regex: /ready/i },
      /^server "test" was not ready within 500ms \(waiting for its output to match \/ready\/i\)$/,
    ],
    [
      { kind: "http", path: "/up" },
      /^server "test" was not ready within 500ms \(waiting for GET \/up at 127\.0\.0\.1:\d+ to answer\)$/,
    ],
  ] as const)("is reported and stopped where it never gets ready: %o", async (ready, message) => {
    const error = await failure({ command: `${GROUP}; sleep 60`, ready, startup: 500 });
    expect(error.message).toMatch(message);
    expect(runningMembers(groupIn(error.output))).toEqual([]);
  });

  it("is reported where it accepts connections but never answers a GET", async () => {
    const silent = `require("net").createServer(() => {}).listen(+process.env.PORT, "127.0.0.1")`;
    const error = await failure({
      command: `${GROUP}; exec ${NODE} -e '${silent}'`,
      ready: { kind: "http", path: "/" },
      startup: 500,
    });
    expect(error.message).toMatch(/was not ready within 500ms/);
  });

  it("is reported where its target or its path is nothing to connect to", async () => {
    const udp = await failure({ target: "udp://127.0.0.1:{{port}}" });
    expect(udp.message).toMatch(/^server "test": no connection can be made to "udp:.*`ready: \{output: …\}`\)$/);
    const path = await failure({ command: `${GROUP}; exec sleep 60`, ready: { kind: "http", path: "/a b" } });
    expect(path.message).toMatch(/^server "test" cannot be waited for: /);
  });

  it("is stopped when the run is interrupted meanwhile", async () => {
    const interruption = new AbortController();
    const pids = join(folder, "interrupted");
    const starting = define({ command: `echo group $$ > ${pids}; sleep 60 & sleep 60` }).start(interruption.signal);
    const written = (): Promise<string> => readFile(pids, "utf8").catch(() => "");
    await expect.poll(written).toMatch(/group \d+\n/);
    interruption.abort(new Error("interrupted"));
    await expect(starting).rejects.toThrow("interrupted");
    expect(runningMembers(groupIn(await written()))).toEqual([]);
    await expect(define({}).start(interruption.signal)).rejects.toThrow("interrupted");
  });
});

describe("stopping", () => {
  it("sends the signal that was asked for to the whole group, and waits", async () => {
    const child = `process.on("SIGINT", () => { console.log(process.argv[1], "got SIGINT"); setTimeout(() => process.exit(), 100) }); console.log(process.argv[1], "up"); setInterval(() => {}, 1000)`;
    const server = await start({
      command: `${GROUP}; trap "" INT; (trap - INT; exec ${NODE} -e '${child}' one) & exec ${NODE} -e '${child}' two`,
      ready: { kind: "output", regex: /two up/ },
      stop: "SIGINT",
    });
    await expect.poll(() => server.output()).toMatch(/one up/);
    await server.stop();
    expect(runningMembers(groupIn(server.output()))).toEqual([]);
    expect(server.output()).toMatch(/two got SIGINT/);
  });

  it("kills what ignores the signal, a child that outlives its leader included", async () => {
    const stubborn = `process.on("SIGTERM", () => console.log("no")); console.log("ready"); setInterval(() => {}, 1000)`;
    const server = await start({
      command: `${GROUP}; ${NODE} -e '${stubborn}' & sleep 60`,
      ready: { kind: "output", regex: /ready/ },
    });
    const group = groupIn(server.output());
    expect(runningMembers(group)).toHaveLength(3);
    const before = performance.now();
    await Promise.all([server.stop(), server.stop()]);
    expect(performance.now() - before).toBeGreaterThan(1900);
    expect(runningMembers(group)).toEqual([]);
    expect(server.output()).toContain("no");
    await server.stop();
  });

  it("works where the server has ended on its own, and where a daemon keeps its output open", async () => {
    const daemon = join(folder, "daemon");
    const detached = `require("child_process").spawn("sleep", ["60"], { detached: true, stdio: "inherit" })`;
    const server = await start({
      command: `${GROUP}; exec ${NODE} -e 'const p = ${detached}; require("fs").writeFileSync("${daemon}", String(p.pid)); console.log("ready"); p.unref()'`,
      ready: { kind: "output", regex: /ready/ },
    });
    await expect.poll(() => runningMembers(groupIn(server.output()))).toEqual([]);
    await server.stop();
    process.kill(Number(await readFile(daemon, "utf8")), "SIGKILL");
  });

  it("holds only the end of what an endless talker printed", async () => {
    const pid = join(folder, "talker");
    const server = await start({
      command: `echo $$ > ${pid}; yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 50000000; echo done; exec yes end`,
      ready: { kind: "output", regex: /done$/ },
    });
    const group = Number((await readFile(pid, "utf8")).trim());
    await expect.poll(() => server.output().split("\n").slice(1)).toEqual(Array.from({ length: 19 }, () => "end"));
    await server.stop();
    expect(runningMembers(group)).toEqual([]);
  });
});

describe("the end of the process", () => {
  let program: string;
  beforeAll(async () => {
    program = join(folder, "run.mjs");
    const entry = new URL("../../src/servers/spawned.ts", import.meta.url).pathname;
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: join(folder, "spawned.mjs"),
    });
    await writeFile(
      program,
      `import { spawnedServer } from "./spawned.mjs";
       const server = await spawnedServer({
         name: "test", command: "echo group $$; trap '' TERM; (sleep 60) & sleep 60", target: "tcp://127.0.0.1:1",
         ready: { kind: "output", regex: /group/ }, environment: {}, stop: "SIGTERM", startup: 10000, cwd: ".",
       }).start(new AbortController().signal);
       console.log(server.output());
       process.stdin.once("data", (how) => {
         if (String(how) === "exit") process.exit(0);
         if (String(how) === "throw") throw new Error("a bug");
         process.kill(process.pid, String(how));
       });`,
    );
  });

  it.each(["exit", "throw", "SIGTERM", "SIGKILL"])("leaves no server behind: %s", async (how) => {
    const run = spawn(NODE, [program], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    const output = await new Promise<string>((resolve) => run.stdout.once("data", (chunk) => resolve(String(chunk))));
    const group = groupIn(output);
    expect(runningMembers(group).length).toBeGreaterThan(0);
    const exited = new Promise((resolve) => run.once("exit", resolve));
    run.stdin.write(how);
    await exited;
    await expect.poll(() => runningMembers(group)).toEqual([]);
  });

  it("can be told to kill all servers at once, without waiting", async () => {
    const server = await start({
      command: `${GROUP}; trap '' TERM; sleep 60 & echo up; wait`,
      ready: { kind: "output", regex: /up/ },
    });
    const group = groupIn(server.output());
    killAllServersNow();
    await expect.poll(() => runningMembers(group)).toEqual([]);
  });
});
