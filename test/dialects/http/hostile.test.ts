import { deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Codec, Decoded } from "../../../src/dialects/codec.ts";
import { FramingError } from "../../../src/dialects/errors.ts";
import { http } from "../../../src/dialects/http/http.ts";
import { bytes, connection, request, shown } from "./support.ts";

beforeAll(() => http.load?.({}));

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const LF_CHUNKS = "ends with LF, expected CRLF";
const broken: readonly [response: string, message: string][] = [
  [`${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`, "the size of a chunk is not a hexadecimal number"],
  [`${CHUNKED}zz\r\nhello\r\n0\r\n\r\n`, "the size of a chunk is not a hexadecimal number"],
  [`${CHUNKED}\r\nhello\r\n0\r\n\r\n`, "the size of a chunk is not a hexadecimal number"],
  [`${CHUNKED}5 x\r\nhello\r\n0\r\n\r\n`, "the size of a chunk is not a hexadecimal number before CRLF"],
  [`${CHUNKED}5\r\r\nhello\r\n0\r\n\r\n`, "the size of a chunk is not a hexadecimal number before CRLF"],
  [`${CHUNKED}ffffffffffffffffff\r\nhello`, "the size of a chunk is too large"],
  [`${CHUNKED}5;\x01\r\nhello\r\n0\r\n\r\n`, "the extension after the size of a chunk is malformed"],
  [`${CHUNKED}5;a="\r\nhello\r\n0\r\n\r\n`, "the extension after the size of a chunk is malformed"],
  [`${CHUNKED}5;a=${"b".repeat(70_000)}`, "the line with the size of a chunk is larger than"],
  [
    `${CHUNKED}2\r\nhello\r\n0\r\n\r\n`,
    'a chunk does not end where its size says: "l" follows its 2 bytes, expected CRLF',
  ],
  [`${CHUNKED}6\r\nhello\r\n0\r\n\r\n`, "follows its 6 bytes, expected CRLF"],
  [`${CHUNKED}5\r\nhello\n0\r\n\r\n`, "a chunk does not end where its size says"],
  [`${CHUNKED}5\nhello\r\n0\r\n\r\n`, LF_CHUNKS],
  [`${CHUNKED}5;a\nhello\r\n0\r\n\r\n`, LF_CHUNKS],
  [`${CHUNKED}5\r\nhello\r\n0\n\r\n`, LF_CHUNKS],
  [`${CHUNKED}5\r\nhello\r\n0\r\n\n`, LF_CHUNKS],
  [`${CHUNKED}0\r\nX: a\r\n\n`, "the empty line after the trailers ends with LF, expected CRLF"],
  [`${CHUNKED}0\r\nno trailer\r\n\r\n`, "a line among the trailers has no colon"],
  [`${OK}Content-Length: -1\r\n\r\n`, 'the Content-Length of the response is not a number of bytes: "-1"'],
  [`${OK}Content-Length: 5\xa0\r\n\r\n`, "the Content-Length of the response is not a number of bytes"],
  [`${OK}Content-Length:\r\n\r\n`, "the Content-Length of the response is not a number of bytes"],
  [`${OK}Content-Length: 5, 5\r\n\r\n`, "the response has two Content-Length headers, or one with two values"],
  [`${OK}Content-Length: 99999999999999999999999\r\n\r\n`, "the Content-Length of the response is too large"],
  [`${OK}Content-Length: 18446744073709551621\r\n\r\nhello`, "the Content-Length of the response is too large"],
  [`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, 'two Content-Length headers that differ: "5" and "6"'],
  [`${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`, "the response has two Content-Length headers"],
  [
    `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    "the response has both Content-Length and Transfer-Encoding",
  ],
  [
    `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
    "the response has both Content-Length and Transfer-Encoding",
  ],
  [`${OK}Transfer-Encoding: chunked, chunked\r\n\r\n`, "names chunked twice"],
  [`${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: Chunked\r\n\r\n`, "names chunked twice"],
  [`${OK}Transfer-Encoding: chunked, gzip\r\n\r\n`, "names another coding after chunked"],
  [`${OK}Transfer-Encoding: chunked;a=b\r\n\r\n`, "chunked takes no parameters"],
  [`${OK}Transfer-Encoding: \r\n\r\n`, "the Transfer-Encoding of the response is malformed"],
  [
    `${OK}Transfer-Encoding: \x0bchunked\r\n\r\n`,
    'the value of the header "Transfer-Encoding" holds a control character',
  ],
  ["HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "a Transfer-Encoding, which HTTP/1.0 does not know"],
  [`${OK}X: a\r\n folded\r\n\r\n`, "a header goes on in a second line, which HTTP/1.1 forbids"],
  [`${OK}X: a\0b\r\n\r\n`, 'the value of the header "X" holds a NUL'],
  [`${OK}X: a\x1bb\r\n\r\n`, 'the value of the header "X" holds a control character'],
  [`${OK}X\0: a\r\n\r\n`, "the name of a header holds a character that is not allowed there"],
  [`${OK}X : a\r\n\r\n`, "white space stands before the colon of a header"],
  [`${OK}: a\r\n\r\n`, "a header has no name before its colon"],
  [`${OK}no header\r\n\r\n`, "a line among the headers has no colon"],
  [`${OK}X: a\rb\r\n\r\n`, 'the value of the header "X" holds a CR that is not part of a line ending'],
  [`${OK}X: a\r\r\n\r\n`, 'the value of the header "X" holds a CR that is not part of a line ending'],
  ["HTTP/1.1 20 OK\r\n\r\n", "the status line has no valid status code (100 to 999, after one space)"],
  ["HTTP/1.1 000 OK\r\n\r\n", "the status line has no valid status code (100 to 999, after one space)"],
  [`${OK}Content-Length: 5,\r\n\r\n`, 'two Content-Length headers that differ: "5" and ""'],
  ["HTTP/1.1 2000 OK\r\n\r\n", "the status line has no valid status code (100 to 999, after one space)"],
  ["HTTP/1.1  200 OK\r\n\r\n", "the status line has no valid status code (100 to 999, after one space)"],
  ["HTTP/1.1 200 O\rK\r\n\r\n", "the reason in the status line holds a CR that is not part of a line ending"],
  ["HTTP/1.1 200 OK\r\r\n\r\n", "the reason in the status line holds a CR that is not part of a line ending"],
  ["HTTP/1.1 200\r\r\n\r\n", "the status line has no valid status code (100 to 999, after one space)"],
  ["HTTP/1.1 200 O\0K\r\n\r\n", "the reason in the status line holds a NUL"],
  ["HTTP/1.1 200 O\x1b[31mK\r\n\r\n", "the reason in the status line holds a control character"],
  ["HTTP/1.7 200 OK\r\n\r\n", 'the status line names "HTTP/1.7"'],
  ["HTTP/2 200\r\n\r\n", 'the status line names "HTTP/2"'],
  ["SSH-2.0-OpenSSH_9.6\r\n", 'it sent "SSH-2.0-OpenSSH_9.6" where a status line is expected'],
  ["220 mail.example.com ESMTP\r\n", "the server does not speak HTTP/1"],
  ["\x15\x03\x03\0\x02\x02\x28", 'the server does not speak HTTP/1: it sent "\\x15\\x03\\x03'],
  ["RTSP/1.0 200 OK\r\n\r\n", "the server does not speak HTTP/1"],
  ["<!DOCTYPE html>\r\n", "the server does not speak HTTP/1"],
  ["MARKET 1 ready\r\n", 'it sent "MARKET 1 ready" where a status line is expected'],
  ["http/1.1 200 OK\r\n\r\n", "where a status line is expected"],
  [`\r\n${OK}`, "an empty line stands before the status line of the response"],
  [`\n${OK}`, "an empty line stands before the status line of the response"],
  [`\r${OK}`, "a CR stands before the status line of the response"],
  [` ${OK}`, "where a status line is expected"],
  [
    `${OK}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello`,
    "the body is not gzip as its encoding says: incorrect header check",
  ],
  [`${OK}Content-Encoding: ${"br,".repeat(6)}\r\n\r\n`, "the body is encoded 6 times, more than 5"],
];

describe.each(broken)("%j", (response, message) => {
  it("breaks the framing, whole", () => {
    const one = connection();
    request(one, ["GET / HTTP/1.1"]);
    expect(() => one.responses.decode(bytes(response))).toThrow(message);
    expect(() => one.responses.decode(bytes(response))).toThrow(FramingError);
  });
  it("breaks the framing, byte by byte", () => {
    const one = connection();
    request(one, ["GET / HTTP/1.1"]);
    expect(() => {
      for (const byte of bytes(response)) one.responses.decode(Uint8Array.of(byte));
    }).toThrow(message);
    expect(() => one.responses.flush("closed")).toThrow(message);
    expect(one.responses.pending).toBe("nothing");
  });
});

it.each([
  ["GET / HTTP/1.1 200 OK", "crlf"],
  ["MARKET 1 ready", "crlf"],
])("a text that is no status line is refused where no LF ends it: %s", (text) => {
  const one = connection();
  request(one, ["GET / HTTP/1.1"]);
  expect(one.responses.decode(bytes(text))).toEqual([]);
  expect(() => one.responses.flush("closed")).toThrow("where a status line is expected");
});

it("a greeting that comes before the first request is refused as the answer to it", () => {
  const one = connection();
  expect(one.responses.decode(bytes("SSH-2.0-example\r\n"))).toEqual([]);
  request(one, ["GET / HTTP/1.1"]);
  expect(() => one.responses.decode(bytes(""))).toThrow('it sent "SSH-2.0-example" where a status line is expected');
});

it.each([
  `HTTP/1${"1".repeat(5000)} 200 OK\r\n`,
  `HTTP/1.1 ${"2".repeat(5000)} OK\r\n`,
  `${OK}${"X".repeat(5000)}\r\n`,
  `${OK}${"X".repeat(5000)}: \0\r\n`,
  `${OK}Content-Length: ${"9".repeat(5000)}\r\n\r\n`,
  `${OK}Content-Length: ${"x".repeat(5000)}\r\n\r\n`,
  `${OK}Content-Length: ${Array.from({ length: 1000 }, (_, i) => i).join()}\r\n\r\n`,
  `${OK}Transfer-Encoding: ${"x(".repeat(5000)}\r\n\r\n`,
])("a message quotes little of a long line: %#", (response) => {
  const one = connection();
  request(one, ["GET / HTTP/1.1"]);
  expect(() => one.responses.decode(bytes(response))).toThrow(/^[\s\S]{20,250}$/);
});

it("what came before the error is told", () => {
  const one = connection();
  request(one, ["GET / HTTP/1.1"]);
  let error: unknown;
  try {
    one.responses.decode(bytes(`${CHUNKED}6\r\nhello\n\r\nzz\r\n`));
  } catch (thrown) {
    error = thrown;
  }
  expect(shown((error as FramingError).messages)).toEqual([`head: ${CHUNKED}`, "body: hello\n", "cut: zz\r\n"]);
});

it("one broken connection leaves others alone", () => {
  const [bad, good] = [connection(), connection()];
  request(bad, ["GET / HTTP/1.1"]);
  request(good, ["GET / HTTP/1.1"]);
  good.responses.decode(bytes(`${OK}Content-Length: 4\r\n\r\nh`));
  expect(() => bad.responses.decode(bytes("nonsense\n"))).toThrow(FramingError);
  expect(shown(good.responses.decode(bytes("i!\n")))).toEqual(["body: hi!\n", "|"]);
});

describe("any bytes", () => {
  const pieces = fc.constantFrom(
    OK,
    CHUNKED,
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Up\r\n\r\n",
    "HTTP/1.1 204 No\r\n\r\n",
    "Content-Length: 3\r\n",
    "Content-Type: text/event-stream\r\n",
    "Content-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "X: y\n",
    "3\r\nabc\r\n",
    "0\r\n",
    "\r\n",
    "\n",
    "abc",
  );
  const stream = fc
    .array(fc.oneof({ weight: 4, arbitrary: pieces }, fc.string({ maxLength: 2 })), { maxLength: 12 })
    .map((all) => bytes(all.join("")));
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });

  /** What two requests are answered with, and what breaks the framing; `look` is called before each piece. */
  function outcome(all: Buffer, cut: readonly number[], look: (one: Codec) => void = () => {}): readonly string[] {
    const one = connection();
    for (let i = 0; i < 2; i++) request(one, ["GET / HTTP/1.1"]);
    const decoded: Decoded[] = [];
    try {
      for (let at = 0, i = 0; at < all.length; i++) {
        look(one);
        const size = cut[Math.min(i, cut.length - 1)]!;
        decoded.push(...one.responses.decode(all.subarray(at, at + size)));
        at += size;
      }
      look(one);
      decoded.push(...one.responses.flush("closed"));
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      // How much of a line that is refused has come depends on where it was cut.
      const whole = [...decoded, ...error.messages].filter(({ part }) => part !== "cut");
      return [...shown(whole), `! ${error.message.replace(/".*"/, "")}`];
    }
    return shown(decoded);
  }

  it("are decoded or break the framing, the same in any pieces", () => {
    fc.assert(
      fc.property(stream, sizes, (all, cut) => {
        expect(outcome(all, cut)).toEqual(outcome(all, [Math.max(all.length, 1)]));
      }),
      { numRuns: 1000 },
    );
  });

  it("are all handed over where nothing is pending", () => {
    fc.assert(
      fc.property(stream, sizes, (all, cut) => {
        outcome(all, cut, ({ responses }) => {
          if (responses.pending !== "nothing") return;
          for (const why of ["bytes", "silence"] as const) expect(responses.flush(why)).toEqual([]);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe("the limit", () => {
  const limit = 10_000;
  const message = "the response is larger than the limit of 10 kB";
  const limited = (response: string | Uint8Array, requests = 1): readonly string[] => {
    const one = connection({}, { limit });
    for (let i = 0; i < requests; i++) request(one, ["GET / HTTP/1.1"]);
    return shown(one.responses.decode(typeof response === "string" ? bytes(response) : response));
  };
  const big = "x".repeat(limit);
  it.each([
    ["a head without an end", `${OK}X: ${big}`],
    ["a status line without an end", `HTTP/1.1 200 ${big}`],
    ["chunk extensions", `${CHUNKED}2;a=${big}\r\nok\r\n0\r\n\r\n`],
    ["many chunk extensions", `${CHUNKED}${"1;a=b\r\nx\r\n".repeat(limit / 10)}`],
    ["what follows the response", `${OK}Content-Length: 0\r\n\r\n${big}x`],
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
    expect(limited(`${OK}Content-Length: ${limit - 100}\r\n\r\n${big.slice(100)}`.repeat(3), 3).length).toBe(9);
  });

  it.each([
    ["a change of protocol", "HTTP/1.1 101 Switching\r\n\r\n"],
    ["a stream of events", `${OK}Content-Type: text/event-stream\r\n\r\n`],
    ["what follows the response", `${OK}Content-Length: 0\r\n\r\n`],
  ])("counts lines anew after %s", (_name, head) => {
    const one = connection({}, { limit });
    request(one, ["GET / HTTP/1.1"]);
    one.responses.decode(bytes(head));
    for (let i = 0; i < 5; i++) one.responses.decode(bytes(`${big.slice(1)}\n`));
    one.responses.decode(bytes(big));
    expect(() => one.responses.decode(bytes("x"))).toThrow(message);
  });

  it("holds for a change of protocol", () => {
    const one = connection({}, { limit });
    request(one, ["GET / HTTP/1.1"]);
    one.responses.decode(bytes("HTTP/1.1 101 Switching\r\n\r\n"));
    expect(() => one.responses.decode(bytes(`${big}x`))).toThrow(message);
  });
});

function gzipped(coding: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([bytes(`${OK}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
}
