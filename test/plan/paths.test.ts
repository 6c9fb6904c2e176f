import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { displayPath } from "../../src/plan/display-path.ts";
import { resolveDocuments } from "../../src/plan/paths.ts";

const loaded = vi.hoisted(() => ({ globs: 0 }));
vi.mock("tinyglobby", async (original) => {
  loaded.globs++;
  return original();
});

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "wiredoc-paths-")));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), "");
  }
}

const NO_CONFIG = { path: undefined, folder: "/", documents: [] };
const documents = async (...paths: readonly string[]): Promise<readonly string[]> => [
  ...(await resolveDocuments(paths, folder, NO_CONFIG)).keys(),
];
/** The lines of each document: `*` where all of it is meant. */
const lines = async (...paths: readonly string[]): Promise<Readonly<Record<string, string>>> => {
  const chosen = [...(await resolveDocuments(paths, folder, NO_CONFIG))];
  return Object.fromEntries(chosen.map(([path, ats]) => [path, ats ? [...ats].join() : "*"]));
};

test("plain files are taken as they are, without the library for globs", async () => {
  await put("b.md", "a.txt", "sub/c.md");
  expect(await documents("b.md", "./a.txt", "sub/../sub/c.md", "b.md")).toEqual(["b.md", "a.txt", "sub/c.md"]);
  expect(loaded.globs).toBe(0);
});

describe("a folder", () => {
  test("means its Markdown files, sorted, without node_modules and what begins with a dot", async () => {
    await put(
      "docs/b.md",
      "docs/a/z.md",
      "docs/B.md",
      "docs/x.txt",
      "docs/.git/c.md",
      "docs/node_modules/p/d.md",
      "e.md",
    );
    expect(await documents("docs")).toEqual(["docs/B.md", "docs/a/z.md", "docs/b.md"]);
    expect(await documents(".")).toEqual(["docs/B.md", "docs/a/z.md", "docs/b.md", "e.md"]);
    expect(await documents("docs/.git", "docs/a/")).toEqual(["docs/.git/c.md", "docs/a/z.md"]);
  });

  test("without any is nothing", async () => {
    await mkdir(join(folder, "empty"));
    expect(await documents("empty")).toEqual([]);
  });

  test("with links in a circle shows each file once", async () => {
    await put("docs/a.md", "docs/sub/b.md", "other/c.md");
    await symlink("..", join(folder, "docs/sub/circle"));
    await symlink("../other", join(folder, "docs/linked"));
    await symlink("gone.md", join(folder, "docs/broken.md"));
    expect(await documents("docs")).toEqual(["docs/a.md", "docs/linked/c.md", "docs/sub/b.md"]);
  });
});

describe("a glob", () => {
  test("is what it matches", async () => {
    await put("docs/b.md", "docs/a.md", "docs/sub/c.md", "docs/x.txt", "node_modules/m/n.md");
    expect(await documents("docs/*.md")).toEqual(["docs/a.md", "docs/b.md"]);
    expect(await documents("**/{c,x}.*")).toEqual(["docs/sub/c.md", "docs/x.txt"]);
    expect(await documents("**/*.md", "docs/a.md")).toEqual(["docs/a.md", "docs/b.md", "docs/sub/c.md"]);
    expect(await documents("node_modules/**/*.md")).toEqual(["node_modules/m/n.md"]);
    const found = await resolveDocuments(["../*.md"], join(folder, "docs/sub"), NO_CONFIG);
    expect([...found.keys()]).toEqual(["../a.md", "../b.md"]);
    expect(await documents("none/*.md")).toEqual([]);
  });

  test("is none where a file has that very name", async () => {
    await put("a[1].md", "a1.md");
    expect(await documents("a[1].md")).toEqual(["a[1].md"]);
  });
});

test("a path that does not exist is a mistake", async () => {
  await expect(documents("none.md")).rejects.toMatchObject({
    code: "no-such-file",
    message: '"none.md" does not exist',
  });
  await expect(documents("a (1).md")).rejects.toMatchObject({ code: "no-such-file" });
  await expect(documents("!a*.md")).rejects.toMatchObject({ code: "no-such-file" });
  await expect(documents("")).rejects.toMatchObject({ code: "no-such-file" });
});

describe("FILE:LINE", () => {
  test("means lines of that file; who names the file too gets all of it", async () => {
    await put("a.md", "b.md", "docs/c.md");
    expect(await lines("a.md:7", "b.md", "./a.md:12", join(folder, "a.md:7"))).toEqual({ "a.md": "7,12", "b.md": "*" });
    expect(await lines("a.md:7", "a.md")).toEqual({ "a.md": "*" });
    expect(await lines("docs", "docs/c.md:7")).toEqual({ "docs/c.md": "*" });
  });

  test("may have a column, as messages have", async () => {
    await put("a.md");
    expect(await lines("a.md:7:3")).toEqual({ "a.md": "7" });
  });

  test("is a file of that name where there is one", async () => {
    await put("a.md", "a.md:12", "b:7:12");
    expect(await lines("a.md:12", "b:7:12")).toEqual({ "a.md:12": "*", "b:7:12": "*" });
    expect(await lines("a.md:12:3")).toEqual({ "a.md:12": "3" });
  });

  test("goes with no folder, no glob, and no file that is missing", async () => {
    await put("docs/a.md");
    for (const path of ["docs:7", "docs/*.md:7"])
      await expect(documents(path)).rejects.toMatchObject({
        code: "usage",
        message: `"${path}": a line can follow the path of one file only, as in docs/a.md:12`,
      });
    await expect(documents("b.md:7")).rejects.toMatchObject({ code: "no-such-file", message: '"b.md" does not exist' });
  });
});

describe("without a path", () => {
  test("the config file's documents are meant, from its folder", async () => {
    await put("docs/a.md", "sub/x");
    const config = { path: join(folder, "wiredoc.config.yaml"), folder, documents: ["docs/**/*.md"] };
    expect([...(await resolveDocuments([], join(folder, "sub"), config)).keys()]).toEqual(["../docs/a.md"]);
    await expect(resolveDocuments([], folder, { ...config, documents: ["b.md"] })).rejects.toThrow(
      '"b.md" does not exist (in the documents of wiredoc.config.yaml)',
    );
  });

  test("and without them it is said what to do", async () => {
    await expect(documents()).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/set "documents" in wiredoc.config.yaml/),
    });
    const config = { path: join(folder, "wiredoc.config.mjs"), folder, documents: [] };
    await expect(resolveDocuments([], folder, config)).rejects.toThrow(/set "documents" in wiredoc.config.mjs/);
  });
});

test("paths show from the working directory; absolute ones that lie elsewhere as they are", () => {
  expect(displayPath("/a/b/c.md", "/a/b")).toBe("c.md");
  expect(displayPath("/x/c.md", "/a/b")).toBe("/x/c.md");
  expect(displayPath("../c.md", "/a/b")).toBe("../c.md");
  expect(displayPath("..c.md", "/a/b")).toBe("..c.md");
});
