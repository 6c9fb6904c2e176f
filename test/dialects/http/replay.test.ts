/** HTTP documents against servers that get it wrong: the verdict, its words and what is shown. */
import { afterEach, describe, expect, it } from "vitest";
import { type Replayed, replay } from "../../support/replay.ts";
import { HungUp, type Peer, type ScriptedServer, scriptedServer } from "../../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function request(peer: Peer): Promise<void> {
  while ((await peer.line()) !== "");
}

/** Plays examples against a script; the first line of the first one is 8. */
async function play(
  script: (peer: Peer) => Promise<void>,
  examples: readonly string[],
  settings = "eol: crlf",
  timeout = "60s",
) {
  server = await scriptedServer(script);
  const blocks = examples.map((lines) => `\`\`\`wire\n${lines}\n\`\`\`\n`);
  const front = `target: ${server.target}\ntimeout: ${timeout}\ndialect: http\n${settings}`;
  return replay(`---\n${front}\n---\n${blocks.join("")}`);
}

/** Answers the first request on each connection with these bytes, and then stays or closes. */
const answer =
  (response: string, after: "stay" | "close" = "stay") =>
  async (peer: Peer): Promise<void> => {
    await request(peer);
    peer.write(Buffer.from(response, "latin1"));
    if (after === "stay") await peer.stall();
  };

/** What the report shows of the first exchange: each row with its mark. */
const rowsOf = ({ exchanges }: Replayed): readonly string[] =>
  exchanges[0]!.diff!.map((row) => {
    if (row.kind === "same") return `  ${row.received}`;
    if (row.kind === "expected") return `- ${row.expected}`;
    return row.kind === "received" ? `+ ${row.received}` : `- ${row.expected} + ${row.received}`;
  });

