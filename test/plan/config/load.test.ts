import { chown, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DocumentErrors, WiredocError } from "../../../src/base/error.ts";
import type { Config } from "../../../src/plan/config/config.ts";
import { findConfig } from "../../../src/plan/config/find.ts";
import { loadConfig } from "../../../src/plan/config/load.ts";
import type { DialectNames } from "../../../src/transcript/settings.ts";

const DIALECTS: DialectNames = { names: ["line", "http"], options: { http: { complete: "boolean" } } };

const SCHEMES = ["tcp", "tls", "http", "redis", "unix"];

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "wiredoc-config-")));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, text = ""): Promise<string> {
  const full = join(folder, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, text);
  return full;
}

async function load(text: string, name = "wiredoc.config.yaml"): Promise<Config> {
  return loadConfig(await put(name, text), folder, DIALECTS, SCHEMES);
}

/** The mistakes as `place: message` lines. */
async function mistakes(text: string, name?: string): Promise<readonly string[]> {
  const error: unknown = await load(text, name).then(
    () => expect.fail("the config was taken"),
    (reason) => reason,
  );
  const errors = error instanceof DocumentErrors ? error.errors : [error];
  for (const one of errors) expect(one).toBeInstanceOf(WiredocError);
  expect((errors as WiredocError[]).every(({ code }) => code === "bad-config")).toBe(true);
  return errors.map(String);
}

const EXAMPLE = `documents: [docs/**/*.md]
defaults: {timeout: 5s}
servers:
  redis:
    command: redis-server --port {{port}} --save ""
    target: redis://127.0.0.1:{{port}}
    ready: tcp
    scope: run
    environment: {LEVEL: 007, EMPTY: }
    stop: SIGINT
    startup: 1.5s
  staging:
    target: tcp://10.0.0.7:11300
vars: {id: 007, pi: 3.10, on: yes}
dialects: []
`;

describe("a config file in YAML", () => {
  test("is read whole, scalars of variables and environments as written", async () => {
    const config = await load(EXAMPLE);
    expect(config).toEqual({
      path: join(folder, "wiredoc.config.yaml"),
      folder,
      documents: ["docs/**/*.md"],
      defaults: { timeout: 5000 },
      servers: {
        redis: {
          name: "redis",
          command: 'redis-server --port {{port}} --save ""',
          target: "redis://127.0.0.1:{{port}}",
          ready: { kind: "tcp" },
          scope: "run",
          environment: { LEVEL: "007", EMPTY: "" },
          stop: "SIGINT",
          startup: 1500,
          span: { file: "wiredoc.config.yaml", line: 6, column: 13 },
        },
        staging: {
          name: "staging",
          command: undefined,
          target: "tcp://10.0.0.7:11300",
          ready: { kind: "tcp" },
          scope: "document",
          environment: {},
          stop: "SIGTERM",
          startup: 10_000,
          span: { file: "wiredoc.config.yaml", line: 13, column: 13 },
        },
      },
      vars: { id: "007", pi: "3.10", on: "yes" },
      spans: Object.fromEntries(
        [
          ["vars.id", 14, 12],
          ["vars.pi", 14, 21],
          ["vars.on", 14, 31],
          ["defaults.timeout", 2, 21],
        ].map(([name, line, column]) => [name, { file: "wiredoc.config.yaml", line, column }]),
      ),
      allow: {},
      dialects: [],
    });
  });

  test("may say nothing, or share values by anchors", async () => {
    expect(await load("")).toMatchObject({ documents: [], servers: {}, vars: {} });
    expect(await load("# later\n")).toMatchObject({ documents: [] });
    const { servers } = await load(
      "servers:\n  a: &a\n    command: x\n    target: tcp://127.0.0.1:1\n    ready: {http: /health}\n  b: *a\n",
    );
    expect(servers.b).toMatchObject({ name: "b", command: "x", ready: { kind: "http", path: "/health" } });
  });

  test("tells a server's ways to be ready apart", async () => {
    const { servers } = await load(
      'servers: {a: {command: x, target: "tcp://127.0.0.1:{{port}}", ready: {output: "^ready \\\\d+$"}}}',
    );
    expect(servers.a?.ready).toEqual({ kind: "output", regex: /^ready \d+$/u });
  });

  test("names CA files from its own folder", async () => {
    expect((await load("defaults: {tls: {ca: certs/ca.pem}}")).defaults.tls).toEqual({
      ca: join(folder, "certs/ca.pem"),
    });
  });

  test("takes expressions for what is unsupported, beside the defaults and in them", async () => {
    const text = "unsupported: [^ERR unknown, 'no such']\ndefaults: {unsupported: NOT_IMPLEMENTED, timeout: 5s}";
    const { unsupported, defaults } = await load(text);
    expect(unsupported).toEqual(["^ERR unknown", "no such", "NOT_IMPLEMENTED"]);
    expect(defaults).toEqual({ timeout: 5000 });
  });

  test("takes one document without a list", async () => {
    expect((await load("documents: README.md")).documents).toEqual(["README.md"]);
  });
});

