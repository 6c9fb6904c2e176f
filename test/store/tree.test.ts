import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { File } from "../../src/store/engine.ts";
import {
  countOf,
  type Directory,
  EMPTY,
  filesOf,
  isFile,
  lookUp,
  withFile,
  withoutFile,
} from "../../src/store/tree.ts";

const file = (path: string, revision: number): File => ({ path, revision, value: Buffer.from(path) });
const pathsOf = (root: Directory): readonly string[] => [...filesOf(root)].map(({ path }) => path);

/** Paths in order, name by name. */
const inOrder = (paths: readonly string[]): readonly string[] =>
  [...paths].sort((a, b) => {
    const [left, right] = [a.split("/"), b.split("/")];
    for (let i = 0; i < Math.min(left.length, right.length); i++)
      if (left[i] !== right[i]) return left[i]! < right[i]! ? -1 : 1;
    return left.length - right.length;
  });

describe("a tree", () => {
  const path = fc
    .array(fc.constantFrom("a", "b", "a-b", "a.b", "a0"), { minLength: 1, maxLength: 4 })
    .map((names) => `/${names.join("/")}`);
  const step = fc.record({ isSet: fc.boolean(), path });

  test("holds what was set and not removed, and so do all trees before it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        let root = EMPTY;
        const files = new Set<string>();
        const kept: { readonly root: Directory; readonly files: readonly string[] }[] = [];
        for (const [index, { isSet, path }] of steps.entries()) {
          const node = lookUp(root, path);
          const isDirectory = node !== undefined && node !== "below-file" && !isFile(node);
          const above = [...files].find((one) => path.startsWith(`${one}/`));
          expect(node === "below-file").toBe(above !== undefined);
          expect(isDirectory).toBe([...files].some((one) => one.startsWith(`${path}/`)));
          if (isDirectory) continue;
          if (!isSet) {
            root = withoutFile(root, path);
            files.delete(above ?? path);
          } else if (above === undefined) {
            root = withFile(root, file(path, index));
            files.add(path);
          }
          kept.push({ root, files: inOrder([...files]) });
        }
        for (const { root, files } of kept) {
          expect(pathsOf(root)).toEqual(files);
          for (const one of files) expect(lookUp(root, one)).toMatchObject({ path: one });
        }
      }),
      { numRuns: 300 },
    );
  });

  test("has no empty directories", () => {
    const root = withFile(withFile(EMPTY, file("/a/b/c", 1)), file("/x", 2));
    expect(countOf(root)).toBe(2);
    const less = withoutFile(root, "/a/b/c");
    expect(lookUp(less, "/a")).toBe(undefined);
    expect(countOf(withoutFile(less, "/x"))).toBe(0);
  });

  test("is the same where there is nothing to remove", () => {
    const root = withFile(EMPTY, file("/a/b", 1));
    for (const path of ["/x", "/a/c", "/a/c/d", "/x/y"]) expect(withoutFile(root, path)).toBe(root);
  });

  test("shares what is beside the path", () => {
    const root = withFile(withFile(EMPTY, file("/a/b", 1)), file("/c/d", 2));
    expect(lookUp(withFile(root, file("/c/e", 3)), "/a")).toBe(lookUp(root, "/a"));
  });

  test("may be as deep as the longest path", () => {
    const deep = "/a".repeat(2048);
    const root = withFile(EMPTY, file(deep, 1));
    expect(pathsOf(root)).toEqual([deep]);
    expect(lookUp(root, deep)).toMatchObject({ revision: 1 });
    expect(withoutFile(root, deep).entries).toBe(undefined);
  });
});