const GET = ">>> GET / HTTP/1.1\nHTTP/1.1 200";
const OK = "HTTP/1.1 200 OK\r\n";
const ok = (body: string, headers = ""): string => `${OK}${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

describe("what is wrong is said and shown", () => {
  it.each<[string, (peer: Peer) => Promise<void>, string, string, RegExp, readonly string[]]>([
    [
      "a malformed head, up to the bad line",
      answer(`${OK}X: yes\r\nColour : blue\r\nContent-Length: 2\r\n\r\nok`),
      GET,
      "protocol:9",
      /^white space stands before the colon of a header: "Colour : blue"/,
      ["  HTTP/1.1 200 OK", "+ X: yes", "+ Colour : blue"],
    ],
    [
      "a line ending that eol does not name",
      answer(`HTTP/1.1 200 OK\nContent-Length: 0\n\n`),
      GET,
      "mismatch:9",
      /the status line ends with LF, expected CRLF/,
      ["- HTTP/1.1 200 + HTTP/1.1 200 OK (lf)", "+ Content-Length: 0 (lf)"],
    ],
    [
      "another protocol",
      answer("SSH-2.0-example\r\n"),
      GET,
      "protocol:9",
      /^the server does not speak HTTP\/1: it sent "SSH-2.0-example" where a status line is expected/,
      ["- HTTP/1.1 200 + SSH-2.0-example"],
    ],
    [
      "another version of HTTP",
      answer("\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x80"),
      GET,
      "protocol:9",
      /the server seems to speak HTTP\/2$/,
      ["- HTTP/1.1 200 + \\0\\0\\x06\\x04\\0\\0\\0\\0\\0\\0\\x03\\0\\0\\0\\x80 (esc)"],
    ],
    [
      "a text without a line ending",
      answer("MARKET 1 ready"),
      GET,
      "protocol:9",
      /^the server does not speak HTTP\/1: it sent "MARKET 1 ready"/,
      ["- HTTP/1.1 200 + MARKET 1 ready"],
    ],
    [
      "a greeting before the request",
      async (peer) => {
        peer.write("MARKET 1 ready\r\n");
        await peer.stall();
      },
      GET,
      "protocol:9",
      /^the server does not speak HTTP\/1/,
      ["- HTTP/1.1 200 + MARKET 1 ready"],
    ],
    [
      "a body cut off",
      answer(`${OK}Content-Length: 23\r\n\r\nresponse content`, "close"),
      `${GET}\n\nresponse content`,
      "closed:11",
      /^the server closed the connection after 16 of 23 bytes of the body$/,
      ["  HTTP/1.1 200 OK", "  ", "  response content"],
    ],
    [
      "a body that stalls",
      answer(`${OK}Content-Length: 23\r\n\r\nresponse content`),
      GET,
      "timeout:9",
      /^no further line within 300ms, after 16 of 23 bytes of the body$/,
      ["  HTTP/1.1 200 OK", "+ ", "+ response content"],
    ],
    [
      "a status line cut off",
      answer("HTTP/1.1 20", "close"),
      GET,
      "closed:9",
      /^the server closed the connection in the middle of the status line$/,
      ["- HTTP/1.1 200 + HTTP/1.1 20"],
    ],
    [
      "bytes after the body",
      answer(`${ok("hello")}TOOMUCH`),
      `${GET}\n\nhello`,
      "extra:11",
      /TOOMUCH/,
      ["  HTTP/1.1 200 OK", "  ", "  hello", "+ TOOMUCH"],
    ],
    [
      "an empty line after the body",
      answer(`${ok("hello")}\r\n`),
      `${GET}\n\nhello`,
      "extra:11",
      /empty line/,
      ["  HTTP/1.1 200 OK", "  ", "  hello", "+ "],
    ],
    [
      "a body after 304",
      answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nFORBIDDEN"),
      ">>> GET / HTTP/1.1\nHTTP/1.1 304\n\n<<<",
      "extra:11",
      /FORBIDDEN/,
      ["  HTTP/1.1 304 Not Modified", "  ", "  ", "+ FORBIDDEN"],
    ],
    [
      "a response after the last one",
      answer(`${ok("ok", "Connection: close\r\n")}HTTP/1.1 299 Surprise\r\n\r\n`),
      GET,
      "extra:9",
      /299 Surprise/,
      ["  HTTP/1.1 200 OK", "+ HTTP/1.1 299 Surprise", "+ "],
    ],
    [
      "an interim response where the final one is missing",
      answer("HTTP/1.1 102 Processing\r\n\r\n"),
      GET,
      "timeout:9",
      /^no further line within 300ms/,
      ["- HTTP/1.1 200 + HTTP/1.1 102 Processing", "+ "],
    ],
    [
      "a header that differs in its ending alone",
      answer(`${OK}X: red\nContent-Length: 2\r\n\r\nhi`),
      `${GET}\nX: red (crlf)\nContent-Length: 2\n\nhi`,
      "mismatch:10",
      /header "X" ends with LF, expected CRLF/,
      ["  HTTP/1.1 200 OK", "- X: red (crlf) + X: red (lf)", "  Content-Length: 2", "  ", "  hi"],
    ],
    [
      "an ending that no line names",
      answer(`${OK}X: red\nContent-Length: 2\n\r\nhi`),
      `${GET}\nX: red (lf)`,
      "mismatch:9",
      /^header "Content-Length" ends with LF, expected CRLF: "Content-Length: 2"$/,
      ["  HTTP/1.1 200 OK", "  X: red (lf)", "+ Content-Length: 2 (lf)", "+ ", "+ hi"],
    ],
    [
      "a body that ends in the middle of its bytes",
      answer(ok("\x01\x02")),
      `${GET}\n\n01 02 03 (hex)`,
      "missing:11",
      /^the reply is complete: expected 01 02 03, got 01 02/,
      ["  HTTP/1.1 200 OK", "  ", "- 01 02 03 (hex) + 01 02 (hex)"],
    ],
    [
      "a byte after those of the body",
      answer(`HTTP/1.1 103 Hints\r\n\r\n${ok("\x01\x02\x03")}`),
      `${GET}\n\n01 02 (hex)`,
      "extra:11",
      /^unexpected byte: 03$/,
      ["  HTTP/1.1 200 OK", "  ", "  01 02 (hex)", "+ 03 (hex)"],
    ],
    [
      "one of several headers of a name",
      answer(ok("hi", "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX: 1\r\n")),
      `${GET}\nSet-Cookie: {{_}}\nSet-Cookie: a=1\nX: 2`,
      "mismatch:12",
      /header "X" differs/,
      ["  HTTP/1.1 200 OK", "  Set-Cookie: b=2", "  Set-Cookie: a=1", "- X: 2 + X: 1"],
    ],
    [
      "a reply that begins with a wildcard",
      answer(ok("hi")),
      ">>> GET / HTTP/1.1\n{{_}}\n\nhi",
      "mismatch:10",
      /does not begin with a status line/,
      ["  HTTP/1.1 200 OK", "+ Content-Length: 2", "  ", "  hi"],
    ],
    [
      "a body that is to be empty",
      answer(ok("hi\nho")),
      `${GET}\n<<<`,
      "mismatch:10",
      /^expected an empty line, got "hi"/,
      ["  HTTP/1.1 200 OK", "  ", "+ hi", "+ ho"],
    ],
    [
      "a coding that cannot be undone",
      answer(ok("??", "Content-Encoding: lzma\r\n")),
      `${GET}\n\nhi`,
      "mismatch:11",
      /the body is encoded with "lzma", which Node\.js v\S+ cannot decode/,
      ["  HTTP/1.1 200 OK", "  ", "- hi + ??"],
    ],
  ])("%s", async (_name, script, lines, failure, message, rows) => {
    // Some end only with the time of the example.
    const waits = /within 300ms|it sent "MARKET/.test(message.source);
    const played = await play(script, [lines], undefined, waits ? "300ms" : "60s");
    expect(played.failures).toEqual([failure]);
    expect(played.exchanges[0]?.failure?.message).toMatch(message);
    expect(rowsOf(played)).toEqual(rows);
  });
});

it("shows a header where no others may be", async () => {
  const played = await play(
    answer(ok("hi", "Date: x\r\nX: 1\r\n")),
    [`${GET}\nContent-Length: 2\n\nhi`],
    "http: {headers: exact}",
  );
  expect(played.failures).toEqual(["extra:9"]);
  expect(rowsOf(played)).toEqual(["  HTTP/1.1 200 OK", "  Content-Length: 2", "+ X: 1", "  ", "  hi"]);
});

describe("a body that is JSON", () => {
  it.each(['{"a":1}\n{"a":1}', '{"a":1}\nx', '{"a":1}\n}'])("takes nothing more: %j", async (body) => {
    expect((await play(answer(ok(body)), [`${GET}\n\n{"a": 1}`])).failures).toEqual(["extra:11"]);
  });
});

describe("a connection", () => {
  it("is kept after a stray line ending, which belongs to the response before it", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write(`${ok("a")}\r\n`);
      await request(peer);
      peer.write(ok("b"));
      await peer.stall();
    };
    const { failures } = await play(script, [`${GET}\n\na`, `${GET}\n\nb`]);
    expect(failures).toEqual(["extra:11"]);
    expect(server?.connections).toBe(1);
  });

  it("is opened anew after other stray bytes, as more of them may come", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write(`${ok("a")}stray`);
      await peer.stall();
    };
    const { failures } = await play(script, [`${GET}\n\na`, "=== wait 20ms", `${GET}\n\na\n=== close`]);
    expect(failures).toEqual(["extra:11", "extra:20"]);
    expect(server?.connections).toBe(2);
  });

  it("fails at === silence where a line ending comes", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write(ok("a"));
      await peer.wait(150);
      peer.write("\n");
      await peer.stall();
    };
    expect((await play(script, [`${GET}\n\na\n=== silence 600ms`])).failures).toEqual(["extra:12"]);
  });

  it("fails at === silence where the server closes", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write(ok("a"));
    };
    expect((await play(script, [`${GET}\n\na\n=== silence 150ms`])).failures).toEqual(["closed:12"]);
  });

  it("that a server answers before the request is read as ever", async () => {
    const script = async (peer: Peer) => {
      peer.write("HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy");
      await peer.stall();
    };
    expect((await play(script, [">>> GET / HTTP/1.1\nHTTP/1.1 503\n\nbusy"])).failures).toEqual([]);
  });
});

describe("an exchange", () => {
  it("whose 100 does not come keeps the body, and is the only one that fails", async () => {
    const bodies: string[] = [];
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
      try {
        await request(peer);
        bodies.push("more");
      } catch (error) {
        if (!(error instanceof HungUp)) throw error;
      }
    };
    const post =
      ">>> POST / HTTP/1.1\n>>> Content-Length: 5\nHTTP/1.1 100 Continue\n>>> hello\nHTTP/1.1 200 OK\n\nhello";
    const { failures, exchanges } = await play(script, [post]);
    expect(failures).toEqual(["mismatch:10"]);
    expect(exchanges[1]).toMatchObject({ status: "skipped", reason: expect.stringContaining("not sent") });
    expect(bodies).toEqual([]);
  });

  it("takes the response to its own request, whatever was left open before", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      await request(peer);
      peer.write(ok("a") + ok("b"));
      await peer.stall();
    };
    const played = await play(script, [">>> GET /a HTTP/1.1", `${GET}\n\nb`, "HTTP/1.1 200\n\na"]);
    expect(played.failures).toEqual([]);
    const unasked = await play(script, [">>> GET /a HTTP/1.1", `${GET}\n\nb`]);
    expect(unasked.failures).toEqual(["extra:8"]);
  });

  it("goes on in another protocol, whoever speaks first and whatever ends the lines", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write("HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\nready\r\n");
      await peer.bytes(2);
      peer.write(Uint8Array.of(0x81, 0x05, 0x68, 0x69));
      await peer.bytes(2);
      peer.write("bye");
      await peer.stall();
    };
    const lines =
      '>>> GET / HTTP/1.1\nHTTP/1.1 101\n\nready\n>>> go (no-eol)\n81 05 "hi" (hex)\n>>> 81 05 (hex)\nbye (no-eol)';
    expect((await play(script, [lines])).failures).toEqual([]);
  });

  it("goes on in another protocol whatever length the head names", async () => {
    const head = "HTTP/1.1 101 Up\r\nContent-Length: 2\r\n\r\n";
    const { failures } = await play(answer(`${head}hello\r\n`), [">>> GET / HTTP/1.1\nHTTP/1.1 101\n\nhello"]);
    expect(failures).toEqual([]);
  });

  it("that changes the protocol leaves nothing unseen of what comes after it", async () => {
    const head = "HTTP/1.1 101 Up\r\n\r\n";
    const upgrade = ">>> GET / HTTP/1.1\nHTTP/1.1 101";
    const { failures, exchanges } = await play(answer(`${head}hello`), [upgrade]);
    expect(failures).toEqual(["extra:9"]);
    expect(exchanges[0]?.failure?.message).toBe('unexpected text without a line ending: "hello"');
    await server?.close();
    const late = async (peer: Peer) => {
      await request(peer);
      peer.write(head);
      await peer.wait(150);
      peer.write("hello");
      await peer.stall();
    };
    expect((await play(late, [`${upgrade}\n=== silence 600ms`])).failures).toEqual(["extra:10"]);
  });

  it("whose change of protocol does not come is the only one that fails", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
      await request(peer);
      peer.write(ok("a"));
      await peer.stall();
    };
    const lines = ">>> GET / HTTP/1.1\nHTTP/1.1 101\n>>> hello\nyou said hello";
    const { failures, exchanges } = await play(script, [lines, `${GET}\n\na`]);
    expect(failures).toEqual(["mismatch:9"]);
    expect(exchanges[1]).toMatchObject({ status: "skipped", reason: expect.stringContaining("not sent") });
    expect(server?.connections).toBe(1);
  });

  it("that changes the protocol against what is written leaves a new connection to the next one", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write("HTTP/1.1 101 Up\r\n\r\n");
      await peer.stall();
    };
    const { failures } = await play(script, [GET, ">>> GET / HTTP/1.1\nHTTP/1.1 101"]);
    expect(failures).toEqual(["mismatch:9"]);
    expect(server?.connections).toBe(2);
  });

  it("passes over what may come at any time in a stream, whatever ends its lines", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      peer.write(`${OK}Content-Type: text/event-stream\r\n\r\n: ping\n\n`);
      peer.write("data: 1\n\n");
      await peer.stall();
    };
    server = await scriptedServer(script);
    const anytime = "```wire anytime\n: ping\n```\n";
    const { failures } = await replay(
      `---\ntarget: ${server.target}\ndialect: http\ntimeout: 60s\n---\n${anytime}\`\`\`wire\n${GET}\n\n<<<\ndata: 1\n<<<\n=== close\n\`\`\`\n`,
    );
    expect(failures).toEqual([]);
  });

  it("compares lines of a stream as JSON where both are", async () => {
    const events = `${OK}Transfer-Encoding: chunked\r\n\r\n14\r\n{"b": [1], "a": {}}\n\r\n`;
    expect((await play(answer(events), [`${GET}\n\n{"a": {}, "b": [1]}\n=== close`])).failures).toEqual([]);
    const other = await play(answer(events), [`${GET}\n\n{"a": {}, "b": [2]}\n=== close`], undefined, "300ms");
    expect(other.failures).toEqual(["mismatch:11"]);
  });
});

