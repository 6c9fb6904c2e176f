import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const EXECUTABLE = fileURLToPath(new URL("../bin/wiredoc.js", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../package.json", import.meta.url));

let folder: string;
const running = new Set<ChildProcess>();
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "wiredoc-cli-")));
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  await rm(folder, { recursive: true });
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(...args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const child = spawn(process.execPath, [EXECUTABLE, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk) => (text.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (text.err += chunk));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => {
      running.delete(child);
      // Each mistake names its code, which docs/errors.md explains.
      resolve({ code, out: text.out, err: text.err.replace(/ \[[a-z-]+\]$/gm, "") });
    });
  });
  return { child, ended };
}

const wiredoc = (...args: readonly string[]): Promise<Ended> => start(...args).ended;

const document = (...exchange: readonly string[]): string =>
  ["---", "server: builtin:kv", "---", "", "# greeting", "", "```wire", "KV 1.0 ready", ...exchange, "```", ""].join(
    "\n",
  );
const PASSING = document(">>> GET a", "NONE", ">>> QUIT", "BYE");
const FAILING = document(">>> GET a", "VALUE 1 b");
const MISTAKEN = document(">>> GET {{a");
const UNBOUND = document(">>> GET {{nobody}}", "NONE");

describe("run", () => {
  test("reports and ends with 0 where everything passed", async () => {
    await put("a.md", PASSING);
    const implicit = await wiredoc("a.md");
    expect(implicit).toMatchObject({ code: 0, err: "" });
    expect(implicit.out).toMatch(/^✓ a\.md +1 example/);
    expect(await wiredoc("run", "a.md", "-q")).toMatchObject({ code: 0, err: "" });
  });

  test("ends with 1 where a reply differed", async () => {
    await put("a.md", FAILING);
    const { code, out } = await wiredoc("a.md");
    expect(code).toBe(1);
    expect(out).toContain("VALUE 1 b");
    expect(out).toContain("NONE");
  });

  test("ends with 2 for a mistake in a document, which is not run", async () => {
    await put("a.md", UNBOUND);
    const { code, out } = await wiredoc("a.md");
    expect(code).toBe(2);
    expect(out).toMatch(/a\.md:9:\d+: .*nobody/);
  });

  test("ends with 3 where nobody listens", async () => {
    await put("a.md", "```wire target=tcp://127.0.0.1:1\n>>> a\nb\n```\n");
    expect(await wiredoc("a.md")).toMatchObject({ code: 3 });
  });

  test("ends with 4 where there is nothing to run", async () => {
    await put("a.md", PASSING);
    await put("empty/b.txt", "");
    expect(await wiredoc("empty")).toMatchObject({ code: 4 });
    expect(await wiredoc("a.md", "--grep", "nothing like it")).toMatchObject({ code: 4 });
  });

  test("tells several reporters at once, files and all", async () => {
    await put("a.md", FAILING);
    const { code, out } = await wiredoc(
      "-r",
      "tap",
      "-r",
      "json=out/report.json",
      "-r",
      "junit=out/report.xml",
      "a.md",
    );
    expect(code).toBe(1);
    expect(out).toMatch(/^TAP version 13\n/);
    const report = JSON.parse(await readFile(join(folder, "out/report.json"), "utf8"));
    expect(report).toMatchObject({ version: 1, ok: false, counts: { documents: 1, failed: 1 } });
    expect(await readFile(join(folder, "out/report.xml"), "utf8")).toContain('<testsuites name="wiredoc" tests="1"');
    expect(await readdir(join(folder, "out"))).toEqual(["report.json", "report.xml"]);
  });

  test("keeps passed replies where a reporter shows them", async () => {
    await put("a.md", PASSING);
    const { out } = await wiredoc("-r", "json", "a.md");
    expect(JSON.parse(out).documents[0].examples[0].exchanges[0].received).toEqual(["KV 1.0 ready"]);
    expect((await wiredoc("-v", "a.md")).out).toContain("KV 1.0 ready");
  });

  test("colours what it is told to", async () => {
    await put("a.md", PASSING);
    expect((await wiredoc("a.md")).out).not.toContain("\x1b[");
    expect((await wiredoc("--color", "a.md")).out).toContain("\x1b[");
  });

  test("names a config file that is not in the working directory, and no other", async () => {
    await put("sub/a.md", PASSING);
    await put("wiredoc.config.json", "{}");
    const from = (cwd: string): string =>
      spawnSync(process.execPath, [EXECUTABLE, "."], { cwd: join(folder, cwd), encoding: "utf8" }).stdout;
    expect(from("sub")).toContain(`config     ${join(folder, "wiredoc.config.json")}\n`);
    expect(from(".")).not.toContain("config");
  });

  test.skipIf(process.platform !== "linux").each([
    ["a folder", "pages"],
    ["a pattern", "pages/**/*.md"],
    ["a file", "pages/locked/b.md"],
  ])("reads nothing where a part of it cannot be read: %s", async (_, path) => {
    await put("pages/open/a.md", PASSING);
    await put("pages/locked/b.md", PASSING);
    chmodSync(join(folder, "pages/locked"), 0);
    // Root may read everything, unless it gives that right up.
    const rights = "--inh-caps=-dac_override,-dac_read_search --bounding-set=-dac_override,-dac_read_search".split(" ");
    const [command, ...args] = [
      ...(process.getuid?.() === 0 ? ["setpriv", ...rights] : []),
      process.execPath,
      EXECUTABLE,
    ];
    const { status, stdout, stderr } = spawnSync(command!, [...args, path], { cwd: folder, encoding: "utf8" });
    chmodSync(join(folder, "pages/locked"), 0o700);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/"pages\/locked(\/b\.md)?" cannot be read: EACCES/);
  });

  test("takes documents, defaults and servers from the config file", async () => {
    await put("docs/a.md", "```wire\n>>> GET a\nKV 1.0 ready\nNONE\n```\n");
    await put("wiredoc.config.json", JSON.stringify({ documents: ["docs"], defaults: { server: "builtin:kv" } }));
    expect(await wiredoc()).toMatchObject({ code: 0, err: "" });
    await put("wiredoc.config.json", JSON.stringify({ documents: ["docs"], default: {} }));
    expect(await wiredoc()).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^wiredoc\.config\.json:1:\d+: unknown key "default" \(did you mean "defaults"\?\)/),
    });
  });

  test("tells what is wrong with a config file in JavaScript", async () => {
    await put("a.md", PASSING);
    await put("wiredoc.config.mjs", "export default {");
    const { code, err } = await wiredoc("a.md");
    expect(code).toBe(2);
    expect(err).toMatch(/^wiredoc: wiredoc\.config\.mjs: it cannot be loaded: SyntaxError: /);
  });

  test("is not held up by what a config file leaves open", async () => {
    await put("a.md", PASSING);
    await put("wiredoc.config.mjs", "setInterval(() => {}, 1000); export default {};");
    expect(await wiredoc("a.md")).toMatchObject({ code: 0 });
  });

  test("leaves no report where the run could not begin", async () => {
    expect(await wiredoc("-r", "junit=report.xml", "none.md")).toEqual({
      code: 2,
      out: "",
      err: 'wiredoc: "none.md" does not exist\n',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test.skipIf(!existsSync("/dev/full"))("says that standard output takes no more", async () => {
    await put("a.md", PASSING);
    const full = openSync("/dev/full", "w");
    try {
      const { status, stderr } = spawnSync(process.execPath, [EXECUTABLE, "a.md"], {
        cwd: folder,
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      });
      expect(stderr).toMatch(/^wiredoc: standard output cannot be written: ENOSPC.* \[usage\]\n$/);
      expect(status).toBe(2);
      const mute = spawnSync(process.execPath, [EXECUTABLE, "a.md"], { cwd: folder, stdio: ["ignore", full, full] });
      expect(mute.status).toBe(2);
    } finally {
      closeSync(full);
    }
  });

  test("goes on to the end where nobody reads its report any more", async () => {
    await put("a.md", PASSING);
    const { child, ended } = start("-r", "tap", "-r", "json=report.json", "a.md");
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, err: "" });
    expect(await readdir(folder)).toContain("report.json");
  });
});

