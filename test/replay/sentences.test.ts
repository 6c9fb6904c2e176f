/** What the first sentence of a failure says: all that annotations and JUnit viewers show. */
import { afterEach, describe, expect, it } from "vitest";
import type { RunOptions } from "../../src/plan/options.ts";
import { example, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Answers each line with the next reply. */
const answering =
  (...replies: string[]) =>
  async (peer: Peer) => {
    for (const reply of replies) {
      await peer.line();
      peer.write(reply);
    }
    await peer.rest();
  };

/** The first sentence of the first failure. Line numbers: the first line of `lines` is 5. */
async function sentence(
  script: (peer: Peer) => Promise<void> | void,
  lines: string,
  { timeout = "60s", ...options }: Omit<RunOptions, "timeout"> & { readonly timeout?: string | undefined } = {},
) {
  server = await scriptedServer(script);
  const { exchanges } = await replay(example(server.target, lines, `timeout=${timeout}`), options);
  return exchanges.find(({ failure }) => failure)?.failure?.message;
}

/** What a sentence tells of time is how long the example waits; others wait for nothing. */
const timeoutIn = (expected: string): string | undefined => /within (\d+ms)/.exec(expected)?.[1];

describe("a reply that differs", () => {
  it.each<[string, string, string[], string]>([
    ["a text", ">>> go\nOK", ["NO\r\n"], 'expected "OK", got "NO"'],
    ["another space", ">>> go\na b", ["a\u00a0b\r\n"], 'expected "a b", got "a\\u{a0}b" (esc)'],
    ["another accent", ">>> go\nZo\u00eb", ["Zoe\u0308\r\n"], 'expected "Zo\u00eb", got "Zoe\\u{308}" (esc)'],
    [
      "another space in JSON",
      '>>> go\n{"a": "b c"} (json)',
      ['{"a": "b\u00a0c"}\r\n'],
      'expected "b c" at $.a, got "b\\u00a0c"',
    ],
    [
      "a filter on bytes of the same reply",
      ">>> go\n01 {{a:2 bytes}} (hex)\nOK {{a|length}}",
      ["\x01bcOK 3\r\n"],
      'expected "OK 2" ({{a|length}}, bound at line 6), got "OK 3"',
    ],
    [
      "a name that bytes of the same reply bound",
      ">>> go\n01 {{a:2 bytes}} (hex)\nOK {{a}}",
      ["\x01bcOK bd\r\n"],
      'expected "OK bc" ({{a}}, bound at line 6), got "OK bd"',
    ],
    ["an empty line", ">>> go\nOK", ["\r\n"], 'expected "OK", got an empty line'],
    ["an expected empty line", ">>> go\n<<<\nOK", ["x\r\nOK\r\n"], 'expected an empty line, got "x"'],
    [
      "a name",
      ">>> a\nOK {{n:int}}\n>>> b\nOK {{n}}",
      ["OK 7\r\n", "OK 8\r\n"],
      'expected "OK 7" ({{n}}, bound at line 6), got "OK 8"',
    ],
    [
      "a name of the same reply",
      ">>> a\nOK {{n:int}}\nagain {{n}}",
      ["OK 7\r\nagain 8\r\n"],
      'expected "again 7" ({{n}}, bound at line 6), got "again 8"',
    ],
    [
      "a filter",
      ">>> a\n{{t}}\n>>> b\n{{t|length}}",
      ["abc\r\n", "4\r\n"],
      'expected "3" ({{t|length}}, bound at line 6), got "4"',
    ],
    ["a line that ends", ">>> go\nEND (no-eol)", ["END\r\n"], 'unexpected line ending after "END"'],
    [
      "a line that ends before another",
      ">>> go\nEND (no-eol)",
      ["END\r\nx\r\n"],
      'unexpected line ending after "END"; then unexpected line: "x"',
    ],
    [
      "a wildcard whose line ends",
      ">>> go\nEND {{_}} (no-eol)",
      ["END 1\r\n"],
      'expected "END 1" without a line ending, got "END 1" with one',
    ],
    [
      "a line that `...` took",
      ">>> go\n...\nthreads 5\n...\nEND",
      ["pid 1\r\nthreads 4\r\nsize 7\r\nEND\r\n"],
      'no further line within 400ms: expected "threads 5"; the closest line is "threads 4"',
    ],
    [
      "a line that `...` took for its ending",
      ">>> go\n...\nthreads 4",
      ["pid 1\r\nthreads 4\n"],
      'no further line within 400ms: expected "threads 4"; the closest line is "threads 4" (ends with LF, expected CRLF)',
    ],
    ["a placeholder that fits nothing", ">>> go\nn {{n:int}}", ["n x\r\n"], 'expected "n {{n:int}}", got "n x"'],
    ["an expression", ">>> go\njob [0-9]+ (re)", ["job x\r\n"], 'expected a match of /job [0-9]+/, got "job x"'],
    [
      "a member",
      '>>> go\n{"a": {"b c": [1, 2]}} (json)',
      ['{"a":{"b c":[1,3]}}\r\n'],
      'expected 2 at $.a["b c"][1], got 3',
    ],
    [
      "a name in a member",
      '>>> a\n{{n:int}}\n>>> b\n{"a": "no. {{n}}"} (json)',
      ["7\r\n", '{"a":"no. 8"}\r\n'],
      'expected "no. 7" ({{n}}, bound at line 6) at $.a, got "no. 8"',
    ],
    [
      "a name for a whole member",
      ">>> a\n{{n:int}}\n>>> b\n[{{n}}] (json)",
      ["7\r\n", "[8]\r\n"],
      "expected 7 ({{n}}, bound at line 6) at $[0], got 8",
    ],
    [
      "a member with a name that is missing",
      '>>> a\n{{n:int}}\n>>> b\n{"a": {"b": [{{n}}]}} (json)',
      ["7\r\n", "{}\r\n"],
      '$.a is missing in the JSON: expected {"b": [7]} ({{n}}, bound at line 6)',
    ],
    ["a member that is missing", '>>> go\n{"a": 1} (json)', ["{}\r\n"], "$.a is missing in the JSON: expected 1"],
    ["a member too many", '>>> go\n{"a": 1} (json)', ['{"a":1,"b":2}\r\n'], "unexpected $.b in the JSON: 2"],
    ["no JSON", '>>> go\n{"a": 1} (json)', ["{a}\r\n"], 'expected {"a": 1} as JSON, got "{a}", which is not JSON'],
    [
      "a name of the same bytes",
      ">>> go\n{{n:1 bytes}} 00 (hex)\n{{n}} {{m:1 bytes}} 00 (hex)",
      ["A\x00B\x05\x00"],
      "expected 41 05 00 ({{n}}, bound at line 6), got 42 05 00, at offset 2",
    ],
    ["bytes", '>>> go\n02 "web" 00 (hex)', ["\x02wib\x00"], 'expected 02 "web" 00, got 02 "wib" 00, at offset 2'],
    [
      "another message",
      ">>> go\n81 82 83 84 85 (hex)",
      ["error\x00"],
      'expected 81 82 83 84 85, got "error" 00, at offset 0',
    ],
    ["escapes", ">>> go\nOK", ["O\tK\x1b[2J\r\n"], 'expected "OK", got "O\\tK\\x1b[2J" (esc)'],
    ["a line ending", ">>> go\nOK (lf)", ["OK\r\n"], 'expected "OK" with LF, got "OK" (ends with CRLF, expected LF)'],
  ])("in %s", async (_name, lines, replies, expected) => {
    expect(await sentence(answering(...replies), lines, { timeout: timeoutIn(expected) })).toBe(expected);
  });

  it("shows of long lines what is around the difference", async () => {
    const long = (word: string) => `${"a".repeat(300)} ${word} ${"b".repeat(300)}`;
    const told = await sentence(answering(`${long("noodle")}\r\n`), `>>> go\n${long("needle")}`);
    expect(told).toMatch(/^expected "…a+ needle b+…", got "…a+ noodle b+…"$/);
    expect(told!.length).toBeLessThan(250);
  });

  it("names where the value of a variable is from", async () => {
    server = await scriptedServer(answering("in kitchen\r\n"));
    const lines = `---\ntarget: ${server.target}\nvars: {room: lounge}\n---\n\`\`\`wire\n>>> go\nin {{room}}\n\`\`\`\n`;
    const told = async (options: RunOptions) => (await replay(lines, options)).exchanges[0]?.failure?.message;
    expect(await told({})).toBe('expected "in lounge" ({{room}}, from vars), got "in kitchen"');
    expect(await told({ vars: { room: "hall" } })).toBe('expected "in hall" ({{room}}, from --var), got "in kitchen"');
  });

  it("does not take a name for bound that is bound only later", async () => {
    const replies = ["n x\r\n", "n 5\r\n"];
    const lines = ">>> a\nn {{n:int}}\n>>> b\nn {{n:int}}";
    expect(await sentence(answering(...replies), lines)).toBe('expected "n {{n:int}}", got "n x"');
  });
});

describe("a reply that is not all there", () => {
  it.each<[string, string, (peer: Peer) => Promise<void>, string]>([
    [
      "bytes with names",
      '>>> go\n"E" {{m:any}} 00 (hex)\n"Z" (hex)',
      async (peer) => void (await peer.rest()),
      'no reply within 400ms: expected "E" {{m:any}} 00',
    ],
    ["nothing", ">>> go\nOK", async (peer) => void (await peer.rest()), 'no reply within 400ms: expected "OK"'],
    ["a line", ">>> go\nOK\nBYE", answering("OK\r\n"), 'no further line within 400ms: expected "BYE"'],
    [
      "a text without its ending",
      ">>> go\nOK",
      answering("OK"),
      'expected "OK", got only "OK" without a line ending within 400ms',
    ],
    [
      "a text that is to have none, and differs",
      ">>> go\na{{_}}d (no-eol)",
      answering("abc"),
      'expected "a{{_}}d" without a line ending, got only "abc" within 400ms',
    ],
    [
      "bytes",
      ">>> go\n01 02 03 (hex)",
      answering("\x01\x02"),
      "no further bytes within 400ms after 2 bytes: expected 01 02 03",
    ],
    [
      "bytes that are no lines",
      ">>> go\n01 (hex)\n...\n03 (hex)",
      answering("\x01\x02\x03"),
      'no further bytes within 400ms after 3 bytes: expected 03; "..." is any number of whole lines here: write "... (hex)" for any number of bytes',
    ],
    [
      "a line, and a close",
      ">>> go\nOK\nBYE",
      async (peer) => {
        await peer.line();
        peer.write("OK\r\n");
        peer.end();
      },
      'the server closed the connection: expected "BYE"',
    ],
    [
      "a line without its ending, and a close",
      ">>> go\nOK\nBYE",
      async (peer) => {
        await peer.line();
        peer.write("OK\r\nBYE");
        peer.end();
      },
      'expected "BYE", got "BYE" without a line ending; then the server closed the connection',
    ],
  ])("but %s", async (_name, lines, script, expected) => {
    expect(await sentence(script, lines, { timeout: timeoutIn(expected) })).toBe(expected);
  });
});

describe("a reply that is too much", () => {
  it.each<[string, string, string, string]>([
    ["a line", ">>> go\nOK", "OK\r\nEXTRA\r\n", 'unexpected line: "EXTRA"'],
    ["lines", ">>> go\nOK", "OK\r\none\r\ntwo\r\n", '2 unexpected lines, the first: "one"'],
    ["a text", ">>> go\nOK", "OK\r\n> ", 'unexpected text without a line ending: "> "'],
    ["a byte", ">>> go\n01 (hex)", "\x01\x02", "unexpected byte: 02"],
    ["bytes", ">>> go\n01 (hex)", "\x01\x02abc", 'unexpected bytes: 02 "abc"'],
  ])("by %s", async (_name, lines, reply, expected) => {
    expect(await sentence(answering(reply), lines)).toBe(expected);
  });

  it("by the space that the suffix of a prompt takes", async () => {
    expect(await sentence(answering("login: "), ">>> go\nlogin: (no-eol)")).toBe(
      'unexpected space after "login:"; the space before (no-eol) belongs to the suffix: write one more for the text',
    );
  });
});

describe("a response", () => {
  const respond = (body: string) => async (peer: Peer) => {
    while ((await peer.line()) !== "");
    peer.write(`HTTP/1.1 200 OK\r\nX-Id: 7\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  };
  const told = async (body: string, lines: string) => {
    server = await scriptedServer(respond(body));
    const written = `>>> GET / HTTP/1.1\nHTTP/1.1 200\n${lines}`;
    const { exchanges } = await replay(example(server.target, written, "dialect=http timeout=60s"));
    return exchanges[0]?.failure?.message;
  };

  it("with another header", async () => {
    expect(await told("", "X-Id: 8")).toContain('expected "X-Id: 8", got "X-Id: 7"');
  });

  it("whose body has another value of a name than its head", async () => {
    expect(await told("id=8", "X-Id: {{id:int}}\n\nid={{id}}")).toBe(
      'expected "id=7" ({{id}}, bound at line 7), got "id=8"',
    );
  });

  it("whose JSON differs in a member", async () => {
    expect(await told('{"b":[2],"a":1}', '\n{\n  "a": 1,\n  "b": [3]\n}')).toBe("expected 3 at $.b[0], got 2");
  });

  it("whose body is written as JSON, and is none", async () => {
    expect(await told('{"a": 1}', '\n{"a": 1,}')).toBe(
      'expected "{"a": 1,}", got "{"a": 1}"; the written body is not JSON (a member begins with its name in "quotes"), so it is compared as text',
    );
    expect(await told("oops", '\n{"a": 1}')).toBe(
      'expected {"a": 1} as JSON, got "oops"; the body that came is not JSON, so it is compared as text',
    );
  });
});

describe("a protocol that is another one", () => {
  const greeting = (text: string) => async (peer: Peer) => {
    peer.write(text);
    await peer.rest();
  };

  it.each([
    ["SSH", "SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2"],
    ["SMTP", "220 mail.example.org ESMTP Postfix\r\n", "220 mail.example.org ESMTP Postfix"],
    ["HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 400 Bad Request"],
    ["HTML", "<!DOCTYPE html>\r\n", "<!DOCTYPE html>"],
    ["TLS", "\x15\x03\x01\x00\x02\x02F", "15 03 01 00 02 02 46 (hex)"],
  ])("is named where it is plain, as %s is, and shown", async (name, text, shown) => {
    server = await scriptedServer(greeting(text));
    const { exchanges } = await replay(example(server.target, ">>> PING\nPONG", "dialect=redis timeout=60s"));
    expect(exchanges[0]?.failure?.kind).toBe("protocol");
    expect(exchanges[0]?.failure?.message).toMatch(new RegExp(`; the server seems to speak ${name}(?::|$)`));
    expect(exchanges[0]?.received[0]).toBe(shown);
  });

  it("is not guessed", async () => {
    server = await scriptedServer(greeting("hello\r\n"));
    const { exchanges } = await replay(example(server.target, ">>> PING\nPONG", "dialect=redis timeout=60s"));
    expect(exchanges[0]?.failure?.message).not.toContain("seems to speak");
    expect(exchanges[0]?.received).toEqual(["hello"]);
  });
});

describe("client lines that were not sent", () => {
  it("are told apart from those that were", async () => {
    server = await scriptedServer(answering("no\r\n", "x\r\n"));
    const lines = ">>> a\nid {{id}}\n>>> use {{id}}\nOK";
    const { exchanges } = await replay(example(server.target, lines, "timeout=60s"));
    expect(exchanges.map(({ unsent }) => unsent)).toEqual([undefined, true]);
  });
});

describe("a reply that ends within a line", () => {
  it("is told with that line, once", async () => {
    const script = async (peer: Peer) => {
      await peer.line();
      for (const byte of "one\r\n</") {
        peer.write(byte);
        await peer.wait(2);
      }
      peer.end();
      await peer.rest();
    };
    expect(await sentence(script, ">>> go\n...\n</end> (no-eol)", { settle: 60_000 })).toBe(
      'the server closed the connection after "</" without a line ending: expected "</end>" without a line ending',
    );
  });
});

describe("an unordered reply that differs", () => {
  it("is told of the line that did not come, and not of the one that was awaited first", async () => {
    server = await scriptedServer(answering("b\r\nX 2\r\na\r\n"));
    const { exchanges } = await replay(example(server.target, ">>> go\na\nb\nX 1", "unordered"));
    expect(exchanges[0]?.failure).toMatchObject({
      line: 8,
      message: 'expected "X 1", got "X 2", which is none of the lines still awaited',
    });
  });
});