describe("a mistake is told with its place and what would be right:", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      "an unknown key",
      "document: a.md",
      /^wiredoc\.config\.yaml:1:1: unknown key "document" .*did you mean "documents"/,
    ],
    ["an expression that is none", 'unsupported: ["a", "b("]', /:1:20: unsupported: invalid regular expression "b\("/],
    ["a mapping for an expression", "unsupported: {a: b}", /:1:14: unsupported: invalid value \(a mapping\): use /],
    ["an empty expression", "defaults:\n  unsupported: ['']", /:2:17: unsupported: invalid value ""/],
    ["a list instead of keys", "- a", /:1:1: a config file is made of the keys "documents"/],
    ["no YAML", "vars: [1, 2", /:1:12: this is not YAML: /],
    ["a key given twice", "vars: {}\nvars: {}\n", /:2:1: the key "vars" is written twice/],
    ["a value that holds itself", "servers: &s\n  a: *s\n", /:2:6: a value holds itself/],
    ["an alias of nothing", "vars: {a: *b}", /:1:11: there is no anchor "&b" above/],
    ["lists within lists", `documents: ${"[".repeat(200)}${"]".repeat(200)}`, /:1:11\d: there are more than 100 lists/],
    ["a placeholder that cannot be", "vars: {a: '{{b:nope}}'}", /:1:11: vars: "nope" is no type/],
    ["a variable of itself", "vars:\n  b: '{{a}}'\n  a: '{{b}}'", /:2:6: vars: the variable {{b}} is made of itself/],
    ["an unknown kind of leave", "allow: {unx: [/a]}", /:1:9: allow: unknown key "unx" \(did you mean "unix"\?\)/],
    [
      "a leave for no name",
      "allow: {env: [A, b-c]}",
      /:1:18: allow: invalid value "b-c": use the name of an environment variable/,
    ],
    ["a leave for no path", "allow: {unix: [[]]}", /:1:16: allow: invalid value \(a list\): use the path of a socket/],
    [
      "a target without a port",
      "servers: {a: {target: tcp://127.0.0.1}}",
      /:1:23: server "a": target: .* names no port/,
    ],
    [
      "a target with a port of the run in the wrong place",
      "servers: {a: {command: x, target: 'tcp://127.0.0.1/{{port}}'}}",
      /:1:35: server "a": target: /,
    ],
    [
      "a target of an unknown kind",
      "servers: {a: {target: tpc://127.0.0.1:1}}",
      /:1:23: .*unknown scheme "tpc" \(did you mean "tcp"\?\)/,
    ],
    [
      "target and server",
      "defaults:\n  target: tcp://127.0.0.1:1\n  server: a",
      /:1:1: defaults: "target" and "server" both/,
    ],
    ["an unknown setting", "defaults:\n  timout: 5s", /:2:3: unknown key "timout" .*"timeout"/],
    ["a bad setting", "defaults:\n  timeout: 5 sec", /:2:12: timeout: invalid duration "5 sec"/],
    ["an unknown dialect", "defaults: {dialect: htpt}", /:1:21: dialect: unknown dialect "htpt" .*"http"/],
    [
      "a bad option of a dialect",
      "defaults: {http: {complet: true}}",
      /:1:19: http: unknown option "complet" .*"complete"/,
    ],
    ["a name that is no variable's", "vars: {1a: 2}", /:1:8: vars: invalid variable name "1a"/],
    ["variables that are none", "vars: 7", /:1:7: vars: /],
    ["a variable that is a list", "vars: {a: [1]}", /:1:8: vars: the variable "a" is a list/],
    ["a document that is no path", "documents: [a.md, 7]", /:1:19: documents: invalid path "7"/],
    ["dialects in YAML", "dialects: [x]", /:1:1: dialects are code/],
    ["servers that are none", "servers: [a]", /:1:10: servers: invalid value \(a list\): use a mapping/],
    ["a server's name", "servers: {a=b: {target: x}}", /:1:11: invalid server name "a=b"/],
    ["a server that is a text", "servers: {a: redis}", /:1:14: server "a": invalid value "redis": use the keys/],
    ["no target", "servers:\n  a: {command: x}", /:2:3: server "a": it has no target/],
    ["an empty target", "servers: {a: {target: }}", /server "a": target: the value is missing/],
    [
      "an unknown key of a server",
      "servers: {a: {target: x, comand: y}}",
      /:1:26: server "a": unknown key "comand" .*"command"/,
    ],
    [
      "a port without a command",
      "servers: {a: {target: 'tcp://h:{{port}}'}}",
      /:1:23: server "a": "{{port}}" needs a command/,
    ],
    [
      "a stop without a command",
      "servers: {a: {target: x, stop: SIGTERM}}",
      /:1:26: server "a": "stop" needs a command/,
    ],
    [
      "a scope",
      "servers: {a: {command: x, target: x, scope: runs}}",
      /:1:45: .*scope: invalid value "runs" .*"run".*: use "document" or "run"/,
    ],
    [
      "a signal",
      "servers: {a: {command: x, target: x, stop: TERM}}",
      /stop: invalid value "TERM".*: use the name of a signal/,
    ],
    [
      "a start-up time",
      "servers: {a: {command: x, target: x, startup: 0s}}",
      /startup: invalid duration "0s": use more than 0/,
    ],
    [
      "a way to be ready",
      "servers: {a: {command: x, target: x, ready: udp}}",
      /ready: invalid value "udp": use tcp, {output/,
    ],
    ["an unknown way", "servers: {a: {command: x, target: x, ready: {htp: /}}}", /:1:46: .*unknown key "htp" .*"http"/],
    ["two ways", "servers: {a: {command: x, target: x, ready: {http: /, output: x}}}", /ready: only one/],
    [
      "a path",
      "servers: {a: {command: x, target: x, ready: {http: health}}}",
      /invalid path "health": use for example \/health/,
    ],
    [
      "an expression",
      "servers: {a: {command: x, target: x, ready: {output: '(a'}}}",
      /invalid regular expression "\(a": /,
    ],
    [
      "an environment",
      "servers: {a: {command: x, target: x, environment: {A: [1]}}}",
      /:1:55: .*"A" is \(a list\): use a single value/,
    ],
    ["a value in itself", "vars: &a {b: *a}", /:1:14: a value holds itself/],
  ];
  test.each(cases)("%s", async (_, text, expected) => {
    expect((await mistakes(text)).join("\n")).toMatch(expected);
  });

  test("several are told at once, in the order of the lines", async () => {
    const found = await mistakes("vars: {1: 2}\nservers: {a: {}}\ndefaults: {timeout: x}\nfoo: 1\n");
    expect(found.map((line) => line.split(":")[1])).toEqual(["1", "2", "3", "4"]);
  });
});