describe("a dialect beside the bundle", () => {
  test("is loaded, and what it needs", async () => {
    const server = createServer((socket) => {
      // A length, the field 1 with the number of seconds that was sent, and a field that nobody knows.
      socket.on("data", (sent) => socket.write(Buffer.of(4, 0x08, sent[2] ?? 0, 0x18, 1)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await put(
      "a.proto",
      'syntax = "proto3";\nimport "google/protobuf/duration.proto";\nimport "google/protobuf/descriptor.proto";\nmessage M {}\n',
    );
    await put(
      "a.md",
      `---\ntarget: tcp://127.0.0.1:${port}\ndialect: protobuf\nprotobuf:\n  schema: a.proto\n` +
        "  request: google.protobuf.Duration\n  response: Duration\n---\n```wire\n>>> seconds: 5\nseconds: 5 3: 1\n```\n",
    );
    try {
      expect(await wiredoc("a.md")).toMatchObject({ code: 0, err: "" });
    } finally {
      server.close();
    }
  });
});

describe("an interrupt", () => {
  const children: Server[] = [];
  afterEach(() => {
    for (const server of children.splice(0)) server.close();
  });

  /** A server that greets and then keeps silent; resolves when somebody came. */
  async function silentServer(): Promise<{ port: number; visited: Promise<void> }> {
    let come = (): void => {};
    const visited = new Promise<void>((resolve) => {
      come = resolve;
    });
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", come);
    });
    children.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { port: (server.address() as { port: number }).port, visited };
  }

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s ends the run with 130, and what had finished is reported",
    async (signal) => {
      const { port, visited } = await silentServer();
      await put("a.md", PASSING);
      await put("b.md", `\`\`\`wire target=tcp://127.0.0.1:${port} timeout=1m\n>>> a\nb\n\`\`\`\n`);
      const { child, ended } = start("-r", "tap", "-r", "json=report.json", "a.md", "b.md", "--jobs", "1");
      await visited;
      child.kill(signal);
      expect(await ended).toMatchObject({ code: 130, err: "" });
      const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8"));
      expect(report.documents[0]).toMatchObject({ path: "a.md", examples: [{ status: "passed" }] });
    },
  );

  test("given twice ends at once, and leaves no server and no file", async () => {
    await put("stubborn.sh", 'trap "echo term > term" TERM\necho $$ > pid\nwhile :; do sleep 0.1; done\n');
    await put(
      "wiredoc.config.yaml",
      [
        "servers:",
        "  stubborn:",
        "    command: sh stubborn.sh",
        "    target: tcp://127.0.0.1:{{port}}",
        "    startup: 1m",
        "",
      ].join("\n"),
    );
    await put("a.md", "---\nserver: stubborn\n---\n```wire\n>>> a\nb\n```\n");
    const { child, ended } = start(
      "a.md",
      "-r",
      "json=report.json",
      "-r",
      "tap=reports/a/b.tap",
      "-r",
      "dot=reports/b/c.txt",
    );
    const pid = await eventually(async () => Number(await readFile(join(folder, "pid"), "utf8")) || undefined);
    expect(await readdir(folder)).toContain("reports");
    child.kill("SIGINT");
    await eventually(() => readFile(join(folder, "term"), "utf8"));
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130 });
    expect((await readdir(folder)).sort()).toEqual(["a.md", "pid", "stubborn.sh", "term", "wiredoc.config.yaml"]);
    expect(await eventually(async () => (isAlive(pid) ? undefined : "gone"))).toBe("gone");
  });
});

