import { describe, expect, it } from "vitest";
import { isCurlTrace, readCurlTrace } from "../../../src/record/import/curl-trace.ts";
import { isCurlVerbose, readCurlVerbose } from "../../../src/record/import/curl-verbose.ts";
import { crlf, source, told } from "./told.ts";

const verbose = (text: string) => readCurlVerbose(source(text));
const ASKED = "GET /a HTTP/1.1\r\nHost: localhost:8080\r\n\r\n";
const CONNECTED = "*   Trying 127.0.0.1:8080...\n* Connected to localhost (127.0.0.1) port 8080 (#0)\n";
const REQUEST = crlf("> GET /a HTTP/1.1", "> Host: localhost:8080", "> ");
const INTACT = "* Connection #0 to host localhost left intact\n";
const answered = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const response = (...headers: readonly string[]): string =>
  crlf("< HTTP/1.1 200 OK", ...headers.map((header) => `< ${header}`), "< ");

describe("curl -v", () => {
  it.each([
    ["on a terminal", `${CONNECTED}${REQUEST}${response("Content-Length: 6")}hello\n${INTACT}`],
    ["in a pipe", `${CONNECTED}${REQUEST}${response("Content-Length: 6")}{ [6 bytes data]\n${INTACT}hello\n`],
    [
      "with the progress meter",
      "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n" +
        "                                 Dload  Upload   Total   Spent    Left  Speed\n" +
        `\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0${CONNECTED}${REQUEST}` +
        `${response("Content-Length: 6")}{ [6 bytes data]\n` +
        `\r100     6  100     6    0     0    835      0 --:--:-- --:--:-- --:--:--   843\n${INTACT}hello\n`,
    ],
    ["in chunks", `${CONNECTED}${REQUEST}${response("Transfer-Encoding: chunked")}hello\n${INTACT}`],
    ["to the end of the connection", `${CONNECTED}${REQUEST}${response()}hello\n* Closing connection 0\n`],
    [
      "with -i",
      `${CONNECTED}${REQUEST}${response("Content-Length: 6")}{ [6 bytes data]\n${INTACT}${crlf("HTTP/1.1 200 OK", "Content-Length: 6", "")}hello\n`,
    ],
    [
      "over HTTP/2",
      `${CONNECTED}${REQUEST.replace("1.1", "2")}${response().replace("1.1 200 OK", "2 200")}hello\n${INTACT}`,
    ],
    [
      "with line feeds only",
      `${CONNECTED}${REQUEST}${response("Content-Length: 6")}hello\n${INTACT}`.replaceAll("\r", ""),
    ],
  ])("reads a body %s", (_, text) => {
    expect(isCurlVerbose(text)).toBe(true);
    const [conversation] = told(verbose(text));
    expect(conversation?.map((step) => step!.replace("200 \r", "200 OK\r"))).toEqual([
      "http://localhost:8080",
      `> ${ASKED}`,
      `< ${answered("hello\n")}`,
    ]);
  });

  it("reads several transfers of one connection, whose bodies do not end in a line feed and look like its own lines", () => {
    const body = "> GET\n* x\n< y";
    const again = "* Found bundle for host: 0x5 [serially]\n* Re-using existing connection #0 with host localhost\n";
    const one = `${REQUEST}${response(`Content-Length: ${body.length}`)}{ [13 bytes data]\n${INTACT}${body}`;
    const two = `${REQUEST}${response("Transfer-Encoding: chunked")}{ [42 bytes data]\n${INTACT}${body}`;
    expect(told(verbose(`${CONNECTED}${one}${again}${two}${again}${one}`))).toEqual([
      [
        "http://localhost:8080",
        ...Array(3)
          .fill([`> ${ASKED}`, `< ${answered(body)}`])
          .flat(),
      ],
    ]);
  });

  it("knows when a body is not in the file, or not all of it", () => {
    const unknown = `< ${answered("")} and an unknown body`;
    const hidden = verbose(`${CONNECTED}${REQUEST}${response("Content-Length: 6")}{ [6 bytes data]\n${INTACT}`);
    expect(told(hidden)).toEqual([["http://localhost:8080", `> ${ASKED}`, unknown]]);
    const cut = verbose(`${CONNECTED}${REQUEST}${response("Content-Length: 60")}hello\n`);
    expect(told(cut)).toEqual([["http://localhost:8080", `> ${ASKED}`, unknown]]);
    expect(cut.warnings).toEqual([expect.stringContaining("ends within the body")]);
  });

  it("leaves out a request whose body curl does not show, and what answers it", () => {
    const post = crlf("> POST /b HTTP/1.1", "> Content-Length: 7", "> ");
    const { conversations, warnings } = verbose(
      `${CONNECTED}${post}} [7 bytes data]\n${response("Content-Length: 2")}OK${INTACT}${REQUEST}${response("Content-Length: 0")}`,
    );
    expect(told({ conversations, warnings })).toEqual([["http://localhost:8080", `> ${ASKED}`, `< ${answered("")}`]]);
    expect(warnings).toEqual([
      "POST /b is left out, because the file does not have its body: record it with `curl --trace FILE`",
    ]);
  });

  it.each([
    [
      "TLS",
      "* Connected to a.example (192.0.2.1) port 8443 (#0)\n* SSL connection using TLSv1.3\n",
      "https://a.example:8443",
    ],
    ["its port", "* Connected to a.example (192.0.2.1) port 443 (#0)\n", "https://a.example:443"],
    ["IPv6", "* Connected to ::1 (::1) port 80 (#0)\n", "http://[::1]:80"],
    ["a Unix socket", "* Connected to localhost (/run/a.sock) port 80 (#0)\n", "unix:/run/a.sock"],
    [
      "curl 8.16",
      "* Established connection to a.example (192.0.2.1 port 80) from 10.0.0.1 port 4000\n",
      "http://a.example:80",
    ],
    ["its Host only", "", "http://localhost:8080"],
  ])("finds the server by %s", (_, info, target) => {
    expect(told(verbose(`${info}${REQUEST}${response("Content-Length: 0")}`))[0]?.[0]).toBe(target);
  });

  it("goes through a proxy", () => {
    const tunnel = `* Connected to proxy (192.0.2.9) port 3128 (#0)\n${crlf("> CONNECT a.example:443 HTTP/1.1", "> ")}`;
    const text = `${tunnel}${crlf("< HTTP/1.1 200 Connection established", "< ")}* SSL connection using TLSv1.3\n`;
    expect(told(verbose(`${text}${REQUEST}${response("Content-Length: 0")}`))).toEqual([
      ["https://a.example:443", `> ${ASKED}`, `< ${answered("")}`],
    ]);
  });

  it("passes over interim responses, and expects no body where there is none", () => {
    const head = REQUEST.replace("GET", "HEAD");
    expect(
      told(
        verbose(`${CONNECTED}${head}${crlf("< HTTP/1.1 100 Continue", "< ")}${response("Content-Length: 6")}noise\n`),
      ),
    ).toEqual([["http://localhost:8080", `> ${ASKED.replace("GET", "HEAD")}`, "< HTTP/1.1 200 OK\r\n\r\n"]]);
  });

  it("reads protocols of lines", () => {
    const text = `* Connected to localhost (127.0.0.1) port 25 (#0)\n${crlf("< 220 ready", "> EHLO me", "< 250 hello", "> QUIT", "< 221 bye")}`;
    expect(told(verbose(text))).toEqual([
      ["tcp://localhost:25", "< 220 ready\r\n", "> EHLO me\r\n", "< 250 hello\r\n", "> QUIT\r\n", "< 221 bye\r\n"],
    ]);
  });
});

