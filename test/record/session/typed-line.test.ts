import { describe, expect, test } from "vitest";
import { hex } from "../../../src/dialects/hex.ts";
import { line } from "../../../src/dialects/line.ts";
import { RequestDraft } from "../../../src/record/session/request-draft.ts";
import { readTyped, SessionError } from "../../../src/record/session/typed-line.ts";

describe("what is typed", () => {
  test.each([
    ["get a", "", "get a\r\n"],
    ["", "", "\r\n"],
    ["bob>>> get a", "bob", "get a\r\n"],
    [">>> get a", "", "get a\r\n"],
    ["a\\x00b (esc)", "", "a\0b\r\n"],
    ["00 01 (hex)", "", "\0\x01"],
    ["a (no-eol)", "", "a"],
    ["=====", "", "=====\r\n"],
  ])("%j is a line", (text, on, bytes) => {
    const typed = readTyped(text, "", 1, line, "crlf");
    expect(typed).toMatchObject({ kind: "line", on });
    if (typed.kind === "line") expect(typed.line.bytes + typed.line.ending).toBe(bytes);
  });

  test("without a marker is said on the connection of the line before", () => {
    expect(readTyped("a", "bob", 1, line, "lf")).toMatchObject({ on: "bob", line: { bytes: "a", ending: "\n" } });
    expect(readTyped("=== close", "bob", 1, line, "lf")).toMatchObject({
      control: { connection: "bob", verb: "close" },
    });
    expect(readTyped("al=== wait 1s", "bob", 1, line, "lf")).toMatchObject({
      control: { connection: "al", verb: "wait", argument: "1s" },
    });
  });

  test("is bytes in the dialect hex", () => {
    expect(readTyped('01 "a"', "", 1, hex, "crlf")).toMatchObject({ line: { bytes: "\x01a", ending: "" } });
  });

  test.each([
    ["<<< a", '"<<< a" is a reply line'],
    [">>>a", '">>>" needs a space after it: to send this line, type >>> >>>a'],
    ["=== clos", 'unknown control "clos" (did you mean "close"?)'],
    ["=== wait", "=== wait needs a duration"],
    ["get {{id}}", "{{id}} has no value in a session"],
    ["0x (hex)", "hex"],
  ])("%j is a mistake", (text, message) => {
    expect(() => readTyped(text, "", 1, line, "crlf")).toThrow(SessionError);
    expect(() => readTyped(text, "", 1, line, "crlf")).toThrow(message);
  });
});

describe("a request", () => {
  const outgoing = (bytes: string) => ({ bytes, ending: "\r\n", endingWritten: false, line: 1, column: 1 });
  /** The requests that these lines complete, and what is left. */
  function requestsOf(isHttp: boolean, lines: readonly string[]): readonly (readonly string[])[] {
    const draft = new RequestDraft(isHttp);
    const requests = lines.map((text) => draft.add(outgoing(text))).filter((request) => request.length > 0);
    return [...requests, draft.take()].map((request) => request.map(({ bytes }) => bytes));
  }

  test("is each line, but in http", () => {
    expect(requestsOf(false, ["a", "", "b"])).toEqual([["a"], [""], ["b"], []]);
  });

  test.each([
    [
      ["GET / HTTP/1.1", "A: b", ""],
      [["GET / HTTP/1.1", "A: b"], []],
    ],
    [["", "GET / HTTP/1.1"], [["GET / HTTP/1.1"]]],
    [
      ["POST / HTTP/1.1", "", "a", "b", "", "GET /"],
      [["POST / HTTP/1.1", "", "a", "b"], ["GET /"]],
    ],
    [["POST / HTTP/1.1", "", "a"], [["POST / HTTP/1.1", "", "a"]]],
    [
      ["POST / HTTP/1.1", "Content-Length: 0", ""],
      [["POST / HTTP/1.1", "Content-Length: 0"], []],
    ],
    [
      ["GET / HTTP/1.1", "content-length: 1", "", "a", ""],
      [["GET / HTTP/1.1", "content-length: 1", "", "a"], []],
    ],
    [["POST / HTTP/1.1", ""], [["POST / HTTP/1.1"]]],
  ])("in http %j is %j", (lines, requests) => {
    expect(requestsOf(true, lines)).toEqual(requests);
  });
});