describe("bench", () => {
  const page = (reply: string, target = "server: builtin:kv"): string =>
    `---\n${target}\n---\n\`\`\`wire opening\nKV 1.0 ready\n\`\`\`\n\`\`\`wire\n>>> GET a\n${reply}\n\`\`\`\n`;
  const KEYS = ["throughput", "p50", "p90", "p99", "p99.9", "max", "passed", "failed"];

  test("prints one JSON object, and nothing else", async () => {
    await put("a.md", page("NONE"));
    const { code, out, err } = await wiredoc("bench", "a.md", "--count", "50", "--json");
    expect({ code, err, lines: out.split("\n").length }).toEqual({ code: 0, err: "", lines: 2 });
    const report = JSON.parse(out);
    expect(report).toMatchObject({ passed: 50, failed: 0, replies: 50, connections: 10, failures: [], errors: [] });
    for (const key of KEYS) expect(report[key], key).toEqual(expect.any(Number));
  });

  test("shows a failure once, and ends with 1", async () => {
    await put("a.md", page("VALUE 1"));
    const { code, out } = await wiredoc("bench", "a.md", "--count", "4", "--connections", "2");
    expect(code).toBe(1);
    expect(out.match(/expected "VALUE 1", got "NONE"/g)).toHaveLength(1);
    expect(out).toMatch(/\(4 times\)/);
    expect(out).toMatch(/0 passed, 4 failed/);
  });

  test.each([
    [2, 'invalid rate "0"', ["a.md", "--rate", "0"]],
    [2, 'invalid duration "5"', ["a.md", "--duration", "5"]],
    [2, "each of the 2 documents needs a connection: use 2 or more", ["a.md", "b.md", "--connections", "1"]],
    [2, "use a whole number, 100000 or less", ["a.md", "--connections", "100000000"]],
    [2, "b.md:2:1: ", ["b.md"]],
    [3, "nothing listens there", ["gone.md"]],
    [4, "Nothing to run", ["empty.md"]],
  ])("ends with %i: %s", async (expected, message, args) => {
    await put("a.md", page("NONE"));
    await put("b.md", args.length > 1 ? page("NONE") : "\n```wire\n>>> GET {{a\n```\n");
    await put("gone.md", page("NONE", "target: tcp://127.0.0.1:1"));
    await put("empty.md", "# Nothing\n");
    const { code, out, err } = await wiredoc("bench", ...args);
    expect({ code, said: out + err }).toEqual({ code: expected, said: expect.stringContaining(message) });
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s ends it with 130, and what was measured is reported",
    async (signal) => {
      await put(
        "server.mjs",
        [
          'import { createServer } from "node:net";',
          'import { writeFileSync } from "node:fs";',
          "let count = 0;",
          'const server = createServer((socket) => { socket.write("KV 1.0 ready\\r\\n"); socket.on("data", () => {',
          '  if (++count === 5) writeFileSync("pid", String(process.pid));',
          '  socket.write("NONE\\r\\n");',
          "}); });",
          'server.listen(Number(process.argv[2]), "127.0.0.1");',
        ].join("\n"),
      );
      const command = `"${process.execPath}" server.mjs {{port}}`;
      await put("wiredoc.config.yaml", `servers: {kv: {command: '${command}', target: "tcp://127.0.0.1:{{port}}"}}\n`);
      await put("a.md", page("NONE", "server: kv"));
      const { child, ended } = start("bench", "a.md", "--duration", "10m", "--rate", "200", "--json");
      const pid = await eventually(async () => Number(await readFile(join(folder, "pid"), "utf8")) || undefined);
      child.kill(signal);
      const { code, out, err } = await ended;
      expect({ code, err }).toEqual({ code: 130, err: "" });
      const report = JSON.parse(out);
      expect(report).toMatchObject({ interrupted: true, failed: 0 });
      expect(report.passed).toBeGreaterThan(0);
      expect(await eventually(async () => (isAlive(pid) ? undefined : "gone"))).toBe("gone");
    },
  );
});

/** Waits until it is there, at most ten seconds. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 500; i++) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    await sleep(20);
  }
  return expect.fail("it never came");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("check", () => {
  test("counts documents and examples", async () => {
    await put("a.md", PASSING);
    await put("b.md", FAILING);
    expect(await wiredoc("check", "a.md", "b.md")).toEqual({
      code: 0,
      out: "2 documents, 2 examples, no mistakes\n",
      err: "",
    });
    expect(await wiredoc("check", "--quiet", "a.md")).toEqual({ code: 0, out: "", err: "" });
  });

  test("tells every mistake with its place", async () => {
    await put("a.md", `${UNBOUND}\n\`\`\`wire timeout=soon\n>>> a\n\`\`\`\n`);
    await put("b.md", MISTAKEN.replace("builtin:kv", "builtin:kw"));
    const { code, out } = await wiredoc("check", "a.md", "b.md", "-q");
    expect(code).toBe(2);
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^a\.md:9:\d+: .*nobody/);
    expect(lines[1]).toMatch(/^a\.md:13:\d+: .*invalid duration "soon"/);
    expect(lines[2]).toMatch(/^b\.md:2:\d+: .*kw/);
    expect(lines.at(-1)).toMatch(/^2 documents, \d examples?, 3 mistakes$/);
    expect((await wiredoc("check", "--color", "a.md")).out).toContain("\x1b[36ma.md:9:");
  });

  test("ends with 4 where there is nothing to check", async () => {
    await put("a.md", "# prose\n");
    expect(await wiredoc("check", "a.md")).toEqual({ code: 4, out: "1 document, 0 examples, no mistakes\n", err: "" });
  });
});

describe("warnings", () => {
  const warned = `${PASSING}\n\`\`\`wires\n>>> a\n\`\`\`\n`;
  const warning =
    'a.md:15:4: warning: this block has client lines but is not played: its language is "wires" (did you mean "wire"?)\n';

  test.each([["run"], ["check"]])("go to standard error: %s", async (command) => {
    await put("a.md", warned);
    expect(await wiredoc(command, "a.md")).toMatchObject({
      code: 0,
      err: warning,
      out: expect.not.stringContaining("wires"),
    });
    expect(await wiredoc(command, "--quiet", "a.md")).toMatchObject({ code: 0, err: warning });
  });

  test.each([["run"], ["check"]])("are mistakes under --strict: %s", async (command) => {
    await put("a.md", warned);
    const { code, out, err } = await wiredoc(command, "--strict", "a.md");
    expect(code).toBe(2);
    expect(err).toBe("");
    expect(out).toContain("a.md:15:4: this block has client lines but is not played");
  });

  test("say why there is nothing to run", async () => {
    await put("a.md", "```wirr\n>>> a\n```\n");
    const { code, err } = await wiredoc("a.md", "--target", "tcp://127.0.0.1:9");
    expect(code).toBe(4);
    expect(err).toContain('"wirr" (did you mean "wire"?)');
  });

  test("are counted by check, and show nothing that could move the cursor", async () => {
    await put("a.md", "---\ntarget: tcp://127.0.0.1:1\n---\n```\x1b[31m\n>>> a\n```\n");
    const { out, err } = await wiredoc("check", "a.md");
    expect(out).toBe("1 document, 0 examples, no mistakes, 1 warning\n");
    expect(err).toContain('"\\x1b[31m"');
  });
});

describe("--server-output", () => {
  const PRINTING = `
    console.log("\\x1b[31mred\\x1b[0m");
    console.error("a\\tb\\x07");
    process.stdout.write("secret hunter2\\r\\nno end");
    require("net").createServer((socket) => socket.on("data", () => process.exit(3))).listen(+process.argv[2], "127.0.0.1", () => console.log("; open"));`;

  test("shows what started servers print, in lines of standard error", async () => {
    await put("server.js", PRINTING);
    await put(
      "wiredoc.config.yaml",
      [
        "servers:",
        "  printer:",
        `    command: exec ${process.execPath} server.js {{port}}`,
        "    target: tcp://127.0.0.1:{{port}}",
        '    ready: {output: "open"}',
        "vars: {password: hunter2}",
        "",
      ].join("\n"),
    );
    await put("a.md", "---\nserver: printer\n---\n```wire\n>>> a\nb\n```\n");
    const { code, out, err } = await wiredoc("a.md", "--server-output", "--secret", "password");
    expect(code).toBe(1);
    expect(err.split("\n").sort()).toEqual([
      "",
      "printer | a\tb\\x07",
      "printer | no end; open",
      "printer | red",
      "printer | secret ***",
    ]);
    expect(out).not.toContain("printer |");
    expect((await wiredoc("a.md")).err).toBe("");
  });
});

describe("FILE:LINE", () => {
  const TWO = `${PASSING}\n## later\n\n\`\`\`wire\n>>> GET b\nNONE\n\`\`\`\n`.replace(">>> QUIT\nBYE\n", "");

  test("is one example to run, list and check", async () => {
    await put("a.md", TWO);
    expect(await wiredoc("list", "a.md")).toMatchObject({ out: "a.md:7  greeting\na.md:15  greeting › later\n" });
    expect(await wiredoc("list", "a.md:16")).toMatchObject({ code: 0, out: "a.md:15  greeting › later\n" });
    expect(await wiredoc("check", "a.md:7")).toMatchObject({ code: 0, out: "1 document, 1 example, no mistakes\n" });
    const { code, out } = await wiredoc("a.md:9", "-r", "tap");
    expect([code, out.match(/^ok .*/gm)]).toEqual([0, ["ok 1 - a.md:7 greeting"]]);
  });

  test("is a mistake where no example is", async () => {
    await put("a.md", TWO);
    expect(await wiredoc("a.md:12")).toEqual({
      code: 2,
      out: "",
      err: "wiredoc: a.md:12: there is no example at this line; the nearest are a.md:7 (greeting) and a.md:15 (greeting › later)\n",
    });
  });
});

