import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { running } from "../support/real-servers.ts";

const EXECUTABLE = fileURLToPath(new URL("../../bin/wiredoc.js", import.meta.url));
const RECORDING =
  "* Connected to localhost (127.0.0.1) port 80 (#0)\n> GET / HTTP/1.1\n> Host: localhost\n> \n< HTTP/1.1 204 No Content\n< \n";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wiredoc-import-"));
  writeFileSync(join(folder, "curl.txt"), RECORDING);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param input what it reads; undefined: nothing comes, and there is no end. */
function start(input: string | undefined, ...args: readonly string[]) {
  const child = spawn(process.execPath, [EXECUTABLE, "record", ...args], { cwd: folder });
  running.add(child);
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk) => (said.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (said.err += chunk));
  child.stdin.on("error", () => {});
  if (input !== undefined) child.stdin.end(input);
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return { code: code as number | null, ...said };
  });
  return { child, ended };
}
const record = (...args: readonly string[]) => start("", ...args).ended;

describe("wiredoc record --import", () => {
  test("writes the document to standard output, or to a new file", async () => {
    const shown = await record("--import", "curl.txt");
    expect(shown).toMatchObject({
      code: 0,
      err: "",
      out: expect.stringContaining(">>> GET / HTTP/1.1\nHTTP/1.1 204 No Content\n"),
    });
    expect(await record("--import", "curl.txt", "-o", "a.md")).toEqual({ code: 0, out: "", err: "" });
    expect(readFileSync(join(folder, "a.md"), "utf8")).toBe(shown.out);
    expect(await record("--import", "curl.txt", "-o", "a.md")).toMatchObject({
      code: 2,
      err: expect.stringContaining("exists"),
    });
  });

  test("reads standard input", async () => {
    const { code, out } = await start(RECORDING, "--import", "-").ended;
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(">>> GET / HTTP/1.1\n") });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("ends on %s, without a document", async (signal) => {
    const { child, ended } = start(undefined, "--import", "-", "-o", "a.md");
    child.stdin.write(RECORDING);
    // It takes interrupts before it reads, so what it has read tells that it does.
    while (!child.stdin.writableNeedDrain) {
      child.stdin.write("\n".repeat(65_536));
      await new Promise(setImmediate);
    }
    await once(child.stdin, "drain");
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 130, out: "" });
    expect(existsSync(join(folder, "a.md"))).toBe(false);
  });

  test.each([
    [["--import", "nowhere"], '"nowhere" does not exist [no-such-file]'],
    [["--import", "."], '"." cannot be read: it is a folder, not a file [unreadable]'],
    [["--import", "curl.txt", "b.md"], '"wiredoc record" takes no documents: write the new one with -o b.md [usage]'],
    [
      ["--import", "curl.txt", "--listen", "127.0.0.1:0"],
      "--import reads a file, and --listen is for a proxy: remove one of them [usage]",
    ],
    [["--import", "curl.txt", "--dialect", "nonsense"], "nonsense"],
  ])("refuses %j", async (args, message) => {
    expect(await record(...args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(message) });
  });

  test("says where a recording is wrong, and writes nothing", async () => {
    writeFileSync(join(folder, "b.har"), '{"log":\n {"entries": [}\n');
    const { code, err } = await record("--import", "b.har", "-o", "a.md");
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("b.har:2:1: invalid JSON") });
    expect(existsSync(join(folder, "a.md"))).toBe(false);
  });
});
