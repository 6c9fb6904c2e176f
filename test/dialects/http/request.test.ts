import { beforeAll, describe, expect, it } from "vitest";
import type { Codec, Encoded, Request } from "../../../src/dialects/codec.ts";
import { LineError } from "../../../src/dialects/errors.ts";
import { http } from "../../../src/dialects/http/http.ts";
import { connection, outgoing, request, sent } from "./support.ts";

beforeAll(() => http.load?.({}));

describe("a request is completed", () => {
  const cases: readonly [name: string, lines: readonly string[], sent: string][] = [
    ["the empty line and Host", ["GET / HTTP/1.1"], "GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"],
    [
      "behind headers",
      ["GET / HTTP/1.1", "Server: localhost"],
      "GET / HTTP/1.1\r\nHost: localhost:8080\r\nServer: localhost\r\n\r\n",
    ],
    ["a written Host stays", ["GET / HTTP/1.1", "hOST: x"], "GET / HTTP/1.1\r\nhOST: x\r\n\r\n"],
    ["HTTP/1.0 needs no Host", ["GET / HTTP/1.0"], "GET / HTTP/1.0\r\n\r\n"],
    ["a written empty line is not doubled", ["GET / HTTP/1.0", ""], "GET / HTTP/1.0\r\n\r\n"],
    [
      "Content-Length where there is a body",
      ["POST / HTTP/1.1", "Host: x", "", "hello", "world"],
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\nhello\r\nworld",
    ],
    [
      "an ending that is written counts",
      ["POST / HTTP/1.1", "Host: x", "", "hello (lf)"],
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhello\n",
    ],
    [
      "lines without endings are joined",
      ["POST / HTTP/1.1", "Host: x", "", "a (no-eol)", "b"],
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab",
    ],
    [
      "an empty body line is a body of no bytes",
      ["POST / HTTP/1.1", "Host: x", "", ""],
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    ],
    [
      "a written Content-Length stays, even a wrong one",
      ["POST / HTTP/1.1", "Host: x", "content-length: 99", "", "hello"],
      "POST / HTTP/1.1\r\nHost: x\r\ncontent-length: 99\r\n\r\nhello",
    ],
    [
      "under Transfer-Encoding the body goes as it stands",
      ["POST / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "", "2", "hi", "0", ""],
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    ],
    [
      "a target that is no ASCII",
      ["GET /caf\xc3\xa9 HTTP/1.1", "Host: x"],
      "GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
  ];
  it.each(cases)("%s", (_name, lines, sent) => {
    expect(request(connection(), lines)).toBe(sent);
  });

  it("with LF where the document's lines end so", () => {
    const sends = outgoing("GET / HTTP/1.1 (lf)");
    expect(sent(connection({}, { eol: "lf" }).requests.encode(sends))).toBe("GET / HTTP/1.1\nHost: localhost:8080\n\n");
  });

  it("not at all where the document says so", () => {
    expect(request(connection({ complete: false }), ["GET /", "no header", "", "body"])).toBe(
      "GET /\r\nno header\r\n\r\nbody\r\n",
    );
  });

  it("and nothing is sent for no line", () => {
    expect(request(connection(), [])).toBe("");
  });
});

describe("a mistake in a request", () => {
  const cases: readonly [lines: readonly string[], line: number, message: string][] = [
    [["GET /x"], 1, 'the request line has no version; write "GET /x HTTP/1.1"'],
    [["GET / HTTP/2"], 1, '"HTTP/2" is not spoken here'],
    [["hello"], 1, 'a request begins with a line like "GET / HTTP/1.1"'],
    [["", "GET / HTTP/1.1"], 1, 'a request begins with a line like "GET / HTTP/1.1"'],
    [["POST / HTTP/1.1", "Host: x", '{"a": 1}'], 3, "write an empty line between the headers and the body"],
    [["GET / HTTP/1.1", "Host"], 2, 'this line is not a header ("Name: value")'],
    [["GET / HTTP/1.1", "Host: x (no-eol)"], 2, "a line before the body needs a line ending"],
  ];
  it.each(cases)("%j", (lines, line, message) => {
    const begin = (): string => request(connection(), lines);
    expect(begin).toThrow(message);
    expect(begin).toThrow(expect.objectContaining({ line: expect.objectContaining({ line }) }) as Error);
    expect(begin).toThrow(LineError);
  });
});

const requestsOf = (encoded: Encoded): readonly Request[] => (encoded.withheld === undefined ? encoded.requests : []);

describe("the rest of a request", () => {
  const head = ["PUT /x HTTP/1.1", "Host: x", "Expect: 100-continue"];
  const ids = (one: Codec, lines: readonly string[], later?: readonly string[]): readonly number[] =>
    requestsOf(one.requests.encode(outgoing(...lines), later && outgoing(...later))).map(({ id }) => id);

  it("is sent in the next exchange, and its length with the head", () => {
    const one = connection();
    expect(request(one, head, ["hello", "world"])).toBe(`${head.join("\r\n")}\r\nContent-Length: 12\r\n\r\n`);
    expect(request(one, ["hello", "world"])).toBe("hello\r\nworld");
    expect(one.owed).toBe(1);
    expect(request(one, ["GET / HTTP/1.0"])).toBe("GET / HTTP/1.0\r\n\r\n");
    expect(one.owed).toBe(2);
  });

  it("is the same request, over several interim responses", () => {
    const one = connection();
    expect(ids(one, ["GET / HTTP/1.1"])).toEqual([0]);
    expect(ids(one, head, ["hello"])).toEqual([1]);
    expect(ids(one, ["hello"], [])).toEqual([1]);
    expect(ids(one, ["world"])).toEqual([1]);
    expect(ids(one, ["GET / HTTP/1.1"])).toEqual([2]);
  });

  it("goes as it stands under Transfer-Encoding", () => {
    const one = connection();
    request(one, ["PUT /x HTTP/1.1", "Transfer-Encoding: chunked"], ["0", ""]);
    expect(request(one, ["0", ""])).toBe("0\r\n\r\n");
  });

  it("is not sent to a server that has answered for good", () => {
    const one = connection();
    request(one, head, ["hello"]);
    one.responses.decode(Buffer.from("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"));
    expect(one.requests.encode(outgoing("hello")).withheld).toBe(
      "the server had given its final response to the request",
    );
    expect(one.owed).toBe(0);
    expect(request(one, ["GET / HTTP/1.0"])).toBe("GET / HTTP/1.0\r\n\r\n");
  });
});

describe("lines of another protocol", () => {
  it.each([["CONNECT a:1 HTTP/1.1"], ["GET / HTTP/1.1", "Connection: upgrade", "Upgrade: x"]])(
    "are sent after %s where the server changed to it, and else withheld",
    (...lines) => {
      const one = connection();
      request(one, lines);
      const withheld = "the server did not change the protocol";
      expect(one.requests.encode(outgoing("hello"))).toEqual({ withheld });
      one.responses.decode(Buffer.from("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"));
      expect(one.requests.encode(outgoing("hello"))).toEqual({ withheld });
      request(one, ["GET / HTTP/1.1"]);
      expect(() => request(one, ["hello"])).toThrow("a request begins with a line like");
      request(one, lines);
      one.responses.decode(Buffer.from("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 101 Up\r\n\r\n"));
      expect(request(one, ["hello"])).toBe("hello\r\n");
    },
  );
});

it("only an idempotent request may be sent once more", () => {
  const one = connection();
  const isIdempotent = (method: string): boolean | undefined =>
    requestsOf(one.requests.encode(outgoing(`${method} / HTTP/1.1`)))[0]?.isIdempotent;
  expect(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].map(isIdempotent)).not.toContain(false);
  expect(["POST", "PATCH", "CONNECT", "get"].map(isIdempotent)).not.toContain(true);
});

describe("a request that is sent again", () => {
  it("is the same bytes, and has a response of its own", () => {
    const client = connection();
    for (const lines of [["GET / HTTP/1.1"], ["POST / HTTP/1.1", "", "a", "b"]]) {
      const first = request(client, lines);
      expect(request(client, lines)).toBe(first);
    }
    expect(client.owed).toBe(4);
  });

  it("is told from one whose lines are divided elsewhere, or end otherwise", () => {
    const client = connection();
    const requests = [
      ["POST / HTTP/1.1", "", "a", "b"],
      ["POST / HTTP/1.1", "", "ab"],
      ["POST / HTTP/1.1", "", "a (lf)", "b"],
      ["POST / HTTP/1.1", "", "a", "b (lf)"],
    ].map((lines) => [request(client, lines), request(connection(), lines)]);
    for (const [again, alone] of requests) expect(again).toBe(alone);
  });
});
