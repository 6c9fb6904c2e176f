import { describe, expect, test } from "vitest";
import { Recording } from "./recording.ts";

describe("lines", () => {
  test("are told with their replies, an example for each connection", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:11211");
    recording.connect().client("set a 0 0 5\r\nhello\r\n").server("STORED\r\n").close();
    recording.connect().client("get a\r\n").server("VALUE a 0 5\r\nhello\r\nEND\r\n").close();
    expect(recording.text).toBe(`---
target: tcp://127.0.0.1:11211
connection: example
---

# A recording

## set a 0 0 5

\`\`\`wire
>>> set a 0 0 5
>>> hello
STORED
\`\`\`

## get a

\`\`\`wire
>>> get a
VALUE a 0 5
hello
END
\`\`\`
`);
  });

  test("however their bytes are cut", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:1");
    const connection = recording.connect();
    for (const byte of "get a\r\n") connection.client(byte);
    for (const byte of "NOT_FOUND\r\n") connection.server(byte);
    expect(recording.lines).toBe(">>> get a\nNOT_FOUND\n");
  });

  test("that would read as something else have a marker or an escape", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:1");
    recording.connect().client("{{x}}\r\n").server(">>> a\r\n...\r\n```\r\nb (re)\r\nc \r\n\r\n").close();
    expect(recording.lines).toBe(">>> \\{{x}}\n<<< >>> a\n\\...\n<<< ```\nb \\(re)\nc\\x20 (esc)\n<<<\n");
  });

  test("have the ending that comes first", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:1");
    recording.connect().client("a\n").server("b\nc\r\nd").close("server");
    expect(recording.text).toContain("\neol: lf\n");
    expect(recording.lines).toBe(">>> a\nb\nc\\r (esc)\nd (no-eol)\n=== closed\n");
  });

  test("that are no text are bytes, and so is the document where the first one is none", async () => {
    const mixed = await Recording.of("tcp://127.0.0.1:1");
    mixed.connect().client("get a\r\n").server("\0\x01\xff\r\n").close();
    expect(mixed.lines).toBe(">>> get a\n00 01 ff 0d 0a (hex)\n");
    const bytes = await Recording.of("tcp://127.0.0.1:1");
    bytes.connect().client("\0\x01abc").server("\x02").close();
    expect(bytes.text).toContain("\ndialect: hex\n");
    expect(bytes.lines).toBe('>>> 00 01 "abc"\n02\n');
  });

  test("a client that says no more and is answered half-closes", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:1");
    const { recorded } = recording.connect().client("a\r\n");
    recorded.ended("client", 1);
    recorded.bytes("server", Buffer.from("b\r\n"), 2);
    recorded.ended("server", 3);
    expect(recording.lines).toBe(">>> a\n=== half-close\nb\n=== closed\n");
  });
});

describe("connections that overlap", () => {
  test("share an example and have names", async () => {
    const recording = await Recording.of("redis://127.0.0.1:6379");
    const [one, two] = [recording.connect(), recording.connect()];
    one.client("PING\r\n").server("+PONG\r\n");
    expect(recording.lines).toBe(">>> PING\nPONG\n");
    two.client("GET a\r\n").server("$-1\r\n");
    one.close();
    two.client("GET b\r\n").server("$1\r\nx\r\n").close();
    expect(recording.lines).toBe(
      'client1>>> PING\nPONG\nclient2>>> GET a\n(nil)\nclient1=== close\nclient2>>> GET b\n"x"\n',
    );
  });

  test("are told in the order of the replies where both wait, and a request that waits long before", async () => {
    const recording = await Recording.of("redis://127.0.0.1:6379");
    const [one, two] = [recording.connect(), recording.connect("bob")];
    one.client("GET a\r\n");
    two.client("GET b\r\n").server("$-1\r\n");
    one.server("$-1\r\n");
    one.client("BLPOP q 0\r\n");
    recording.pass(100);
    two.client("LPUSH q x\r\n").server(":1\r\n");
    one.server("*2\r\n$1\r\nq\r\n$1\r\nx\r\n");
    one.client("BLPOP q 0\r\n");
    recording.pass(100);
    two.client("LPUSH q x\r\n");
    one.server("*2\r\n$1\r\nq\r\n$1\r\nx\r\n");
    two.server(":1\r\n");
    expect(recording.end()).toBe(
      `bob>>> GET b
(nil)
client2>>> GET a
(nil)
client2>>> BLPOP q 0
bob>>> LPUSH q x
(integer) 1
client2<<< 1) "q"
2) "x"
client2>>> BLPOP q 0
bob>>> LPUSH q x
client2<<< 1) "q"
2) "x"
bob<<< (integer) 1
`,
    );
  });

  test("without framing are told as they were said, but for quick answers", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:1");
    const [one, two] = [recording.connect(), recording.connect()];
    const say = (connection: typeof one, line: string): void => {
      recording.pass(1);
      connection.client(line);
    };
    say(one, "get a\r\n");
    say(two, "get b\r\n");
    one.server("1\r\n");
    two.server("2\r\n");
    say(one, "set a noreply\r\n");
    say(two, "get a\r\n");
    two.server("3\r\n");
    say(one, "reserve\r\n");
    recording.pass(100);
    say(two, "put\r\n");
    one.server("4\r\n");
    two.server("5\r\n");
    expect(recording.end()).toBe(
      `client1>>> get a
1
client2>>> get b
2
client1>>> set a noreply
client2>>> get a
3
client1>>> reserve
client2>>> put
client1<<< 4
client2<<< 5
`,
    );
  });
});

