/** The command itself: what it prints, how it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client } from "../serve/support.ts";

const WIREDOC = fileURLToPath(new URL("../../bin/wiredoc.js", import.meta.url));
const PAGE = "---\ntarget: tcp://127.0.0.1:1\n---\n```wire\n>>> a\nb {{id:int}}\n>>> c\nd\n```\n";

let folder: string;
const processes: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wiredoc-serve-"));
  writeFileSync(join(folder, "page.md"), PAGE);
});
afterEach(() => {
  for (const one of processes.splice(0)) one.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** The command with these words after `wiredoc serve`. */
function start(...words: readonly string[]) {
  const child = spawn(process.execPath, [WIREDOC, "serve", ...words, "--no-color"], { cwd: folder });
  processes.push(child);
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number, out, err }));
  return {
    child,
    ended,
    async port(stream: "stdout" | "stderr" = "stdout"): Promise<number> {
      for (;;) {
        const [, port] = /^listening on \w+:\/\/127\.0\.0\.1:(\d+)\n/m.exec(stream === "stdout" ? out : err) ?? [];
        if (port !== undefined) return Number(port);
        if (child.exitCode !== null) throw new Error(`it ended: ${out}${err}`);
        await once(child[stream], "data");
      }
    },
  };
}

describe("wiredoc serve", () => {
  it("prints where it listens, and what was wrong", async () => {
    const served = start("page.md");
    const client = new Client(await served.port()).say("a\r\nx\r\n");
    expect(await client.rest()).toBe("b 1\r\nd\r\n");
    const { code, out, err } = await served.ended;
    expect([code, err]).toEqual([1, ""]);
    expect(out).toContain('page.md:7: expected "c", got "x"');
    expect(out).toContain("examples   1  1 failed\n");
  });

  it("ends with 0 when the client did as written", async () => {
    const served = start("page.md", "--quiet");
    await new Client(await served.port()).say("a\r\nc\r\n").rest();
    expect(await served.ended).toMatchObject({ code: 0, err: "" });
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends with 0 on %s, and leaves nothing behind", async (signal) => {
    for (const mode of ["script", "match"]) {
      const served = start("page.md", "--mode", mode);
      const client = new Client(await served.port()).say("a\r\n");
      await client.hears("b 1\r\n");
      served.child.kill(signal);
      expect((await served.ended).code).toBe(0);
      expect(await client.rest()).toBe("b 1\r\n");
    }
  });

  it("shows each exchange with --verbose, as it is heard and answered", async () => {
    const served = start("page.md", "--verbose");
    await new Client(await served.port()).say("a\r\nc\r\n").rest();
    expect((await served.ended).out).toMatch(/page\.md:5 .*\n +>>> a\n +<<< b 1\n/);
  });

  it("has a report for machines to itself", async () => {
    const served = start("page.md", "-r", "json");
    await new Client(await served.port("stderr")).say("a\r\nc\r\n").rest();
    const [exchange] = JSON.parse((await served.ended).out).documents[0].examples[0].exchanges;
    expect(exchange).toMatchObject({
      answers: true,
      sent: ["b 1"],
      expected: ["a"],
      received: ["a"],
      status: "passed",
    });
  });

  it("writes a report to a file", async () => {
    const served = start("page.md", "-r", "tap=out.tap");
    await new Client(await served.port()).say("a\r\nc\r\n").rest();
    expect((await served.ended).code).toBe(0);
    expect(readFileSync(join(folder, "out.tap"), "utf8")).toContain("ok 1");
  });

  it("tells what it cannot listen on", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const { code, err } = await start("page.md", "--listen", `127.0.0.1:${port}`).ended;
    other.close();
    expect([code, err]).toEqual([
      3,
      `wiredoc: cannot listen on 127.0.0.1:${port}: another program listens there; stop it, or choose another port with --listen HOST:PORT\n`,
    ]);
  });

  it.each([
    [[], '"wiredoc serve" takes one document: add its path'],
    [["page.md", "b.md"], '"wiredoc serve" takes one document: remove "b.md"'],
    [["nowhere.md"], "nowhere.md"],
    [["page.md", "--listen", "here"], '--listen: invalid address "here": use for example 127.0.0.1:8080'],
    [["page.md", "--listen", "127.0.0.1:99999"], '--listen: invalid address "127.0.0.1:99999"'],
    [["page.md", "--mode", "loop"], '--mode: invalid value "loop": use script or match'],
    [["page.md", "--mode", "match", "-r", "tap"], "--reporter: there is no report with --mode match"],
    [["page.md", "--tls-cert", "a.pem", "--tls-key", "page.md"], '--tls-cert: the file "a.pem" cannot be read'],
    [["page.md", "--tls-cert", "page.md"], "--tls-cert needs the private key of the certificate"],
    [["page.md", "--tls-cert", "page.md", "--tls-key", "page.md"], "--tls-cert and --tls-key cannot be used"],
    [["page.md", "--target", "tcp://127.0.0.1:1"], "has no option --target"],
  ])("refuses %j", async (words, message) => {
    const { code, out, err } = await start(...words).ended;
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });
});
