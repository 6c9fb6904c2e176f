import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readNamedFile } from "../../src/base/named-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "wiredoc-named-")));
  await mkdir(join(folder, "in/sub"), { recursive: true });
  await writeFile(join(folder, "in/sub/a"), "text é");
  await writeFile(join(folder, "out"), "secret");
});
afterEach(() => rm(folder, { recursive: true }));

const read = (path: string, within: string | undefined = join(folder, "in")): string =>
  readNamedFile(join(folder, path), within);

test("a file in the folder is read, also through links that stay in it", async () => {
  await symlink("sub/a", join(folder, "in/b"));
  await symlink("in", join(folder, "link"));
  expect(read("in/sub/a")).toBe("text é");
  expect(read("in/b")).toBe("text é");
  expect(read("link/b")).toBe("text é");
  expect(read("in/b", join(folder, "link"))).toBe("text é");
});

describe("outside of the folder nothing is read", () => {
  test.each(["in/../out", "out", "in/link", "in/up/out"])("%s", async (path) => {
    await symlink("../out", join(folder, "in/link"));
    await symlink("..", join(folder, "in/up"));
    expect(() => read(path)).toThrow(/^a document may only name files in .*\/in; move it there/);
    expect(readNamedFile(join(folder, path), undefined)).toBe("secret");
  });

  test("in a folder whose name begins alike", async () => {
    await mkdir(join(folder, "inn"));
    await writeFile(join(folder, "inn/a"), "secret");
    await mkdir(join(folder, "in/..a"));
    await writeFile(join(folder, "in/..a/b"), "dots");
    expect(() => read("inn/a")).toThrow(/may only name files/);
    expect(read("in/..a/b")).toBe("dots");
  });
});

describe("what is not a file is told at once", () => {
  test.each([
    ["a folder", "in/sub", "it is a folder, not a file"],
    ["the folder itself", "in", "it is a folder, not a file"],
    ["nothing", "in/none", "there is no such file"],
    ["something below a file", "in/sub/a/b", "there is no such file"],
    ["links in a circle", "in/circle", "its links lead in a circle"],
    ["a pipe that nobody writes to", "in/pipe", "it is a pipe, not a file"],
    ["a large file", "in/large", "it is larger than 16 MB"],
  ])("%s", async (_, path, message) => {
    await symlink("circle", join(folder, "in/circle"));
    spawnSync("mkfifo", [join(folder, "in/pipe")]);
    await writeFile(join(folder, "in/large"), "");
    await truncate(join(folder, "in/large"), 16_000_001);
    expect(() => read(path)).toThrow(message);
  });

  test("a socket", async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(join(folder, "in/socket"), listening));
    try {
      expect(() => read("in/socket")).toThrow("it is a socket or a device, not a file");
    } finally {
      server.close();
    }
  });

  test("a device without an end", () => {
    expect(() => readNamedFile("/dev/zero", undefined)).toThrow("it is a device, not a file");
    expect(() => readNamedFile("/dev/zero", folder)).toThrow("may only name files in");
  });
});
