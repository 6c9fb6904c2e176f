import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DocumentFile } from "../../src/record/document-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wiredoc-file-"));
  path = join(folder, "a.md");
});
afterEach(() => rmSync(folder, { recursive: true }));

const FENCE = "```\n";
const content = (): string => readFileSync(path, "utf8");

test("holds a whole document after each call", () => {
  const file = new DocumentFile(path);
  file.replace(`# a\n\n${FENCE}`);
  file.append("one\n");
  expect(content()).toBe(`# a\n\none\n${FENCE}`);
  file.append("two ü𝒳\n");
  file.append("three\n");
  expect(content()).toBe(`# a\n\none\ntwo ü𝒳\nthree\n${FENCE}`);
  file.replace(`# a\n\none\ntwo ü𝒴\n3\n${FENCE}`);
  expect(content()).toBe(`# a\n\none\ntwo ü𝒴\n3\n${FENCE}`);
  file.append("four\n");
  expect(content()).toBe(`# a\n\none\ntwo ü𝒴\n3\nfour\n${FENCE}`);
  file.replace("# b\n");
  expect(content()).toBe("# b\n");
  file.close();
});

test("what is large is put in its place", () => {
  writeFileSync(path, "", { mode: 0o640 });
  const file = new DocumentFile(path);
  const large = "x".repeat(100_000);
  const before = statSync(path).ino;
  file.replace(large + FENCE);
  expect(statSync(path).ino).not.toBe(before);
  file.append("y\n");
  expect(content()).toBe(`${large}y\n${FENCE}`);
  file.replace(`z${large}${FENCE}`);
  file.append("y\n");
  file.close();
  expect(content()).toBe(`z${large}y\n${FENCE}`);
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(["a.md"]);
});

test("a link to an empty file stays one", () => {
  writeFileSync(join(folder, "b.md"), "");
  symlinkSync("b.md", path);
  const file = new DocumentFile(path);
  file.replace("x".repeat(100_000));
  file.close();
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(content()).toHaveLength(100_000);
});

test("a file that nothing was written to is removed, unless it was there before", () => {
  new DocumentFile(path).close();
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, "");
  new DocumentFile(path).close();
  expect(content()).toBe("");
});

test.each([
  ["is there", () => writeFileSync(path, "x"), "it exists already: delete it first, or choose another name"],
  ["is a folder", () => mkdirSync(path), "it is not a file"],
  ["has no folder", () => rmSync(folder, { recursive: true }), "there is no such folder"],
])("a file that %s is a mistake", (_, prepare, message) => {
  prepare();
  expect(() => new DocumentFile(path)).toThrow(`the document "${path}" cannot be written: ${message}`);
  mkdirSync(folder, { recursive: true });
});
