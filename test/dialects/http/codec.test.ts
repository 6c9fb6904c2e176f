import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import type { Eol } from "../../../src/base/settings.ts";
import { type Codec, FramingError, type Message } from "../../../src/dialects/dialect.ts";
import { http } from "../../../src/dialects/http/http.ts";
import { bytes, codec, decodeBothWays, request, shown } from "./support.ts";

beforeAll(() => http.load?.({}));

const OK = "HTTP/1.1 200 OK\r\n";
const asked =
  (line = "GET / HTTP/1.1", reply: readonly string[] = [], eol: Eol = "crlf"): (() => Codec) =>
  () => {
    const one = codec({}, { eol });
    request(one, [line], reply);
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
    shows: [`head: ${OK}\r\n`, "body: hello\nworld", "|"],
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
      "head: HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
      "|",
      "body: hello\nHTTP/1.1 5",
    ],
  },
  {
    name: "a tunnel",
    ask: asked("CONNECT a:1 HTTP/1.1"),
    response: `${OK}Content-Length: 3\r\n\r\nhello\n`,
    shows: [`head: ${OK}Content-Length: 3\r\n\r\n`, "|", "body: hello\n"],
  },
  {
    name: "a tunnel refused",
    ask: asked("CONNECT a:1 HTTP/1.1"),
    response: "HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nno\n",
    shows: ["head: HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\n", "body: no\n", "|"],
  },
  {
    name: "lines that end with LF alone, where any ending will do",
    ask: asked("GET / HTTP/1.1", [], "any"),
    response: "HTTP/1.1 200 OK\nContent-Length: 2\r\n\nhi",
    shows: ["head: HTTP/1.1 200 OK\nContent-Length: 2\r\n\n", "body: hi", "|"],
  },
  {
    name: "lines that end with LF alone, where a suffix says so",
    ask: asked("GET / HTTP/1.1", ["HTTP/1.1 200 (lf)"]),
    response: "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
    shows: ["head: HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", "|"],
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
      "|",
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
    const [whole] = decodeBothWays(asked(), encoded("gzip, zstd", bytes("a\nb\n")));
    expect(whole!.slice(1)).toEqual(["body: a\nb\n", "|"]);
  });

  it("of nothing are nothing", () => {
    const [whole] = decodeBothWays(asked(), encoded("gzip", new Uint8Array()));
    expect(whole!.slice(1)).toEqual(["|"]);
  });

  it("show the events of a stream as they come", () => {
    const one = asked()();
    one.decode(bytes(`${OK}Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n`));
    const stream = gzipSync("data: 1\n\ndata: 2\n\n");
    const seen: string[] = [];
    for (const byte of stream) for (const { lines } of one.decode(Uint8Array.of(byte))) seen.push(...lines);
    expect(seen).toEqual(["data: 1\n", "\n", "data: 2\n", "\n"]);
    expect(shown(one.end(true))).toEqual(["|"]);
  });

  it("show the events at the end where they cost too much", () => {
    const one = codec({}, { limit: 10_000 });
    request(one, ["GET / HTTP/1.1"]);
    one.decode(bytes(`${OK}Content-Type: text/event-stream\r\nContent-Encoding: br\r\n\r\n`));
    const events = "data: 1\n\n".repeat(100);
    const seen = [...brotliCompressSync(events)].flatMap((byte) => one.decode(Uint8Array.of(byte)));
    expect(seen).toEqual([]);
    expect(shown(one.end(true))).toEqual([`body: ${events}`, "|"]);
  });

  it("that are cut off show what there is", () => {
    const one = asked()();
    const stream = gzipSync(bytes(TEN));
    one.decode(encoded("gzip", stream).subarray(0, -12));
    const rest = one.end(true);
    expect(TEN.startsWith(rest.flatMap(({ lines }) => lines).join(""))).toBe(true);
    expect(rest.at(-1)?.lines.length).toBeGreaterThan(0);
    expect(rest.some(({ complete }) => complete)).toBe(false);
  });
});

