/** What the old player asks of its codec beyond what comes. It goes with that codec. */
import { describe, expect, it } from "vitest";
import { bytes, codec, request } from "./support.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const GET = ["GET / HTTP/1.0"];

it("after a change of protocol lines go as they stand", () => {
  const one = codec();
  request(one, GET, ["HTTP/1.1 101"]);
  one.decode(bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  expect([one.owed, one.over]).toEqual([1, false]);
  expect(request(one, ["hello", "world"])).toBe("hello\r\nworld\r\n");
  expect(one.resendable).toBe(false);
});

it("a change of protocol that is not awaited ends the connection", () => {
  const one = codec();
  request(one, GET, ["HTTP/1.1 200"]);
  one.decode(bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  expect(one.over).toBe(true);
});

it("lines of a protocol that was refused are kept back", () => {
  const one = codec();
  request(one, GET, ["HTTP/1.1 101"]);
  one.decode(bytes(`${OK}Content-Length: 0\r\n\r\n`));
  expect(request(one, ["hello"])).toBe("");
  expect(one.keptBack).toBe("the server did not change the protocol");
});

describe("a connection is over", () => {
  const over = (response: string, closed = false): boolean | undefined => {
    const one = codec();
    request(one, GET);
    one.decode(bytes(response));
    if (closed) one.end(true);
    return one.over;
  };
  it("where the response says so, and not before its end", () => {
    expect(over(`${OK}Content-Length: 2\r\nConnection: close\r\n\r\nh`)).toBe(false);
    expect(over(`${OK}Content-Length: 2\r\nConnection: close\r\n\r\nhi`)).toBe(true);
    expect(over(`${OK}\r\nhi`, true)).toBe(true);
  });
  it("where more follows the response", () => {
    expect(over(`${OK}Content-Length: 0\r\n\r\n\r\n`)).toBe(false);
    expect(over(`${OK}Content-Length: 0\r\n\r\nx`)).toBe(true);
  });
});

describe("a line without LF", () => {
  const seen = (reply: string): readonly string[] => {
    const one = codec();
    request(one, GET, ["HTTP/1.1 200", "", reply]);
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

it("a request that goes on in the next exchange counts from there", () => {
  const one = codec();
  const head = ["PUT /x HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 11"];
  expect(request(one, head, ["HTTP/1.1 100 Continue"])).toBe(`${head.join("\r\n")}\r\n\r\n`);
  expect(one.asked).toBe(0);
  expect(request(one, ["hello", "wor"], ["HTTP/1.1 201 Created"])).toBe("hello\r\nwor");
  expect(one.asked).toBe(1);
});

it("a request that goes on is not sent to a server that has answered for good", () => {
  const one = codec();
  request(one, ["PUT / HTTP/1.0", "Expect: 100-continue"], ["HTTP/1.1 100 Continue"]);
  one.decode(bytes("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"));
  expect(request(one, ["hello"])).toBe("");
  expect(one.keptBack).toBe("the server had given its final response to the request");
});

it("it is idle between a response and the next request", () => {
  const one = codec();
  expect(one.isIdle).toBe(true);
  request(one, GET);
  expect(one.isIdle).toBe(false);
  one.decode(bytes(`${OK}Content-Length: 0\r\n\r\n`));
  expect(one.isIdle).toBe(true);
});

it("what comes before the first request is no message under way", () => {
  const one = codec();
  one.decode(bytes(OK));
  expect([one.hasEarly, one.isUnderWay]).toEqual([true, false]);
  request(one, GET);
  one.decode(new Uint8Array());
  expect([one.hasEarly, one.isUnderWay]).toEqual([false, true]);
});
