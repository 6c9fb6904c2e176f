import { describe, expect, test } from "vitest";
import { readArguments } from "../../src/commands/arguments.ts";
import type { Arguments } from "../../src/commands/options.ts";
import { planOptions, reporterChoices, runOptions } from "../../src/commands/values.ts";

/** As a shell splits it. */
const read = (line: string): Arguments => readArguments(line === "" ? [] : line.split(" "));

const EVERYTHING =
  "run a.md -t tcp://127.0.0.1:1 --server a=tcp://127.0.0.1:2 --config c.yaml --var n=v -g put --tag slow --jobs 4 " +
  "--timeout 5s --settle 10ms --limit 1MB -x --retry 2 --segment random:7 -r tap --secret n --server-output --timings -v --no-color";

describe("values", () => {
  test("become the options of a run", () => {
    expect(runOptions(read(EVERYTHING))).toEqual({
      paths: ["a.md"],
      target: "tcp://127.0.0.1:1",
      servers: { a: "tcp://127.0.0.1:2" },
      config: "c.yaml",
      vars: { n: "v" },
      grep: "put",
      tags: ["slow"],
      jobs: 4,
      timeout: 5000,
      settle: 10,
      limit: 1_000_000,
      bail: 1,
      retry: 2,
      segment: { kind: "random", seed: 7 },
      secrets: ["n"],
      serverOutput: true,
    });
    expect(runOptions(read(""))).toEqual({ paths: [] });
    expect(runOptions(read("--bail=3 --retry 0 --settle 0ms"))).toEqual({ paths: [], bail: 3, retry: 0, settle: 0 });
    expect(runOptions(read("--no-bail"))).toEqual({ paths: [] });
  });

  test("of one option that takes one value: the last one counts", () => {
    expect(planOptions(read("-g a -g b --var x=1 --var x=2 --var y= --var z=a=b"))).toEqual({
      paths: [],
      grep: "b",
      vars: { x: "2", y: "", z: "a=b" },
    });
  });

  test.each([
    ["--timeout 5", '--timeout: invalid duration "5": use for example 500ms, 2s or 1m'],
    ["--timeout 0s", '--timeout: invalid timeout "0s": use more than 0'],
    ["--settle fast", '--settle: invalid duration "fast": use for example 500ms, 2s or 1m'],
    ["--limit 1XB", '--limit: invalid size "1XB": use for example 16MB, 64KiB or 4096'],
    ["--jobs 0", '--jobs: invalid number "0": use a whole number, 1 or more'],
    ["--jobs 1.5", '--jobs: invalid number "1.5": use a whole number, 1 or more'],
    ["--jobs 9999999999", '--jobs: invalid number "9999999999": use a whole number, 999999999 or less'],
    ["--bail=0", '--bail: invalid number "0": use a whole number, 1 or more'],
    ["--bail=", '--bail: invalid number "": use a whole number, 1 or more'],
    ["--retry -1", '--retry: invalid number "-1": use a whole number, 0 or more'],
    [
      "--segment byte",
      '--segment: invalid value "byte": use whole, lines, bytes, random, or random:SEED with a number as in random:42',
    ],
    ["--var x", '--var: invalid assignment "x": use --var NAME=VALUE'],
    ["--var =x", '--var: invalid assignment "=x": use --var NAME=VALUE'],
    ["--server x", '--server: invalid assignment "x": use --server NAME=URL'],
    ["--server x=", '--server: "x=" has no URL: use --server NAME=URL'],
  ])("that are wrong say what would be right: %s", (line, message) => {
    expect(() => runOptions(read(line))).toThrow(expect.objectContaining({ code: "usage", message }));
  });

  test("a variable's name is checked as in a document", () => {
    expect(() => runOptions(read("--var 1a=2"))).toThrow(/^--var: invalid variable name "1a"/);
  });
});

describe("reporters", () => {
  const choose = (line: string) => reporterChoices(read(line), ["pretty", "tap", "junit"]);

  test("are pretty where none is chosen, else those that are", () => {
    expect(choose("")).toEqual([{ name: "pretty", file: undefined }]);
    expect(choose("-r tap --reporter junit=a=b.xml")).toEqual([
      { name: "tap", file: undefined },
      { name: "junit", file: "a=b.xml" },
    ]);
  });

  test.each([
    ["-r prety", 'unknown reporter "prety" (did you mean "pretty"?): use "pretty", "tap" or "junit"'],
    ["-r github", 'unknown reporter "github": use "pretty", "tap" or "junit"'],
    ["-r tap=", '--reporter tap=: the "=" has no file after it: add one, or remove the "="'],
    [
      "-r tap -r junit",
      'the reporters "tap" and "junit" both write to standard output; give one of them a file of its own: --reporter junit=FILE',
    ],
    [
      "-r tap=x -r junit=x",
      'the reporters "tap" and "junit" both write to x; give one of them a file of its own: --reporter junit=FILE',
    ],
  ])("%s is a mistake", (line, message) => {
    expect(() => choose(line)).toThrow(expect.objectContaining({ code: "usage", message }));
  });
});
