/** What comes after a request that differs is the next one's, in every dialect. */
import { connect } from "node:net";
import { expect, it } from "vitest";
import { serveText } from "./support.ts";

const page = (target: string, dialect: string, lines: readonly string[]): string =>
  `---\ntarget: ${target}\ndialect: ${dialect}\n---\n\`\`\`wire\n${lines.join("\n")}\n\`\`\`\n`;

/** A message of the store: its length, a tag, a verb and a path. */
const doozer = (tag: number, verb: number, path: string): string => {
  const body = Buffer.from([0x08, tag, 0x10, verb, 0x22, path.length, ...Buffer.from(path)]);
  return Buffer.concat([Buffer.from([0, 0, 0, body.length]), body]).toString("latin1");
};

const CASES: Readonly<
  Record<string, readonly [lines: readonly string[], said: string, answers: RegExp, wrong: string]>
> = {
  line: [
    [">>> a", "1", ">>> b", ">>> c", "2", ">>> d", "3"],
    "a\r\nx\r\nc\r\nd\r\n",
    /^1\r\n2\r\n3\r\n$/,
    '8 mismatch expected "b", got "x"',
  ],
  hex: [[">>> 01", "0a", ">>> 02", "0b", ">>> 03", "0c"], "\x01\x02\x03", /^\x0a\x0b\x0c$/, ""],
  http: [
    [
      ">>> GET /a HTTP/1.1",
      "HTTP/1.1 200 OK",
      ">>> PUT /b HTTP/1.1",
      ">>> Content-Length: 2",
      ">>> A: b",
      ">>> C: d",
    ].concat([">>>", ">>> hi", "HTTP/1.1 201 Created", ">>> GET /c HTTP/1.1", "HTTP/1.1 202 Accepted"]),
    "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n",
    /^HTTP\/1.1 200 OK\r\n.*HTTP\/1.1 201 Created\r\n.*HTTP\/1.1 202 Accepted\r\n/s,
    '8 mismatch expected "PUT /b HTTP/1.1", got "GET /x HTTP/1.1"',
  ],
  redis: [
    [">>> GET a", '"1"', ">>> GET b", ">>> GET c", '"2"', '"3"', ">>> GET d", '"4"'],
    ["a", "b", "x", "d"].map((key) => `*2\r\n$3\r\nGET\r\n$1\r\n${key}\r\n`).join(""),
    /^\$1\r\n1\r\n\$1\r\n2\r\n\$1\r\n3\r\n\$1\r\n4\r\n$/,
    '9 mismatch expected "GET c", got "GET x"',
  ],
  doozer: [
    ['>>> GET path: "/a"', "rev: 1", '>>> GET path: "/b"', "rev: 2", '>>> GET path: "/c"', "rev: 3"],
    doozer(1, 1, "/a") + doozer(7, 1, "/x") + doozer(9, 1, "/c"),
    // The tag, and the revision.
    /\x08\x01.*\x08\x07.*\x08\x09/s,
    '8 mismatch expected "GET path: "/b"", got "GET path: "/x""',
  ],
};

it.each(Object.entries(CASES))("%s", async (dialect, [lines, said, answers, wrong]) => {
  const served = await serveText(page("tcp://127.0.0.1:1", dialect, lines));
  const socket = connect(served.port, "127.0.0.1");
  socket.write(said, "latin1");
  let received = "";
  for await (const text of socket.setEncoding("latin1")) received += text;
  const { exitCode, failures, report } = await served.ended;
  expect(failures, report).toEqual(wrong === "" ? [] : [wrong]);
  expect(exitCode).toBe(wrong === "" ? 0 : 1);
  expect(received).toMatch(answers);
});