describe("what a connection owes", () => {
  it("is counted by final responses", () => {
    const one = codec();
    expect(one.owed).toBe(0);
    request(one, ["GET / HTTP/1.1"]);
    request(one, ["GET / HTTP/1.1"]);
    expect(one.owed).toBe(2);
    one.decode(bytes(`HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 1\r\n\r\n`));
    expect(one.owed).toBe(2);
    one.decode(bytes("x"));
    expect(one.owed).toBe(1);
    one.decode(bytes(`${OK}Content-Length: 0\r\n\r\n${OK}Content-Length: 0\r\n\r\n`));
    expect(one.owed).toBe(0);
  });

  it("cannot be told behind a change of protocol, where lines go as they stand", () => {
    const one = asked()();
    one.decode(bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    expect(one.owed).toBeGreaterThan(0);
    expect(request(one, ["hello", "world"])).toBe("hello\r\nworld\r\n");
    expect(one.resendable).toBe(false);
  });
});

describe("a connection is over", () => {
  const over = (response: string, line?: string, closed = false): boolean | undefined => {
    const one = asked(line)();
    one.decode(bytes(response));
    if (closed) one.end(true);
    return one.over;
  };
  it("where the response says so, and not before its end", () => {
    expect(over(`${OK}Content-Length: 2\r\nConnection: close\r\n\r\nh`)).toBe(false);
    expect(over(`${OK}Content-Length: 2\r\nConnection: close\r\n\r\nhi`)).toBe(true);
    expect(over("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")).toBe(true);
    expect(over(`${OK}\r\nhi`, undefined, true)).toBe(true);
  });
  it("where the request said so", () => {
    const one = codec();
    request(one, ["GET / HTTP/1.1", "Connection: TE, Close"]);
    one.decode(bytes(`${OK}Content-Length: 0\r\n\r\n`));
    expect(one.over).toBe(true);
  });
  it("but is kept otherwise", () => {
    expect(over(`${OK}Content-Length: 0\r\n\r\n`)).toBe(false);
    expect(over(`${OK}\r\n`, "HEAD / HTTP/1.1")).toBe(false);
    expect(over("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")).toBe(false);
  });
});

describe("a line without LF", () => {
  const seen = (reply: string): readonly string[] => {
    const one = asked("GET / HTTP/1.1", ["HTTP/1.1 200", "", reply])();
    one.decode(bytes(`${OK}\r\none\n`));
    const messages = [...one.decode(bytes("tw")), ...one.end(false), ...one.decode(bytes("o\n"))];
    return messages.flatMap(({ lines }) => lines);
  };
  it("is held", () => expect(seen("two")).toEqual(["two\n"]));
  it("is given out at once where the reply awaits one", () => {
    expect(seen("tw (no-eol)")).toEqual(["tw", "o\n"]);
    expect(seen('"tw" (hex)')).toEqual(["tw", "o\n"]);
  });
});

describe("bytes after the end of what is encoded", () => {
  it.each([
    ["deflate", deflateSync("hello\n")],
    ["deflate", deflateRawSync("hello\n")],
    ["br", brotliCompressSync("hello\n")],
    ["gzip", gzipSync("hello\n")],
  ])("are refused: %s", (coding, body) => {
    expect(() => asked()().decode(encoded(coding, Buffer.concat([body, Buffer.alloc(3)])))).toThrow(
      `3 bytes follow the end of the ${coding} data of the body`,
    );
    expect(() => asked()().decode(encoded(coding, Buffer.concat([body, bytes("GARBAGE")])))).toThrow(FramingError);
  });
  it("but gzip may go on with a second member", () => {
    const two = Buffer.concat([gzipSync("hello\n"), gzipSync("world\n")]);
    expect(shown(asked()().decode(encoded("gzip", two))).slice(1)).toEqual(["body: hello\nworld\n", "|"]);
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
      const seen: Message[] = [];
      let error: unknown;
      for (const piece of pieces) {
        try {
          seen.push(...one.decode(piece));
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
    one.decode(bytes(`${OK}Content-Encoding: gzip\r\n\r\nhello`));
    try {
      one.end(true);
      expect.unreachable();
    } catch (error) {
      expect(shown((error as FramingError).messages)).toEqual(["cut: hello"]);
    }
  });
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
    ["", undefined],
    [`${OK}\r\nhello`, undefined],
    [`${OK}Content-Length: 2\r\n\r\nhi`, undefined],
  ])("%j: %s", (response, where) => {
    const one = asked()();
    one.decode(bytes(response));
    one.end(true);
    expect(one.stopped?.where).toBe(where);
  });
});
