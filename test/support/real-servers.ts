import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, test } from "vitest";

/** A server of the kind that people run, on a free loopback port, with files of its own only. */
export interface RealServer {
  readonly target: string;
  readonly port: number;
  /** A folder that only this server has; removed with it. */
  readonly folder: string;
  /** Stops the process and removes the folder. May be called twice. */
  stop(): Promise<void>;
}

const STARTUP = 60_000;
const PYTHON = "/usr/bin/python3";
/** Debian keeps servers in a folder that is not on everybody's PATH. */
const FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];

export function find(command: string): string | undefined {
  for (const folder of FOLDERS) {
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}

/** Whether a program is installed; `aiosmtpd` is a module of Python's. */
export function available(name: string): boolean {
  if (name !== "aiosmtpd") return find(name) !== undefined;
  try {
    execFileSync(PYTHON, ["-c", "import aiosmtpd"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A `describe` that needs programs: where one is missing it is skipped, naming it; in CI it fails. */
export function describeWith(programs: readonly string[], name: string, suite: () => void): void {
  const missing = programs.filter((program) => !available(program)).join(", ");
  if (missing === "") {
    describe(name, suite);
  } else if (process.env.CI) {
    test(name, () => {
      throw new Error(`not installed: ${missing}`);
    });
  } else {
    describe.skip(`${name} (not installed: ${missing})`, suite);
  }
}

export const startRedis = (...options: string[]): Promise<RealServer> =>
  start("redis", "redis-server", ({ port, folder }) => [
    ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"],
    ...options,
  ]);

export const startMemcached = (): Promise<RealServer> =>
  // It refuses to run as root unless told to.
  start("tcp", "memcached", ({ port }) => ["-l", "127.0.0.1", "-p", `${port}`, "-U", "0", "-u", userInfo().username]);

export const startBeanstalkd = (...options: string[]): Promise<RealServer> =>
  start("tcp", "beanstalkd", ({ port }) => ["-l", "127.0.0.1", "-p", `${port}`, ...options]);

/** An SMTP server that takes every mail and drops it. */
export const startSmtp = (): Promise<RealServer> =>
  start("tcp", PYTHON, ({ port }) => [
    ...["-m", "aiosmtpd", "-n", "-l", `127.0.0.1:${port}`, "-c", "aiosmtpd.handlers.Sink"],
  ]);

/** An IRC server named `irc.wire.example`. */
export const startNgircd = (): Promise<RealServer> =>
  start("tcp", "ngircd", ({ port, folder }) => {
    const config = join(folder, "ngircd.conf");
    writeFileSync(
      config,
      `[Global]
Name = irc.wire.example
Info = wiredoc test
AdminEMail = admin@wire.example
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = hello
[Limits]
MaxConnectionsIP = 0
[Options]
DNS = no
Ident = no
PAM = no
`,
    );
    // It reads its configuration before it gives up root.
    return ["--nodaemon", "--config", config];
  });

/**
 * nginx: `/` is the text `hello\n`; `/files/` serves `<folder>/files` (`text.txt` with 1000 bytes, `data.json`) with
 * everything that nginx does for files: ranges, conditional requests, ETag.
 */
export const startNginx = (): Promise<RealServer> =>
  start("http", "nginx", ({ port, folder }) => {
    mkdirSync(join(folder, "files"));
    writeFileSync(join(folder, "files", "text.txt"), "0123456789".repeat(100));
    writeFileSync(join(folder, "files", "data.json"), '{"name": "wiredoc", "list": [1, 2, 3]}\n');
    const config = join(folder, "nginx.conf");
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    writeFileSync(
      config,
      `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  types { text/plain txt; application/json json; }
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:${port};
    location = / { default_type text/plain; return 200 "hello\\n"; }
    location /files/ { root ${folder}; }
  }
}
`,
    );
    return ["-p", folder, "-c", config];
  });

/** What must not outlive the tests. */
export const running: Set<ChildProcess> = new Set();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

interface Place {
  readonly port: number;
  readonly folder: string;
}

async function start(scheme: string, command: string, args: (place: Place) => string[]): Promise<RealServer> {
  const path = find(command) ?? command;
  // Somebody may take the free port before the server does: then another one is tried.
  for (let attempt = 1; ; attempt++) {
    const place = { port: await freePort(), folder: mkdtempSync(join(tmpdir(), "wiredoc-server-")) };
    const child = spawn(path, args(place), { cwd: place.folder, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    let output = "";
    const collect = (chunk: Buffer) => {
      output = (output + chunk).slice(-4000);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => collect(Buffer.from(`${error.message}\n`)));
    const stop = () => stopChild(child, place.folder);
    if (await listens(child, place.port)) return { target: `${scheme}://127.0.0.1:${place.port}`, ...place, stop };
    await stop();
    if (attempt === 3) throw new Error(`${command} did not start:\n${output}`);
  }
}

/** Whether the server takes connections before it ends and before time is up. */
async function listens(child: ChildProcess, port: number): Promise<boolean> {
  const giveUp = Date.now() + STARTUP;
  while (isRunning(child) && Date.now() < giveUp) {
    const socket = connect({ port, host: "127.0.0.1" });
    try {
      await once(socket, "connect");
      return true;
    } catch {
      await delay(10);
    } finally {
      socket.destroy();
    }
  }
  return false;
}

export const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

async function stopChild(child: ChildProcess, folder: string): Promise<void> {
  if (isRunning(child)) {
    const exited = once(child, "exit");
    const force = setTimeout(() => child.kill("SIGKILL"), 2000);
    child.kill("SIGTERM");
    await exited;
    clearTimeout(force);
  }
  running.delete(child);
  rmSync(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
