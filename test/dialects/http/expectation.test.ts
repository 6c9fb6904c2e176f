import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeText } from "../../../src/base/bytes.ts";
import { loadRegexEngine } from "../../../src/base/regex.ts";
import type { DialectOptions } from "../../../src/base/settings.ts";
import type { Expectation } from "../../../src/dialects/codec.ts";
import { expectResponse, KnownResponses } from "../../../src/dialects/http/expectation.ts";
import { http } from "../../../src/dialects/http/http.ts";
import type { LinePattern } from "../../../src/match/pattern.ts";
import { scopeOf } from "../../match/support.ts";
import { bytes, CONTEXT, connection, expected, feed, request, shown } from "./support.ts";

await loadRegexEngine();

const LIMIT = 2000;
/** All share it, so that what one leaves meets the others. */
const KNOWN = new KnownResponses();
const VARS = { bound: "b1" };

const read = (written: readonly string[]): readonly LinePattern[] =>
  expected(...written).map((pattern) => http.responses?.readLine?.(pattern) ?? pattern);

interface Due {
  taken: number;
  readonly expectation: Expectation | undefined;
}

function quickWay(written: readonly string[], options: DialectOptions = {}): Due {
  const due = {
    to: 4,
    limit: LIMIT,
    taken: 0,
    known: KNOWN,
    took: () => due.taken++,
    expectation: undefined as Expectation | undefined,
  };
  const context = { eol: "crlf", unordered: false, scope: scopeOf(VARS), options, isFollowed: false } as const;
  due.expectation = expectResponse(read(written), context, due);
  return due;
}

/** What the full way makes of a response to a GET: its captures; undefined where it does not match or is not all. */
function fullWay(written: readonly string[], reply: string): Record<string, string> | undefined {
  const expects = read(written);
  const client = connection({}, { limit: LIMIT });
  request(client, ["GET / HTTP/1.1"]);
  const matcher = http.responses!.matcher!(expects, scopeOf(VARS), CONTEXT);
  try {
    const messages = client.responses.decode(bytes(reply));
    const progress = feed(matcher, messages, "more");
    const isIdle = client.owed === 0 && client.responses.pending === "nothing";
    const isAll = progress === "done" && isIdle && !messages.some(({ endsConnection }) => endsConnection);
    return isAll && !messages.some(({ part }) => part === "stray") ? Object.fromEntries(matcher.captures()) : undefined;
  } catch {
    return undefined;
  }
}

type Quick = { readonly came: string; readonly captured: Record<string, string> | undefined } | "other";

/** The captures by the quick way, of as many pieces as it takes; undefined where more is to come. */
function quickly(written: readonly string[], pieces: readonly string[]): Quick {
  const due = quickWay(written);
  let came = "";
  for (const piece of pieces) {
    came += piece;
    const answer = due.expectation?.read(piece, false) ?? "other";
    expect(due.taken).toBe(answer === "all" ? 1 : 0);
    if (answer === "other") return "other";
    if (answer === "all") {
      const captured = Object.fromEntries(due.expectation!.captured);
      const followed = quickWay(written).expectation!;
      expect(followed.read(`${came}HTTP/1.1 200 OK\r\n`, true)).toBe("all");
      expect([followed.rest, Object.fromEntries(followed.captured)]).toEqual([17, captured]);
      expect(followed.decoded()).toEqual(due.expectation!.decoded());
      return { came, captured };
    }
  }
  return { came, captured: undefined };
}

/** The quick way may say `other` of anything; else it says what the full way does. */
function agree(written: readonly string[], pieces: readonly string[]): void {
  const quick = quickly(written, pieces);
  if (quick === "other") return;
  expect({ written, pieces, ...quick }).toEqual({ written, pieces, ...quick, captured: fullWay(written, quick.came) });
}

const response = (status: string, headers: readonly string[], body: string): string =>
  `HTTP/1.1 ${status}\r\n${headers.map((one) => `${one}\r\n`).join("")}\r\n${encodeText(body)}`;

const NGINX = response(
  "200 OK",
  [
    "Server: nginx/1.26.3",
    "Date: Fri, 28 Nov 2025 16:00:00 GMT",
    "Content-Type: text/plain",
    "Content-Length: 16",
    "Connection: keep-alive",
    "X-Id: 17",
  ],
  "hello from nginx",
);