describe("a config file in JSON", () => {
  test("is read with its places", async () => {
    const text = '{\n\t"documents": ["a.md"],\n\t"vars": {"id": 1.50, "text": "\\ud83d\\ude00\\/"}\n}\n';
    expect(await load(text, "wiredoc.config.json")).toMatchObject({
      documents: ["a.md"],
      vars: { id: "1.50", text: "😀/" },
    });
    expect(await mistakes('{\n\t"varz": {}\n}', "wiredoc.config.json")).toEqual([
      expect.stringMatching(/^wiredoc\.config\.json:2:2: unknown key "varz" .*"vars"/),
    ]);
  });
});

describe("a config file in JavaScript", () => {
  const DIALECT = `{ name: "shout", aliases: ["yell"], options: { loud: "boolean" }, createCodec() { throw new Error("unused"); } }`;

  test("brings dialects, which its defaults may name", async () => {
    const text = `export default { documents: "a.md", defaults: { dialect: "yell", shout: { loud: true }, timeout: undefined },
      servers: { a: { command: "x", target: "tcp://127.0.0.1:1", ready: { output: /up/i } } }, vars: { n: 7 }, dialects: [${DIALECT}] };`;
    const config = await load(text, "wiredoc.config.mjs");
    expect(config.dialects.map(({ name }) => name)).toEqual(["shout"]);
    expect(config.defaults).toEqual({ dialect: "yell", options: { shout: { loud: true } } });
    expect(config.servers.a).toMatchObject({ ready: { kind: "output", regex: /up/i }, span: undefined });
    expect(config.vars).toEqual({ n: "7" });
  });

  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["no default export", "export const a = 1;", /its default export is missing; write: export default/],
    ["a function", "export default () => ({});", /its default export is not an object/],
    ["a mistake of syntax", "export default {", /it cannot be loaded: /],
    ["a failure", 'throw new Error("no such luck");', /it cannot be loaded: Error: no such luck/],
    ["an unknown key", "export default { varz: {} };", /unknown key "varz" \(did you mean "vars"\?\)/],
    [
      "a function for a text",
      "export default { servers: { a: { target: () => 1 } } };",
      /target: invalid value \(a value of JavaScript\)/,
    ],
    ["a value in itself", "const a = {}; a.vars = a; export default a;", /a value holds itself/],
    ["no codec", 'export default { dialects: [{ name: "x" }] };', /"x" has no function createCodec \(number 1 of/],
    [
      "a name taken",
      'export default { dialects: [{ name: "http", createCodec() {} }] };',
      /there is a dialect "http" already/,
    ],
    ["no list", "export default { dialects: {} };", /dialects: a list of dialect objects/],
  ];
  test.each(cases)("names its file for %s", async (_, text, expected) => {
    const [first] = await mistakes(text, "wiredoc.config.mjs");
    expect(first).toMatch(/^wiredoc\.config\.mjs: /);
    expect(first).toMatch(expected);
  });
});

