import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileOutput, type Stream, streamOutput, usesColor } from "../../src/report/output.ts";

describe("colour", () => {
  test.each([
    ["a terminal", undefined, true, {}, true],
    ["no terminal", undefined, false, {}, false],
    ["a dumb terminal", undefined, true, { TERM: "dumb" }, false],
    ["NO_COLOR", undefined, true, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR", undefined, true, { NO_COLOR: "" }, true],
    ["FORCE_COLOR", undefined, false, { FORCE_COLOR: "1" }, true],
    ["an empty FORCE_COLOR", undefined, false, { FORCE_COLOR: "" }, false],
    ["an empty FORCE_COLOR beside NO_COLOR", undefined, true, { FORCE_COLOR: "", NO_COLOR: "1" }, false],
    ["FORCE_COLOR=true", undefined, false, { FORCE_COLOR: "true" }, true],
    ["FORCE_COLOR=3 on a dumb terminal", undefined, true, { FORCE_COLOR: "3", TERM: "dumb" }, true],
    ["FORCE_COLOR=false", undefined, true, { FORCE_COLOR: "false" }, false],
    ["NO_COLOR=0", undefined, true, { NO_COLOR: "0" }, false],
    ["FORCE_COLOR=0", undefined, true, { FORCE_COLOR: "0" }, false],
    ["FORCE_COLOR against NO_COLOR", undefined, false, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    ["--color against NO_COLOR", true, false, { NO_COLOR: "1" }, true],
    ["--no-color against FORCE_COLOR", false, true, { FORCE_COLOR: "1" }, false],
  ])("with %s", (_, flag, isTerminal, environment, expected) => {
    expect(usesColor(flag, isTerminal, environment)).toBe(expected);
  });
});

describe("a standard stream", () => {
  const open: { destroy(): void; close?(): void }[] = [];
  afterEach(() => {
    for (const one of open.splice(0)) one.destroy();
  });

  /** Both ends of a connection over loopback. */
  async function pair(): Promise<{ writer: Socket; reader: Socket }> {
    const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const writer = connect((server.address() as { port: number }).port, "127.0.0.1");
    const [reader] = (await once(server, "connection")) as [Socket];
    if (writer.connecting) await once(writer, "connect");
    server.close();
    open.push(writer, reader);
    reader.on("error", () => {});
    return { writer, reader };
  }

  test("makes a fast writer wait for a slow reader", async () => {
    const { writer, reader } = await pair();
    const out = streamOutput(writer, undefined, {});
    const text = "x".repeat(20_000_000);
    let isWritten = false;
    const written = Promise.resolve(out.write(text)).then(() => {
      isWritten = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(false);
    let received = 0;
    reader.on("data", (chunk) => {
      received += chunk.length;
    });
    reader.resume();
    await written;
    await out.write("end");
    writer.end();
    await once(reader, "end");
    expect(received).toBe(text.length + 3);
  });

  test("takes a reader that hangs up for no failure", async () => {
    const { writer, reader } = await pair();
    const out = streamOutput(writer, undefined, {});
    reader.resetAndDestroy();
    for (let i = 0; i < 50; i++) await out.write("x".repeat(100_000));
    expect(writer.destroyed).toBe(true);
    await out.write("more");
  });

  test("passes on any other error, now and at every later write", async () => {
    const full = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("no space left"), { code: "ENOSPC" })),
    });
    const out = streamOutput(full as Stream, undefined, {});
    await expect(out.write("text")).rejects.toThrow("no space left");
    await expect(out.write("text")).rejects.toThrow("no space left");
  });

  test("knows a terminal, its columns and their change", () => {
    const terminal = Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), {
      isTTY: true,
      columns: 80,
    });
    const out = streamOutput(terminal, undefined, {});
    expect(out).toMatchObject({ isTerminal: true, color: true, columns: 80 });
    terminal.columns = 120;
    expect(out.columns).toBe(120);
    terminal.columns = 0;
    expect(out.columns).toBeUndefined();
    expect(streamOutput(terminal, undefined, { TERM: "dumb" })).toMatchObject({ isTerminal: false, color: false });
  });
});

describe("a file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "wiredoc-output-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("appears whole, in a folder that is made", async () => {
    const path = join(folder, "a/b/report.xml");
    const out = await fileOutput(path);
    expect(out).toMatchObject({ isTerminal: false, color: false, columns: undefined });
    await out.write("one ");
    await out.write("zwei ü\n");
    await expect(stat(path)).rejects.toThrow("ENOENT");
    await out.commit();
    expect(await readFile(path, "utf8")).toBe("one zwei ü\n");
    expect(await readdir(join(folder, "a/b"))).toEqual(["report.xml"]);
  });

  test("keeps what stood there until then, its mode, and a link to it", async () => {
    const path = join(folder, "report.json");
    await writeFile(path, "old");
    await chmod(path, 0o640);
    await symlink("report.json", join(folder, "latest.json"));
    const out = await fileOutput(join(folder, "latest.json"));
    await out.write("new");
    expect(await readFile(path, "utf8")).toBe("old");
    await out.commit();
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect((await lstat(join(folder, "latest.json"))).isSymbolicLink()).toBe(true);
  });

  test("is left alone where the report is discarded", async () => {
    const path = join(folder, "report.json");
    await writeFile(path, "old");
    const out = await fileOutput(path);
    await out.write("half");
    await out.discard();
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["report.json"]);
  });

  test("that is a device is written, not replaced", async () => {
    const out = await fileOutput("/dev/null");
    await out.write("text");
    await out.commit();
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });

  test("that cannot be is a mistake of the command line", async () => {
    await expect(fileOutput(folder)).rejects.toThrow(/cannot be written: it is a folder/);
    await writeFile(join(folder, "file"), "");
    const path = join(folder, "file/report.json");
    await expect(fileOutput(path)).rejects.toMatchObject({
      code: "usage",
      message: `the report "${path}" cannot be written: a part of its path is a file, not a folder`,
    });
  });

  test.runIf(existsSync("/proc/self"))("is a mistake too where the system takes no files", async () => {
    for (const path of ["/proc/report.json", "/proc/a/b/report.json"])
      await expect(fileOutput(path)).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(path) });
  });

  test.runIf(existsSync("/dev/full"))("is a mistake too where the disk is full", async () => {
    const out = await fileOutput("/dev/full");
    await expect(out.write("text")).rejects.toMatchObject({
      code: "usage",
      message: 'the report "/dev/full" cannot be written: no space is left on the device',
    });
    await out.discard();
  });

  test("takes the folders with it that were made for it, where it is discarded", async () => {
    const out = await fileOutput(join(folder, "a/b/report.json"));
    const other = await fileOutput(join(folder, "a/c/report.json"));
    await out.discard();
    expect(await readdir(join(folder, "a"))).toEqual(["c"]);
    await other.commit();
    expect(await readdir(join(folder, "a/c"))).toEqual(["report.json"]);
  });
});
