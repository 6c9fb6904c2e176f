/** Recordings by the programs themselves, as documents that run against the same server. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { builtins } from "../../../src/builtins.ts";
import { importRecording } from "../../../src/record/import/import.ts";
import { freePort } from "../../../src/servers/free-port.ts";
import { describeWith, type RealServer, running, startNginx, startRedis } from "../../support/real-servers.ts";
import { replay } from "../../support/replay.ts";
import { capture, type Packet } from "./packets.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wiredoc-import-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Imported {
  readonly text: string;
  readonly warnings: readonly string[];
}

async function imported(file: string | Buffer, target?: string): Promise<Imported> {
  writeFileSync(join(folder, "recording"), file);
  const warnings: string[] = [];
  const none = { dialect: undefined, config: undefined, timeout: undefined, settle: undefined, limit: undefined };
  const text = await importRecording(
    { ...none, file: "recording", target, cwd: folder },
    { registry: builtins, signal: new AbortController().signal, warn: (message) => warnings.push(message) },
  );
  return { text, warnings };
}

async function expectToPass({ text }: Imported, exchanges: number): Promise<void> {
  const run = await replay(text);
  expect(run.failures, text).toEqual([]);
  expect(run.exitCode, text).toBe(0);
  expect(
    run.documents[0]!.examples.flatMap((example) => example.exchanges),
    text,
  ).toHaveLength(exchanges);
}

describeWith(["nginx", "curl"], "what curl says of nginx", () => {
  let nginx: RealServer;
  beforeAll(async () => {
    nginx = await startNginx();
  });
  afterAll(() => nginx?.stop());

  /** What curl writes to standard output and standard error, in one file. */
  function curl(...args: readonly string[]): Buffer {
    const path = join(folder, "curl.txt");
    const urls = ["/", "/files/text.txt", "/files/data.json", "/nowhere"].map((path) => nginx.target + path);
    execFileSync("/bin/sh", ["-c", 'out="$1"; shift; curl "$@" > "$out" 2>&1', "sh", path, ...args, ...urls]);
    return readFileSync(path);
  }

  it.each([["-v"], ["-sv"], ["-sv", "-N"], ["-sv", "-i"], ["-sv", "--compressed"], ["-sv", "-0"]])(
    "passes: %s %s",
    async (...args) => {
      const document = await imported(curl(...args));
      expect(document.text).toContain("hello\n");
      expect(document.text).toContain('{"name": "wiredoc", "list": [1, 2, 3]}\n');
      await expectToPass(document, 4);
    },
  );

  it("passes with a trace of POST, and without bodies", async () => {
    const trace = await imported(curl("-s", "--trace", "-", "-o", "/dev/null", "-d", "a=b\né"));
    expect(trace.text).toContain(">>> a=b");
    await expectToPass(trace, 4);
    const ascii = await imported(curl("-s", "--trace-ascii", "-", "--trace-time"));
    await expectToPass(ascii, 4);
    const heads = await imported(curl("-sv", "-I"));
    await expectToPass(heads, 4);
  });

  it("passes as HAR", async () => {
    const entry = (path: string, type: string, text: string) => ({
      request: {
        method: "GET",
        url: nginx.target + path,
        headers: [
          { name: ":method", value: "GET" },
          { name: "accept", value: "*/*" },
        ],
      },
      response: {
        status: 200,
        statusText: "",
        headers: [{ name: "content-type", value: type }],
        content: { size: text.length, text },
      },
    });
    const entries = [
      entry("/", "text/plain", "hello\n"),
      entry("/files/data.json", "application/json", '{"list":[1,2,3],"name":"wiredoc"}'),
    ];
    const document = await imported(JSON.stringify({ log: { entries } }));
    expect(document.warnings).toEqual([]);
    await expectToPass(document, 2);
  });
});