const ORDINARY: readonly (readonly [readonly string[], string])[] = [
  [["HTTP/1.1 200 OK"], NGINX],
  [["HTTP/1.1 200"], NGINX],
  [["HTTP/1.1 200 OK", "", "hello from nginx"], NGINX],
  [["HTTP/1.1 200 OK", "", "{{body}}"], NGINX],
  [["HTTP/1.1 200 OK", "", "hello from {{who:word}}"], NGINX],
  [["HTTP/1.1 200 OK", "X-Id: {{id:int}}", "Content-Type: text/plain", "", "{{body}}"], NGINX],
  [["", "HTTP/1.1 200 OK", "Date: {{_}}", "Server: nginx/{{version}}", "X-Id: {{id}}"], NGINX],
  [["HTTP/1.1 404 Not Found", "", "é", "{{bound}}"], response("404 Not Found", ["content-length: 6"], "é\nb1\n")],
  [["HTTP/1.1 200 OK", "", "a", "b"], response("200 OK", ["Content-Length:6  "], "a\r\nb\r\n")],
  [["HTTP/1.1 200 OK", "", "<<<"], response("200 OK", ["Content-Length: 0"], "")],
  [["HTTP/1.1 200 OK", "<<<"], response("200 OK", ["Content-Length: 0"], "")],
  [["HTTP/1.1 204 No Content"], response("204 No Content", ["Date: now"], "")],
  [
    ["HTTP/1.1 201", "Location: /items/{{id}}", "", "id {{id}}"],
    response("201 Created", ["Location: /items/9", "Content-Length: 4"], "id 9"),
  ],
];

const UNUSUAL: readonly (readonly [readonly string[], string])[] = [
  [["HTTP/1.1 200 OK", '{"a": 1}'], NGINX],
  [["HTTP/1.1 200 OK", "", '{"a": 1}'], response("200 OK", ["Content-Length: 8"], '{"a": 1}')],
  [["HTTP/1.1 200 OK", "", "{", "}"], response("200 OK", ["Content-Length: 4"], "{\r\n}")],
  [["HTTP/1.1 200 OK", "", "<<< [", "{{a}}]"], response("200 OK", ["Content-Length: 4"], "[\n1]")],
  [["HTTP/1.1 200 OK", "", "", "[1]"], response("200 OK", ["Content-Length: 4"], "\n[1]")],
  [["HTTP/1.1 200 OK", "", "{{{a}}: 1}"], response("200 OK", ["Content-Length: 8"], '{"b": 1}')],
  [["HTTP/1.1 200 OK", "", "...", "x"], response("200 OK", ["Content-Length: 3"], "a\nx")],
  [["HTTP/1.1 200 OK", "X-Id: {{id}}"], response("200 OK", ["x-id: 1", "X-Id: 2", "Content-Length: 0"], "")],
  [["HTTP/1.1 200 OK", "X-Id: {{id}}"], response("200 OK", ["X-Id:   2 ", "Content-Length: 0"], "")],
  [["HTTP/1.1 200 OK", "X-Id: 2{{id}}"], response("200 OK", ["X-Id: 1", "X-Id: 23", "Content-Length: 0"], "")],
  [["HTTP/1.1 200 OK", "x-id: 17"], NGINX],
  [["HTTP/1.1 200 OK", "A: {{x}}", "A: {{y}}"], response("200 OK", ["A: 1", "A: 2", "Content-Length: 0"], "")],
  [["HTTP/1.1 200 OK", "A: {{x}}", "B: {{x}}"], response("200 OK", ["B: 1", "A: 1", "Content-Length: 0"], "")],
  [["HTTP/1.1 200 OK", "{{name}}: 1"], response("200 OK", ["B: 1", "Content-Length: 0"], "")],
  [["HTTP/1.1 {{code:int}} OK"], NGINX],
  [["HTTP/1.1 200 OK (lf)"], NGINX],
  [["HTTP/1.1 200 OK "], response("200 OK ", ["Content-Length: 0"], "")],
  [["HTTP/1.1 200\\x20 (esc)"], response("200 ", ["Content-Length: 0"], "")],
  [["\\x48TTP/1.1 200 (esc)"], response("200", ["Content-Length: 0"], "")],
  [["HTTP/1.1 200 OK", "", "a\\x0d (esc)"], response("200 OK", ["Content-Length: 2"], "a\r")],
  [["HTTP/1.1 200 OK", "", "a\\nb (esc)"], response("200 OK", ["Content-Length: 3"], "a\nb")],
  [["HTTP/1.1 200 A\\x42 (esc)"], response("200 A\\x42 (esc)", ["Content-Length: 0"], "")],
  [["HTTP/1.1 200 OK", "", "{", '"a": {{x}}', "}"], response("200 OK", ["Content-Length: 18"], '{\n"a": 1, "b": 2\n}')],
  [["HTTP/1.0 200 OK"], NGINX.replace("1.1", "1.0")],
  [["HTTP/1.1 100 Continue", "", "HTTP/1.1 200 OK"], NGINX],
  [["HTTP/1.1 101 Switching Protocols"], response("101 Switching Protocols", ["Upgrade: x"], "")],
  [["HTTP/1.1 204"], response("204 No Content", ["Content-Length: 3"], "")],
  [["HTTP/1.1 304", "", "x"], response("304 Not Modified", ["Content-Length: 1"], "x")],
  [["x"], NGINX],
];