describe("a document that no server can fulfil", () => {
  const NO_HEADER = /^this line is not a header \("Name: value"\): write an empty line/;
  it.each<[string, string, number | undefined, RegExp]>([
    [
      "a reply without a status line",
      ">>> GET / HTTP/1.1\n200 OK",
      9,
      /^a reply to a request begins with a status line/,
    ],
    ["a body among the headers", `${GET}\nhello`, 10, NO_HEADER],
    ["JSON among the headers", `${GET}\nX: 1\n{"a": 1}`, 11, NO_HEADER],
    ["JSON with a suffix among the headers", `${GET}\n{"a": 1} (json)`, 10, NO_HEADER],
    ["bytes among the headers", `${GET}\n00 (hex)`, 10, NO_HEADER],
    ["text with a name among the headers", `${GET}\nhello {{x}}`, 10, NO_HEADER],
    ["a second reply", `${GET}\n\nok\n>>> GET / HTTP/1.1\nok`, 13, /^a reply to a request begins with a status line/],
    [
      "a reply to a request with a name that the run binds",
      `${GET}\nX: {{x}}\n>>> GET /{{x}} HTTP/1.1\nok`,
      12,
      /^a reply to a request begins with a status line/,
    ],
    ["a status line without an ending", `${GET} (no-eol)`, 9, /^status lines and headers always have a line ending/],
    ["a header without an ending", `${GET}\nX: 1 (no-eol)`, 10, /^status lines and headers always have a line ending/],
    [
      "a second request in the body, in another version",
      ">>> GET /a HTTP/1.1\n>>>\n>>> GET /b HTTP/2\nHTTP/1.1 200",
      10,
      /^this line would be sent as the body of the GET request/,
    ],
    [
      "a second request in the body",
      ">>> GET /a HTTP/1.1\n>>> Host: x\n>>>\n>>> GET /b HTTP/1.1\nHTTP/1.1 200",
      11,
      /^this line would be sent as the body of the GET request/,
    ],
  ])("is told so: %s", async (_name, lines, line, message) => {
    const { documents, exitCode } = await play(async (peer) => peer.stall(), [lines]);
    expect(exitCode).toBe(2);
    expect(documents[0]?.errors[0]).toMatchObject({ line, message: expect.stringMatching(message) });
    expect(server?.connections).toBe(0);
  });

  it.each([
    ["wildcards in a head", `${GET}\n{{name}}: 1\nX-{{_}}: 2 (?)\n...\n[a-z]+: 3 (re)`],
    ["a body of a request that may have one", ">>> POST / HTTP/1.1\n>>>\n>>> GET /b HTTP/1.1\nHTTP/1.1 200"],
    [
      "a body that a header announces",
      ">>> GET / HTTP/1.1\n>>> Content-Length: 15\n>>>\n>>> GET /b HTTP/1.1\nHTTP/1.1 200",
    ],
    ["lines after a change of protocol", ">>> GET / HTTP/1.1\nHTTP/1.1 101\n>>> hello\nyou said hello"],
    ["lines in a tunnel", ">>> CONNECT x:1 HTTP/1.1\nHTTP/1.1 200\n>>> hello\nyou said hello"],
    ["the rest of a stream", `${GET}\n\ndata: 1\n=== wait 1ms\ndata: 2`],
  ])("is not: %s", async (_name, lines) => {
    const { exitCode } = await play(async (peer) => peer.stall(), [lines], undefined, "300ms");
    expect(exitCode).toBe(1);
  });
});

it("takes a reset for no end of a body that only the close ends", async () => {
  const script = async (peer: Peer): Promise<void> => {
    await request(peer);
    peer.write(`${OK}\r\nhel`);
    await peer.wait(50);
    peer.reset();
  };
  const played = await play(script, [">>> GET / HTTP/1.1\nHTTP/1.1 200 OK\n\nhel"]);
  expect(played.failures).toEqual([expect.stringMatching(/^closed:/)]);
  await server?.close();
  const closing = await play(answer(`${OK}\r\nhel`, "close"), [">>> GET / HTTP/1.1\nHTTP/1.1 200 OK\n\nhel"]);
  expect(closing.failures).toEqual([]);
});
