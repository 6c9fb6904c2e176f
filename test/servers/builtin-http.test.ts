import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { httpServer } from "../../src/servers/builtin-http.ts";
import type { RunningServer } from "../../src/servers/server.ts";

let server: RunningServer;
beforeEach(async () => {
  server = await httpServer().start(new AbortController().signal);
});
afterEach(() => server.stop());

/** Sends a request as it is written, and gives all that comes until the server closes, the Date left out. */
function raw(request: string, until?: (received: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(Number(new URL(server.target).port), "127.0.0.1");
    const done = (): void => {
      socket.destroy();
      resolve(received.replace(/Date: .* GMT\r\n/g, ""));
    };
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (until?.(received)) done();
    });
    socket.on("error", done).on("end", done);
    socket.write(Buffer.from(request, "latin1"));
  });
}

const request = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers, "", ""].join("\r\n");

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(new URL(path, server.target), init);

describe("the pages", () => {
  it("/ is exactly this", async () => {
    expect(await raw(request("GET /"))).toBe(
      "HTTP/1.1 200 OK\r\nContent-type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n",
    );
  });

  it("/chunked comes in chunks, with a trailer", async () => {
    expect(await raw(request("GET /chunked"))).toBe(
      "HTTP/1.1 200 OK\r\nContent-type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: Chunks\r\n" +
        "Connection: close\r\n\r\n4\r\none\n\r\n4\r\ntwo\n\r\n6\r\nthree\n\r\n0\r\nChunks: 3\r\n\r\n",
    );
  });

  it("/json is nested", async () => {
    const response = await get("/json");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({ name: "Ada", born: { year: 1815 }, programs: [{ lines: 25 }] });
  });

  it("/redirect leads to /", async () => {
    const response = await get("/redirect", { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "/"]);
    expect(await (await get("/redirect")).text()).toBe("hello\n");
  });

  it("/slow comes in pieces", async () => {
    const pieces: string[] = [];
    let last = "";
    await raw(request("GET /slow"), (received) => {
      pieces.push(received.slice(last.length));
      last = received;
      return false;
    });
    expect(last).toMatch(/Content-Length: 14\r\n(.*\r\n)*\r\none\ntwo\nthree\n$/);
    expect(pieces.length).toBeGreaterThanOrEqual(3);
    expect(pieces.at(-1)).toBe("three\n");
  });

  it("/early-close stops halfway", async () => {
    expect(await raw("GET /early-close HTTP/1.1\r\nHost: x\r\n\r\n")).toBe(
      "HTTP/1.1 200 OK\r\nContent-type: text/plain\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\nhello\n",
    );
    await expect((await get("/early-close")).text()).rejects.toThrow();
  });

  it("/early-close does not cut off the response before it", async () => {
    const two = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /early-close HTTP/1.1\r\nHost: x\r\n\r\n";
    expect(await raw(two)).toMatch(/one\ntwo\nthree\nHTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nhello\n$/);
  });

  it("/events sends events and stays open", async () => {
    const text = await raw("GET /events HTTP/1.1\r\nHost: x\r\n\r\n", (received) => received.includes("three\n\n"));
    expect(text).toMatch(/Content-type: text\/event-stream\r\n/);
    expect(text).toContain("id: 1\nevent: count\ndata: one\n\n");
    expect(text).not.toContain("\r\n0\r\n");
  });

  it("/gzip is compressed for those who accept it, and only for them", async () => {
    for (const accepts of ["gzip", "br, x-gzip;q=0.1", "*"]) {
      const received = await raw(request("GET /gzip", `Accept-Encoding: ${accepts}`));
      const [head = "", body = ""] = received.split(/\r\n\r\n([\s\S]*)/);
      expect(head).toMatch(/Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n/);
      expect(gunzipSync(Buffer.from(body, "latin1")).toString()).toBe("hello, compressed\n");
    }
    for (const accepts of ["identity", "gzip;q=0", "gzip; q=0.000", "br"]) {
      const received = await raw(request("GET /gzip", `Accept-Encoding: ${accepts}`));
      expect(received).toMatch(/Vary: Accept-Encoding\r\nContent-Length: 18\r\n(.*\r\n)*\r\nhello, compressed\n$/);
    }
  });

  it.each([
    [404, "404 Not Found\n"],
    [200, "200 OK\n"],
    [503, "503 Service Unavailable\n"],
    [599, "599\n"],
    [204, ""],
    [304, ""],
    [205, ""],
  ])("/status/%i has that status", async (code, body) => {
    const response = await get(`/status/${code}`);
    expect([response.status, await response.text()]).toEqual([code, body]);
  });

  it("/empty has no body", async () => {
    expect(await raw(request("GET /empty"))).toBe("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  });

  it("/echo gives back what it got", async () => {
    const response = await get("/echo", { method: "POST", body: "a=1", headers: { "content-type": "x/y" } });
    expect([response.headers.get("content-type"), await response.text()]).toEqual(["x/y", "a=1"]);
    const bytes = "\0\xff\r\n";
    expect(await raw(request("POST /echo", "Content-Length: 4") + bytes)).toMatch(
      new RegExp(`application/octet-stream\r\nContent-Length: 4\r\n(.*\r\n)*\r\n${bytes}$`),
    );
    const large = await get("/echo", { method: "POST", body: "x".repeat(1024 * 1024 + 1) });
    expect([large.status, await large.text()]).toEqual([413, "at most 1048576 bytes\n"]);
  });
});

describe("methods and paths", () => {
  const paths = [
    "/",
    "/json",
    "/chunked",
    "/slow",
    "/events",
    "/early-close",
    "/gzip",
    "/status/404",
    "/empty",
    "/items",
  ];
  it.each(paths)("HEAD %s is answered like GET, without a body", async (path) => {
    expect(await raw(request(`HEAD ${path}`))).toMatch(
      /^HTTP\/1\.1 (200 OK|204 No Content|404 Not Found)\r\n(.+\r\n)*\r\n$/,
    );
  });

  it("another method is 405, and told which would be right", async () => {
    for (const [line, allow] of [
      ["POST /", "GET, HEAD"],
      ["GET /echo", "POST"],
      ["PATCH /items/1", "GET, HEAD, PUT, DELETE"],
    ] as const) {
      expect(await raw(request(line))).toMatch(
        new RegExp(`^HTTP/1\\.1 405 Method Not Allowed\r\n.*\r\nAllow: ${allow}\r\n`),
      );
    }
  });

  it("another path is 404, as text", async () => {
    for (const path of ["/nope", "/status/199", "/status/600", "/items/", "/items/a/b", "*"]) {
      expect(await raw(request(`GET ${path}`))).toMatch(
        /^HTTP\/1\.1 404 Not Found\r\nContent-type: text\/plain\r\nContent-Length: 10\r\n(.*\r\n)*\r\nnot found\n$/,
      );
    }
  });

  it("a query and an absolute URL do no harm", async () => {
    for (const path of ["/?a=/json", "http://localhost:1/", "http://localhost", "http://localhost/?x"]) {
      expect(await raw(request(`GET ${path}`))).toMatch(/hello\n$/);
    }
  });

  it("what is no HTTP is answered with 400", async () => {
    expect(await raw("HELLO\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });
});

describe("/items", () => {
  async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
    const response = await get(path, { method, body: text, headers });
    const received = await response.text();
    return [response.status, response.headers.get("etag"), received.startsWith("{") ? JSON.parse(received) : received];
  }

  it("are created, read, replaced and deleted", async () => {
    expect(await send("POST", "/items", { name: "Ada" })).toEqual([201, '"1"', { id: "1", name: "Ada" }]);
    const created = await get("/items", { method: "POST", body: '{"id":"mine","name":"Bob"}' });
    expect(created.headers.get("location")).toBe("/items/2");
    expect(await created.text()).toBe('{"id":"2","name":"Bob"}\n');
    expect(await send("GET", "/items/1")).toEqual([200, '"1"', { id: "1", name: "Ada" }]);
    expect(await send("PUT", "/items/1", { name: "Eve" })).toEqual([200, '"3"', { id: "1", name: "Eve" }]);
    expect(await (await get("/items")).json()).toEqual([
      { id: "1", name: "Eve" },
      { id: "2", name: "Bob" },
    ]);
    expect(await send("DELETE", "/items/1")).toEqual([204, null, ""]);
    expect(await send("GET", "/items/1")).toEqual([404, null, "not found\n"]);
    expect(await send("DELETE", "/items/1")).toEqual([404, null, "not found\n"]);
  });

  it("are changed only where If-Match still holds", async () => {
    await send("POST", "/items", { n: 1 });
    expect(await send("PUT", "/items/1", { n: 2 }, { "If-Match": '"1"' })).toEqual([200, '"2"', { id: "1", n: 2 }]);
    const stale = [412, '"2"', "the item has changed\n"];
    expect(await send("PUT", "/items/1", { n: 3 }, { "If-Match": '"1"' })).toEqual(stale);
    expect(await send("PUT", "/items/1", { n: 3 }, { "If-Match": 'W/"2"' })).toEqual(stale);
    expect(await send("DELETE", "/items/1", undefined, { "If-Match": '"1"' })).toEqual(stale);
    expect(await send("GET", "/items/1")).toEqual([200, '"2"', { id: "1", n: 2 }]);
    expect(await send("PUT", "/items/1", { n: 3 }, { "If-Match": '"9", "2"' })).toEqual([
      200,
      '"3"',
      { id: "1", n: 3 },
    ]);
    expect(await send("DELETE", "/items/1", undefined, { "If-Match": "*" })).toEqual([204, null, ""]);
    expect(await send("PUT", "/items/1", { n: 4 }, { "If-Match": "*" })).toEqual([412, null, "the item has changed\n"]);
  });

  it("are created under a name, once where that is asked for", async () => {
    const once = { "If-None-Match": "*" };
    expect(await send("PUT", "/items/2", { n: 1 }, once)).toEqual([201, '"1"', { id: "2", n: 1 }]);
    expect(await send("PUT", "/items/2", { n: 2 }, once)).toEqual([412, '"1"', "the item has changed\n"]);
    await send("POST", "/items", {});
    expect(await send("POST", "/items", {})).toEqual([201, '"3"', { id: "3" }]);
  });

  it("are not sent again to those who have them", async () => {
    await send("POST", "/items", {});
    expect(await send("GET", "/items/1", undefined, { "If-None-Match": 'W/"1"' })).toEqual([304, '"1"', ""]);
    expect(await send("GET", "/items/1", undefined, { "If-None-Match": '"0"' })).toEqual([200, '"1"', { id: "1" }]);
  });

  it("have to be JSON objects", async () => {
    for (const body of ["", "{", "[1]", "null", '"text"', "1"]) {
      expect(await send("POST", "/items", body)).toEqual([400, null, "the body has to be a JSON object\n"]);
      expect(await send("PUT", "/items/1", body)).toEqual([400, null, "the body has to be a JSON object\n"]);
    }
    expect(await send("POST", "/items", '{"__proto__":{"polluted":true},"n":1}')).toEqual([
      201,
      '"1"',
      { id: "1", n: 1 },
    ]);
    expect("polluted" in {}).toBe(false);
  });

  it("are as many as there is room for", async () => {
    for (let i = 0; i < 1000; i++) expect((await send("POST", "/items", {}))[0]).toBe(201);
    expect(await send("POST", "/items", {})).toEqual([507, null, "there is room for 1000 items\n"]);
    expect((await send("PUT", "/items/new", {}))[0]).toBe(507);
    expect((await send("PUT", "/items/1", {}))[0]).toBe(200);
  });
});

describe("stopping", () => {
  it("ends open responses, idle connections and those that sent nothing", async () => {
    const open = [
      raw("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"),
      raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
      raw("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"),
      raw(""),
    ];
    await raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n", (received) => received.includes("hello"));
    await server.stop();
    await server.stop();
    expect((await Promise.all(open))[3]).toBe("");
    await expect(get("/")).rejects.toThrow();
  });

  it("forgets everything, and is not started for a run that is over", async () => {
    await get("/items", { method: "POST", body: "{}" });
    await server.stop();
    server = await httpServer().start(new AbortController().signal);
    expect(await (await get("/items")).text()).toBe("[]\n");
    await expect(httpServer().start(AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
  });
});
