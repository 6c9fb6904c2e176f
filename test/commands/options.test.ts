import { describe, expect, test } from "vitest";
import { readPlainArguments } from "../../src/commands/arguments.ts";
import { type Arguments, COMMAND_NAMES, optionsOf, specOf } from "../../src/commands/options.ts";
import { planOptions, reporterChoices, runOptions } from "../../src/commands/values.ts";
import { readWithYargs } from "../../src/commands/yargs.ts";

/** As a shell would split it; a quoted empty word is `''`. */
const words = (line: string): readonly string[] =>
  line === "" ? [] : line.split(" ").map((word) => (word === "''" ? "" : word));

function withYargs(line: string): Arguments {
  const reading = readWithYargs(words(line), "1.2.3");
  if (reading.kind === "text") return expect.fail(`a text: ${reading.text}`);
  return reading.arguments;
}

function textOf(line: string): string {
  const reading = readWithYargs(words(line), "1.2.3");
  return reading.kind === "text" ? reading.text : expect.fail(`no text for ${line}`);
}

const read = (line: string): Arguments => readPlainArguments(words(line)) ?? withYargs(line);

const EVERYTHING =
  "run a.md -t tcp://127.0.0.1:1 --server a=tcp://127.0.0.1:2 --config c.yaml --var n=v -g put --tag slow --jobs 4 " +
  "--timeout 5s --settle 10ms --limit 1MB -x --retry 2 -r tap --secret n --server-output --timings -v --no-color";

describe("both readers read the same:", () => {
  const plain = [
    "",
    "a.md",
    "run",
    "run a.md docs",
    "check a.md",
    "list docs b.md",
    "run run",
    "a.md run",
    "check check",
    "-q a.md",
    "--quiet check a.md",
    "a.md --grep put",
    "--grep=put a.md",
    "--grep= a.md",
    "--grep '' a.md",
    "--grep=a=b a.md",
    "--var a=1 --var b=2 a.md --var=c=3",
    "--var a.b=1 a.md",
    "--target tcp://127.0.0.1:1 007 1e3 0x10",
    "--jobs 007 a.md",
    "-r pretty -r junit=out.xml a.md",
    "--bail a.md",
    "-x a.md",
    "--no-bail a.md",
    "--no-color a.md",
    "--color --no-color a.md",
    "--no-color --color a.md",
    "-- a.md -q",
    "-- check a.md",
    "run -- check",
    "check -- a.md list",
    "check -q -t tcp://127.0.0.1:1 a.md --config x.yaml",
    "list -g put --tag a --tag b --color",
    "-q -q --timings",
    "äöü.md --grep ß",
    EVERYTHING,
  ];
  test.each(plain)("%s", (line) => {
    const fast = readPlainArguments(words(line));
    expect(fast).toEqual(withYargs(line));
    expect(fast).toMatchObject({ command: expect.any(String) });
  });
});

describe("what is not plain is left to yargs", () => {
  test.each([
    ["-vx a.md", { flags: { verbose: true, bail: true }, paths: ["a.md"] }],
    ["-j4 a.md", { texts: { jobs: ["4"] }, paths: ["a.md"] }],
    ["-j=4", { texts: { jobs: ["4"] } }],
    ["-rjunit=out.xml", { texts: { reporter: ["junit=out.xml"] } }],
    ["--bail=3 a.md", { texts: { bail: ["3"] }, paths: ["a.md"] }],
    ["--bail= a.md", { texts: { bail: [""] }, paths: ["a.md"] }],
    ["--retry -1", { texts: { retry: ["-1"] } }],
    ["-q -- --bail=3 -j4", { flags: { quiet: true }, paths: ["--bail=3", "-j4"] }],
    ["check -- -a.md list", { command: "check", paths: ["-a.md", "list"] }],
    ["--grep true", { texts: { grep: ["true"] } }],
  ])("%s", (line, expected) => {
    expect(readPlainArguments(words(line))).toBe(undefined);
    expect(withYargs(line)).toMatchObject(expected);
  });

  test.each([
    ["--grpe x", 'unknown option --grpe (did you mean "--grep"?): "wiredoc run --help" lists the options'],
    ["check --quite", 'unknown option --quite (did you mean "--quiet"?): "wiredoc check --help" lists the options'],
    ["-z", 'unknown option -z: "wiredoc run --help" lists the options'],
    ["--no-grep", 'unknown option --no-grep (did you mean "--grep"?): "wiredoc run --help" lists the options'],
    ["--shard 1/2", 'unknown option --shard: "wiredoc run --help" lists the options'],
    ["check --jobs 2", '"wiredoc check" has no option --jobs: it belongs to "wiredoc run"'],
    ["check -g put", '"wiredoc check" has no option -g: it belongs to "wiredoc run" and "wiredoc list"'],
    ["--grep", "--grep needs a value: --grep TEXT"],
    ["-r", "--reporter needs a value: --reporter NAME[=FILE]"],
    ["--grep --quiet", "--grep needs a value: --grep TEXT"],
    ["--quiet=yes", '--quiet takes no value: remove "=yes"'],
  ])("as a mistake: %s", (line, message) => {
    expect(readPlainArguments(words(line))).toBe(undefined);
    expect(() => withYargs(line)).toThrow(expect.objectContaining({ code: "usage", message }));
  });

  test.each(["--help", "-h", "check --help", "--version", "a.md --version"])("as a text: %s", (line) => {
    expect(readPlainArguments(words(line))).toBe(undefined);
    expect(textOf(line)).not.toBe("");
  });
});