/** Heads that have to go the full way. */
const FURTHER = [
  "Transfer-Encoding: chunked",
  "Content-Encoding: identity",
  "content-encoding: gzip",
  "Connection: close",
  "Connection: keep-alive, close",
  "Content-Length: 16",
  "Content-Type: text/event-stream",
  "no colon",
  " folded: x",
  "Space : x",
  "X: a\rb",
  "X: a\0",
  ": x",
  "X: y\n",
];

const mutation = fc.record({
  at: fc.nat(220),
  drop: fc.nat(3),
  put: fc.constantFrom(
    "",
    "x",
    "\r",
    "\n",
    "\r\n",
    "\r\n\r\n",
    " ",
    ":",
    "1",
    "0",
    "\xa9",
    ...FURTHER.map((one) => `${one}\r\n`),
  ),
});

describe("the quick way for a response", () => {
  it.each(ORDINARY)("takes %j", (written, reply) => {
    const captured = fullWay(written, reply);
    expect(captured).toBeDefined();
    expect(quickly(written, [reply])).toEqual({ came: reply, captured });
    for (let at = reply.indexOf("\r\n\r\n") + 4; at < reply.length; at++)
      expect(quickly(written, [reply.slice(0, at), reply.slice(at)])).toEqual({ came: reply, captured });
  });

  it.each([...ORDINARY, ...UNUSUAL])("agrees with the full way on %j, cut at every byte", (written, reply) => {
    agree(written, [reply]);
    for (let at = 1; at < reply.length; at++) agree(written, [reply.slice(0, at), reply.slice(at)]);
    agree(written, [...reply]);
    agree(written, [`${reply}\r\n`]);
  });

  it.each(FURTHER)("leaves a head with %j to the full way", (header) => {
    expect(quickly(["HTTP/1.1 200 OK"], [NGINX.replace("X-Id: 17", header)])).toBe("other");
  });

  it("decodes to the parts that the codec hands over", () => {
    for (const [written, reply] of ORDINARY) {
      const { expectation } = quickWay(written);
      expect(expectation!.read(reply, false)).toBe("all");
      const client = connection();
      request(client, ["GET / HTTP/1.1"]);
      expect(shown(expectation!.decoded())).toEqual(shown(client.responses.decode(bytes(reply))));
      for (const { to, interim } of expectation!.decoded()) expect({ to, interim }).toEqual({ to: 4, interim: false });
    }
  });

  it("leaves what the settings or the limit make unusual to the full way", () => {
    expect(quickWay(["HTTP/1.1 200 OK"], { headers: "exact" }).expectation).toBeUndefined();
    const context = { eol: "crlf", unordered: false, scope: scopeOf({}), options: {}, isFollowed: false } as const;
    const due = { to: 0, limit: LIMIT, took: () => undefined, known: KNOWN };
    expect(expectResponse(read(["HTTP/1.1 200"]), { ...context, eol: "any" }, due)).toBeUndefined();
    expect(expectResponse(read(["HTTP/1.1 200"]), { ...context, unordered: true }, due)).toBeUndefined();
    const size = NGINX.length;
    expect(expectResponse(read(["HTTP/1.1 200"]), context, { ...due, limit: size })?.read(NGINX, false)).toBe("all");
    expect(expectResponse(read(["HTTP/1.1 200"]), context, { ...due, limit: size - 1 })?.read(NGINX, false)).toBe(
      "other",
    );
    expect(quickly(["HTTP/1.1 200"], [response("200 OK", [`Content-Length: ${LIMIT}`], "")])).toBe("other");
  });

  it("says what the full way says of right and wrong responses, however they are cut", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ORDINARY, ...UNUSUAL),
        fc.constantFrom(...ORDINARY, ...UNUSUAL),
        fc.boolean(),
        fc.array(mutation, { maxLength: 2 }),
        fc.array(fc.nat(300), { maxLength: 3 }),
        ([written, own], [, others], isOwn, mutations, places) => {
          let reply = isOwn ? own : others;
          for (const { at, drop, put } of mutations) reply = reply.slice(0, at) + put + reply.slice(at + drop);
          const cuts = [0, ...places.filter((at) => at < reply.length).sort((a, b) => a - b), reply.length];
          agree(written, [reply]);
          agree(
            written,
            cuts.slice(1).flatMap((to, i) => (to > cuts[i]! ? [reply.slice(cuts[i]!, to)] : [])),
          );
        },
      ),
      { numRuns: 3000 },
    );
  });
});
