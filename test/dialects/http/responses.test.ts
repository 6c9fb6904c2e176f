import * as zlib from "node:zlib";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { toBytes } from "../../../src/base/bytes.ts";
import type { Eol } from "../../../src/base/settings.ts";
import type { Codec, Decoded } from "../../../src/dialects/codec.ts";
import { FramingError } from "../../../src/dialects/errors.ts";
import type { HttpConnection } from "../../../src/dialects/http/connection.ts";
import { http } from "../../../src/dialects/http/http.ts";
import { bytes, connection, decodeBothWays, expected, outgoing, request, shown } from "./support.ts";

beforeAll(() => http.load?.({}));

const OK = "HTTP/1.1 200 OK\r\n";
const asked =
  (line = "GET / HTTP/1.1", eol: Eol = "crlf"): (() => Codec) =>
  () => {
    const one = connection({}, { eol });
    request(one, [line]);
    return one;
  };

interface Case {
  readonly name: string;
  readonly response: string | Uint8Array;
  readonly closed?: boolean;
  readonly ask?: () => Codec;
  readonly shows: readonly string[];
}

const TEN = "0123456789\n".repeat(500);
const encoded = (coding: string, body: Uint8Array, more = ""): Uint8Array =>
  Buffer.concat([bytes(`${OK}Content-Encoding: ${coding}\r\n${more}Content-Length: ${body.length}\r\n\r\n`), body]);