const dump = (text: string): string => {
  const rows = text.match(/[\s\S]{1,16}/g) ?? [];
  const row = (part: string, i: number): string =>
    `${(i * 16).toString(16).padStart(4, "0")}: ${Buffer.from(part, "latin1").toString("hex").replace(/../g, "$& ").padEnd(48)}${part.replace(/[^ -~]/g, ".")}\n`;
  return rows.map(row).join("");
};
const block = (way: string, kind: string, text: string): string =>
  `${way} ${kind}, ${text.length} bytes (0x${text.length.toString(16)})\n${dump(text)}`;

describe("curl --trace", () => {
  const head = "HTTP/1.1 200 OK\r\n\r\n";
  const posted = "POST /a HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: 3\r\n\r\n";
  const start = "== Info: Connected to localhost (127.0.0.1) port 8080 (#0)\n";

  it("reads bodies of both sides, in chunks too", () => {
    const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const text = `${start}${block("=>", "Send header", posted)}${block("=>", "Send data", "a\0\xff")}${block("<=", "Recv header", chunked)}${block("<=", "Recv data", "3\r\n\n\0\xfe\r\n0\r\n\r\n")}`;
    expect(isCurlTrace(text)).toBe(true);
    expect(told(readCurlTrace(source(text)))).toEqual([
      ["http://localhost:8080", `> ${posted.slice(0, -2)}\r\na\0\xff`, `< ${answered("\n\0\xfe")}`],
    ]);
  });

  it("reads the ASCII form with times, and compares no body that is not exact", () => {
    const sent = "=> Send header, 42 bytes (0x2a)\n0000: GET /a HTTP/1.1\n0011: Host: localhost:8080\n0027: \n";
    const received = "<= Recv header, 17 bytes (0x11)\n0000: HTTP/1.1 200 OK\n<= Recv header, 2 bytes (0x2)\n0000: \n";
    const exact = readCurlTrace(
      source(
        `12:00:00.000001 ${start}12:00:00.000002 ${sent.replace("42 bytes", "41 bytes")}${received}<= Recv data, 6 bytes (0x6)\n0000: a\n0003: bcd\n`,
      ),
    );
    expect(told(exact)).toEqual([["http://localhost:8080", `> ${ASKED}`, `< ${answered("a\r\nbcd")}`]]);
    const inexact = readCurlTrace(
      source(`${start}${sent.replace("42 bytes", "41 bytes")}${received}<= Recv data, 2 bytes (0x2)\n0000: a.\n`),
    );
    expect(told(inexact)[0]?.[2]).toBe(`< ${answered("")} and an unknown body`);
    expect(inexact.warnings).toEqual([expect.stringContaining("--trace-ascii")]);
  });

  it("says where rows are missing", () => {
    const text = `${start}${block("=>", "Send header", posted)}<= Recv header, 19 bytes (0x13)\n${dump(head.slice(0, 16))}`;
    expect(() => readCurlTrace(source(text))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("19 bytes, but 16"),
        span: expect.objectContaining({ line: 7 }),
      }),
    );
  });
});
