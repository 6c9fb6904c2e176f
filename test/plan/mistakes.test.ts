import { afterEach, describe, expect, it } from "vitest";
import type { Config } from "../../src/plan/config/config.ts";
import type { RunOptions } from "../../src/plan/options.ts";
import { replay } from "../support/replay.ts";
import { type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Runs a document with mistakes: `line:column: message` of each, after a check that nothing was sent. */
async function mistakes(body: string, settings = ""): Promise<readonly string[]> {
  server = await scriptedServer(() => {});
  const { documents, exitCode } = await replay(`---\ntarget: ${server.target}\n${settings}---\n${body}`);
  expect(exitCode).toBe(2);
  expect(server.connections).toBe(0);
  return documents[0]?.errors.map(({ line, column, message }) => `${line}:${column}: ${message}`) ?? [];
}

/** The mistakes of a document that sends the last of its variables. */
async function mistakesOrNone(settings: string): Promise<readonly string[]> {
  const { documents } = await replay(`---\n${settings}---\n${wire(">>> {{v90}}", "skip target=tcp://127.0.0.1:1")}`);
  return documents[0]?.errors.map(({ line, column, message }) => `${line}:${column}: ${message}`) ?? [];
}

const wire = (lines: string, attributes = ""): string =>
  `\`\`\`wire${attributes === "" ? "" : ` ${attributes}`}\n${lines}\n\`\`\`\n`;

describe("a mistake in a document is named with its place and what would be right", () => {
  it.each<[string, string, string, RegExp]>([
    ["unknown key", "taget: x\n", "", /^3:1: "taget" is no key of front matter \(did you mean "target"\?\)/],
    [
      "bad duration",
      "timeout: 2 seconds\n",
      "",
      /^3:10: timeout: "2 seconds" is no duration; write it like 500ms, 2s or 1m/,
    ],
    ["bad size", "limit: huge\n", "", /^3:8: limit: "huge" is no size/],
    ["bad eol", "eol: cr\n", "", /^3:6: eol: "cr" is not "crlf", "lf" or "any"/],
    ["bad dialect", "dialect: htpp\n", "", /^3:10: dialect: "htpp" is no dialect \(did you mean "http"\?\)/],
    ["bad YAML", "vars: {a: 1\n", "", /^\d:\d+: the front matter cannot be read: this is not YAML/],
    [
      "a value that holds itself",
      "vars: &v {x: *v}\n",
      "",
      /^3:14: the front matter cannot be read: a value holds itself/,
    ],
    ["a list that holds itself", "tags: &t [*t]\n", "", /^3:11: .*a value holds itself/],
    ["an alias of nothing", "tags: [*t]\n", "", /^3:8: .*there is no anchor "&t" above/],
    ["lists within lists", `tags: ${"[".repeat(5000)}\n`, "", /^3:\d+: .*there are more than 100 lists or mappings/],
    ["a list among the tags", "tags: [a, [b]]\n", "", /^3:7: tags: a list is not a word/],
    ["a list for an option", "http: {complete: [true]}\n", "", /^3:8: "complete" takes true or false, not a list/],
    ["a placeholder in a variable", "vars: {a: '{{b:nope}}'}\n", "", /^3:8: "nope" is no type/],
    [
      "a variable that grows",
      `vars: {a: ${"x".repeat(5000)}, b: '${"{{a}}".repeat(5000)}'}\n`,
      "",
      /^3:5013: the variable {{b}} would be 25 MB long; 16 MB are the most/,
    ],
    ["braces that are text", "", wire(">>> a {{b}}"), /^5:7: nothing above binds {{b}}.*text are written \\{{/],
    ["unknown option", "http: {complet: true}\n", "", /^3:8: "complet" is no option \(did you mean "complete"\?\)/],
    [
      "remote URL",
      "vars: {h: example.org}\n",
      wire(">>> a", "target=tcp://{{h}}:1"),
      /^5:16: a document may only name a server on this machine.*--target tcp:\/\/example\.org:1/,
    ],
    ["bad URL", "", wire(">>> a", "target=tpc://x"), /^4:16: unknown scheme "tpc" \(did you mean "tcp"\?\)/],
    [
      "unknown server",
      "",
      wire(">>> a", "server=builtin:htp"),
      /^4:16: there is no server "builtin:htp" \(did you mean "builtin:http"\?\)/,
    ],
    ["unknown attribute", "", wire(">>> a", "retri=2"), /^4:9: "retri" is no attribute \(did you mean "retry"\?\)/],
    ["attribute without a value", "", wire(">>> a", "timeout"), /^4:9: the attribute "timeout" needs a value/],
    ["bad attribute value", "", wire(">>> a", "retry=often"), /^4:15: retry: "often" is no count/],
    ["unknown control", "", wire("=== clos"), /^5:1: "clos" is no control \(did you mean "close"\?\)/],
    ["control without its duration", "", wire("=== silence"), /^5:1: === silence needs a duration/],
    ["bad duration of a control", "", wire("=== wait long"), /^5:10: invalid duration "long"/],
    ["remote URL of a control", "", wire("=== connect tcp://10.1.2.3:4"), /^5:13: a document may only name/],
    ["malformed marker", "", wire(">>>PING"), /^5:1: ">>>PING": after >>> comes a space/],
    ["bad expression", "", wire(">>> a\nx(y (re)"), /^6:1: not a regular expression: missing closing \)/],
    ["look-around", "", wire(">>> a\n(?=x)y (re)"), /^6:1: not a regular expression/],
    ["bad placeholder type", "", wire(">>> a\nv {{x:integer}}"), /^6:3: "integer" is no type/],
    ["bad placeholder expression", "", wire(">>> a\n{{x:/[/}}"), /^6:6: {{x:\/\[\/}}: missing closing \]/],
    [
      "bad filter",
      "",
      wire(">>> a\n{{x}}\n>>> {{x|lenght}}"),
      /^7:5: "lenght" is no filter \(did you mean "length"\?\)/,
    ],
    ["bytes outside (hex)", "", wire(">>> a\n{{x:2 bytes}}"), /^6:1: {{x:N bytes}} counts bytes/],
    [
      "unbound name",
      "",
      wire(">>> a\n{{id}}\n>>> b {{idd}}"),
      /^7:7: nothing above binds {{idd}} \(did you mean "id"\?\)/,
    ],
    ["unbound name in a control", "", wire("=== wait {{d}}"), /^5:10: nothing above binds {{d}}/],
    [
      "binding in a line that may be absent",
      "",
      wire(">>> a\n{{id}} (?)\nb"),
      /^6:1: nothing above binds {{id}}.*may never come/,
    ],
    [
      "circular variable",
      "vars: {a: '{{b}}', b: '{{a}}'}\n",
      wire(">>> {{a}}"),
      /^3:8: the variable {{a}} is made of itself/,
    ],
    ["bad escape", "", wire(">>> a\\q (esc)"), /^5:6: "\\q" is no escape/],
    ["bad hex", "", wire(">>> 0g (hex)"), /^5:5: "0" stands alone/],
    ["wildcard byte that is sent", "", wire(">>> 00 ?? (hex)"), /^5:8: "\?\?" stands for bytes of a reply/],
    [
      "suffixes that do not go together",
      "",
      wire(">>> a\nb (lf) (crlf)"),
      /^6:3: \(lf\) and \(crlf\) do not go together/,
    ],
    [
      "no-eol with a wildcard in the middle",
      "",
      wire(">>> a\n{{x}} (no-eol)\nb"),
      /^6:1: where a \(no-eol\) line ends cannot be seen/,
    ],
    ["bad JSON", "", wire('>>> a\n{"x": 1,,} (json)'), /^6:9: a member begins with its name/],
    ["no JSON", "", wire(">>> a\nx (json)"), /^6:1: \(json\) needs a \{ or a \[/],
    ["unclosed fence", "", "```wire\n>>> a\n", /^4:4: this fence has no closing line/],
    ["unclosed comment", "", "<!-- wire\n>>> a\n", /^4:\d+: this comment has no "-->"/],
    [
      "attributes without an example",
      "",
      "<!-- wire skip -->\n\n# next\n\n```wire\n>>> a\n```\n",
      /^4:11: no example follows/,
    ],
    [
      "HTTP request without a version",
      "",
      '```http target="http://127.0.0.1:1"\n>>> GET /\n```\n',
      /^5:5: the request line has no version/,
    ],
    ["opening and anytime", "", wire("a", "opening anytime"), /^4:1: an example is an opening or may come anytime/],
    [
      "opening that connects",
      "",
      wire(">>> a\n=== connect", "opening"),
      /^6:1: an opening is played on each connection that is opened; it opens none itself/,
    ],
    ["anytime that sends first", "", wire(">>> a\nb", "anytime"), /^4:1: an anytime example is reply lines/],
    ["example without a line", "", wire(""), /^4:4: this example has no line; write what the client sends/],
    [
      "comment with blank lines",
      "",
      "<!-- wire\n>>> a\n-->\n\n~~~wire tags=x\n \n~~~\n",
      /^8:4: this example has no line/,
    ],
    ["server beside target", "server: builtin:kv\n", wire(">>> a"), /^3:9: "target" and "server" both say where/],
    [
      "server beside target in a fence",
      "",
      wire(">>> a", "target=tcp://127.0.0.1:1 server=builtin:kv"),
      /^4:41: "target" and "server" both say where/,
    ],
    [
      "server beside target in a comment",
      "",
      `<!-- wire target=tcp://127.0.0.1:1 server=builtin:kv -->\n\n${wire(">>> a")}`,
      /^4:43: "target" and "server" both say where/,
    ],
    ["unmarked line where replies have markers", 'reply: "S: "\n', wire(">>> a\nb"), /^7:1: this line has no marker/],
  ])("%s", async (_name, settings, body, message) => {
    const found = await mistakes(body, settings);
    expect(found[0]).toMatch(message);
    expect(found).toHaveLength(1);
  });

  it("one of many", async () => {
    const attributes = Array.from({ length: 200 }, (_, i) => `a${i}`).join(" ");
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}: 1\n`).join("");
    const found = await mistakes(wire(">>> a", attributes), keys);
    expect(found).toHaveLength(202);
    expect(found.filter((one) => one.includes("further"))).toHaveLength(2);
  });

  it("a list that aliases make longer than any memory", async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `  v${i}: &v${i} [${i > 0 ? `*v${i - 1}, *v${i - 1}` : "x"}]\n`);
    const found = await mistakes(
      wire(">>> a"),
      `vars:\n${lines.join("")}tags: *v59\nblocks: *v59\ntarget: *v59\n`.replace("target: *v59\n", ""),
    );
    expect(found).toHaveLength(62);
    expect(found[0]).toMatch(/^4:3: the variable "v0" is a list or a mapping/);
  });

  it("variables that are made of others without end", async () => {
    const doubled = Array.from({ length: 90 }, (_, i) => `  v${i + 1}: "{{v${i}}}{{v${i}}}"\n`).join("");
    // Nothing, however often.
    expect(await mistakesOrNone(`vars:\n  v0: ""\n${doubled}`)).toEqual([]);
    const grown = await mistakesOrNone(`vars:\n  v0: "1"\n${doubled}`);
    expect(grown[0]).toMatch(/^\d+:3: the variable {{v24}} would be 16.8 MB long/);
    const chain = Array.from({ length: 5000 }, (_, i) => `  v${i + 1}: "{{v${i}}}"\n`).join("");
    expect((await mistakesOrNone(`vars:\n  v0: "1"\n${chain}`))[0]).toMatch(/more than 100 deep/);
  });

  it("an example without a line is none where it is skipped", async () => {
    const { documents } = await replay(`---\nserver: builtin:kv\n---\n${wire("", 'skip="to be written"')}`);
    expect(documents[0]?.errors).toEqual([]);
  });

  it("a fence may name its server below a comment that names a target", async () => {
    const text = `${wire("KV 1.0 ready", "server=builtin:kv")}${wire(">>> a", "target=tcp://127.0.0.1:1 skip")}`;
    const { statuses } = await replay(
      text.replace("```wire server", "<!-- wire target=tcp://127.0.0.1:1 -->\n```wire server"),
    );
    expect(statuses).toEqual(["passed", "skipped"]);
  });

  it("all at once, in the order of the lines", async () => {
    const found = await mistakes(wire(">>> {{x}}\n(re", "retri=1") + wire("=== nope\n>>> a\n{{y:z}}"), "eol: cr\n");
    expect(found.map((one) => one.split(":")[0])).toEqual(["3", "5", "6", "10", "12"]);
  });

  it("all of one mapping, too", async () => {
    const settings = "vars:\n  1a: x\n  b: [c]\nhttp: {complet: true, headers: some}\n";
    const found = await mistakes(wire(">>> a"), settings);
    expect(found.map((one) => one.split(":").slice(0, 2).join(":"))).toEqual(["4:3", "5:3", "6:8", "6:23"]);
  });

  it("of each client line, where lines are requests, and behind names that only the run binds", async () => {
    const body = '>>> SET pth: "/a"\n>>> GET path: "/a\n{{rev}}\n>>> DEL path: "/a" rev: {{rev}}\n>>> GETT\n{}';
    const found = await mistakes(wire(body), "dialect: doozer\n");
    expect(found.map((one) => one.split(":").slice(0, 2).join(":"))).toEqual(["6:9", "7:15", "10:5"]);
  });

  it.each([
    ['SET path: "{{p}}" rev: x', 28],
    ['SET path: "{{p}}" rev: {{n}}5 x: 1', 35],
    ['SET path: "/é{{p}}" x: 1 value: "{{n}}"', 25],
    ["GET path: {{p}}", 15],
    ['GET path: "{{q}}"', 16],
    ['{{verb}} pth: "/a"', 14],
    ["{{n}}", 10],
    ["4745542078 (hex)", 5],
  ])("where it is written, however long the values are: %s", async (line, column) => {
    const vars = `vars: {p: /a/very/long/path, n: 1, q: 'a"b', verb: GET}`;
    const found = await mistakes(wire(`>>> ${line}`), `dialect: doozer\n${vars}\n`);
    expect(found).toEqual([expect.stringMatching(new RegExp(`^7:${column}: `))]);
  });

  it("leaves the other documents alone", async () => {
    server = await scriptedServer(async (peer) => {
      peer.write(`${await peer.line()}\r\n`);
    });
    const good = `---\ntarget: ${server.target}\n---\n${wire(">>> a\na")}`;
    const { documents, exitCode } = await replay([good, wire("=== nope")]);
    expect(documents.map((one) => one.examples[0]?.status)).toEqual(["passed", "skipped"]);
    expect(exitCode).toBe(2);
  });

  it("names the missing target at the example", async () => {
    const { documents } = await replay(wire(">>> a\na"));
    expect(documents[0]?.errors[0]).toMatchObject({ line: 1, message: expect.stringContaining("no server is named") });
  });
});

describe("servers that the command line names", () => {
  const text = `---\nserver: store\n---\n${wire(">>> a\na")}${wire("KV 1.0 ready", "server=builtin:kv skip")}`;

  it("have to be used by a document", async () => {
    await expect(replay(text, { servers: { stor: "tcp://127.0.0.1:1" } })).rejects.toThrow(
      '--server stor=…: no document uses a server "stor" (did you mean "store"?); they use "store", "builtin:kv"',
    );
    await expect(replay(wire(">>> a"), { servers: { store: "tcp://127.0.0.1:1" } })).rejects.toThrow(
      "none of them uses a named server",
    );
  });

  it("may be used by an example that is left out, and in place of what --target replaces", async () => {
    server = await scriptedServer(async (peer) => {
      for (;;) peer.write(`${await peer.line()}\r\n`);
    });
    const { target } = server;
    expect((await replay(text, { servers: { store: target, "builtin:kv": target } })).statuses).toEqual([
      "passed",
      "skipped",
    ]);
    expect((await replay(text, { target, servers: { store: target } })).statuses).toEqual(["passed", "skipped"]);
  });
});

describe("a mistake in the config file that shows when it is used", () => {
  const config = (defaults: Config["defaults"]): RunOptions => ({
    config: {
      path: "/x/wiredoc.config.yaml",
      folder: "/x",
      documents: [],
      servers: {},
      vars: {},
      dialects: [],
      defaults,
      spans: Object.fromEntries(
        Object.keys(defaults).map((key, i) => [
          `defaults.${key}`,
          { file: "wiredoc.config.yaml", line: i + 2, column: 5 },
        ]),
      ),
    },
  });
  it.each<[string, Config["defaults"], RegExp]>([
    ["a target", { target: "tcp://localhost" }, /^wiredoc\.config\.yaml:2:5: .*names no port.*\[bad-url\]$/],
    ["a placeholder in it", { target: "tcp://localhost:{{a:nope}}" }, /^wiredoc\.config\.yaml:2:5: "nope" is no type/],
    ["a server", { server: "stor" }, /^wiredoc\.config\.yaml:2:5: there is no server "stor"/],
    [
      "certificates",
      { target: "tls://127.0.0.1:1", tls: { ca: "/dev/null" } },
      /^wiredoc\.config\.yaml:3:5: tls.ca: \/dev\/null/,
    ],
    [
      "a schema",
      { target: "tcp://127.0.0.1:1", dialect: "protobuf", options: { protobuf: { schema: "/x/y" } } },
      /y cannot be read/,
    ],
  ])("has its own place: %s", async (_, defaults, message) => {
    const error: unknown = await replay(wire(">>> a"), config(defaults)).then(
      ({ documents }) => new Error(documents[0]?.errors[0]?.message),
      (error) => error,
    );
    expect((error as Error).message).toMatch(message);
  });
});

describe("front matter that cannot be read", () => {
  it.each(["- a\n", "target: tcp://127.0.0.1:1\ntarget: tcp://127.0.0.1:1\n"])(
    "is the one mistake: %j",
    async (text) => {
      const { documents } = await replay(`---\n${text}---\n${wire(">>> a\na")}`);
      expect(documents[0]?.errors.map(({ message }) => message)).toEqual([expect.stringMatching(/\[front-matter\]$/)]);
    },
  );
});

describe("targets from who runs the document", () => {
  it("take the place of the document's, but not of an example's own", async () => {
    server = await scriptedServer(async (peer) => {
      for (;;) peer.write(`${await peer.line()}\r\n`);
    });
    const text = `---\ntarget: tcp://127.0.0.1:1\n---\n${wire(">>> a\na")}${wire(">>> b\nb", `target=${server.target}`)}`;
    expect((await replay(text, { target: server.target })).statuses).toEqual(["passed", "passed"]);
  });

  it("make a fence without a language an example", async () => {
    server = await scriptedServer(async (peer) => {
      for (;;) peer.write(`${await peer.line()}\r\n`);
    });
    expect((await replay("```\n>>> a\na\n```\n", { target: server.target })).statuses).toEqual(["passed"]);
    expect((await replay("```\n>>> a\na\n```\n")).exitCode).toBe(4);
  });
});

describe("selection", () => {
  it("by name and tag leaves the rest out, and 4 where nothing is left", async () => {
    server = await scriptedServer(async (peer) => {
      for (;;) peer.write(`${await peer.line()}\r\n`);
    });
    const text = `---\ntarget: ${server.target}\n---\n# One\n\n${wire(">>> a\n{{x}}", "tags=fast")}\n# Two\n\n${wire(">>> {{x}}\n...")}${wire(">>> b\nb")}`;
    expect((await replay(text, { grep: "one" })).statuses).toEqual(["passed"]);
    expect((await replay(text, { tags: ["fast"] })).statuses).toEqual(["passed"]);
    expect((await replay(text, { grep: "two" })).statuses).toEqual(["skipped", "passed"]);
    expect((await replay(text, { grep: "three" })).exitCode).toBe(4);
  });
});

describe("warnings", () => {
  const text = `---\nserver: builtin:kv\n---\n${wire("KV 1.0 ready")}\n\`\`\`wires\n>>> a\n\`\`\`\n`;
  const message = 'this block has client lines but is not played: its language is "wires" (did you mean "wire"?)';

  it("come with the first event, and fail nothing", async () => {
    const { events, exitCode } = await replay([text, "```wirr\n>>> a\n```\n"]);
    expect(exitCode).toBe(0);
    expect(events[0]).toMatchObject({
      kind: "run-start",
      warnings: [
        { path: "1.md", line: 8, column: 4, message: `${message} [unplayed-block]` },
        { path: "2.md", line: 1, column: 4 },
      ],
    });
  });

  it("are mistakes where the run is strict", async () => {
    const { events, documents, exitCode } = await replay(text, { strict: true });
    expect(exitCode).toBe(2);
    expect(events[0]).toMatchObject({ warnings: [] });
    expect(documents[0]).toMatchObject({ errors: [{ line: 8, column: 4 }], examples: [{ status: "skipped" }] });
  });
});
