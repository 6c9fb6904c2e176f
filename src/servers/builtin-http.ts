/**
 * An HTTP/1.1 server for documentation: one page for each thing about a response that can make it hard to show.
 *
 *   GET  /              hello, as text                GET  /gzip          compressed for a client that accepts it
 *   GET  /json          a nested object               GET  /status/NNN    that status (200 to 599)
 *   GET  /chunked       three chunks and a trailer    GET  /empty         204
 *   GET  /slow          pieces, 50 ms apart           GET  /redirect      302 to /
 *   GET  /events        server-sent events; stays     POST /echo          the body as it came
 *   GET  /early-close   half of what it announces     /items, /items/ID   a REST resource (see http-items.ts)
 *
 * HEAD goes wherever GET goes. What is not there is 404, another method 405 with `Allow`, a body above 1 MiB 413.
 */
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { Items } from "./http-items.ts";
import { type Answer, json, readBody, send, text } from "./http-message.ts";
import { listenOnLoopback } from "./loopback.ts";
import type { Server } from "./server.ts";

const LARGEST_BODY = 1024 * 1024;
/** Milliseconds between the pieces of /slow. */
const PAUSE = 50;

/** A connection stays as long as the client wants, as a document may wait for anything. */
const NO_TIMEOUTS = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 };

export function httpServer(): Server {
  return {
    name: "http",
    start(signal) {
      const items = new Items();
      const server = createServer(NO_TIMEOUTS, (request, response) => {
        // Only a client that hangs up halfway makes this fail.
        answer(items, request, response).catch(() => response.destroy());
      });
      return listenOnLoopback(server, "http", signal);
    },
  };
}

interface Visit {
  readonly items: Items;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the path has at its end, of a route with one. */
  readonly parameter: string;
  readonly body: Buffer;
}

/** Answers with what it returns; with nothing where it wrote the response itself. */
type Handler = (visit: Visit) => Answer | Promise<void>;

interface Route {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Handler>>;
}

const route = (path: RegExp, methods: Readonly<Record<string, Handler>>): Route => ({ path, methods });

const ROUTES: readonly Route[] = [
  route(/^\/$/, { GET: () => text(200, "hello\n") }),
  route(/^\/json$/, { GET: () => json(200, PERSON) }),
  route(/^\/chunked$/, { GET: chunked }),
  route(/^\/slow$/, { GET: slow }),
  route(/^\/events$/, { GET: events }),
  route(/^\/early-close$/, { GET: earlyClose }),
  route(/^\/gzip$/, { GET: gzip }),
  route(/^\/status\/([2-5]\d\d)$/, { GET: status }),
  route(/^\/empty$/, { GET: () => ({ status: 204 }) }),
  route(/^\/redirect$/, { GET: () => text(302, "see /\n", { Location: "/" }) }),
  route(/^\/echo$/, { POST: echo }),
  route(/^\/items$/, {
    GET: ({ items }) => items.all(),
    POST: ({ items, body }) => items.create(body.toString()),
  }),
  route(/^\/items\/([\w-]{1,64})$/, {
    GET: ({ items, request, parameter }) => items.read(parameter, request.headers),
    PUT: ({ items, request, parameter, body }) => items.write(parameter, request.headers, body.toString()),
    DELETE: ({ items, request, parameter }) => items.delete(parameter, request.headers),
  }),
];

const PERSON = {
  name: "Ada",
  born: { year: 1815, place: "London" },
  languages: ["English", "French"],
  programs: [{ title: "Note G", lines: 25 }],
};

async function answer(items: Items, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, LARGEST_BODY);
  if (body === undefined) return send(response, text(413, `at most ${LARGEST_BODY} bytes\n`));
  const path = request.url?.replace(/^https?:\/\/[^/?]*/, "").replace(/\?.*$/, "") || "/";
  for (const { path: pattern, methods } of ROUTES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    const answered = handler?.({ items, request, response, parameter: match[1] ?? "", body }) ?? refuse(methods);
    if (answered instanceof Promise) return answered;
    return send(response, answered);
  }
  send(response, text(404, "not found\n"));
}

function refuse(methods: Route["methods"]): Answer {
  const allowed = Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return text(405, "method not allowed\n", { Allow: allowed.join(", ") });
}

async function chunked({ response }: Visit): Promise<void> {
  response.writeHead(200, { "Content-type": "text/plain", "Transfer-Encoding": "chunked", Trailer: "Chunks" });
  for (const chunk of ["one\n", "two\n", "three\n"]) response.write(chunk);
  response.addTrailers({ Chunks: "3" });
  response.end();
}

async function slow({ request, response }: Visit): Promise<void> {
  const pieces = ["one\n", "two\n", "three\n"];
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.writeHead(200, { "Content-type": "text/plain", "Content-Length": pieces.join("").length });
  for (const [index, piece] of pieces.entries()) {
    if (request.method === "HEAD") break;
    if (index > 0) await sleep(PAUSE, undefined, { signal: gone.signal });
    response.write(piece);
  }
  response.end();
}

async function events({ request, response }: Visit): Promise<void> {
  response.writeHead(200, { "Content-type": "text/event-stream", "Cache-Control": "no-store" });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  response.write("retry: 1000\n\n");
  for (const [index, word] of ["one", "two", "three"].entries()) {
    response.write(`id: ${index + 1}\nevent: count\ndata: ${word}\n\n`);
  }
}

async function earlyClose({ request, response }: Visit): Promise<void> {
  response.writeHead(200, { "Content-type": "text/plain", "Content-Length": 12 });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  // Not before it is sent: an earlier response of the connection may still be on its way.
  response.write("hello\n", () => request.socket.destroySoon());
}

function gzip({ request }: Visit): Answer {
  const answer = text(200, "hello, compressed\n", { Vary: "Accept-Encoding" });
  if (!acceptsGzip(request.headers["accept-encoding"])) return answer;
  return {
    status: 200,
    headers: { ...answer.headers, "Content-Encoding": "gzip" },
    body: gzipSync(answer.body ?? ""),
  };
}

/** RFC 9110, section 12.5.3: a weight of 0 is a refusal. */
function acceptsGzip(header: string | string[] = ""): boolean {
  return String(header)
    .split(",")
    .some((coding) => /^\s*(gzip|x-gzip|\*)\s*(;\s*q=(1(\.0*)?|0?\.\d*[1-9]\d*)\s*)?$/i.test(coding));
}

function status({ parameter }: Visit): Answer {
  const code = Number(parameter);
  if (code === 204 || code === 304) return { status: code };
  if (code === 205) return { status: code, body: "" };
  return text(code, `${[parameter, STATUS_CODES[code]].filter(Boolean).join(" ")}\n`);
}

function echo({ request, body }: Visit): Answer {
  return {
    status: 200,
    headers: { "Content-type": request.headers["content-type"] ?? "application/octet-stream" },
    body,
  };
}