it.each([
  ["redis", [">>> GET a", '"1"'], "*2\r\n$3\r\nGET\r\n$1"],
  ["http", [">>> GET /a HTTP/1.1", "HTTP/1.1 200 OK"], "GET /a HTTP/1.1\r\nHo"],
  [
    "http",
    [">>> PUT /a HTTP/1.1", ">>> Content-Length: 9", "HTTP/1.1 200 OK"],
    "PUT /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nxyz",
  ],
  ["doozer", ['>>> GET path: "/a"', "rev: 1"], "\0\0\0\x09\x08\x01"],
  ["hex", [">>> 01 02 03", "04"], "\x01\x02"],
  [
    "http",
    [">>> PUT /a HTTP/1.1", ">>>", ">>> abc", "HTTP/1.1 200 OK"],
    "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
  ],
  ["line", [">>> abc", "d"], "ab"],
])("half a request in %s is told, whether the client waits or closes", async (dialect, lines, said) => {
  for (const closes of [true, false]) {
    const served = await serveText(page("tcp://127.0.0.1:1", dialect, lines), { timeout: 200 });
    const socket = connect(served.port, "127.0.0.1");
    socket.write(said, "latin1");
    if (closes) socket.end();
    socket.resume();
    const { exitCode, failures } = await served.ended;
    expect(exitCode).toBe(1);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(closes ? /^\d+ (?:closed|mismatch|protocol) / : /^\d+ (?:timeout|mismatch|protocol) /);
    expect(failures[0]).not.toContain("server");
  }
});

it.each([
  ["a body of the length that it names", "Content-Length: 5", "wrong"],
  ["a body in chunks", "Transfer-Encoding: chunked", "2\r\nwr\r\n3\r\nong\r\n0\r\n\r\n"],
])("%s that differs ends where it ends", async (_name, header, body) => {
  const lines = [">>> POST /a HTTP/1.1", ">>>", ">>> right", "HTTP/1.1 201 Created"];
  lines.push(">>> GET /b HTTP/1.1", "HTTP/1.1 202 Accepted", ">>> GET /c HTTP/1.1", "HTTP/1.1 203 OK");
  const served = await serveText(page("tcp://127.0.0.1:1", "http", lines));
  const socket = connect(served.port, "127.0.0.1");
  socket.write(`POST /a HTTP/1.1\r\n${header}\r\n\r\n${body}GET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n`);
  let received = "";
  for await (const text of socket.setEncoding("latin1")) received += text;
  const { failures, exchanges } = await served.ended;
  expect(failures).toEqual(['8 mismatch expected "right", got "wrong"']);
  // The next requests are told with their own exchanges.
  expect(exchanges.map((one) => one.received.join("|").match(/ \/\w/g))).toEqual([[" /a"], [" /b"], [" /c"]]);
  expect(received).toMatch(/^HTTP\/1.1 201 .*HTTP\/1.1 202 .*HTTP\/1.1 203 /s);
});

it.each([
  ["whole", '{"b":1,"a":[2]}', '{"a": [2], "b": 1}'],
  ["of text", "one\ntwo\n", "one\n>>> two"],
  ["that is empty", "", ""],
])("a body in chunks %s is as right as any other", async (_name, said, written) => {
  const lines = [">>> POST /a HTTP/1.1", ">>>", `>>> ${written}`.trimEnd(), "HTTP/1.1 201 Created"];
  const served = await serveText(page("tcp://127.0.0.1:1", "http", lines));
  const socket = connect(served.port, "127.0.0.1");
  const chunks = [...said].map((one) => `1\r\n${one}\r\n`).join("");
  socket.write(`POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
  let received = "";
  for await (const text of socket.setEncoding("latin1")) received += text;
  expect((await served.ended).failures).toEqual([]);
  expect(received).toMatch(/^HTTP\/1.1 201 /);
});

it("a request that breaks the rules of HTTP is told with the rule", async () => {
  const served = await serveText(page("tcp://127.0.0.1:1", "http", [">>> GET /a HTTP/1.1", "HTTP/1.1 200 OK"]));
  const socket = connect(served.port, "127.0.0.1");
  socket.end("GET /a HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n");
  socket.resume();
  expect((await served.ended).failures).toEqual([
    "6 protocol the request has both Content-Length and Transfer-Encoding, so where it ends is ambiguous",
  ]);
});
