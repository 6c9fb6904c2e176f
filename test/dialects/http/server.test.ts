import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Codec, Decoded } from "../../../src/dialects/codec.ts";
import { http } from "../../../src/dialects/http/http.ts";
import type { Captures, Progress } from "../../../src/match/matcher.ts";
import { CONTEXT, connection, expected, feed, request } from "./support.ts";

/** The streams of events that are open: a request for `/send` writes to them. */
const streams = new Set<ServerResponse>();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (request.url) {
    case "/text":
      response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": 12 }).end("hello\nworld\n");
      return;
    case "/gzip":
      response.setHeader("Content-Encoding", "gzip").end(gzipSync("squeezed\n"));
      return;
    case "/json":
      response.write('{"id": 7,');
      response.end('"tags": ["a", "b"]}');
      return;
    case "/echo": {
      let body = "";
      for await (const chunk of request.setEncoding("latin1")) body += chunk;
      response.end(`${request.method} ${request.headers.host} ${body}`);
      return;
    }
    case "/hints":
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.end("page\n");
      return;
    case "/trailer":
      response.writeHead(200, { Trailer: "X-Sum" });
      response.write("sum\n");
      response.addTrailers({ "X-Sum": "42" });
      response.end();
      return;
    case "/events":
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.write("data: 1\n\n");
      streams.add(response);
      return;
    default:
      response.writeHead(request.url === "/unchanged" ? 304 : 404).end();
  }
}

/** One connection, played as a replay plays it, but for the waits. What a reply does not take is left to the next one. */
class Client {
  readonly socket: Socket;
  readonly codec: Codec = connection();
  #messages: Decoded[] = [];
  /** Whether a message said that the connection ends with it. */
  isOver = false;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
  }

  /** `later`: the lines that the request goes on with. */
  async ask(lines: readonly string[], reply: readonly string[], later?: readonly string[]): Promise<Captures> {
    this.socket.write(request(this.codec, lines, later), "latin1");
    const matcher = http.responses!.matcher!(expected(...reply), { get: () => undefined }, CONTEXT);
    let progress: Progress = "more";
    while (progress === "more" || progress === "open") {
      const message = this.#messages.shift();
      if (message) progress = feed(matcher, [message], progress);
      else
        for (const one of await this.#receive()) {
          this.isOver ||= one.endsConnection === true;
          this.#messages.push(...linesOf(one));
        }
    }
    expect(progress, matcher.unmatched().detail || `awaits "${matcher.unmatched().pattern?.source}"`).toBe("done");
    return matcher.captures();
  }

  async #receive(): Promise<readonly Decoded[]> {
    for (;;) {
      const chunk: unknown = this.socket.read();
      if (chunk) return this.codec.responses.decode(chunk as Buffer);
      if (this.socket.readableEnded) return this.codec.responses.flush("closed");
      await Promise.race([once(this.socket, "readable"), once(this.socket, "end")]);
    }
  }
}

/** A message as messages of one line each. */
const linesOf = (message: Decoded): readonly Decoded[] => [
  ...message.lines.map((line) => ({ ...message, lines: [line], ends: undefined })),
  { ...message, lines: [] },
];

let server: Server;
let client: Client;

beforeAll(async () => {
  await http.load?.({});
  server = createServer((request, response) => void answer(request, response));
  server.on("upgrade", (_request, socket) => {
    socket.on("data", (chunk: Buffer) => socket.write(`you said ${chunk}`));
    socket.on("end", () => socket.end()).on("error", () => {});
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nwelcome\r\n");
  });
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    void answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

beforeEach(() => {
  client = new Client((server.address() as AddressInfo).port);
});

afterEach(() => client.socket.destroy());

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

it("keeps one connection for request after request", async () => {
  await client.ask(["GET /text HTTP/1.1"], ["HTTP/1.1 200 OK", "content-type: text/plain", "", "hello", "world"]);
  await client.ask(
    ["GET /gzip HTTP/1.1", "Accept-Encoding: gzip"],
    ["HTTP/1.1 200", "Content-Encoding: gzip", "", "squeezed"],
  );
  await client.ask(["HEAD /text HTTP/1.1"], ["HTTP/1.1 200 OK", "Content-Length: 12", "<<<"]);
  await client.ask(["GET /unchanged HTTP/1.1"], ["HTTP/1.1 304", "<<<"]);
  const captures = await client.ask(
    ["GET /json HTTP/1.1"],
    ["HTTP/1.1 200", "", '{"tags": ["a", ...], "id": {{id:int}}}'],
  );
  expect(captures.get("id")).toBe("7");
  expect([client.codec.owed, client.isOver]).toEqual([0, false]);
});

it("sends a body, in one piece and in chunks", async () => {
  await client.ask(["POST /echo HTTP/1.1", "", "a", "b"], ["HTTP/1.1 200", "", "POST localhost:8080 a", "b"]);
  await client.ask(
    ["PUT /echo HTTP/1.1", "Transfer-Encoding: chunked", "", "2", "hi", "0", ""],
    ["HTTP/1.1 200", "", "PUT {{_}} hi"],
  );
});

it("sends the rest of a request behind 100 Continue", async () => {
  await client.ask(
    ["POST /echo HTTP/1.1", "Expect: 100-continue", "Content-Length: 5"],
    ["HTTP/1.1 100 Continue"],
    ["hello"],
  );
  await client.ask(["hello"], ["HTTP/1.1 200 OK", "", "POST localhost:8080 hello"]);
});

it("shows early hints where they are written, and trailers", async () => {
  await client.ask(["GET /hints HTTP/1.1"], ["HTTP/1.1 200 OK", "", "page"]);
  await client.ask(
    ["GET /hints HTTP/1.1"],
    ["HTTP/1.1 103 Early Hints", "link: {{_}}", "", "HTTP/1.1 200 OK", "", "page"],
  );
  await client.ask(["GET /trailer HTTP/1.1"], ["HTTP/1.1 200 OK", "X-Sum: 42", "", "sum"]);
});

it("reads a stream of events as it comes", async () => {
  await client.ask(["GET /events HTTP/1.1"], ["HTTP/1.1 200", "Content-Type: text/event-stream", "", "data: 1", "<<<"]);
  for (const response of streams) response.write("data: 2\n\ndata: 3\n\n");
  await client.ask([], ["data: 2", "<<<"]);
  await client.ask([], ["data: {{n}}", "<<<"]);
  expect(client.codec.owed).toBe(1);
});

it("reads to the close where nothing else ends a body", async () => {
  await client.ask(["GET /json HTTP/1.0"], ["HTTP/1.1 200 OK", "Connection: close", "", '{"id": 7, ...}']);
  expect(client.isOver).toBe(true);
});

it("speaks lines behind a change of protocol", async () => {
  await client.ask(
    ["GET / HTTP/1.1", "Connection: upgrade", "Upgrade: echo"],
    ["HTTP/1.1 101 Switching Protocols", "Upgrade: echo"],
  );
  await client.ask([], ["welcome"]);
  await client.ask(["hello"], ["you said hello"]);
});
