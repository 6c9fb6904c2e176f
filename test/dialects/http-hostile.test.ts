import { deflateRawSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { FramingError } from "../../src/dialects/dialect.ts";
import { http } from "../../src/dialects/http.ts";
import { bytes, codec, request, shown } from "./http-support.ts";

beforeAll(() => http.load?.({}));

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const broken: readonly [response: string, message: string][] = [
  [`${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`, "the size of a chunk is not a hexadecimal number before CRLF"],
  [`${CHUNKED}zz\r\nhello\r\n0\r\n\r\n`, "the size of a chunk is not a hexadecimal number before CRLF"],
  [`${CHUNKED}\r\nhello\r\n0\r\n\r\n`, "the size of a chunk is not a hexadecimal number before CRLF"],
  [`${CHUNKED}ffffffffffffffffff\r\nhello`, "the size of a chunk is too large a number"],
  [`${CHUNKED}5;\x01\r\nhello\r\n0\r\n\r\n`, "the extension behind the size of a chunk is malformed"],
  [`${CHUNKED}2\r\nhello\r\n0\r\n\r\n`, "a chunk does not end where its size says"],
  [`${OK}Content-Length: -1\r\n\r\n`, "the Content-Length of the response is no number of bytes"],
  [`${OK}Content-Length: 5, 5\r\n\r\n`, "the Content-Length of the response is no number of bytes"],
  [`${OK}Content-Length: 99999999999999999999999\r\n\r\n`, "the Content-Length of the response is no number of bytes"],
  [`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, "the response has two Content-Length headers"],
  [`${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`, "the response has two Content-Length headers"],
  [
    `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    "the response has both Content-Length and Transfer-Encoding",
  ],
  [
    `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
    "the response has both Content-Length and Transfer-Encoding",
  ],
  [`${OK}X: a\r\n folded\r\n\r\n`, "a header goes on in a second line, which HTTP/1.1 forbids"],
  [`${OK}X: a\0b\r\n\r\n`, "the value of a header holds a control character"],
  [`${OK}X\0: a\r\n\r\n`, 'a line among the headers is no "Name: value"'],
  [`${OK}no header\r\n\r\n`, 'a line among the headers is no "Name: value"'],
  [`${OK}X: a\rb\r\n\r\n`, "a line of the response holds a CR that no LF follows"],
  ["HTTP/1.1 20 OK\r\n\r\n", "the status line holds no status code of three digits"],
  ["HTTP/1.7 200 OK\r\n\r\n", "the status line names no version of HTTP/1"],
  ["SSH-2.0-OpenSSH_9.6\r\n", "what the server sends is no HTTP/1.x response"],
  ["RTSP/1.0 200 OK\r\n\r\n", "what the server sends is no HTTP/1.x response"],
  [
    `${OK}Connection: close\r\nContent-Length: 1\r\n\r\nab`,
    "the server sends more after a response that ends the connection",
  ],
  [`${OK}Content-Length: 1\r\n\r\nab`, "what the server sends is no HTTP/1.x response"],
  [
    `${OK}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello`,
    "the body is not gzip as its encoding says: incorrect header check",
  ],
  [`${OK}Content-Encoding: ${"br,".repeat(6)}\r\n\r\n`, "the body is encoded 6 times, more than 5"],
];

describe.each(broken)("%j", (response, message) => {
  it("breaks the framing, whole", () => {
    const one = codec();
    request(one, ["GET / HTTP/1.1"]);
    expect(() => one.decode(bytes(response))).toThrow(message);
    expect(() => one.decode(bytes(response))).toThrow(FramingError);
  });
  it("breaks the framing, byte by byte", () => {
    const one = codec();
    request(one, ["GET / HTTP/1.1"]);
    expect(() => {
      for (const byte of bytes(response)) one.decode(Uint8Array.of(byte));
    }).toThrow(message);
    expect(() => one.end(true)).toThrow(message);
  });
});

it("what came before the error is told", () => {
  const one = codec();
  request(one, ["GET / HTTP/1.1"]);
  let error: unknown;
  try {
    one.decode(bytes(`${CHUNKED}6\r\nhello\n\r\nzz\r\n`));
  } catch (thrown) {
    error = thrown;
  }
  expect(shown((error as FramingError).messages)).toEqual([`head: ${CHUNKED}`, "body: hello\n"]);
});

it("one broken connection leaves others alone", () => {
  const [bad, good] = [codec(), codec()];
  request(bad, ["GET / HTTP/1.1"]);
  request(good, ["GET / HTTP/1.1"]);
  good.decode(bytes(`${OK}Content-Length: 4\r\n\r\nh`));
  expect(() => bad.decode(bytes("nonsense"))).toThrow(FramingError);
  expect(shown(good.decode(bytes("i!\n")))).toEqual(["body: hi!\n", "|"]);
});

describe("the limit", () => {
  const limit = 10_000;
  const message = "the response is larger than the limit of 10 kB";
  const limited = (response: string | Uint8Array): readonly string[] => {
    const one = codec({}, { limit });
    request(one, ["GET / HTTP/1.1"]);
    return shown(one.decode(typeof response === "string" ? bytes(response) : response));
  };
  const big = "x".repeat(limit);
  it.each([
    ["a head without an end", `${OK}X: ${big}`],
    ["empty lines without an end", "\r\n".repeat(limit)],
    ["many headers", `${OK}${"X: y\r\n".repeat(limit)}`],
    ["a body", `${OK}\r\n${big}`],
    ["chunks", `${CHUNKED}${`1\r\nx\r\n`.repeat(limit)}`],
    ["trailers", `${CHUNKED}0\r\nX: ${big}`],
    ["interim responses without an end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(limit)],
    ["a body that swells", gzipped("gzip", gzipSync(Buffer.alloc(1_000_000)))],
    ["a body that swells, without a header", gzipped("deflate", deflateRawSync(Buffer.alloc(1_000_000)))],
    ["an encoded body", gzipped("gzip", Buffer.alloc(limit + 1))],
  ])("holds for %s", (_name, response) => {
    expect(() => limited(response)).toThrow(message);
  });

  it("lets pass what is within it", () => {
    expect(limited(`${OK}Content-Length: ${limit - 100}\r\n\r\n${big.slice(100)}`).at(-1)).toBe("|");
    expect(limited(`${OK}Content-Length: ${limit - 100}\r\n\r\n${big.slice(100)}`.repeat(3)).length).toBe(9);
  });

  it("holds for a change of protocol", () => {
    const one = codec({}, { limit });
    request(one, ["GET / HTTP/1.1"]);
    one.decode(bytes("HTTP/1.1 101 Switching\r\n\r\n"));
    expect(() => one.decode(bytes(`${big}x`))).toThrow(message);
  });
});

function gzipped(coding: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([bytes(`${OK}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
}
