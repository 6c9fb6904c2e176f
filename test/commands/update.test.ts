/** `wiredoc --update` from the command line to the file. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeWith, startRedis } from "../support/real-servers.ts";

const EXECUTABLE = fileURLToPath(new URL("../../bin/wiredoc.js", import.meta.url));

let folder: string;
const running = new Set<ChildProcess>();
const servers = new Set<Server>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wiredoc-update-"));
});
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  for (const server of servers) server.close();
  servers.clear();
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param answers what is typed, each once the text before it has been asked for. */
function wiredoc(
  args: readonly string[],
  {
    ci = "",
    answers = [],
    program = [process.execPath, EXECUTABLE],
  }: {
    readonly ci?: string;
    readonly answers?: readonly (string | NodeJS.Signals)[];
    readonly program?: readonly string[];
  } = {},
): Promise<Ended> {
  const [command, ...first] = program;
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env;
  const child = spawn(command!, [...first, ...args], { cwd: folder, env: { ...rest, CI: ci } });
  running.add(child);
  const said = { out: "", err: "" };
  const left = [...answers];
  let asked = 0;
  const onAsked = (): void => {
    const questions = (said.out + said.err).split("[y,n,a,q,e,?]").length - 1;
    while (asked < questions) {
      asked++;
      const answer = left.shift();
      if (answer?.startsWith("SIG")) child.kill(answer as NodeJS.Signals);
      else if (answer !== undefined) child.stdin.write(answer);
      else child.stdin.end();
    }
  };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said.out += text;
    onAsked();
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said.err += text;
    onAsked();
  });
  return new Promise((resolve) => {
    child.once("close", (code) => {
      running.delete(child);
      resolve({ code, ...said });
    });
  });
}

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const get = (name: string): string => readFileSync(join(folder, name), "utf8");

async function listen(server: Server): Promise<number> {
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A server of lines: what it answers to each. */
function lineServer(answer: (line: string) => string): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.on("error", () => {});
      socket.setEncoding("latin1").on("data", (text: string) => {
        for (const line of text.split("\r\n").slice(0, -1)) socket.write(answer(line), "latin1");
      });
    }),
  );
}

const page = (target: string, ...lines: readonly string[]): string =>
  `---\ntarget: ${target}\ntimeout: 10s\n---\n\`\`\`wire\n${lines.join("\n")}\n\`\`\`\n`;

describe("replies that differ are rewritten, byte for byte", () => {
  const quoted = (head: string, lines: readonly string[]): string =>
    [
      `\ufeff---`,
      ...head.split("\n"),
      "---",
      "# Title  ",
      "",
      "> 1. Text",
      ">",
      ">    ```wire",
      ...lines.map((line) => (line === "" ? ">" : `>    ${line}`)),
      ">    ```",
      "\tend ",
      "",
    ].join("\r\n");

  describeWith(["redis-server"], "in redis", () => {
    test("in a quoted list of a CRLF file", async () => {
      const redis = await startRedis();
      try {
        const head = `target: ${redis.target}\ntimeout: 10s`;
        const lines = [">>> RPUSH jobs a b", "(integer) 2", ">>> LRANGE jobs 0 -1", '1) "{{first}}"', '2) "b"'];
        const more = [">>> LPOP jobs", '"{{first}}"', ">>> NOSUCH", "(error) ERR unknown command {{_}}"];
        const wanted = quoted(head, [...lines, ...more]);
        put(
          "a.md",
          wanted.replace("(integer) 2", "(integer) 3").replace('2) "b"', '2) "c"').replace("unknown", "Unknown"),
        );
        expect(await wiredoc(["--update", "a.md"])).toMatchObject({ code: 0, err: "" });
        expect(get("a.md")).toBe(wanted);
        expect(readdirSync(folder)).toEqual(["a.md"]);
      } finally {
        await redis.stop();
      }
    });
  });

  test("in http, with JSON in the author's layout", async () => {
    const body = '{"list":[1,2,{"a":"b"}],"id":"i7","text":"hello"}';
    const http = createHttpServer((_, response) => {
      response.writeHead(200, { "Content-Type": "application/json", "X-Other": "1" }).end(body);
    });
    const port = await listen(http);
    const lines = [
      ...[">>> GET / HTTP/1.1", "HTTP/1.1 200", "content-type:  application/json", "", "{", '   "id": "{{id}}",'],
      ...['   "list": [1,  2, ...],', '   "text": "hello"', "}", ">>> GET /{{id}} HTTP/1.1", "HTTP/1.1 200 OK"],
    ];
    const wanted = quoted(`target: http://127.0.0.1:${port}\ntimeout: 10s`, lines);
    put(
      "a.md",
      wanted.replace("200", "500").replace('"hello"', '"bye"').replace("1,  2", "1,  3").replace("/json", "/x"),
    );
    expect(await wiredoc(["-u", "a.md"])).toMatchObject({ code: 0, err: "" });
    expect(get("a.md")).toBe(wanted);
    http.closeAllConnections();
  });

  test("in hex", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {}).on("data", () => socket.write(Buffer.from("0003hello\x01\x02\xff\x00", "latin1")));
    });
    const port = await listen(server);
    const lines = [">>> 01 02", '30 30 "03" "hello"', "??  {{id:1 bytes}} ff", "00"];
    const wanted = quoted(`target: tcp://127.0.0.1:${port}\ndialect: hex\ntimeout: 10s`, lines);
    put("a.md", wanted.replace("hello", "hallo").replace("ff", "fe"));
    expect(await wiredoc(["--update=failed", "a.md"])).toMatchObject({ code: 0, err: "" });
    expect(get("a.md")).toBe(wanted);
  });
});

