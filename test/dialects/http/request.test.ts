import { beforeAll, describe, expect, it } from "vitest";
import { LineError } from "../../../src/dialects/dialect.ts";
import { http } from "../../../src/dialects/http/http.ts";
import { codec, expected, outgoing, request } from "./support.ts";

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
    expect(request(codec(), lines)).toBe(sent);
  });

  it("with LF where the document's lines end so", () => {
    const sends = outgoing("GET / HTTP/1.1 (lf)");
    const sent = codec({}, { eol: "lf" }).begin({ sends, expects: [] });
    expect(Buffer.from(sent).toString()).toBe("GET / HTTP/1.1\nHost: localhost:8080\n\n");
  });

  it("not at all where the document says so", () => {
    expect(request(codec({ complete: false }), ["GET /", "no header", "", "body"])).toBe(
      "GET /\r\nno header\r\n\r\nbody\r\n",
    );
  });

  it("and nothing is sent for no line", () => {
    expect(request(codec(), [], ["HTTP/1.1 200"])).toBe("");
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
    const begin = (): string => request(codec(), lines);
    expect(begin).toThrow(message);
    expect(begin).toThrow(expect.objectContaining({ line: expect.objectContaining({ line }) }) as Error);
    expect(begin).toThrow(LineError);
  });
});

describe("the rest of a request", () => {
  const head = ["PUT /x HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 11"];

  it("follows an interim response that is written", () => {
    const one = codec();
    expect(request(one, head, ["HTTP/1.1 100 Continue"])).toBe(`${head.join("\r\n")}\r\n\r\n`);
    expect(request(one, ["hello", "wor"], ["HTTP/1.1 201 Created"])).toBe("hello\r\nwor");
    expect(one.owed).toBe(1);
    expect(request(one, ["GET / HTTP/1.0"])).toBe("GET / HTTP/1.0\r\n\r\n");
    expect(one.owed).toBe(2);
  });

  it("goes on over several interim responses", () => {
    const one = codec();
    request(one, head, ["HTTP/1.1 100"]);
    expect(request(one, ["hello"], ["HTTP/1.1 102 Processing"])).toBe("hello");
    expect(request(one, ["world"], ["HTTP/1.1 201 Created"])).toBe("world");
  });

  it("goes as it stands under Transfer-Encoding", () => {
    const one = codec();
    request(one, ["PUT /x HTTP/1.1", "Transfer-Encoding: chunked"], ["HTTP/1.1 100 Continue"]);
    expect(request(one, ["0", ""], ["HTTP/1.1 201 Created"])).toBe("0\r\n\r\n");
  });

  it("follows an interim response that is read later", () => {
    const one = codec();
    request(one, head);
    one.begin({ sends: [], expects: expected("HTTP/1.1 100 Continue") });
    expect(request(one, ["hello"])).toBe("hello");
  });

  it("is no matter of what a body says", () => {
    const one = codec();
    request(one, head, ["HTTP/1.1 200", "", "HTTP/1.1 100 Continue"]);
    expect(request(one, ["GET / HTTP/1.0"])).toBe("GET / HTTP/1.0\r\n\r\n");
  });

  it("is not sent to a server that has answered for good", () => {
    const one = codec();
    request(one, head, ["HTTP/1.1 100 Continue"]);
    one.decode(Buffer.from("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"));
    expect(request(one, ["hello"], ["HTTP/1.1 201 Created"])).toBe("");
    expect(one.owed).toBe(0);
    expect(request(one, ["GET / HTTP/1.0"])).toBe("GET / HTTP/1.0\r\n\r\n");
  });

  it("is another request where both responses are written in one reply", () => {
    const one = codec();
    request(one, ["GET / HTTP/1.0"], ["HTTP/1.1 103 Early Hints", "", "HTTP/1.1 200 OK"]);
    expect(request(one, ["GET /b HTTP/1.0"])).toBe("GET /b HTTP/1.0\r\n\r\n");
  });
});

it("only an idempotent request may be sent once more", () => {
  const one = codec();
  const resendable = (method: string): boolean | undefined => {
    request(one, [`${method} / HTTP/1.1`]);
    return one.resendable;
  };
  expect(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].map(resendable)).not.toContain(false);
  expect(["POST", "PATCH", "CONNECT", "get"].map(resendable)).not.toContain(true);
  request(one, ["GET / HTTP/1.1"]);
  one.begin({ sends: [], expects: expected("x") });
  expect(one.resendable).toBe(false);
});
