import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Glob } from "../../src/store/glob.ts";
import { isLegalGlob, isLegalPath, LONGEST_PATH } from "../../src/store/path.ts";
import { startWork } from "../support/work.ts";

const [head, , ...rows] = readFileSync(new URL("../fixtures/doozer/globs.txt", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const FILES = head!.replace("# Files: ", "").split(" ");

/** The same by a regular expression. */
function asRegex(glob: string): RegExp {
  const source = glob.replace(/\*+|[?.]/g, (found) =>
    found === "?" ? "[^/]" : found === "." ? "\\." : found === "*" ? "[^/]*" : ".*",
  );
  return new RegExp(`^${source}$`);
}

describe("globs", () => {
  test.each(rows.map((row) => row.split(" |")))("%s", (glob, matched) => {
    const found = FILES.filter((path) => new Glob(glob!).matches(path));
    expect(found.join(" ")).toBe(matched!.trimStart());
  });

  test("of the root match what has no path of its own", () => {
    for (const glob of ["/", "/*", "/**", "/***"]) expect(new Glob(glob).matches("/")).toBe(true);
    for (const glob of ["/?", "/a", "/*/*", "/**/**"]) expect(new Glob(glob).matches("/")).toBe(false);
  });

  const globs = fc.string({ unit: fc.constantFrom("/", "a", "b", ".", "*", "**", "?"), maxLength: 12 });
  const paths = fc.string({ unit: fc.constantFrom("/", "a", "b", "."), maxLength: 16 });

  test("match what a regular expression does", () => {
    fc.assert(
      fc.property(globs, paths, (glob, path) => {
        expect([glob, path, new Glob(`/${glob}`).matches(`/${path}`)]).toEqual([
          glob,
          path,
          asRegex(`/${glob}`).test(`/${path}`),
        ]);
      }),
      { numRuns: 10_000 },
    );
  });

  test("match what a regular expression does where they are long", () => {
    const run = fc.tuple(fc.constantFrom("a", "?"), fc.integer({ min: 20, max: 70 })).map(([one, n]) => one.repeat(n));
    fc.assert(
      fc.property(run, globs, fc.integer({ min: 20, max: 70 }), paths, (begin, glob, n, path) => {
        const [long, name] = [`/${begin}${glob}`, `/${"a".repeat(n)}${path}`];
        expect([long, name, new Glob(long).matches(name)]).toEqual([long, name, asRegex(long).test(name)]);
      }),
      { numRuns: 10_000 },
    );
  });

  test("match only below their fixed folder", () => {
    fc.assert(
      fc.property(globs, paths, (glob, path) => {
        if (new Glob(`/${glob}`).matches(`/${path}`))
          expect(`/${path}`.startsWith(new Glob(`/${glob}`).folder)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test.each([
    ["/", true],
    ["/a", true],
    ["/A.b-9/..", true],
    ["", false],
    ["a", false],
    ["/a/", false],
    ["//a", false],
    ["/a//b", false],
    ["/a_b", false],
    ["/a b", false],
    ["/a\n", false],
    ["/\xe9", false],
    ["/a*", false],
    ["/a?", false],
    [`/${"a".repeat(LONGEST_PATH - 1)}`, true],
    [`/${"a".repeat(LONGEST_PATH)}`, false],
  ])("the path %j is legal: %s", (path, isLegal) => {
    expect(isLegalPath(path)).toBe(isLegal);
    expect(isLegalGlob(path)).toBe(isLegal || /^\/a[*?]$/.test(path));
  });

  test.each(["/a/", "/**/", "**", "", "/a//b", "/[a]", "/a+b", "/a_b", "/a b"])("the glob %j is not legal", (glob) => {
    expect(isLegalGlob(glob)).toBe(false);
  });

  test("end in time, whatever they are", () => {
    const work = startWork();
    const path = `/${"a".repeat(LONGEST_PATH - 1)}`;
    expect(new Glob(`/${"*a".repeat(LONGEST_PATH / 2 - 2)}b`).matches(path)).toBe(false);
    expect(new Glob(`/${"**a".repeat(LONGEST_PATH / 3 - 2)}b`).matches(path)).toBe(false);
    expect(new Glob(`/**${"a".repeat(2000)}*${"a".repeat(2000)}b`).matches(path)).toBe(false);
    expect(new Glob(`/**${"a?".repeat(1000)}*${"?a".repeat(900)}*b`).matches(path)).toBe(false);
    expect(work()).toBeLessThan(3000);
  });

  test("are held against a whole history of the longest paths in time", () => {
    const work = startWork();
    const path = `/${"a".repeat(LONGEST_PATH - 1)}`;
    for (const repeated of ["a*", "*?", "**?"]) {
      const glob = new Glob(`/${repeated.repeat((LONGEST_PATH - 2) / repeated.length)}b`);
      for (let i = 0; i < 100; i++) expect(glob.matches(path)).toBe(false);
    }
    expect(work()).toBeLessThan(8000);
  });
});