describe("list", () => {
  test("shows the examples, those that are asked for", async () => {
    await put("a.md", `# one\n\n\`\`\`wire tags=slow\n>>> a\n\`\`\`\n\n## two\n\n\`\`\`wire\n>>> b\n\`\`\`\n`);
    expect(await wiredoc("list", "a.md")).toEqual({ code: 0, out: "a.md:3  one\na.md:9  one › two\n", err: "" });
    expect((await wiredoc("list", "a.md", "--grep", "TWO")).out).toBe("a.md:9  one › two\n");
    expect((await wiredoc("list", "a.md", "--tag", "slow")).out).toBe("a.md:3  one\n");
    expect(await wiredoc("list", "a.md", "--tag", "none")).toEqual({ code: 4, out: "", err: "" });
  });

  test("tells mistakes after what it could list", async () => {
    await put("a.md", PASSING);
    await put("b.md", UNBOUND);
    expect(await wiredoc("list", "a.md", "b.md")).toEqual({
      code: 2,
      out: expect.stringMatching(/^a\.md:7 {2}greeting\n/),
      err: expect.stringMatching(/^b\.md:9:\d+: .*nobody.*\n$/),
    });
  });
});

describe("the code that V8 compiled in an earlier run", () => {
  const DIST = join(dirname(PACKAGE), "dist");
  const NAME = `cli.cjs.${process.versions.v8}-${process.arch}.cache`;

  async function isTaken(dist: string): Promise<boolean> {
    const [source, cachedData] = await Promise.all([readFile(join(dist, "cli.cjs")), readFile(join(dist, NAME))]);
    const script = new Script(source.toString("latin1"), { filename: join(dist, "cli.cjs"), cachedData });
    return script.cachedDataRejected === false;
  }

  /** A copy of the command; runs it. */
  async function install(): Promise<(...args: readonly string[]) => number | null> {
    await put("a.md", PASSING);
    for (const part of ["bin", "dist"]) await cp(join(dirname(PACKAGE), part), join(folder, part), { recursive: true });
    const command = join(folder, "bin", "wiredoc.js");
    return (...args) => spawnSync(process.execPath, [command, ...args], { cwd: folder }).status;
  }

  test("comes with the build", async () => {
    expect(await isTaken(DIST)).toBe(true);
  });

  test("is left by the first run of documents, where the build was another V8's", async () => {
    const run = await install();
    const dist = join(folder, "dist");
    await rm(join(dist, NAME));
    expect(run("list", "a.md")).toBe(0);
    expect(existsSync(join(dist, NAME))).toBe(false);
    expect(run("a.md")).toBe(0);
    expect(await isTaken(dist)).toBe(true);
    expect((await readdir(dist)).filter((file) => /\.cache\.\d+$/.test(file))).toEqual([]);
  });

  test("takes the place of one that V8 refuses, and of no other", async () => {
    const run = await install();
    const file = join(folder, "dist", NAME);
    await truncate(file, 1000);
    expect(run("a.md")).toBe(0);
    expect(await isTaken(join(folder, "dist"))).toBe(true);
    const { ino } = await stat(file);
    expect(run("a.md")).toBe(0);
    expect((await stat(file)).ino).toBe(ino);
  });

  test.each([
    ["missing", (file: string) => rm(file)],
    ["cut off", (file: string) => truncate(file, 1000)],
    ["empty", (file: string) => truncate(file, 0)],
    ["another V8's", (file: string) => rename(file, file.replace(process.versions.v8, "1.2.3"))],
  ])("may be %s", async (_, spoil) => {
    await put("a.md", PASSING);
    for (const part of ["bin", "dist"]) await cp(join(dirname(PACKAGE), part), join(folder, part), { recursive: true });
    await spoil(join(folder, "dist", NAME));
    const command = join(folder, "bin", "wiredoc.js");
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, "list", "a.md"], { cwd: folder });
    expect([status, String(stdout), String(stderr)]).toEqual([0, "a.md:7  greeting\n", ""]);
  });
});