const COMMANDS = ["*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\0\xff\r\n\r\n", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"];
const REPLIES = ["+OK\r\n", "$4\r\n\0\xff\r\n\r\n"];

describeWith(["redis-server", "socat"], "what socat and Wireshark say of redis", () => {
  let redis: RealServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());

  /** What socat writes while two clients, one after the other, ask something each. */
  async function socat(...args: readonly string[]): Promise<string> {
    const port = await freePort();
    const listen = `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`;
    const child = spawn("socat", [...args, "-d", "-d", listen, `TCP:127.0.0.1:${redis.port}`], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    running.add(child);
    let said = "";
    child.stderr.setEncoding("latin1").on("data", (text: string) => (said += text));
    while (!said.includes("listening on")) await once(child.stderr, "data");
    for (const command of COMMANDS) {
      const socket = connect(port, "127.0.0.1").resume();
      socket.write(command, "latin1");
      await once(socket, "data");
      socket.destroy();
    }
    const isWhole = () => said.split(/^< /m).length > COMMANDS.length && said.endsWith("\n");
    while (!isWhole()) await once(child.stderr, "data");
    const ended = once(child, "close");
    child.kill();
    await ended;
    running.delete(child);
    return said;
  }

  it.each([["-x"], ["-x", "-v"]])("passes: socat %s %s", async (...args) => {
    const document = await imported(Buffer.from(await socat(...args), "latin1"));
    expect(document).toMatchObject({ text: expect.stringContaining('"\\x00\\xff\\r\\n"'), warnings: [] });
    await expectToPass(document, 2);
  });

  it("warns of what socat -v does not tell", async () => {
    const document = await imported(Buffer.from(await socat("-v"), "latin1"));
    expect(document.warnings).toEqual([expect.stringContaining("use `socat -x`")]);
    expect(document.text).toContain('>>> SET k "..\\r\\n"\nOK\n');
  });

  it("passes as YAML", async () => {
    const packet = (peer: number, i: number, bytes: string): string =>
      `  - packet: ${i}\n    peer: ${peer}\n    timestamp: ${i}.5\n    data: !!binary |\n      ${Buffer.from(bytes, "latin1").toString("base64")}\n`;
    const packets = COMMANDS.map((command, i) => packet(0, 2 * i, command) + packet(1, 2 * i + 1, REPLIES[i]!)).join(
      "",
    );
    const peers = `peers:\n  - peer: 0\n    host: 127.0.0.1\n    port: 4000\n  - peer: 1\n    host: 127.0.0.1\n    port: ${redis.port}\n`;
    await expectToPass(await imported(`${peers}packets:\n${packets}`), 2);
  });
});

describeWith(["redis-server", "tshark"], "a packet capture", () => {
  let redis: RealServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());

  /** Two clients at once; the segments of a request come in the wrong order. */
  function packets(): readonly Packet[] {
    const [set, get] = COMMANDS as [string, string];
    const [one, two, to] = [40_001, 40_002, redis.port];
    let at = 0;
    const packet = (from: number, flags: string, sequence: number, text = "", client = from): Packet => ({
      at: at++,
      from,
      to: from === to ? client : to,
      flags,
      sequence,
      text,
    });
    return [
      packet(one, "S", 99),
      packet(to, "SA", 499, "", one),
      packet(two, "S", 99),
      packet(to, "SA", 499, "", two),
      packet(one, "PA", 110, set.slice(10)),
      packet(one, "PA", 100, set.slice(0, 10)),
      packet(to, "PA", 500, REPLIES[0], one),
      packet(two, "PA", 100, get),
      packet(to, "PA", 500, REPLIES[1], two),
      packet(one, "FA", 100 + set.length),
      packet(two, "FA", 100 + get.length),
    ];
  }

  it("passes, with a name for each connection", async () => {
    const document = await imported(capture(packets()));
    expect(document).toMatchObject({ text: expect.stringContaining("client2>>> GET k\n"), warnings: [] });
    await expectToPass(document, 2);
  });

  it("is read as far as it goes", async () => {
    const document = await imported(capture(packets()).subarray(0, -50));
    expect(document.warnings).toEqual([expect.stringMatching(/^tshark has not read all of recording: .*cut short/)]);
    await expectToPass(document, 2);
    await expect(imported(capture([]).subarray(0, 20))).rejects.toThrow("tshark cannot read it");
  });

  it("needs tshark", async () => {
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      await expect(imported(capture(packets()))).rejects.toThrow("which is not installed: install");
    } finally {
      process.env.PATH = path;
    }
  });
});