describe("http", () => {
  const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: */*\r\n\r\n";

  test("is told without what is another one next time, and without codings", async () => {
    const recording = await Recording.of("http://127.0.0.1:8080");
    const response =
      "HTTP/1.1 200 OK\r\nDate: now\r\nServer: x\r\nETag: y\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na\nb\r\n0\r\n\r\n";
    recording.connect().client(request).server(response).close("server");
    expect(recording.lines).toBe(
      ">>> GET / HTTP/1.1\n>>> Accept: */*\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\na\nb\n",
    );
  });

  test("names the server as itself, not as the proxy", async () => {
    const recording = await Recording.of("http://127.0.0.1:8080");
    recording.recorder.alias("127.0.0.1:80");
    recording
      .connect()
      .client("GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\nReferer: http://127.0.0.1:800/\r\n\r\n")
      .server("HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:80/x\r\nContent-Length: 0\r\n\r\n")
      .close();
    expect(recording.lines).toBe(
      ">>> GET / HTTP/1.1\n>>> Referer: http://127.0.0.1:800/\nHTTP/1.1 301 Moved\nLocation: http://127.0.0.1:8080/x\n\n<<<\n",
    );
  });

  test("leaves a cookie open until it is sent back", async () => {
    const recording = await Recording.of("http://127.0.0.1:8080");
    const connection = recording.connect().client(request);
    connection.server("HTTP/1.1 204 No Content\r\nSet-Cookie: sid=abc; Path=/\r\n\r\n");
    expect(recording.lines).toContain("Set-Cookie: sid={{_:any}}; Path=/\n");
    connection.client("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nCookie: a=b; sid=abc\r\n\r\n");
    connection.server("HTTP/1.1 204 No Content\r\n\r\n").close();
    expect(recording.lines).toContain("Set-Cookie: sid={{sid}}; Path=/\n");
    expect(recording.lines).toContain(">>> Cookie: a=b; sid={{sid}}\n");
  });

  test("a request that nobody answers ends the connection", async () => {
    const recording = await Recording.of("http://127.0.0.1:8080");
    recording.connect().client(request).close();
    expect(recording.lines).toBe(">>> GET / HTTP/1.1\n>>> Accept: */*\n=== close\n");
  });

  test("what follows a break of the protocol is not recorded, with a warning", async () => {
    const recording = await Recording.of("http://127.0.0.1:8080");
    recording.connect().client(request).server("HTTP/1.1 204 No Content\r\n\r\n").client("\0\r\n\r\n").close();
    expect(recording.lines).toBe(">>> GET / HTTP/1.1\n>>> Accept: */*\nHTTP/1.1 204 No Content\n");
    expect(recording.warnings).toEqual([expect.stringMatching(/^what a client says from here on is not recorded: /)]);
  });
});

