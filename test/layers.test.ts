import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { circles, emptyStages, longFiles, type Sources, unplayable, upwardImports, worldly } from "./layers.ts";

const SRC = resolve(import.meta.dirname, "../src");
const SOURCES: Sources = new Map(
  readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [file, readFileSync(join(SRC, file), "utf8")]),
);

describe("the sources", () => {
  it.each([
    ["import only stages above them", upwardImports],
    ["stand in every stage", emptyStages],
    ["have no circles", circles],
    ["are short", longFiles],
    ["play without promises and packages", unplayable],
    ["play without sockets, clocks and timers", worldly],
  ])("%s", (_name, rule) => {
    expect(rule(SOURCES)).toEqual([]);
  });
});

const lines = (count: number): string => "// a line\n".repeat(count);

describe("a rule refuses", () => {
  it.each([
    ["an upward import", 'import { x } from "../plan/b.ts";', "imports plan/b.ts"],
    ["one of a type", 'import type { X } from "../replay/b.ts";', "imports replay/b.ts"],
    ["one over several lines", 'import {\n  x,\n  y,\n} from "../report/b.ts";', "imports report/b.ts"],
    ["one when it runs", 'const x = await import("../run.ts");', "imports run.ts"],
    ["one for its effects", 'import "../run.ts";', "imports run.ts"],
    ["one that is passed on", 'export { x } from "../plan/b.ts";', "imports plan/b.ts"],
  ])("%s", (_name, text, complaint) => {
    expect(upwardImports(new Map([["match/a.ts", text]]))).toEqual([`match/a.ts ${complaint}`]);
  });

  it.each([
    [
      "an import between siblings",
      "dialects/a.ts",
      'import { x } from "../transports/b.ts";',
      "imports transports/b.ts",
    ],
    [
      "the store's import of what is not base",
      "store/a.ts",
      'import { x } from "../match/b.ts";',
      "imports match/b.ts",
    ],
    ["a file of no stage", "utils/a.ts", "export {};", "stands in no stage"],
  ])("%s", (_name, file, text, complaint) => {
    expect(upwardImports(new Map([[file, text]]))).toEqual([`${file} ${complaint}`]);
  });

  it("a stage without files", () => {
    const [gone, ...others] = SOURCES.keys();
    const stage = gone!.split("/")[0]!;
    const left = others.filter((file) => file.split("/")[0] !== stage);
    expect(emptyStages(new Map(left.map((file) => [file, ""])))).toEqual([`no file stands in ${stage}`]);
  });

  it.each([
    [
      "a circle of types",
      { "match/a.ts": 'import type { B } from "./b.ts";', "match/b.ts": 'import type { A } from "./a.ts";' },
      "a circle of match/a.ts, match/b.ts",
    ],
    [
      "a circle of three",
      {
        "match/a.ts": 'import { b } from "./b.ts";',
        "match/b.ts": 'import { c } from "./in/c.ts";',
        "match/in/c.ts": 'export * from "../a.ts";',
        "match/d.ts": 'import { a } from "./a.ts";',
      },
      "a circle of match/a.ts, match/b.ts, match/in/c.ts",
    ],
  ])("%s", (_name, files, complaint) => {
    expect(circles(new Map(Object.entries(files)))).toEqual([complaint]);
  });

  it("a long file", () => {
    expect(longFiles(new Map([["match/a.ts", lines(301)]]))).toEqual(["match/a.ts has 301 lines"]);
    expect(longFiles(new Map([["match/a.ts", lines(300)]]))).toEqual([]);
  });

  it.each([
    ["a package", 'import { isIP } from "node:net";', "imports node:net"],
    ["the type of a package", 'import type { Socket } from "node:net";', "imports node:net"],
    ["the clock", 'import { now } from "../base/clock.ts";', "imports base/clock.ts"],
    ["async", "export const play = async () => {};", "uses async"],
    ["await", "for await (const x of y) {}", "uses await"],
    ["a promise", "export type Later = Promise<void>;", "uses Promise"],
    ["a dynamic import", 'void import("../plan/b.ts");', "uses import("],
  ])("%s in the play", (_name, text, complaint) => {
    expect(unplayable(new Map([["play/a.ts", text]]))).toEqual([`play/a.ts ${complaint}`]);
  });

  it.each([
    ["a socket", 'import { connect } from "node:net";', '"node:net"'],
    ["TLS", 'const tls = process.getBuiltinModule("node:tls");', '"node:tls"'],
    ["promises of timers", 'import { setTimeout as pause } from "node:timers/promises";', "setTimeout"],
    ["a timer", "setTimeout(play, 5);", "setTimeout"],
    ["an interval", "setInterval(play, 5);", "setInterval"],
    ["what comes next", "setImmediate(play);", "setImmediate"],
    ["the date", "const start = Date.now();", "Date.now"],
    ["the performance", "const start = performance.now();", "performance"],
    ["the clock of the process", "const [seconds] = process.hrtime();", "hrtime"],
  ])("%s in the play, in a dialect and in what they import", (_name, text, word) => {
    for (const file of ["play/a.ts", "dialects/own/a.ts", "match/c.ts"]) {
      const sources = new Map([
        ["match/c.ts", ""],
        ["match/b.ts", 'export { c } from "./c.ts";'],
        ["play/b.ts", 'import { c } from "../match/b.ts";'],
        [file, text],
      ]);
      expect(worldly(sources)).toContain(`${file} uses ${word}`);
    }
  });
});

describe("a rule allows", () => {
  it("sockets and timers where the play does not come", () => {
    const text = 'import { connect } from "node:net";\nsetTimeout(f, await connect());';
    expect(worldly(new Map([["transports/a.ts", text]]))).toEqual([]);
    expect(unplayable(new Map([["transports/a.ts", text]]))).toEqual([]);
  });

  it("the play to import types of what touches the world", () => {
    const play = 'import type { Transport } from "../transports/a.ts";';
    expect(
      worldly(
        new Map([
          ["play/a.ts", play],
          ["transports/a.ts", "setTimeout(f, 5);"],
        ]),
      ),
    ).toEqual([]);
  });

  it("a dialect to load what it needs", () => {
    const text = 'export const load = async () => { await import("../plan/b.ts"); };';
    expect(worldly(new Map([["dialects/a.ts", text]]))).toEqual([]);
  });

  it("a comment to name anything", () => {
    const text = "/** Await a Promise, or\n * setTimeout. */\n// async\nexport const x = 5; // await Date.now\n";
    expect(unplayable(new Map([["play/a.ts", text]]))).toEqual([]);
    expect(worldly(new Map([["play/a.ts", text]]))).toEqual([]);
  });
});