describe("the help", () => {
  test("of a command says how it is written, once", () => {
    expect(textOf("check --help")).toMatch(
      /^wiredoc check \[OPTION…\] \[PATH…\]\n\nfind mistakes in documents[^\n]*\n\nA PATH is [^\n]*\n\nOptions:/,
    );
    expect(textOf("--help").match(/A PATH is/g)).toHaveLength(1);
    expect(textOf("--help")).not.toContain("[string]");
  });

  test.each(COMMAND_NAMES)("of %s shows its options and no others", (command) => {
    const shown = new Set(textOf(`${command} --help`).match(/--[a-z][a-z-]*(?= )/g));
    const expected = optionsOf(command).map((name) => `--${name}`);
    expect([...shown].filter((name) => name !== "--no-color").sort()).toEqual(
      [...expected, "--help", "--version"].sort(),
    );
  });

  test("says of each option what its value is", () => {
    const help = textOf("--help");
    for (const name of optionsOf("run")) {
      const { kind, value, describe: sentence, alias } = specOf(name);
      expect(help).toContain(`${alias === undefined ? "" : `-${alias}, `}--${name}`);
      expect(help.replace(/\s+/g, " ")).toContain(kind === "text" ? `${value}: ${sentence}` : sentence);
    }
    for (const command of COMMAND_NAMES) expect(help).toContain(`wiredoc ${command} `);
  });

  test("the version is the one given", () => {
    expect(textOf("--version")).toBe("1.2.3");
  });
});

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
    ["--timeout 5", '--timeout: "5" is no duration; write it like 500ms, 2s or 1m'],
    ["--timeout 0s", '--timeout: "0s": a timeout is longer than 0'],
    ["--settle fast", '--settle: "fast" is no duration; write it like 500ms, 2s or 1m'],
    ["--limit 1XB", '--limit: "1XB" is no size; write it like 16MB, 64KiB or 4096'],
    ["--jobs 0", '--jobs: invalid number "0": use a whole number, 1 or more'],
    ["--jobs 1.5", '--jobs: invalid number "1.5": use a whole number, 1 or more'],
    ["--bail=0", '--bail: invalid number "0": use a whole number, 1 or more'],
    ["--bail=", '--bail: invalid number "": use a whole number, 1 or more'],
    ["--retry -1", '--retry: invalid number "-1": use a whole number, 0 or more'],
    ["--var x", '--var: invalid assignment "x": use --var NAME=VALUE'],
    ["--var =x", '--var: invalid assignment "=x": use --var NAME=VALUE'],
    ["--server x", '--server: invalid assignment "x": use --server NAME=URL'],
    ["--server x=", '--server: "x=" has no URL: use --server NAME=URL'],
    ["--grep=", "--grep needs a value: --grep TEXT"],
  ])("that are wrong say what would be right: %s", (line, message) => {
    expect(() => runOptions(read(line))).toThrow(expect.objectContaining({ code: "usage", message }));
  });

  test("a variable's name is checked as in a document", () => {
    expect(() => runOptions(read("--var 1a=2"))).toThrow(/^--var: "1a" is no name of a variable/);
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
