/** The other side of a connection: a server decodes requests and encodes responses, a proxy decodes both. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Codec, Decoded, FlushReason } from "../../../src/dialects/codec.ts";
import { FramingError } from "../../../src/dialects/errors.ts";
import { http } from "../../../src/dialects/http/http.ts";
import type { Progress } from "../../../src/match/matcher.ts";
import { bytes, CONTEXT, connection, expected, feed, outgoing, request, sent, shown, written } from "./support.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const linesOf = (decoded: readonly Decoded[]): readonly string[] => decoded.flatMap(({ lines }) => lines);
const respond = (one: Codec, ...lines: readonly string[]): string => sent(one.responses.encode(outgoing(...lines)));

/** Decodes requests in pieces of these sizes, the last one again and again. */
function decode(one: Codec, text: string, sizes: readonly number[] = [text.length], end?: FlushReason) {
  const decoded: Decoded[] = [];
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = Math.max(1, sizes[Math.min(i, sizes.length - 1)]!);
    decoded.push(...one.requests.decode(bytes(text.slice(at, at + size))));
    at += size;
  }
  return end ? [...decoded, ...one.requests.flush(end)] : decoded;
}

const requests: readonly (readonly [text: string, shows: readonly string[]])[] = [
  ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", ["head: GET / HTTP/1.1\r\nHost: x\r\n\r\n", "|"]],
  ["GET / HTTP/1.1\nHost: x\n\n", ["head: GET / HTTP/1.1\nHost: x\n\n", "|"]],
  [
    "POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\na\nb\nxyz",
    ["head: POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\n", "body: a\nb\nxyz", "|"],
  ],
  [
    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;a\r\nhel\r\n2\r\nlo\r\n0\r\nX: 1\r\n\r\n",
    [
      "head: PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "body: 3;a\r\nhel\r\n2\r\nlo\r\n0\r\nX: 1\r\n\r\n",
      "|",
    ],
  ],
  [
    "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.0\r\n\r\n",
    [
      "head: PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
      "body: hi",
      "|",
      "head: GET /b HTTP/1.0\r\n\r\n",
      "|",
    ],
  ],
  [
    "GET / HTTP/1.1\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ["head: GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "|", "stray: GET / HTTP/1.1\r\n\r\n"],
  ],
];