describe("yargs", () => {
  test.each([
    [["a.md", "-q"], 0, ""],
    [["-vj1", "a.md"], 0, ""],
    [["--version"], 0, ""],
    [["--grpe", "a.md"], 2, 'wiredoc: unknown option --grpe (did you mean "--grep"?)'],
    [["--jobs"], 2, "wiredoc: --jobs needs a value"],
    [["--help"], 70, "Error: ENOENT"],
  ])("is loaded for the help only: %j", async (args, code, message) => {
    await put("a.md", PASSING);
    for (const part of ["bin", "dist"]) await cp(join(dirname(PACKAGE), part), join(folder, part), { recursive: true });
    await rm(join(folder, "dist", "lazy", "yargs.cjs"));
    const command = join(folder, "bin", "wiredoc.js");
    const { status, stderr } = spawnSync(process.execPath, [command, ...args], { cwd: folder });
    expect(status).toBe(code);
    expect(String(stderr)).toContain(message);
  });
});

describe("the command line", () => {
  test("has help and a version", async () => {
    const { version } = JSON.parse(await readFile(PACKAGE, "utf8"));
    expect(await wiredoc("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
    expect(await wiredoc("check", "--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
    for (const args of [["--help"], ["a.md", "-h"], ["run", "--help"], ["--grpe", "--help", "--version"]])
      expect(await wiredoc(...args)).toMatchObject({ code: 0, out: expect.stringContaining("--reporter"), err: "" });
    const { out } = await wiredoc("--help", "check");
    expect(out).toMatch(/^wiredoc check .*\S\n$/s);
  });

  test.each([
    [[], 'wiredoc: which documents? Name files, folders or globs, or set "documents" in wiredoc.config.yaml\n'],
    [["none.md"], 'wiredoc: "none.md" does not exist\n'],
    [["--jobs", "x"], 'wiredoc: --jobs: invalid number "x": use a whole number, 1 or more\n'],
    [["--reporter", "dto"], expect.stringContaining('unknown reporter "dto" (did you mean "dot"?)')],
    [["-v", "-q", "a.md"], "wiredoc: --verbose and --quiet contradict each other: use one of them\n"],
    [
      ["chek", "a.md"],
      'wiredoc: there is no command "chek" (did you mean "wiredoc check"?), and no file of that name\n',
    ],
    [["-q", "Lsit"], 'wiredoc: there is no command "Lsit" (did you mean "wiredoc list"?), and no file of that name\n'],
    [["help"], 'wiredoc: there is no command "help" (did you mean "wiredoc --help"?), and no file of that name\n'],
    [["run", "chek"], 'wiredoc: "chek" does not exist\n'],
    [["--repoter=tap"], expect.stringContaining('unknown option --repoter (did you mean "--reporter"?)')],
    [["none.md:7"], 'wiredoc: "none.md" does not exist\n'],
    [["--tset"], expect.stringContaining("unknown option --tset")],
    [["--config", "none.yaml", "a.md"], 'wiredoc: the config file "none.yaml" does not exist\n'],
  ])("ends with 2 for a mistake: %j", async (args, err) => {
    expect(await wiredoc(...args)).toEqual({ code: 2, out: "", err });
  });

  test.each([
    ["behind a file", "a.md/b.md", "does not exist"],
    ["too long a name", `${"x".repeat(300)}.md`, "does not exist"],
    ["a link in a circle", "circle.md", "does not exist"],
  ])("says of %s that it is no document", async (_, path, message) => {
    await put("a.md", PASSING);
    await symlink("circle.md", join(folder, "circle.md"));
    expect(await wiredoc(path)).toEqual({ code: 2, out: "", err: `wiredoc: "${path}" ${message}\n` });
  });

  test("shows nothing of a path that could move the cursor", async () => {
    expect((await wiredoc("\x1b[2Jx.md")).err).toBe('wiredoc: "\\x1b[2Jx.md" does not exist\n');
  });

  test("says of a bug that it is one", async () => {
    await put("a.md", PASSING);
    const dialect = '{ name: "broken", createCodec() { throw new TypeError("oh no"); } }';
    await put("wiredoc.config.mjs", `export default { dialects: [${dialect}], defaults: { dialect: "broken" } };`);
    const { code, err } = await wiredoc("a.md");
    expect(code).toBe(70);
    expect(err).toMatch(/^This is a bug in wiredoc \d+\.\d+\.\d+, .*\n\nTypeError: oh no\n +at /);
  });
});