const cases: readonly Case[] = [
  {
    name: "Content-Length",
    response: `${OK}Content-Length: 11\r\n\r\nhello\nworld`,
    shows: [`head: ${OK}Content-Length: 11\r\n\r\n`, "body: hello\nworld", "|"],
  },
  { name: "no body", response: `${OK}Content-Length: 0\r\n\r\n`, shows: [`head: ${OK}Content-Length: 0\r\n\r\n`, "|"] },
  {
    name: "chunks, an extension and trailers",
    response: `${OK}Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n4\r\nlo\nw\r\n0\r\nDigest:  x \r\nEmpty:\r\n\r\n`,
    shows: [
      `head: ${OK}Transfer-Encoding: chunked\r\n\r\n`,
      "body: hello\nw",
      "trailer: Digest:  x \r\nEmpty:\r\n",
      "|",
    ],
  },
  {
    name: "a body that the close ends",
    response: `${OK}\r\nhello\nworld`,
    closed: true,
    shows: [`head: ${OK}\r\n`, "body: hello\nworld", "| connection"],
  },
  {
    name: "HEAD, with the headers of the body that GET would bring",
    ask: asked("HEAD / HTTP/1.1"),
    response: `${OK}Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\n`,
    shows: [`head: ${OK}Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\n`, "|"],
  },
  { name: "204", response: "HTTP/1.1 204 No Content\r\n\r\n", shows: ["head: HTTP/1.1 204 No Content\r\n\r\n", "|"] },
  {
    name: "304 with a length",
    response: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    shows: ["head: HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "|"],
  },
  {
    name: "interim responses",
    response: `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
    shows: ["interim: HTTP/1.1 100 Continue\r\n\r\n", "|", `head: ${OK}Content-Length: 1\r\n\r\n`, "body: x", "|"],
  },
  {
    name: "a change of protocol",
    response: "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello\nHTTP/1.1 5",
    closed: true,
    shows: [
      "upgrade: HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
      "| protocol",
      "body: hello\nHTTP/1.1 5",
    ],
  },
  {
    name: "a tunnel",
    ask: asked("CONNECT a:1 HTTP/1.1"),
    response: `${OK}Content-Length: 3\r\n\r\nhello\n`,
    shows: [`upgrade: ${OK}Content-Length: 3\r\n\r\n`, "| protocol", "body: hello\n"],
  },
  {
    name: "a tunnel refused",
    ask: asked("CONNECT a:1 HTTP/1.1"),
    response: "HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nno\n",
    shows: ["head: HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\n", "body: no\n", "|"],
  },
  ...(["crlf", "lf", "any"] as const).map((eol) => ({
    name: `lines of a head that end with LF or CRLF, where eol is ${eol}`,
    ask: asked("GET / HTTP/1.1", eol),
    response: "HTTP/1.1 200 OK\nContent-Length: 2\r\n\nhi",
    shows: ["head: HTTP/1.1 200 OK\nContent-Length: 2\r\n\n", "body: hi", "|"],
  })),
  {
    name: "trailers that end with LF, and the line after them",
    response: `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\n\n`,
    shows: [`head: ${OK}Transfer-Encoding: chunked\r\n\r\n`, "trailer: X: a\n", "|"],
  },
  {
    name: "spaces and tabs around values",
    response: `${OK}Content-Length:\t 2 \t\r\n\r\nhi`,
    shows: [`head: ${OK}Content-Length:\t 2 \t\r\n\r\n`, "body: hi", "|"],
  },
  {
    name: "white space and quotes in the extension of a chunk",
    response: `${OK}Transfer-Encoding: chunked\t\r\n\r\n2 ;a = b; c="\\";" \r\nok\r\n0;z\r\n\r\n`.replace(
      " \r\nok",
      "\r\nok",
    ),
    shows: [`head: ${OK}Transfer-Encoding: chunked\t\r\n\r\n`, "body: ok", "|"],
  },
  {
    name: "a Content-Length among the trailers",
    response: `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 2\r\n\r\n`,
    shows: [`head: ${OK}Transfer-Encoding: chunked\r\n\r\n`, "trailer: Content-Length: 2\r\n", "|"],
  },
  {
    name: "line endings after a response",
    response: `${OK}Content-Length: 2\r\n\r\nhi\r\n\n\r`,
    closed: true,
    shows: [`head: ${OK}Content-Length: 2\r\n\r\n`, "body: hi", "|", "stray: \r\n\n\r"],
  },
  {
    name: "a body after 204",
    response: "HTTP/1.1 204 No Content\r\n\r\nhello",
    closed: true,
    shows: ["head: HTTP/1.1 204 No Content\r\n\r\n", "|", "stray: hello"],
  },
  {
    name: "header bytes beyond ASCII",
    response: `${OK}X: \xff\xe9 ä\r\nContent-Length: 0\r\n\r\n`,
    shows: [`head: ${OK}X: \xff\xe9 ä\r\nContent-Length: 0\r\n\r\n`, "|"],
  },
  {
    name: "a status without a reason",
    response: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    shows: ["head: HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "|"],
  },
  {
    name: "a body cut off by the close",
    response: `${OK}Content-Length: 99\r\n\r\nhello\nwor`,
    closed: true,
    shows: [`head: ${OK}Content-Length: 99\r\n\r\n`, "body: hello\nwor"],
  },
  { name: "a head cut off by the close", response: `${OK}Conte`, closed: true, shows: [`cut: ${OK}Conte`] },
  { name: "a status line cut off by the close", response: "HTTP/1.1 20", closed: true, shows: ["cut: HTTP/1.1 20"] },
  {
    name: "trailers cut off by the close",
    response: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: 7\r\n`,
    closed: true,
    shows: [`head: ${OK}Transfer-Encoding: chunked\r\n\r\n`, "body: hi", "cut: X: 7\r\n"],
  },
  {
    name: "two responses in one piece",
    response: `${OK}Content-Length: 2\r\n\r\nhi${OK}Content-Length: 0\r\n\r\n`,
    ask: () => {
      const one = asked()();
      request(one, ["GET / HTTP/1.1"]);
      return one;
    },
    shows: [`head: ${OK}Content-Length: 2\r\n\r\n`, "body: hi", "|", `head: ${OK}Content-Length: 0\r\n\r\n`, "|"],
  },
  {
    name: "a second response that nothing asked for",
    response: `${OK}Connection: close\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 299 More\r\n\r\n`,
    shows: [
      `head: ${OK}Connection: close\r\nContent-Length: 2\r\n\r\n`,
      "body: hi",
      "| connection",
      "stray: HTTP/1.1 299 More\r\n\r\n",
    ],
  },
];

describe.each(cases)("$name", ({ response, closed = false, ask = asked(), shows }) => {
  it("is read whole and byte by byte", () => {
    const [whole, single] = decodeBothWays(ask, typeof response === "string" ? bytes(response) : response, closed);
    expect(whole).toEqual(shows);
    expect(single).toEqual(shows);
  });
});

describe("content codings", () => {
  const body = bytes(TEN);
  it.each([
    ["gzip", encoded("gzip", gzipSync(body))],
    ["x-gzip", encoded("X-GZIP", gzipSync(body))],
    ["deflate", encoded("deflate", deflateSync(body))],
    ["deflate without zlib's header", encoded("deflate", deflateRawSync(body))],
    ["br", encoded("br", brotliCompressSync(body))],
    ["one on the other", encoded("gzip, identity", brotliCompressSync(gzipSync(body)), "Content-Encoding: br\r\n")],
  ])("%s", (_name, response) => {
    for (const shows of decodeBothWays(asked(), response)) expect(shows.slice(1)).toEqual([`body: ${TEN}`, "|"]);
  });

  it("as a transfer coding", () => {
    const chunk = gzipSync(body);
    const response = Buffer.concat([
      bytes(`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n${chunk.length.toString(16)}\r\n`),
      chunk,
      bytes("\r\n0\r\n\r\n"),
    ]);
    for (const shows of decodeBothWays(asked(), response)) expect(shows.slice(1)).toEqual([`body: ${TEN}`, "|"]);
  });

  it("that are not known leave the body as it is", () => {
    const [whole] = decodeBothWays(asked(), encoded("gzip, own", bytes("a\nb\n")));
    expect(whole!.slice(1)).toEqual(["body: a\nb\n", "|"]);
  });

  // Node has zstd from 22.15 on; before, it is a coding that is not known.
  const { zstdCompressSync } = zlib as { zstdCompressSync?: (data: Uint8Array) => Buffer };
  it.skipIf(!zstdCompressSync)("zstd is undone where Node knows it", () => {
    const [whole, single] = decodeBothWays(asked(), encoded("zstd", zstdCompressSync!(bytes("a\nb\n"))));
    expect(whole!.slice(1)).toEqual(["body: a\nb\n", "|"]);
    expect(single).toEqual(whole);
  });

  it("of nothing are nothing", () => {
    const [whole] = decodeBothWays(asked(), encoded("gzip", new Uint8Array()));
    expect(whole!.slice(1)).toEqual(["|"]);
  });

  it("show the events of a stream as they come", () => {
    const one = asked()();
    one.responses.decode(bytes(`${OK}Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n`));
    const stream = gzipSync("data: 1\n\ndata: 2\n\n");
    const seen: string[] = [];
    for (const byte of stream) for (const { lines } of one.responses.decode(Uint8Array.of(byte))) seen.push(...lines);
    expect(seen).toEqual(["data: 1\n", "\n", "data: 2\n", "\n"]);
    expect(shown(one.responses.flush("closed"))).toEqual(["| connection"]);
  });

  it("show the events at the end where they cost too much", () => {
    const one = connection({}, { limit: 10_000 });
    request(one, ["GET / HTTP/1.1"]);
    one.responses.decode(bytes(`${OK}Content-Type: text/event-stream\r\nContent-Encoding: br\r\n\r\n`));
    const events = "data: 1\n\n".repeat(100);
    const seen = [...brotliCompressSync(events)].flatMap((byte) => one.responses.decode(Uint8Array.of(byte)));
    expect(seen).toEqual([]);
    expect(shown(one.responses.flush("closed"))).toEqual([`body: ${events}`, "| connection"]);
  });

  it("that are cut off show what there is", () => {
    const one = asked()();
    const stream = gzipSync(bytes(TEN));
    one.responses.decode(encoded("gzip", stream).subarray(0, -12));
    const rest = one.responses.flush("closed");
    expect(TEN.startsWith(rest.flatMap(({ lines }) => lines).join(""))).toBe(true);
    expect(rest.at(-1)?.lines.length).toBeGreaterThan(0);
    expect(rest.some(({ ends }) => ends)).toBe(false);
  });
});

describe("what a connection owes", () => {
  it("is counted by final responses", () => {
    const one = connection();
    expect(one.owed).toBe(0);
    request(one, ["GET / HTTP/1.1"]);
    request(one, ["GET / HTTP/1.1"]);
    expect(one.owed).toBe(2);
    one.responses.decode(bytes(`HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 1\r\n\r\n`));
    expect(one.owed).toBe(2);
    one.responses.decode(bytes("x"));
    expect(one.owed).toBe(1);
    one.responses.decode(bytes(`${OK}Content-Length: 0\r\n\r\n${OK}Content-Length: 0\r\n\r\n`));
    expect(one.owed).toBe(0);
  });

  it("cannot be told after a change of protocol, where lines go as they stand", () => {
    const one = asked()();
    one.responses.decode(bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    expect(one.owed).toBeUndefined();
    expect(one.requests.encode(outgoing("hello", "world"))).toEqual({
      bytes: toBytes("hello\r\nworld\r\n"),
      requests: [],
    });
  });
});

describe("a response names its request", () => {
  it("in the order they were sent in, interim responses too", () => {
    const one = connection();
    for (let i = 0; i < 3; i++) request(one, ["GET / HTTP/1.1"]);
    const last = `${OK}Content-Length: 1\r\n\r\n`;
    const decoded = one.responses.decode(bytes(`HTTP/1.1 103 Hints\r\n\r\n${last}xHTTP/1.1 204 No\r\n\r\n${last}`));
    expect(decoded.map(({ part, to, interim, ends }) => [part, to, interim, ends])).toEqual([
      ["interim", 0, true, "message"],
      ["head", 0, false, undefined],
      ["body", 0, false, "message"],
      ["head", 1, false, "message"],
      ["head", 2, false, undefined],
    ]);
  });
  it("but not where nothing asked for it", () => {
    const one = asked()();
    const decoded = one.responses.decode(bytes("HTTP/1.1 101 Up\r\n\r\nhello\n"));
    expect(decoded.map(({ part, to }) => [part, to])).toEqual([
      ["upgrade", 0],
      ["body", undefined],
    ]);
  });
});

describe("what comes before the first request", () => {
  const response = `${OK}Content-Length: 2\r\n\r\nhi`;
  it("waits for it, and answers it", () => {
    const one = connection();
    expect(one.responses.decode(bytes(response))).toEqual([]);
    expect(one.responses.pending).toBe("message");
    request(one, ["GET / HTTP/1.1"]);
    const decoded = one.responses.decode(new Uint8Array());
    expect(shown(decoded)).toEqual([`head: ${OK}Content-Length: 2\r\n\r\n`, "body: hi", "|"]);
    expect(decoded.map(({ to }) => to)).toEqual([0, 0]);
  });
  it("is handed over at the close", () => {
    const one = connection();
    one.responses.decode(bytes(response));
    const decoded = one.responses.flush("closed");
    expect(shown(decoded).at(-1)).toBe("|");
    expect(decoded.map(({ to }) => to)).toEqual([undefined, undefined]);
  });
});

describe("a connection ends", () => {
  const ends = (response: string, line?: string, closed = false): readonly (string | undefined)[] => {
    const { responses } = asked(line)();
    const decoded = [...responses.decode(bytes(response)), ...(closed ? responses.flush("closed") : [])];
    return decoded.map((one) => (one.endsConnection ? "connection" : one.ends));
  };
  it("where the response says so, and not before its end", () => {
    expect(ends(`${OK}Content-Length: 3\r\nConnection: close\r\n\r\nh\n`)).toEqual([undefined, undefined]);
    expect(ends(`${OK}Content-Length: 2\r\nConnection: close\r\n\r\nhi`)).toEqual([undefined, "connection"]);
    expect(ends("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")).toEqual(["connection"]);
    expect(ends(`${OK}\r\nhi`, undefined, true)).toEqual([undefined, "connection"]);
  });
  it("where the request said so", () => {
    const one = connection();
    request(one, ["GET / HTTP/1.1", "Connection: TE, Close"]);
    const [decoded] = one.responses.decode(bytes(`${OK}Content-Length: 0\r\n\r\n`));
    expect(decoded?.endsConnection).toBe(true);
  });
  it("where something else follows the last response than line endings", () => {
    const head = "HTTP/1.1 204 No\r\n\r\n";
    expect(ends(`${head}x\n`)).toEqual(["message", "connection"]);
    expect(ends(`${head}\r\n\n`)).toEqual(["message", undefined]);
  });
  it("but is kept otherwise", () => {
    expect(ends(`${OK}Content-Length: 0\r\n\r\n`)).toEqual(["message"]);
    expect(ends(`${OK}\r\n`, "HEAD / HTTP/1.1")).toEqual(["message"]);
    expect(ends("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")).toEqual(["message"]);
  });
});

describe("a line without LF", () => {
  const lines = (decoded: readonly Decoded[]): readonly string[] => decoded.flatMap((one) => one.lines);
  it("of a body is held, unless somebody reads bytes", () => {
    const { responses } = asked()();
    responses.decode(bytes(`${OK}\r\none\ntw`));
    expect(responses.flush("silence")).toEqual([]);
    expect(lines(responses.flush("bytes"))).toEqual(["tw"]);
    expect(lines(responses.decode(bytes("o\nthree")))).toEqual(["o\n"]);
  });
  it.each(["HTTP/1.1 101 Up\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n"])("ends with silence after %j", (head) => {
    const { responses } = asked()();
    responses.decode(bytes(`${head}one\ntw`));
    expect(responses.pending).toBe("line");
    expect(lines(responses.flush("silence"))).toEqual(["tw"]);
    expect(responses.pending).toBe("nothing");
  });
  it("after the last response is none of the next one's", () => {
    const one = asked()();
    one.responses.decode(bytes("HTTP/1.1 204 No\r\n\r\nrest"));
    request(one, ["GET / HTTP/1.1"]);
    const decoded = one.responses.decode(bytes("HTTP/1.1 204 No\r\n\r\n"));
    expect(shown(decoded)).toEqual(["stray: rest", "head: HTTP/1.1 204 No\r\n\r\n", "|"]);
  });
});

describe("what is pending", () => {
  const events = "Content-Type: text/event-stream\r\n";
  const chunks = "Transfer-Encoding: chunked\r\n";
  it.each([
    ["", "nothing"],
    ["H", "message"],
    [OK, "message"],
    [`${OK}\r\n`, "message"],
    [`${OK}Content-Length: 2\r\n\r\nh`, "message"],
    [`${OK}Content-Length: 2\r\n\r\nhi`, "nothing"],
    [`${OK}Content-Length: 2\r\n\r\nhi!`, "line"],
    [`${OK}Content-Length: 2\r\n\r\nhi!\n`, "nothing"],
    ["HTTP/1.1 100 Continue\r\n\r\n", "nothing"],
    [`${OK}${events}\r\n`, "stream"],
    [`${OK}${events}${chunks}\r\n8\r\ndata: 1`, "stream"],
    [`${OK}${events}${chunks}\r\n0\r\n\r\n`, "nothing"],
    ["HTTP/1.1 101 Up\r\n\r\n", "nothing"],
    ["HTTP/1.1 101 Up\r\n\r\nhello", "line"],
  ] as const)("after %j: %s", (response, pending) => {
    const { responses } = asked()();
    for (const byte of bytes(response)) responses.decode(Uint8Array.of(byte));
    expect(responses.pending).toBe(pending);
    if (pending === "nothing")
      for (const why of ["bytes", "silence", "closed"] as const) expect(responses.flush(why)).toEqual([]);
  });
});

describe("exactly the response to the only request", () => {
  const idle = (...lines: readonly string[]): HttpConnection => {
    const one = connection() as HttpConnection;
    for (const line of lines) request(one, [line]);
    return one;
  };
  const quick = (one: HttpConnection) =>
    one.responses.expect(expected("HTTP/1.1 200 OK"), {
      eol: "crlf",
      unordered: false,
      scope: { get: () => undefined },
      options: {},
      isFollowed: false,
    });
  it("may be matched on its bytes, which answers the request", () => {
    const one = idle("GET / HTTP/1.1");
    expect(quick(one)?.read(`${OK}Content-Length: 2\r\n\r\nhi`, false)).toBe("all");
    expect(one.owed).toBe(0);
    request(one, ["GET / HTTP/1.1"]);
    expect(one.responses.decode(bytes("HTTP/1.1 204 No\r\n\r\n")).map(({ to }) => to)).toEqual([1]);
    expect(shown(one.responses.decode(bytes("x\n")))).toEqual(["stray: x\n"]);
  });
  it("may not where more is asked, or something has begun", () => {
    expect(quick(idle())).toBeUndefined();
    expect(quick(idle("GET / HTTP/1.1", "GET / HTTP/1.1"))).toBeUndefined();
    expect(quick(idle("HEAD / HTTP/1.1"))).toBeUndefined();
    const begun = idle("GET / HTTP/1.1");
    begun.responses.decode(bytes("H"));
    expect(quick(begun)).toBeUndefined();
    const early = connection() as HttpConnection;
    early.responses.decode(bytes("H"));
    request(early, ["GET / HTTP/1.1"]);
    expect(quick(early)).toBeUndefined();
  });
});

describe("bytes after the end of what is encoded", () => {
  it.each([
    ["deflate", deflateSync("hello\n")],
    ["deflate", deflateRawSync("hello\n")],
    ["br", brotliCompressSync("hello\n")],
    ["gzip", gzipSync("hello\n")],
  ])("are refused: %s", (coding, body) => {
    expect(() => asked()().responses.decode(encoded(coding, Buffer.concat([body, Buffer.alloc(3)])))).toThrow(
      `3 bytes follow the end of the ${coding} data of the body`,
    );
    expect(() => asked()().responses.decode(encoded(coding, Buffer.concat([body, bytes("GARBAGE")])))).toThrow(
      FramingError,
    );
  });
  it("but gzip may go on with a second member", () => {
    const two = Buffer.concat([gzipSync("hello\n"), gzipSync("world\n")]);
    expect(shown(asked()().responses.decode(encoded("gzip", two))).slice(1)).toEqual(["body: hello\nworld\n", "|"]);
  });
});

describe("what is not as its encoding says is shown all the same", () => {
  const gzip = gzipSync("hello\n");
  const withFields = Buffer.concat([
    bytes("\x1f\x8b\x08\x1e\0\0\0\0\0\x03\x02\0abname\0comment\0\xa0\xf0"),
    gzip.subarray(10),
  ]);
  const stray = bytes("GARBAGE");
  it.each<[string, string, Uint8Array, string, readonly string[]]>([
    [
      "bytes after br",
      "br",
      Buffer.concat([brotliCompressSync("hello\n"), stray]),
      "7 bytes follow",
      ["body: hello\n", "cut: GARBAGE"],
    ],
    [
      "bytes after deflate",
      "deflate",
      Buffer.concat([deflateSync("hello\n"), stray]),
      "7 bytes follow",
      ["body: hello\n", "cut: GARBAGE"],
    ],
    ["bytes after gzip", "gzip", Buffer.concat([gzip, stray]), "7 bytes follow", ["body: hello\n", "cut: GARBAGE"]],
    [
      "bytes after gzip with all kinds of fields",
      "gzip",
      Buffer.concat([withFields, stray]),
      "7 bytes follow",
      ["body: hello\n", "cut: GARBAGE"],
    ],
    [
      "half a second member",
      "gzip",
      Buffer.concat([gzip, gzip.subarray(0, 10)]),
      "the gzip data of the body is incomplete",
      ["body: hello\n"],
    ],
    ["a part of gzip", "gzip", gzip.subarray(0, -3), "the gzip data of the body is incomplete", ["body: hello\n"]],
    ["one byte of gzip", "gzip", gzip.subarray(0, 1), "the gzip data of the body is incomplete", ["cut: \x1f"]],
    ["plain text", "gzip", bytes("hello\n"), "the body is not gzip as its encoding says", ["cut: hello\n"]],
    ["text under another coding", "gzip, br", brotliCompressSync("hello\n"), "the body is not gzip", ["cut: hello\n"]],
  ])("%s", (_name, coding, body, message, shows) => {
    const response = encoded(coding, body);
    for (const pieces of [[response], [...response].map((byte) => Uint8Array.of(byte))]) {
      const one = asked()();
      const seen: Decoded[] = [];
      let error: unknown;
      for (const piece of pieces) {
        try {
          seen.push(...one.responses.decode(piece));
        } catch (thrown) {
          error = thrown;
        }
      }
      expect(error).toBeInstanceOf(FramingError);
      expect((error as FramingError).message).toContain(message);
      expect(shown([...seen, ...(error as FramingError).messages]).slice(1)).toEqual(shows);
    }
  });

  it("also where the close ends the body", () => {
    const one = asked()();
    one.responses.decode(bytes(`${OK}Content-Encoding: gzip\r\n\r\nhello`));
    try {
      one.responses.flush("closed");
      expect.unreachable();
    } catch (error) {
      expect(shown((error as FramingError).messages)).toEqual(["cut: hello"]);
    }
  });
});

it("a body that the close ends is not complete where the connection broke", () => {
  const { responses } = asked()();
  responses.decode(bytes(`${OK}\r\nhello`));
  expect(shown(responses.flush("broken"))).toEqual(["body: hello"]);
  expect(responses.pending).toBe("message");
  expect(responses.begun.where).toBe("in the middle of the body, which a proper close ends");
});

describe("where a response was cut off", () => {
  const chunks = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
  it.each([
    ["HTTP/1.1 20", "in the middle of the status line"],
    [OK, "in the middle of the head, before the empty line that ends it"],
    [`${OK}X: a`, "in the middle of the head, before the empty line that ends it"],
    [`${OK}Content-Length: 23\r\n\r\nresponse content`, "after 16 of 23 bytes of the body"],
    [chunks, "before the last chunk"],
    [`${chunks}5`, "in the middle of the size of a chunk"],
    [`${chunks}5\r\nhel`, "after 3 of 5 bytes of a chunk"],
    [`${chunks}5\r\nhello`, "before the CRLF that ends a chunk"],
    [`${chunks}5\r\nhello\r`, "before the CRLF that ends a chunk"],
    [`${chunks}0\r\nX: a\r\n`, "in the middle of the trailers, before the empty line that ends them"],
    [`${OK}Content-Type: text/event-stream\r\nContent-Length: 9\r\n\r\n`, "after 0 of 9 bytes of the body"],
    ["", undefined],
    [`${OK}\r\nhello`, undefined],
    [`${OK}Content-Length: 2\r\n\r\nhi`, undefined],
  ])("%j: %s", (response, where) => {
    const one = asked()();
    one.responses.decode(bytes(response));
    one.responses.flush("closed");
    expect(one.responses.begun.where).toBe(where);
    expect(one.responses.pending).toBe(where === undefined ? "nothing" : "message");
    expect(one.responses.flush("closed")).toEqual([]);
  });
});