describe.each(requests)("the request %j", (text, shows) => {
  it("is decoded whole and in any pieces", () => {
    expect(shown(decode(connection(), text))).toEqual(shows);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
        expect(shown(decode(connection(), text, sizes))).toEqual(shows);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a request that was decoded", () => {
  it("has a number, at its end", () => {
    const one = connection();
    const decoded = decode(one, "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na\nHEAD / HTTP/1.1\r\n\r\n");
    expect(decoded.map((message) => [message.part, message.to, message.request])).toEqual([
      ["head", undefined, undefined],
      ["body", undefined, { id: 0, isIdempotent: false }],
      ["head", undefined, { id: 1, isIdempotent: true }],
    ]);
    expect(one.owed).toBe(2);
  });

  it("is shown as a document writes it", () => {
    for (const [text] of requests.slice(0, 4)) {
      const lines = written(linesOf(decode(connection(), text)));
      const complete = connection({ complete: false });
      expect(sent(complete.requests.encode(lines))).toBe(text);
    }
  });

  it("is what the client's lines say, completed", () => {
    const cases = [
      ["GET /caf\xc3\xa9 HTTP/1.1"],
      ["POST / HTTP/1.1", "X: 1", "", "a", "b"],
      ["POST / HTTP/1.0", "", "a (lf)"],
      ["PUT / HTTP/1.1", "Transfer-Encoding: chunked", "", "1", "x", "0", ""],
    ];
    for (const lines of cases) {
      const text = request(connection(), lines);
      const decoded = decode(connection(), text);
      expect(linesOf(decoded).join("")).toBe(text);
      expect(decoded.at(-1)?.request).toBeDefined();
      // Completed once, it is complete.
      expect(sent(connection().requests.encode(written(linesOf(decoded))))).toBe(text);
    }
  });
});

describe("what is no request breaks the framing", () => {
  it.each([
    ["\r\nGET / HTTP/1.1\r\n", "an empty line stands before the request line"],
    ["\x16\x03\x01\x02\x00\x01", "the client does not speak HTTP/1"],
    ["hello\n", "the request line is not a method, a target and a version"],
    ["GET  / HTTP/1.1\r\n", "the request line is not a method, a target and a version"],
    ["GET /a b HTTP/1.1\r\n", "the request line is not a method, a target and a version"],
    ["GET / HTTP/2\r\n", 'the request line names "HTTP/2"'],
    ["GET /\x01 HTTP/1.1\r\n", "the request line holds a control character"],
    ["GET / HTTP/1.1\r\r\n", "the request line"],
    ["GET / HTTP/1.1\r\nHost : x\r\n", "white space stands before the colon of a header"],
    ["POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "the Content-Length of the request is not a number of bytes"],
    [
      "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
      "the Transfer-Encoding of the request does not end in chunked",
    ],
    ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "the request has both"],
    ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", "a chunk does not end where its size says"],
  ])("%j", (text, message) => {
    expect(() => decode(connection(), text)).toThrow(message);
    expect(() => decode(connection(), text, [1])).toThrow(message);
  });

  it("and every byte that was read is told", () => {
    const one = connection();
    const text = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n";
    let error: unknown;
    try {
      decode(one, text);
    } catch (thrown) {
      error = thrown;
    }
    expect(linesOf((error as FramingError).messages).join("")).toBe(text);
  });

  it("at most: any bytes in any pieces come to the same", () => {
    const pieces = fc.constantFrom(
      "GET / HTTP/1.1\r\n",
      "Host: x\r\n",
      "\r\n",
      "Content-Length: 3\r\n",
      "abc",
      "\n",
      "\0",
    );
    const chunked = fc.constantFrom(
      "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "3\r\n",
      "0\r\n",
      "\r\n",
      "X: y\r\n",
    );
    const outcome = (text: string, sizes: readonly number[]): string => {
      const one = connection();
      try {
        return shown(decode(one, text, sizes, "closed")).join("#");
      } catch (error) {
        if (!(error instanceof FramingError)) throw error;
        return `! ${error.message.replace(/".*"/, "")}`;
      }
    };
    const text = fc.array(fc.oneof(pieces, chunked, fc.string({ maxLength: 3 })), { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (all, sizes) => {
        expect(outcome(all.join(""), sizes)).toBe(outcome(all.join(""), [1000]));
      }),
      { numRuns: 300 },
    );
  });

  it("a request that is too large is refused", () => {
    const one = connection({}, { limit: 1000 });
    expect(() => decode(one, `POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n${"x".repeat(1500)}`)).toThrow(
      "the request is larger than the limit of 1000 bytes",
    );
  });
});

describe("a request in the middle", () => {
  it.each([
    ["", "nothing", undefined],
    ["GE", "message", "in the middle of the request line"],
    ["GET / HTTP/1.1\r\n", "message", "in the middle of the head, before the empty line that ends it"],
    ["POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab", "message", "after 2 of 4 bytes of the body"],
    ["GET / HTTP/1.1\r\n\r\n", "nothing", undefined],
  ] as const)("%j: %s %s", (text, pending, where) => {
    const one = connection();
    decode(one, text);
    expect([one.requests.pending, one.requests.begun.where]).toEqual([pending, where]);
    decode(one, "", [1], "closed");
    expect([one.requests.pending, one.requests.begun.where]).toEqual([pending, where]);
  });
});

describe("a response is completed", () => {
  const answered = (line: string, ...lines: readonly string[]): string => {
    const one = connection();
    decode(one, `${line}\r\n\r\n`);
    return respond(one, ...lines);
  };
  it.each<[name: string, line: string, lines: readonly string[], sent: string]>([
    ["with a length", "GET / HTTP/1.1", ["HTTP/1.1 200 OK", "", "hi"], `${OK}Content-Length: 4\r\n\r\nhi\r\n`],
    ["with the length of nothing", "GET / HTTP/1.1", ["HTTP/1.1 200 OK"], `${OK}Content-Length: 0\r\n\r\n`],
    [
      "but not under HEAD",
      "HEAD / HTTP/1.1",
      ["HTTP/1.1 200 OK", "Content-Length: 9"],
      `${OK}Content-Length: 9\r\n\r\n`,
    ],
    ["nor with 204", "GET / HTTP/1.1", ["HTTP/1.1 204 No"], "HTTP/1.1 204 No\r\n\r\n"],
    ["nor with 304", "GET / HTTP/1.1", ["HTTP/1.1 304 No", "", ""], "HTTP/1.1 304 No\r\n\r\n"],
    [
      "nor in chunks",
      "GET / HTTP/1.1",
      ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "2", "hi", "0", ""],
      `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    ],
    [
      "nor in a stream of events",
      "GET / HTTP/1.1",
      ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "", "data: 1", ""],
      `${OK}Content-Type: text/event-stream\r\n\r\ndata: 1\r\n\r\n`,
    ],
    [
      "as long as it says it is",
      "GET / HTTP/1.1",
      ["HTTP/1.1 200 OK", "Content-Length: 2", "", "hi"],
      `${OK}Content-Length: 2\r\n\r\nhi`,
    ],
    [
      "after interim ones",
      "GET / HTTP/1.1",
      ["HTTP/1.1 103 Hints", "Link: a", "", "HTTP/1.1 200 OK", "", "x (no-eol)"],
      `HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
    ],
  ])("%s", (_name, line, lines, text) => {
    expect(answered(line, ...lines)).toBe(text);
  });

  it.each<[lines: readonly string[], message: string]>([
    [["hello"], 'a response begins with a line like "HTTP/1.1 200 OK"'],
    [["HTTP/1.1 204 No", "", "body"], "a response with status 204 has no body"],
    [["HTTP/1.1 200 OK", "body"], "write an empty line between the headers and the body"],
    [["HTTP/1.1 200 OK (no-eol)"], "a line before the body needs a line ending"],
  ])("or refused: %j", (lines, message) => {
    expect(() => answered("GET / HTTP/1.1", ...lines)).toThrow(message);
  });

  it("or not at all", () => {
    const one = connection({ complete: false });
    decode(one, "GET / HTTP/1.1\r\n\r\n");
    expect(respond(one, "nonsense", "", "x")).toBe("nonsense\r\n\r\nx\r\n");
  });

  it("and answers requests in their order", () => {
    const one = connection();
    decode(one, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    const lines = outgoing("HTTP/1.1 204 No");
    expect(one.responses.encode(lines, undefined, 1)).toEqual({
      withheld: "an earlier request on the connection has no response yet",
    });
    respond(one, "HTTP/1.1 100 Continue");
    expect(one.owed).toBe(2);
    sent(one.responses.encode(lines, undefined, 0));
    expect(one.owed).toBe(1);
    expect(one.responses.encode(lines, undefined, 0)).toEqual({ withheld: "the request has its final response" });
    sent(one.responses.encode(lines, undefined, 1));
    expect(one.owed).toBe(0);
  });

  it("and goes on in the lines that follow", () => {
    const one = connection();
    decode(one, "GET / HTTP/1.1\r\n\r\n");
    const head = sent(one.responses.encode(outgoing("HTTP/1.1 200 OK", "", "a"), outgoing("b")));
    expect(head).toBe(`${OK}Content-Length: 6\r\n\r\na\r\n`);
    expect(one.owed).toBe(1);
    expect(respond(one, "b")).toBe("b\r\n");
    expect(one.owed).toBe(0);
    expect(() => respond(one, "c")).toThrow("a response begins with a line like");
  });

  it("and goes on to the close where it is a stream of events", () => {
    const one = connection();
    decode(one, "GET / HTTP/1.1\r\n\r\n");
    respond(one, "HTTP/1.1 200 OK", "Content-Type: text/event-stream", "", "data: 1", "");
    expect(respond(one, "data: 2", "")).toBe("data: 2\r\n\r\n");
    expect(respond(one, "data: 3", "")).toBe("data: 3\r\n\r\n");
  });
});

describe("a change of protocol", () => {
  it.each(["CONNECT a:1 HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n"])(
    "is waited for after %j, and what the client sends then is lines",
    (text) => {
      const one = connection();
      expect(shown(decode(one, `${text}hello`)).at(-1)).toBe("|");
      expect(one.requests.pending).toBe("message");
      respond(one, text.startsWith("CONNECT") ? "HTTP/1.1 200 OK" : "HTTP/1.1 101 Up");
      expect(one.owed).toBeUndefined();
      expect(one.requests.decode(bytes(""))).toEqual([]);
      expect(one.requests.pending).toBe("line");
      expect(shown(one.requests.decode(bytes("!\n")))).toEqual(["body: hello!\n"]);
      expect(respond(one, "HTTP/1.1 is no more")).toBe("HTTP/1.1 is no more\r\n");
    },
  );

  it("may be refused, and what the client sent then is a request", () => {
    const one = connection();
    const next = "GET / HTTP/1.1\r\n\r\n";
    decode(one, `CONNECT a:1 HTTP/1.1\r\n\r\n${next}`);
    respond(one, "HTTP/1.1 403 No");
    expect(shown(one.requests.decode(bytes("")))).toEqual([`head: ${next}`, "|"]);
  });

  it("that nobody answers leaves what follows as it is", () => {
    const one = connection();
    decode(one, "CONNECT a:1 HTTP/1.1\r\n\r\n\x16\x03\x01");
    expect(shown(one.requests.flush("closed"))).toEqual(["stray: \x16\x03\x01"]);
  });
});

it("a proxy that decodes both directions tells the framing of each", () => {
  const one = connection();
  const head = `${OK}Content-Length: 5\r\n\r\n`;
  decode(one, "HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\nCONNECT a:1 HTTP/1.1\r\n\r\n");
  const decoded = one.responses.decode(bytes(`${head}${head}hello${OK}\r\nlines\n`));
  expect(shown(decoded)).toEqual([
    `head: ${head}`,
    "|",
    `head: ${head}`,
    "body: hello",
    "|",
    `upgrade: ${OK}\r\n`,
    "| protocol",
    "body: lines\n",
  ]);
  expect(decoded.map(({ to }) => to)).toEqual([0, 1, 1, 2, undefined]);
  expect(shown(decode(one, "ping\n"))).toEqual(["body: ping\n"]);
});

it("what a server encodes a client decodes to the same lines", () => {
  const header = fc.constantFrom("X: 1", "Date: now", "Link: <a>; b");
  const status = fc.constantFrom("HTTP/1.1 200 OK", "HTTP/1.1 404", "HTTP/1.0 500 No");
  const body = fc.array(fc.constantFrom("hello", "{}", "data: 1", "", "a: b (lf)", "HTTP/1.1 200 OK"), {
    minLength: 2,
    maxLength: 5,
  });
  fc.assert(
    fc.property(status, fc.array(header, { maxLength: 3 }), body, (first, headers, last) => {
      const [client, server] = [connection(), connection()];
      const lines = outgoing(first, ...headers, "", ...last);
      decode(server, request(client, ["GET / HTTP/1.1"]));
      const decoded = client.responses.decode(bytes(sent(server.responses.encode(lines))));
      const without = linesOf(decoded).filter((line) => !line.startsWith("Content-Length"));
      expect(without).toEqual(lines.map((line) => line.bytes + line.ending));
      expect([decoded.at(-1)?.to, client.owed, server.owed]).toEqual([0, 0, 0]);
      expect(client.responses.pending).toBe("nothing");
    }),
    { numRuns: 100 },
  );
});

describe("a written request", () => {
  const play = (document: readonly string[], text: string): readonly unknown[] => {
    const one = connection();
    const matcher = http.requests!.matcher!(expected(...document), { get: () => undefined }, CONTEXT);
    const progress: Progress = feed(matcher, decode(one, text), "more");
    const { pattern, detail } = matcher.unmatched();
    return progress === "failed" ? [progress, pattern?.line, detail] : [progress, ...matcher.captures()];
  };
  const post = 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n{"a": 1}';
  it.each([
    ["matches", ["POST /x HTTP/1.1"], ["done"]],
    ["captures", ["POST /{{path}} HTTP/1.1"], ["done", ["path", "x"]]],
    ["names some of its headers", ["POST /x HTTP/1.1", "host: a"], ["done"]],
    ["has another target", ["POST /y HTTP/1.1"], ["failed", 1, ""]],
    ["has another version", ["POST /x HTTP/1.0"], ["failed", 1, ""]],
    ["names another header", ["POST /x HTTP/1.1", "Host: b"], ["failed", 2, 'header "Host" differs']],
    ["lacks a header", ["POST /x HTTP/1.1", "X: b"], ["failed", 2, 'header "X" is missing']],
    ["has a body", ["POST /x HTTP/1.1", "", '{"a":{{n}}}'], ["done", ["n", "1"]]],
    ["has another body", ["POST /x HTTP/1.1", "", '{"a": 2}'], ["failed", 3, "differs at $.a: the number is 1"]],
  ] as const)("%s", (_name, document, outcome) => {
    expect(play(document, post)).toEqual(outcome);
  });

  it("that awaits 100 Continue may end with its head, and goes on in further lines", () => {
    const head = "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    expect(play(["PUT / HTTP/1.1", "Expect: 100-continue"], head)).toEqual(["open"]);
    const matcher = http.requests!.matcher!(expected("hi"), { get: () => undefined }, CONTEXT);
    expect(matcher.feed("hi", "body")).toBe("more");
    expect(matcher.end()).toBe("done");
  });

  it("is shown with what it speaks of", () => {
    const received = decode(connection(), post).flatMap(({ lines, part }) => lines.map((line) => ({ line, part })));
    const patterns = expected("POST /y HTTP/1.1", "Host: b");
    const { lines, matches } = http.requests!.compare!(patterns, received, { get: () => undefined }, CONTEXT);
    expect(lines).toEqual(["POST /x HTTP/1.1\r\n", "Host: a\r\n"]);
    expect(patterns.map((pattern, i) => matches(pattern, lines[i]!))).toEqual([false, false]);
  });
});
