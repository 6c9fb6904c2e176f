import { describe, expect, it } from "vitest";
import { readHar } from "../../../src/record/import/har.ts";
import { source, told } from "./told.ts";

const URL = "http://localhost:8080/a?b=c#d";
const request = { method: "GET", url: URL, httpVersion: "HTTP/1.1", headers: [], cookies: [] };
const response = {
  status: 200,
  statusText: "OK",
  headers: [{ name: "Content-Type", value: "text/plain" }],
  content: { size: 5, mimeType: "text/plain", text: "hello" },
};
const har = (...entries: readonly object[]) => {
  const text = JSON.stringify({
    log: { version: "1.2", entries: entries.map((entry) => ({ request, response, ...entry })) },
  });
  return readHar(source(Buffer.from(text).toString("latin1")));
};
const ASKED = "GET /a?b=c HTTP/1.1\r\nHost: localhost:8080\r\n\r\n";
const answered = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const responseTo = (entry: object): string | undefined => told(har(entry))[0]?.[2];
const requestOf = (entry: object): string | undefined => told(har({ request: { ...request, ...entry } }))[0]?.[1];

describe("HAR", () => {
  it("makes a conversation of each entry, in the order of time", () => {
    const late = {
      startedDateTime: "2026-01-01T00:00:02Z",
      request: { ...request, url: "http://localhost:8080/late" },
    };
    expect(told(har(late, { startedDateTime: "2026-01-01T00:00:01Z" }))).toEqual([
      ["http://localhost:8080", `> ${ASKED}`, `< ${answered("hello")}`],
      ["http://localhost:8080", `> ${ASKED.replace("/a?b=c", "/late")}`, `< ${answered("hello")}`],
    ]);
  });

  it("says in HTTP/1.1 what was said in HTTP/2", () => {
    const headers = [
      { name: ":authority", value: "localhost:8080" },
      { name: "accept", value: "*/*" },
    ];
    const entry = {
      request: { ...request, httpVersion: "h2", headers },
      response: {
        ...response,
        httpVersion: "h2",
        statusText: "",
        headers: [{ name: ":status", value: "200" }, ...response.headers],
      },
    };
    expect(told(har(entry))).toEqual([
      [
        "http://localhost:8080",
        "> GET /a?b=c HTTP/1.1\r\nHost: localhost:8080\r\naccept: */*\r\n\r\n",
        `< ${answered("hello").replace("OK", "")}`,
      ],
    ]);
  });

  it.each([
    ["base64", { encoding: "base64", text: "AAH/", size: 3 }, "\0\x01\xff"],
    ["UTF-8", { text: "é", size: 2 }, "\xc3\xa9"],
    ["ISO 8859-1 by its size", { text: "é", size: 1 }, "\xe9"],
    ["ISO 8859-1 by its type", { text: "é", size: -1, mimeType: "text/plain; charset=ISO-8859-1" }, "\xe9"],
    ["nothing", { text: "", size: 0 }, ""],
    ["what is larger than it was on its way", { text: "hello", size: 3 }, "hello"],
  ])("reads a body in %s", (_, content, body) => {
    expect(responseTo({ response: { ...response, content: { ...response.content, ...content } } })).toBe(
      `< ${answered(body)}`,
    );
  });

  it.each([
    ["is missing", { ...response, content: { size: 5 } }],
    ["is larger than what a run reads", { ...response, content: { size: 15e6 + 1, text: "a".repeat(15e6 + 1) } }],
    ["is cut", { ...response, content: { size: 500, text: "hello" } }],
    [
      "is in an encoding that cannot be written",
      { ...response, content: { size: 4, text: "日本", mimeType: "text/plain; charset=shift_jis" } },
    ],
  ])("compares no body that %s", (_, told) => {
    expect(responseTo({ response: told })).toBe(`< ${answered("")} and an unknown body`);
  });

  it("knows that a browser does not keep the body of a redirect", () => {
    const redirect = { ...response, status: 302, content: { size: 0, text: "" } };
    expect(responseTo({ response: redirect })).toContain("unknown body");
    const empty = { ...redirect, headers: [{ name: "Content-Length", value: "0" }] };
    expect(responseTo({ response: empty })).not.toContain("unknown body");
  });

  it("undoes what happened to a body on its way", () => {
    const headers = [
      { name: "Transfer-Encoding", value: "chunked" },
      { name: "Content-Encoding", value: "br" },
      ...response.headers,
    ];
    expect(responseTo({ response: { ...response, headers } })).toBe(`< ${answered("hello")}`);
  });

  it.each([
    ["a text", { mimeType: "application/json", text: '{"é":1}' }, '{"\xc3\xa9":1}'],
    ["parameters", { mimeType: "application/x-www-form-urlencoded", params: [{ name: "a", value: "b c" }] }, "a=b+c"],
  ])("sends %s", (_, postData, body) => {
    expect(requestOf({ method: "POST", postData })).toBe(
      `> POST /a?b=c HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });

  it("has cookies that no header has, and several values of one header", () => {
    const cookies = [
      { name: "a", value: "1" },
      { name: "b", value: "2" },
    ];
    expect(requestOf({ cookies })).toContain("\r\nCookie: a=1; b=2\r\n");
    expect(requestOf({ cookies, headers: [{ name: "cookie", value: "c=3" }] })).not.toContain("a=1");
    const headers = [{ name: "set-cookie", value: "a=1\nb=2" }];
    expect(responseTo({ response: { ...response, headers } })).toContain("\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n");
  });

  it("says what it leaves out", () => {
    const { conversations, warnings } = har(
      { _fromCache: "disk" },
      { _fromCache: "memory" },
      { request: { ...request, url: "ws://localhost:8080/" } },
      { request: { ...request, url: "data:text/plain,x" } },
      { response: { ...response, status: 0 } },
      {
        request: { ...request, method: "POST", postData: { mimeType: "multipart/form-data", params: [{ name: "a" }] } },
      },
      { request: { ...request, method: "A B" } },
    );
    expect(conversations).toEqual([]);
    expect(warnings).toEqual([
      "2 entries are left out: a cache answered, not the server",
      "1 entry is left out: WebSocket is not imported, only HTTP",
      "1 entry is left out: the URL is not an HTTP one",
      "1 entry is left out: no response was recorded",
      "2 entries are left out: the request cannot be said in HTTP/1.1, or its body was not recorded",
    ]);
  });

  it("lets no header begin a line of its own", () => {
    const headers = [
      { name: "X", value: "1\r\nEvil: 2" },
      { name: "Bad\r\nEvil", value: "3" },
    ];
    expect(requestOf({ headers })).not.toMatch(/^Evil/m);
  });

  it.each([
    ['{"log": {"entries": [\n1,\n', 2, "the JSON ends too early"],
    ['{"log":\n {"entries": [}\n', 2, "invalid JSON"],
    ['{"log":\n {"entries": [\n1 2]\n', 3, "invalid JSON"],
    ['{"log": {}}', 1, "log.entries is missing"],
    ["[]", 1, "log.entries is missing"],
  ])("refuses %j", (text, line, message) => {
    expect(() => readHar(source(text))).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message), span: expect.objectContaining({ line }) }),
    );
  });

  it.each([{}, { request: null }, { request: { url: 1 } }, { response: [] }, { response: { status: "200" } }])(
    "survives an entry such as %j",
    (entry) => {
      expect(har(entry).conversations.length).toBeLessThan(2);
    },
  );
});
