import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readArguments } from "../../src/commands/arguments.ts";
import { compareCommand } from "../../src/commands/compare.ts";
import { runCommand } from "../../src/commands/run.ts";
import { describeWith, startRedis } from "../support/real-servers.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";
import { surroundings } from "../support/surroundings.ts";

let folder: string;
const servers: ScriptedServer[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wiredoc-compare-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await rm(folder, { recursive: true });
});

/** A server that answers each line as the table says, `{n}` being a number of its own that counts up. */
async function answering(from: number, answers: Readonly<Record<string, string | undefined>>): Promise<string> {
  let next = from;
  const server = await scriptedServer(async (peer: Peer) => {
    for (;;) {
      const line = await peer.line();
      const answer = answers[line] ?? answers[line.split(" ")[0]!];
      if (answer !== undefined)
        peer.write(`${answer.replace("{n}", () => String(next++)).replace("{line}", line)}\r\n`);
    }
  });
  servers.push(server);
  return server.target;
}

const page = (...blocks: readonly string[]): string =>
  `---\ntimeout: 60s\n---\n${blocks.map((lines, i) => `# Example ${i + 1}\n\n\`\`\`wire\n${lines}\n\`\`\`\n`).join("\n")}`;

async function put(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** Runs the command; the JSON report is read. */
async function compare(...args: readonly string[]) {
  const json = join(folder, "compared.json");
  const { given, out, err } = surroundings();
  const code = await compareCommand(readArguments(["compare", ...args, "-r", `json=${json}`, "-r", "pretty"]), given);
  const report = JSON.parse(await readFile(json, "utf8"));
  const examples = report.documents.flatMap((one: { examples: readonly unknown[] }) => one.examples);
  const cells: readonly (readonly string[])[] = examples.map(
    ({ results }: { results: readonly { status: string }[] }) => results.map(({ status }) => status),
  );
  return { code, report, examples, cells, out: out(), err: err() };
}

describe("two servers", () => {
  test("that answer as the page says pass, each with captures of its own", async () => {
    const both = { PUT: "INSERTED {n}", GET: "GOT {line}" };
    const path = await put("page.md", page(">>> PUT\nINSERTED {{id:int}}\n>>> GET {{id}}\nGOT GET {{id}}"));
    const one = await answering(10, both);
    const other = await answering(500, both);
    const { code, cells, examples } = await compare(path, "-t", `a=${one}`, "-t", `b=${other}`);
    expect([code, cells]).toEqual([0, [["passed", "passed"]]]);
    const { replies } = examples[0].exchanges[1];
    expect(replies).toMatchObject([
      { target: "a", sent: ["GET 10"], received: ["GOT GET 10"], sameAs: null },
      { target: "b", sent: ["GET 500"], received: ["GOT GET 500"], sameAs: "a" },
    ]);
  });

  test("are compared exchange by exchange where an opening fails on one", async () => {
    const opening = "```wire opening\n>>> HI\nHI\n```\n\n# One\n\n```wire\n>>> A\nONE\n>>> B\n```\n";
    const path = await put("page.md", `---\ntimeout: 60s\n---\n${opening}`);
    const one = await answering(0, { HI: "NO", A: "ONE", B: "TWO" });
    const other = await answering(0, { HI: "HI", A: "ONE", B: "TWO" });
    const { cells, examples } = await compare(path, "-t", `a=${one}`, "-t", `b=${other}`);
    expect(cells).toEqual([["differs", "passed"]]);
    const { exchanges } = examples[0];
    const found = exchanges.map((exchange: { line: number; replies: readonly { received: readonly string[] }[] }) => [
      exchange.line,
      ...exchange.replies.map(({ received }) => received),
    ]);
    expect(found).toEqual([
      [5, ["NO"], []],
      [12, [], ["ONE"]],
      [14, [], ["TWO"]],
    ]);
  });

  test("differ where one is not as the page says", async () => {
    const path = await put("page.md", page(">>> A\nONE", ">>> B\nTWO"));
    const one = await answering(0, { A: "ONE", B: "TWO" });
    const other = await answering(0, { A: "ONE", B: "THREE" });
    const { code, cells, report, out } = await compare(path, "-t", `a=${one}`, "-t", `b=${other}`);
    expect([code, cells]).toEqual([
      1,
      [
        ["passed", "passed"],
        ["passed", "differs"],
      ],
    ]);
    expect(report).toMatchObject({
      ok: false,
      targets: [
        { name: "a", url: one, counts: { passed: 2, differs: 0 } },
        { name: "b", url: other, counts: { passed: 1, differs: 1 } },
      ],
    });
    expect(out).toContain('b differs from the page: expected "TWO", got "THREE"');
  });

  test("that are wrong in the same way are told together, as far as the page lets them differ", async () => {
    const path = await put("page.md", page(">>> A\nID {{id:int}}\nEND\n>>> B\nTWO"));
    const one = await answering(1, { A: "ID {n}\r\nOVER", B: "two" });
    const other = await answering(7, { A: "ID {n}\r\nOVER", B: "II" });
    const { cells, examples, out } = await compare(path, "-t", `a=${one}`, "-t", `b=${other}`);
    expect(cells).toEqual([["differs", "differs"]]);
    const [first, second] = examples[0].exchanges;
    expect(first.replies[1]).toMatchObject({ differs: true, sameAs: "a" });
    expect(second.replies[1]).toMatchObject({ differs: true, sameAs: null });
    expect(out).toContain('a and b differ from the page: expected "END", got "OVER"');
    expect(out).toContain('b differs from the page: expected "TWO", got "II"');
  });

  test("are held against each other where the page writes no reply", async () => {
    const text = page(">>> A\n>>> B", ">>> A\n=== close", ">>> C\nC");
    const path = await put("page.md", text.replace("timeout", "settle: 300ms\ntimeout"));
    const answers = { A: "ONE\r\nMORE", B: "TWO", C: "C" };
    const one = await answering(0, answers);
    const same = await answering(0, answers);
    const other = await answering(0, { ...answers, A: "ONE\r\nLESS" });
    expect((await compare(path, "-t", `a=${one}`, "-t", `b=${same}`)).code).toBe(0);
    const { code, cells, out } = await compare(path, "-t", `a=${one}`, "-t", `b=${same}`, "-t", `c=${other}`);
    expect(code).toBe(1);
    expect(cells).toEqual([
      ["passed", "passed", "differs"],
      ["passed", "passed", "differs"],
      ["passed", "passed", "passed"],
    ]);
    expect(out).toContain("c differs from a");
    expect(out).toMatch(/- MORE\n.*\+ LESS/);
  });
});

test("lines of a reply that is not written may come in any order under unordered", async () => {
  const text = "---\ntimeout: 60s\n---\n```wire ATTRIBUTE\n>>> A\n```\n";
  const one = await answering(0, { A: "a\r\nb" });
  const other = await answering(0, { A: "b\r\na" });
  const unordered = await put("unordered.md", text.replace("ATTRIBUTE", "unordered"));
  const ordered = await put("ordered.md", text.replace(" ATTRIBUTE", ""));
  expect((await compare(unordered, "-t", `a=${one}`, "-t", `b=${other}`)).code).toBe(0);
  expect((await compare(ordered, "-t", `a=${one}`, "-t", `b=${other}`)).code).toBe(1);
});

describe("a server and a recorded run", () => {
  async function record(path: string, target: string): Promise<string> {
    const file = join(folder, "recorded.json");
    await runCommand(readArguments(["run", path, "-t", target, "-r", `json=${file}`]), surroundings().given);
    return file;
  }

  test("pass where the server answers as before, other captures or not", async () => {
    const path = await put("page.md", page(">>> PUT\nINSERTED {{id:int}}\n>>> GET {{id}}\nGOT GET {{id}}", ">>> A"));
    const target = await answering(1, { PUT: "INSERTED {n}", GET: "GOT {line}", A: "ONE" });
    const file = await record(path, target);
    const { code, cells, report } = await compare(path, "-t", `now=${target}`, "--against", `before=${file}`);
    expect([code, cells]).toEqual([
      0,
      [
        ["passed", "passed"],
        ["passed", "passed"],
      ],
    ]);
    expect(report.targets).toMatchObject([
      { name: "before", report: file },
      { name: "now", url: target },
    ]);
  });

  test("differ where the server answers otherwise, also where the page writes no reply", async () => {
    const path = await put("page.md", page(">>> A\nONE", ">>> B"));
    const file = await record(path, await answering(0, { A: "ONE", B: "TWO" }));
    const now = await answering(0, { A: "one", B: "II" });
    const { code, cells, out } = await compare(path, "-t", `now=${now}`, "--against", `before=${file}`);
    expect([code, cells]).toEqual([
      1,
      [
        ["passed", "differs"],
        ["passed", "differs"],
      ],
    ]);
    expect(out).toContain("now differs from before");
  });

  test("are not compared where the page has changed", async () => {
    const path = await put("page.md", page(">>> A\nONE", ">>> B\nTWO"));
    const target = await answering(0, { A: "ONE", B: "TWO", C: "TWO" });
    const file = await record(path, target);
    await put("page.md", page(">>> A\n{{one}}", ">>> B\nTWO", ">>> C\nTWO"));
    const { code, examples } = await compare(path, "-t", target, "--against", `before=${file}`);
    expect(code).toBe(0);
    expect(examples.map(({ results }: { results: readonly unknown[] }) => results[0])).toEqual([
      { target: "before", status: "missing", reason: "the page has changed since the recording" },
      { target: "before", status: "passed", reason: null },
      { target: "before", status: "missing", reason: "the recording does not hold it" },
    ]);
  });

  test("are compared where an opening fails now", async () => {
    const path = await put("page.md", "```wire opening\n>>> HI\nHI\n```\n\n# One\n\n```wire\n>>> A\nONE\n```\n");
    const file = await record(path, await answering(0, { HI: "HI", A: "ONE" }));
    const now = await answering(0, { HI: "NO", A: "ONE" });
    const { code, cells } = await compare(path, "-t", now, "--against", `before=${file}`);
    expect([code, cells]).toEqual([1, [["passed", "differs"]]]);
  });

  test.each([
    ["no file", undefined, /cannot be read: ENOENT/],
    ["no JSON", "{", /it is not JSON/],
    ["another version", '{"version": 2}', /"version" is not 1/],
    ["no documents", '{"version": 1}', /documents is not a list/],
    [
      "an example without a name",
      '{"version": 1, "documents": [{"path": "a", "examples": [{}]}]}',
      /\.name is not a text/,
    ],
  ])("are refused where the report is %s", async (_, text, message) => {
    const path = await put("page.md", page(">>> A\nONE"));
    const file = text === undefined ? join(folder, "none.json") : await put("report.json", text);
    const command = compareCommand(readArguments(["compare", path, "--against", file]), surroundings().given);
    await expect(command).rejects.toMatchObject({ code: "bad-report", message: expect.stringMatching(message) });
  });
});

describe("what cannot be compared", () => {
  test.each([
    [[], /name two servers to compare/],
    [["-t", "tcp://127.0.0.1:1"], /name two servers to compare/],
    [["-t", "a=tcp://127.0.0.1:1", "-t", "a=tcp://127.0.0.1:2"], /two sides are named "a"/],
    [["-t", "a=", "-t", "b=tcp://127.0.0.1:1"], /--target: invalid value "a=": use NAME=URL/],
    [["-t", "a=nothing", "-t", "b=tcp://127.0.0.1:1"], /nothing/],
  ])("is a mistake on the command line: %j", async (args, message) => {
    const path = await put("page.md", page(">>> A\nONE"));
    const command = compareCommand(readArguments(["compare", path, ...args]), surroundings().given);
    await expect(command).rejects.toMatchObject({ name: "WiredocError", message: expect.stringMatching(message) });
  });

  test("is a server that cannot be reached", async () => {
    const path = await put("page.md", page(">>> A\nONE"));
    const target = await answering(0, { A: "ONE" });
    const { code, cells, out } = await compare(path, "-t", `a=${target}`, "-t", "b=tcp://127.0.0.1:1");
    expect([code, cells]).toEqual([3, [["passed", "skipped"]]]);
    expect(out).toMatch(/✗ b: .*page\.md:\d+:\d+: /);
  });

  test("is a document with a mistake", async () => {
    const path = await put("page.md", page(">>> A\nONE (re) (re)"));
    const target = await answering(0, { A: "ONE" });
    const { code, out } = await compare(path, "-t", `a=${target}`, "-t", `b=${target}`);
    expect(code).toBe(2);
    expect(out.match(/bad-suffix/g)).toHaveLength(1);
  });

  test("is nothing at all", async () => {
    const path = await put("page.md", "# Nothing\n");
    const { code, out } = await compare(path, "-t", "a=tcp://127.0.0.1:1", "-t", "b=tcp://127.0.0.1:2");
    expect(code).toBe(4);
    expect(out).toBe("Nothing to compare: no example was found.\n");
  });

  test("is what an interruption left out", async () => {
    const path = await put("page.md", page(">>> A\nONE"));
    const target = await answering(0, { A: "ONE" });
    const controller = new AbortController();
    const { given, out } = surroundings(controller.signal);
    const silent = await scriptedServer(async (peer: Peer) => {
      await peer.line();
      controller.abort();
      await peer.line();
    });
    servers.push(silent);
    const args = ["compare", path, "-t", `a=${target}`, "-t", `b=${silent.target}`, "-t", `c=${target}`];
    expect(await compareCommand(readArguments(args), given)).toBe(130);
    expect(out()).toMatch(/✓ passed +\? not run +\? not run/);
    expect(out()).toContain("Interrupted");
  });
});

describe("HTTP", () => {
  const opened: Server[] = [];
  afterEach(() => {
    for (const server of opened.splice(0)) server.close();
  });

  async function web(headers: Readonly<Record<string, string>>, body: string): Promise<string> {
    const server = createServer((_, response) => response.writeHead(200, headers).end(body));
    opened.push(server);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const unwritten = "---\ntimeout: 60s\n---\n# Get\n\n```http\n>>> GET / HTTP/1.1\n```\n";

  test("without a written reply: the date, the order and the case of headers, and how JSON is written do not count", async () => {
    const path = await put("page.md", unwritten);
    const one = await web({ "X-A": "1", "X-B": "2", Date: "today" }, '{"a": 1, "b": [2]}');
    const other = await web({ "x-b": "2", "X-A": "1", Date: "tomorrow" }, '{"b":[2],"a":1.0}');
    expect((await compare(path, "-t", `a=${one}`, "-t", `b=${other}`)).cells).toEqual([["passed", "passed"]]);
  });

  test("without a written reply: the length of other bodies and the name of the server do", async () => {
    const path = await put("page.md", unwritten);
    const one = await web({ Server: "a/1", "Content-Length": "3" }, "one");
    const other = await web({ Server: "a/2", "Content-Length": "4" }, "one\n");
    const { code, out } = await compare(path, "-t", `a=${one}`, "-t", `b=${other}`);
    expect(code).toBe(1);
    expect(out).toMatch(/- content-length: 3\n[^+]*\+ content-length: 4/);
    expect(out).toMatch(/- server: a\/1\n[^+]*\+ server: a\/2/);
  });

  test("without a written reply: a status, a header or a member does", async () => {
    const path = await put("page.md", unwritten);
    const one = await web({ "X-A": "1" }, '{"a":1}');
    const other = await web({ "X-A": "2" }, '{"a":2}');
    const { code, out } = await compare(path, "-t", `a=${one}`, "-t", `b=${other}`);
    expect(code).toBe(1);
    expect(out).toMatch(/- X-A: 1\n[^+]*\+ X-A: 2/i);
    expect(out).toMatch(/- {3}"a": 1\n[^+]*\+ {3}"a": 2/);
  });

  test("with a written reply only what is written counts", async () => {
    const path = await put(
      "page.md",
      '---\ntimeout: 60s\n---\n# Get\n\n```http\n>>> GET / HTTP/1.1\nHTTP/1.1 200 OK\n\n{"a": {{n}}, ...}\n```\n',
    );
    const one = await web({ "X-A": "1" }, '{"a":1}');
    const other = await web({ "X-A": "2" }, '{"a":2, "b": 3}');
    expect((await compare(path, "-t", `a=${one}`, "-t", `b=${other}`)).cells).toEqual([["passed", "passed"]]);
  });
});

describeWith(["redis-server"], "two Redis servers that differ in one setting", () => {
  test("differ there, and what one does not know is not supported", async () => {
    const [one, other] = await Promise.all([
      startRedis(),
      startRedis("--databases", "4", "--rename-command", "OBJECT", ""),
    ]);
    try {
      await put("wiredoc.config.yaml", 'unsupported: ["unknown command"]\n');
      const blocks = [
        ">>> SELECT 10\nOK",
        ">>> CONFIG GET databases",
        '>>> SET a 1\nOK\n>>> OBJECT ENCODING a\n"int"',
        ">>> SET b 1\n>>> GET b\n>>> LRANGE none 0 -1\n>>> QUIT\n=== closed",
      ];
      const set = "```redis unordered\n>>> SADD s a b c d e f g h\n>>> SMEMBERS s\n```\n";
      const path = await put("page.md", `${page(...blocks).replaceAll("wire", "redis")}\n${set}`);
      const config = join(folder, "wiredoc.config.yaml");
      const { code, cells } = await compare(
        path,
        "-t",
        `a=${one.target}`,
        "-t",
        `b=${other.target}`,
        "--config",
        config,
      );
      expect(code).toBe(1);
      expect(cells).toEqual([
        ["passed", "differs"],
        ["passed", "differs"],
        ["passed", "unsupported"],
        ["passed", "passed"],
        // Each server keeps a set in an order of its own.
        ["passed", "passed"],
      ]);
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });
});