describe("a file is left alone", () => {
  test("where it changed while it was played", async () => {
    const port = await lineServer(() => {
      put("a.md", "changed\n");
      return "new\r\n";
    });
    put("a.md", page(`tcp://127.0.0.1:${port}`, ">>> A", "old"));
    const { code, out } = await wiredoc(["--update", "a.md"]);
    expect(code).toBe(2);
    expect(out).toContain("not updated");
    expect(out).toContain("the file changed while it was played, so it is not updated: run it again [changed]");
    expect(out).toContain('expected "old", got "new"');
    expect(get("a.md")).toBe("changed\n");
    expect(readdirSync(folder)).toEqual(["a.md"]);
  });

  test("where it is read-only", async () => {
    const port = await lineServer(() => "new\r\n");
    const text = page(`tcp://127.0.0.1:${port}`, ">>> A", "old");
    put("a.md", text);
    chmodSync(join(folder, "a.md"), 0o444);
    const { code, out } = await wiredoc(["--update", "a.md"]);
    expect(code).toBe(2);
    expect(out).toContain("the file cannot be updated: permission denied; make it writable first [unwritable]");
    expect(get("a.md")).toBe(text);
    expect(readdirSync(folder)).toEqual(["a.md"]);
  });

  test("where CI is set and no value is written out", async () => {
    const port = await lineServer(() => "new\r\n");
    const text = page(`tcp://127.0.0.1:${port}`, ">>> A", "old");
    put("a.md", text);
    for (const flag of ["--update", "-u"]) {
      const { code, err } = await wiredoc([flag, "a.md"], { ci: "true" });
      expect(code).toBe(1);
      expect(err).toContain("documents are not updated, as CI is set in the environment: write --update=failed");
      expect(get("a.md")).toBe(text);
    }
    expect(await wiredoc(["--update=failed", "a.md"], { ci: "true" })).toMatchObject({ code: 0, err: "" });
    expect(get("a.md")).toBe(text.replace("old", "new"));
  });
});

test("permissions and links stay", async () => {
  const port = await lineServer(() => "new\r\n");
  put("real.md", page(`tcp://127.0.0.1:${port}`, ">>> A", "old"));
  chmodSync(join(folder, "real.md"), 0o666);
  symlinkSync("real.md", join(folder, "a.md"));
  expect((await wiredoc(["--update", "a.md"])).code).toBe(0);
  expect(lstatSync(join(folder, "a.md")).isSymbolicLink()).toBe(true);
  expect(statSync(join(folder, "real.md")).mode & 0o777).toBe(0o666);
  expect(get("real.md")).toContain("\nnew\n");
});

test("what cannot be rewritten fails, and says why", async () => {
  const port = await lineServer((line) => (line === "A" ? "error\r\n" : "new\r\n"));
  put("a.md", page(`tcp://127.0.0.1:${port}`, ">>> B", "old", ">>> A", "id {{id:int}}", ">>> GET {{id}}", "x"));
  const { code, out } = await wiredoc(["--update", "a.md"]);
  expect(code).toBe(1);
  expect(out).toContain("not updated: later lines need {{id}}, and what came does not show where the value is");
  expect(out).toContain("1 failed, 1 exchange updated");
  expect(get("a.md")).toContain(">>> B\nnew\n>>> A\nid {{id:int}}\n");
});