describe("the config file is found", () => {
  test("in the nearest folder upwards", async () => {
    const outer = await put("wiredoc.config.json", "{}");
    await put("a/b/c.md");
    expect(findConfig(join(folder, "a/b"))).toBe(outer);
    const inner = await put("a/wiredoc.config.yml", "vars: {x: 1}");
    expect(findConfig(join(folder, "a/b"))).toBe(inner);
    expect(await loadConfig(undefined, join(folder, "a/b"), DIALECTS, SCHEMES)).toMatchObject({
      path: inner,
      folder: join(folder, "a"),
      vars: { x: "1" },
    });
  });

  test("or there is none, and everything is empty", async () => {
    expect(findConfig(folder)).toBe(undefined);
    expect(await loadConfig(undefined, folder, DIALECTS, SCHEMES)).toEqual({
      path: undefined,
      folder,
      documents: [],
      defaults: {},
      servers: {},
      vars: {},
      dialects: [],
    });
  });

  test.each(["a/.git/HEAD", "a/.git", "a/package.json"])(
    "but not above the root of the project, which holds %s",
    async (root) => {
      await put("wiredoc.config.json", "{}");
      await put("a/b/c.md");
      await put(root);
      expect(findConfig(join(folder, "a/b"))).toBe(undefined);
      const inner = await put("a/wiredoc.config.yml");
      expect(findConfig(join(folder, "a/b"))).toBe(inner);
    },
  );

  // Only root can give a file away.
  test.skipIf(process.getuid?.() !== 0)("but not one that belongs to another user, unless it is named", async () => {
    const path = await put("wiredoc.config.json", "{}");
    await chown(path, 12_345, 12_345);
    expect(() => findConfig(folder)).toThrow(
      "the config file wiredoc.config.json belongs to another user (uid 12345), and it may start commands; if you trust it, name it: --config wiredoc.config.json",
    );
    expect(await loadConfig(path, folder, DIALECTS, SCHEMES)).toMatchObject({ path });
  });

  test("but two in one folder are a mistake", async () => {
    await put("wiredoc.config.json", "{}");
    await put("wiredoc.config.yaml");
    expect(() => findConfig(folder)).toThrow('keep either "wiredoc.config.yaml" or "wiredoc.config.json"');
  });

  test("and one that is named has to be there, with a name that tells its format", async () => {
    await expect(loadConfig("x.yaml", folder, DIALECTS, SCHEMES)).rejects.toMatchObject({
      code: "no-such-file",
      message: 'the config file "x.yaml" does not exist',
    });
    await put("x.toml");
    await expect(loadConfig("x.toml", folder, DIALECTS, SCHEMES)).rejects.toThrow(
      /unknown kind of config file "x.toml": use/,
    );
    await mkdir(join(folder, "y.yaml"));
    await expect(loadConfig("y.yaml", folder, DIALECTS, SCHEMES)).rejects.toMatchObject({ code: "unreadable" });
  });
});