describe("values", () => {
  test("that come back are captures, and random ones always", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:1");
    const connection = recording.connect().client("new\r\n").server('{"token": "a1b2c3d4e5"}\r\n');
    expect(recording.lines).toContain('{"token": "a1b2c3d4e5"}\n');
    connection.client("use a1b2c3d4e5\r\n").server("id 0b6f5c6e-7d6e-4c51-9a57-2f0f6a1d3b11\r\n");
    connection.client("a a1b2c3d4e5 0b6f5c6e-7d6e-4c51-9a57-2f0f6a1d3b11\r\n").server("ok 12\r\n").client("b 12\r\n");
    expect(recording.end()).toBe(
      `>>> new
{"token": "{{token}}"}
>>> use {{token}}
id {{id:uuid}}
>>> a {{token}} {{id}}
ok 12
>>> b 12
`,
    );
  });

  test.each([
    [
      "the first argument after a result",
      "tcp://127.0.0.1:1",
      [
        ["put", "INSERTED 7"],
        ["reserve", "RESERVED 7 5"],
        ["watch a", "WATCHING 2"],
        ["delete 7", "DELETED"],
        ["kick 2", "KICKED 2"],
      ],
      ">>> put\nINSERTED {{id:int}}\n>>> reserve\nRESERVED {{id}} 5\n>>> watch a\nWATCHING 2\n>>> delete {{id}}\nDELETED\n>>> kick 2\nKICKED 2\n",
    ],
    [
      "what a field says again, but not as an amount",
      "tcp://127.0.0.1:1",
      [
        ["put", "INSERTED 1"],
        ["stats-job 1", "id: 1 age: 1"],
        ["reserve-with-timeout 1", "TIMED_OUT"],
        ["kick 1", "KICKED 1"],
      ],
      ">>> put\nINSERTED {{id:int}}\n>>> stats-job {{id}}\nid: {{id}} age: 1\n>>> reserve-with-timeout 1\nTIMED_OUT\n>>> kick 1\nKICKED 1\n",
    ],
    [
      "a field of the same name",
      "tcp://127.0.0.1:1",
      [
        ["new", '{"rev": 7, "n": 7}'],
        ["get n=7 rev=7", "rev: 7"],
        ["get id=8", "id: 8"],
        ["get id=8", "id: 8"],
      ],
      '>>> new\n{"rev": {{rev:int}}, "n": 7}\n>>> get n=7 rev={{rev}}\nrev: {{rev}}\n>>> get id=8\nid: 8\n>>> get id=8\nid: 8\n',
    ],
  ] as const)("that are short numbers are captures as %s", async (_, target, exchanges, lines) => {
    const recording = await Recording.of(target);
    const connection = recording.connect();
    for (const [request, reply] of exchanges) connection.client(`${request}\r\n`).server(`${reply}\r\n`);
    expect(recording.lines).toBe(lines);
  });

  test("that are short numbers are captures in a path", async () => {
    const recording = await Recording.of("http://127.0.0.1:8080");
    const connection = recording.connect().client("POST /items HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
    connection.server(
      'HTTP/1.1 201 Created\r\nLocation: http://127.0.0.1:8080/items/7\r\nContent-Length: 21\r\n\r\n{"itemId": 7, "n": 7}',
    );
    connection.client("GET /items/7?n=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
    connection.server("HTTP/1.1 204 No Content\r\n\r\n");
    expect(recording.lines).toContain(
      'Location: http://127.0.0.1:8080/items/{{itemid:int}}\n\n{"itemId": {{itemid}}, "n": 7}',
    );
    expect(recording.lines).toContain(">>> GET /items/{{itemid}}?n=1 HTTP/1.1\n");
  });

  test("that the client said first are its own", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:1");
    recording.connect().client("set a1b2c3d4e5\r\n").server("a1b2c3d4e5\r\n").client("get a1b2c3d4e5\r\n").close();
    expect(recording.lines).toBe(">>> set a1b2c3d4e5\na1b2c3d4e5\n>>> get a1b2c3d4e5\n");
  });

  test("that number a connection of Redis are left open", async () => {
    const recording = await Recording.of("redis://127.0.0.1:6379");
    recording
      .connect()
      .client("HELLO 2\r\n")
      .server("*6\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:69\r\n$4\r\nmode\r\n:1\r\n")
      .client("HELLO 3\r\n")
      .server("%2\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:69\r\n")
      .client("HGETALL a\r\n")
      .server("%1\r\n$2\r\nid\r\n:69\r\n")
      .close();
    expect(recording.lines).toContain('3) "id"\n4) (integer) {{_:int}}\n5) "mode"\n6) (integer) 1\n');
    expect(recording.lines).toContain('1# "proto" => (integer) 3\n2# "id" => (integer) {{_:int}}\n');
    expect(recording.lines).toContain('>>> HGETALL a\n1# "id" => (integer) 69\n');
  });

  test("of the clock are left open", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:1");
    recording
      .connect()
      .client("time\r\n")
      .server("2026-01-02T03:04:06Z 1767323046\r\n2020-01-02T03:04:06Z\r\n")
      .close();
    expect(recording.lines).toBe(">>> time\n{{_}} {{_:int}}\n2020-01-02T03:04:06Z\n");
  });
});

test("long replies are cut short", async () => {
  const recording = await Recording.of("redis://127.0.0.1:6379");
  const elements = Array.from({ length: 3000 }, () => `$30\r\n${"x".repeat(30)}\r\n`);
  recording
    .connect()
    .client("KEYS *\r\n")
    .server(`*3000\r\n${elements.join("")}`)
    .client("PING\r\n")
    .server("+PONG\r\n");
  const lines = recording.lines.split("\n");
  expect(lines).toHaveLength(1 + 20 + 1 + 2 + 1);
  expect(lines.slice(20, 24)).toEqual([`  20) "${"x".repeat(30)}"`, "...", ">>> PING", "PONG"]);
});