test("a secret is not written down", async () => {
  const port = await lineServer((line) => `${line} is s3cr3t!\r\n`);
  const text = page(`tcp://127.0.0.1:${port}`, ">>> A", "old", ">>> B", "{{password}}");
  put("a.md", text);
  const { code, out } = await wiredoc(["-u", "a.md", "--var", "password=s3cr3t", "--secret", "password"]);
  expect(code).toBe(1);
  expect(out).toContain("not updated: what came holds the secret {{password}}");
  expect(out).not.toContain("s3cr3t");
  expect(get("a.md")).not.toContain("s3cr3t");
});

test("of an example that is tried again, the last reply is written; one that has to fail stays as it is", async () => {
  let count = 0;
  const port = await lineServer((line) => `${line === "A" ? ++count : line}\r\n`);
  const examples = ["wire retry=2 every=1ms\n>>> A\nold", 'wire xfail="known"\n>>> B\nold', "wire skip\n>>> C\nold"];
  const text = `---\ntarget: tcp://127.0.0.1:${port}\n---\n${examples.map((one) => `\`\`\`${one}\n\`\`\`\n`).join("\n")}`;
  put("a.md", text);
  const { code, out } = await wiredoc(["-u", "a.md"]);
  expect(code).toBe(0);
  expect(out).toContain("1 exchange updated, 1 skipped, 1 failed as expected");
  expect(get("a.md")).toBe(text.replace("old", "3"));
});

test("an opening is rewritten once, and --bail does not count what is rewritten", async () => {
  const port = await lineServer((line) => (line === "HELLO" ? "HI 2\r\n" : `${line}\r\n`));
  const examples = ["wire opening\n>>> HELLO\nHI 1", "wire\n>>> A\nold", "wire fresh\n>>> B\nold"];
  put(
    "a.md",
    `---\ntarget: tcp://127.0.0.1:${port}\n---\n${examples.map((one) => `\`\`\`${one}\n\`\`\`\n`).join("\n")}`,
  );
  expect(await wiredoc(["-u", "--bail", "a.md"])).toMatchObject({ code: 0, err: "" });
  expect(get("a.md")).toContain("HI 2\n");
  expect(get("a.md")).not.toContain("old");
  expect((await wiredoc(["a.md"])).code).toBe(0);
});

test("the JSON report says which exchanges were rewritten", async () => {
  const port = await lineServer((line) => `${line}\r\n`);
  put("a.md", page(`tcp://127.0.0.1:${port}`, ">>> A", "old", ">>> B", "B"));
  const { code, out } = await wiredoc(["--update", "-r", "json", "a.md"]);
  expect(code).toBe(0);
  const [{ exchanges }] = JSON.parse(out).documents[0].examples;
  expect(exchanges).toMatchObject([
    { status: "passed", updated: true, failure: null },
    { status: "passed", failure: null },
  ]);
  expect(exchanges[1]).not.toHaveProperty("updated");
});

test.each([
  [["--update=al"], '--update: invalid value "al" (did you mean "all"?): use "failed", "all" or "ask"'],
  [["--update", "--pipeline"], "--update and --pipeline do not go together: use one of them"],
  [["--update", "--repeat", "2"], "--update and --repeat do not go together: use one of them"],
])("wiredoc %s is a mistake", async (args, message) => {
  expect(await wiredoc([...args, "a.md"])).toMatchObject({ code: 2, err: `wiredoc: ${message} [usage]\n` });
});

describe("--update=all", () => {
  test("writes the replies, and makes captures of what differs and comes back", async () => {
    let id = 40;
    const port = await lineServer((line) => {
      const [verb, value] = line.split(" ");
      if (verb === "NEW") return `CREATED ${++id} at ${new Date(id * 1e9).toISOString()}\r\nOK\r\n`;
      if (verb === "GET") return Number(value) === id ? `FOUND ${value}\r\n` : "NONE\r\n";
      return verb === "TOKEN" ? `token: a8f93b2c${id}\r\n` : `${line} 1\r\n`;
    });
    const target = `tcp://127.0.0.1:${port}`;
    const [before, after] = [
      [[">>> NEW"], [">>> GET 41"], [">>> PING", ">>> TOKEN"], [">>> USE a8f93b2c41"]],
      [
        [">>> NEW", "CREATED {{created:int}} at {{at}}", "OK"],
        [">>> GET {{created}}", "FOUND {{created}}"],
        [">>> PING", ">>> TOKEN", "PING 1", "token: {{token}}"],
        [">>> USE {{token}}", "USE {{token}} 1"],
      ],
    ].map((examples) =>
      examples.map(
        (lines) =>
          page(target, ...lines)
            .split("---\n")
            .at(-1)!,
      ),
    );
    const head = `---\ntarget: ${target}\n---\n`;
    put("a.md", head + before!.join("\n"));
    expect(await wiredoc(["--update=all", "a.md"])).toMatchObject({ code: 0, err: "" });
    expect(get("a.md")).toBe(head + after!.join("\n"));
    expect((await wiredoc(["a.md"])).code).toBe(0);
    expect((await wiredoc(["--update=all", "a.md"])).out).not.toContain("updated");
    expect(get("a.md")).toBe(head + after!.join("\n"));
  });

  test("with a server of its own, which is started for each play", async () => {
    put("a.md", "---\nserver: builtin:queue\n---\n```wire\n>>> PUT 5\n>>> hello\n>>> TAKE 0\n>>> DONE 1\n```\n");
    expect(await wiredoc(["--update=all", "a.md"])).toMatchObject({ code: 0, err: "" });
    expect(get("a.md")).toContain(">>> DONE 1\nQUEUED 1\nJOB 1 5\nhello\nOK\n```\n");
  });
});

