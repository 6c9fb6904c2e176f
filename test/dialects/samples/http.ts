import { http } from "../../../src/dialects/http/http.ts";
import type { DialectSamples, Turn } from "../../contract/dialect-samples.ts";
import type { Finding } from "../../contract/dialect-talk.ts";

const GET = ["GET / HTTP/1.1", "Host: x", ""];
const asked: readonly Turn[] = [{ by: "client", lines: GET }];

export const httpSamples: DialectSamples = {
  dialect: http,
  keeps: "lines",
  conversations: [
    {
      name: "lengths, on a kept connection",
      turns: [
        { by: "client", lines: ["POST /a HTTP/1.1", "Host: x", "Content-Length: 6", "", "ab", "cd (no-eol)"] },
        { by: "server", lines: ["HTTP/1.1 200 OK", "Content-Length: 12", "", "hello", "world (no-eol)"] },
        { by: "client", lines: GET },
        { by: "server", lines: ["HTTP/1.1 204 No Content", ""] },
      ],
    },
    {
      name: "what the document leaves open",
      turns: [
        {
          by: "client",
          lines: ["PUT / HTTP/1.1", "", "ab"],
          decoded: ["PUT / HTTP/1.1", "Host: localhost", "Content-Length: 2", "", "ab"],
        },
        {
          by: "server",
          lines: ["HTTP/1.1 200 OK", "", "ok (no-eol)"],
          decoded: ["HTTP/1.1 200 OK", "Content-Length: 2", "", "ok"],
        },
      ],
    },
    {
      name: "chunks",
      turns: [
        ...asked,
        {
          by: "server",
          bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\n\r\n2\r\ncd\r\n0\r\nX: y\r\n\r\n",
          lines: ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "ab", "cd", "X: y"],
        },
      ],
    },
    {
      name: "up to the close",
      turns: [
        ...asked,
        {
          by: "server",
          bytes: "HTTP/1.0 200 OK\r\n\r\nhello\r\nworld",
          lines: ["HTTP/1.0 200 OK", "", "hello", "world"],
          closes: true,
        },
      ],
    },
    {
      name: "a body that waits for 100 Continue",
      turns: [
        {
          by: "client",
          lines: ["PUT / HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 2", ""],
          goesOn: true,
        },
        { by: "server", lines: ["HTTP/1.1 100 Continue", ""] },
        { by: "client", lines: ["ab"] },
        { by: "server", lines: ["HTTP/1.1 200 OK", "Content-Length: 0", ""] },
      ],
    },
    {
      name: "a response to HEAD",
      turns: [
        { by: "client", lines: ["HEAD / HTTP/1.1", "Host: x", ""] },
        { by: "server", lines: ["HTTP/1.1 200 OK", "Content-Length: 5", ""] },
      ],
    },
  ],
  broken: [
    { name: "no HTTP", way: "responses", after: asked, bytes: "220 smtp ready\r\n", message: /./ },
    {
      name: "two lengths",
      way: "responses",
      after: asked,
      bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      message: /Content-Length/,
    },
    { name: "no request", way: "requests", bytes: "\x16\x03\x01\r\n\r\n", message: /./ },
    {
      name: "a body beyond the limit",
      way: "responses",
      after: asked,
      bytes: `HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n${"a".repeat(1001)}`,
      message: /limit of 1/,
      limit: 1000,
    },
    {
      name: "a request beyond the limit",
      way: "requests",
      bytes: `PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n${"a".repeat(1001)}`,
      message: /limit of 1/,
      limit: 1000,
    },
  ],
  pieces: {
    requests: [
      "GET / HTTP/1.1\r\n",
      "Host: x\r\n",
      "Content-Length: 3\r\n",
      "Transfer-Encoding: chunked\r\n",
      "\r\n\r\n",
    ],
    responses: [
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "Content-Length: 3\r\n",
      "Transfer-Encoding: chunked\r\n",
      "\r\n\r\n",
    ],
    lines: {
      requests: ["GET / HTTP/1.1", "HTTP/1.1", "Host: x", "", "Content-Length: 2", "Transfer-Encoding: chunked"],
      responses: ["HTTP/1.1 200 OK", "HTTP/1.1", "", "Content-Length: 2", "Transfer-Encoding: chunked"],
    },
  },
  hasMistakes: true,
  blur: (findings) => withoutRefused(withoutEndAmongStrays(findings)),
};

/** What breaks the framing is refused as soon as it shows, so it may be quoted only in part. */
function withoutRefused(findings: readonly Finding[]): readonly Finding[] {
  if (!findings.at(-1)?.startsWith("!")) return findings;
  return findings.filter((one) => !one.startsWith("cut ")).map((one) => one.replace(/".*"/s, '"…"'));
}

/** Bytes after the last response end the connection with the first piece of them that comes. */
function withoutEndAmongStrays(findings: readonly Finding[]): readonly Finding[] {
  const first = findings.findIndex((one) => one.startsWith("stray "));
  return first < 0 ? findings : findings.filter((one, i) => i < first || one !== "| ends connection");
}