describe("--update=ask", () => {
  async function document(): Promise<string> {
    const port = await lineServer((line) => `${line}\r\n`);
    return page(`tcp://127.0.0.1:${port}`, ">>> A", "a", ">>> B", "b", ">>> C", "c");
  }

  test.each([
    ["y", ["y\n", "n\n", "yes\n"], ["A", "b", "C"], 1],
    ["a", ["n\n", "a\n"], ["a", "B", "C"], 1],
    ["q", ["y\n", "q\n"], ["A", "b", "c"], 1],
    ["e", ["e\n"], ["A", "B", "C"], 0],
    ["?", ["?\n", "what\n", "Y\n", "n\n", "n\n"], ["A", "b", "c"], 1],
    ["the end of the input", ["y\n"], ["A", "b", "c"], 1],
  ])("takes %s", async (_, answers, [a, b, c], exit) => {
    const text = await document();
    put("a.md", text);
    const { code, out, err } = await wiredoc(["--update=ask", "a.md"], { answers });
    expect(get("a.md")).toBe(
      text.replace("\na\n", `\n${a}\n`).replace("\nb\n", `\n${b}\n`).replace("\nc\n", `\n${c}\n`),
    );
    expect(code).toBe(exit);
    expect(err).toContain("a.md:7\n  ```wire\n  >>> A\n- a\n+ A\n  >>> B\n  b\n");
    expect(out).not.toContain("[y,n");
  });

  test("asks about the changes of each file, and e is for one of them", async () => {
    const text = await document();
    put("a.md", text);
    put("b.md", text);
    expect((await wiredoc(["--update=ask", "a.md", "b.md"], { answers: ["e\n", "n\n", "y\n", "n\n"] })).code).toBe(1);
    expect(get("a.md")).toBe(text.replace("\na\n", "\nA\n").replace("\nb\n", "\nB\n").replace("\nc\n", "\nC\n"));
    expect(get("b.md")).toBe(text.replace("\nb\n", "\nB\n"));
  });

  test("Ctrl-C leaves the file as it is", async () => {
    const text = await document();
    put("a.md", text);
    expect((await wiredoc(["--update=ask", "a.md"], { answers: ["y\n", "SIGINT"] })).code).toBe(130);
    expect(get("a.md")).toBe(text);
    expect(readdirSync(folder)).toEqual(["a.md"]);
  });

  test("what a server sends cannot act on the terminal", async () => {
    const port = await lineServer(() => "\x1b[2J\x07\r\n");
    put("a.md", page(`tcp://127.0.0.1:${port}`, ">>> A", "a"));
    const { err } = await wiredoc(["--update=ask", "a.md"], { answers: ["y\n"] });
    expect(err).toContain("+ \\x1b[2J\\x07 (esc)");
    expect(err).not.toContain("\x1b");
  });

  const hasScript = spawnSync("script", ["--version"]).status === 0;
  test.skipIf(!hasScript && !process.env.CI)("through a terminal", async () => {
    const text = await document();
    put("a.md", text);
    const line = `'${process.execPath}' '${EXECUTABLE}' --update=ask a.md`;
    const { code, out } = await wiredoc(["-qec", line, "/dev/null"], {
      program: ["script"],
      answers: ["y\n", "n\n", "q\n"],
    });
    expect(code).toBe(1);
    expect(out).toContain("\x1b[31m- a\x1b[39m\r\n\x1b[32m+ A\x1b[39m\r\n");
    expect(get("a.md")).toBe(text.replace("\na\n", "\nA\n"));
  });
});
