import { beforeAll, describe, expect, it } from "vitest";
import { loadRegexEngine } from "../../../src/base/regex.ts";
import type { DialectOptions } from "../../../src/base/settings.ts";
import { http } from "../../../src/dialects/http/http.ts";
import type { Captures, Progress, Unmatched } from "../../../src/match/matcher.ts";
import { bytes, CONTEXT, connection, expected, feed, request } from "./support.ts";

beforeAll(() => Promise.all([loadRegexEngine(), http.load?.({})]));

interface Played {
  readonly progress: Progress;
  readonly unmatched: Unmatched;
  readonly captures: Captures;
}

interface How {
  readonly options?: DialectOptions;
  readonly unordered?: boolean;
  readonly bound?: Readonly<Record<string, string>>;
  /** What happens after the bytes: nothing, silence, or the server closes. */
  readonly after?: "silence" | "close";
  readonly line?: string;
}

/** Plays one exchange: the written reply lines against a response, each chunk in turn. */
function play(written: readonly string[], chunks: string | readonly string[], how: How = {}): Played {
  const { options = {}, unordered = false, bound = {}, after, line = "GET / HTTP/1.1" } = how;
  const one = connection(options);
  const expects = expected(...written);
  request(one, [line]);
  const readsBytes = expects.some(({ ending }) => ending === "none");
  const scope = { get: (name: string): string | undefined => bound[name] };
  const matcher = http.responses!.matcher!(expects, scope, { ...CONTEXT, unordered, options });
  let progress: Progress = "more";
  for (const chunk of typeof chunks === "string" ? [chunks] : chunks)
    progress = feed(
      matcher,
      [...one.responses.decode(bytes(chunk)), ...(readsBytes ? one.responses.flush("bytes") : [])],
      progress,
    );
  if (after) progress = feed(matcher, one.responses.flush(after === "close" ? "closed" : after), progress);
  const isTruncated = after === "close" && one.responses.pending !== "nothing";
  if (after && (progress === "open" || progress === "more")) progress = matcher.end(isTruncated);
  return { progress, unmatched: matcher.unmatched(), captures: matcher.captures() };
}

const respond = (body: string, ...headers: string[]): string =>
  ["HTTP/1.1 200 OK", ...headers, `Content-Length: ${body.length}`, "", body].join("\r\n");
const chunked = (body: string, trailers = "", ...headers: string[]): string =>
  [
    "HTTP/1.1 200 OK",
    ...headers,
    "Transfer-Encoding: chunked",
    "",
    ...(body === "" ? [] : [body.length.toString(16), body]),
    "0",
    `${trailers}\r\n`,
  ].join("\r\n");

const done = (written: readonly string[], chunks: string | readonly string[], how?: How): Captures => {
  const { progress, unmatched, captures } = play(written, chunks, how);
  expect(progress, unmatched.detail || `awaits "${unmatched.pattern?.source}"`).toBe("done");
  return captures;
};
/** The failure: its line in what was written, how many received lines stood before it, and its detail. */
const failed = (written: readonly string[], chunks: string | readonly string[], how?: How): readonly unknown[] => {
  const { progress, unmatched } = play(written, chunks, how);
  expect(progress).toBe("failed");
  return [unmatched.pattern?.line, unmatched.received, unmatched.detail];
};

describe("the status line", () => {
  it.each([
    "HTTP/1.1 200 OK",
    "HTTP/1.1 200",
    "HTTP/1.1 {{_:int}}",
    "HTTP/1.1 {{_}} OK",
    "HTTP/1.1 2\\d\\d (re)",
    "HTTP/1.1 200 .* (re)",
  ])("%s matches", (status) => {
    done([status], respond("body"));
  });
  it.each(["HTTP/1.1 201", "HTTP/1.1 200 Fine", "HTTP/1.0 200 OK", "HTTP/1.1 20"])("%s does not", (status) => {
    expect(failed([status], respond("body"))).toEqual([1, 0, ""]);
  });
  it("takes the shortest text", () => {
    expect(done(["HTTP/1.1 {{code}}"], respond("")).get("code")).toBe("200");
    expect(done(["HTTP/1.1 {{code}} {{reason}}"], respond("")).get("reason")).toBe("OK");
  });
  it("and headers may end in a byte that is white space elsewhere", () => {
    done(
      ["HTTP/1.1 200 Voil\u00e0", "X: \u00e0"],
      "HTTP/1.1 200 Voil\xc3\xa0\r\nX: \xc3\xa0\r\nContent-Length: 0\r\n\r\n",
    );
  });
  it("may have no reason", () => {
    done(["HTTP/1.1 200"], "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n");
  });
});

describe("headers", () => {
  const response = respond(
    "",
    "Content-Type:  text/plain ",
    "Set-Cookie: a=1",
    "Set-Cookie: b=2",
    "X-Empty:",
    "Age: 12",
  );
  it.each([
    [["Content-Type: text/plain"]],
    [["content-type:text/plain"]],
    [["CONTENT-TYPE:   text/plain   "]],
    [["Age: 12", "Content-Type: text/plain"]],
    [["Set-Cookie: b=2", "Set-Cookie: a=1"]],
    [["Set-Cookie: {{first}}", "Set-Cookie: a=1"]],
    [["x-empty:"]],
    [["X-Empty: {{_:any}}"]],
    [["Age: {{age:int}}"]],
    [["{{name}}: 12"]],
    [["age: \\d+ (re)"]],
    [["(?i)AGE: \\d+ (re)"]],
    [["Age: 12 (?)"]],
    [["X-Missing: 12 (?)"]],
    [["Set-Cookie: {{_}} (*)"]],
    [["...", "Age: 12", "..."]],
    [["Age: \\x31\\x32 (esc)"]],
    [["Age: 12 (crlf)"]],
  ])("%j are there", (headers) => {
    done(["HTTP/1.1 200", ...headers], response);
  });

  it.each([
    [["X-Missing: 1"], [2, 7, 'header "X-Missing" is missing']],
    [
      ["Age: 12", "age: 12"],
      [3, 7, 'header "age" is missing'],
    ],
    [
      ["Set-Cookie: a=1", "Set-Cookie: b=2", "Set-Cookie: {{_}}"],
      [4, 7, 'header "Set-Cookie" is missing'],
    ],
    [["content-type: text/html"], [2, 1, 'header "content-type" differs']],
    [
      ["Content-Type: text/plain", "Age: 13"],
      [3, 5, 'header "Age" differs'],
    ],
    [
      ["Set-Cookie: a=1", "Set-Cookie: c"],
      [3, 3, 'header "Set-Cookie" differs'],
    ],
    [["Age: 13 (?)"], [2, 5, 'header "Age" differs']],
    [["Age: 12 (lf)"], [2, 5, 'header "Age" ends with CRLF, expected LF']],
    [["Age: [a-z]+ (re)"], [2, 5, 'header "Age" differs']],
    [
      ["...", "X: {{_}}"],
      [3, 7, 'header "X" is missing'],
    ],
  ])("%j are not", (headers, failure) => {
    expect(failed(["HTTP/1.1 200", ...headers], response)).toEqual(failure);
  });

  it("bind names, which further lines compare", () => {
    const captures = done(
      ["HTTP/1.1 200", "Location: /{{id}}", "X-Id: {{id}}", "", "made {{id}} {{when}}"],
      respond("made 7 now\n", "X-Id: 7", "Location: /7"),
    );
    expect([...captures]).toEqual([
      ["id", "7"],
      ["when", "now"],
    ]);
    expect(
      failed(["HTTP/1.1 200", "Location: /{{id}}", "", "made {{id}}"], respond("made 8\n", "Location: /7")),
    ).toEqual([4, 4, ""]);
  });

  it("use names bound before", () => {
    done(["HTTP/1.1 200", "ETag: {{tag}}"], respond("", 'ETag: "x"'), { bound: { tag: '"x"' } });
    expect(failed(["HTTP/1.1 200", "ETag: {{tag}}"], respond("", 'ETag: "y"'), { bound: { tag: '"x"' } })[2]).toBe(
      'header "ETag" differs',
    );
  });

  describe("exactly", () => {
    const options = { headers: "exact" };
    it("allows what every server adds", () => {
      done(
        ["HTTP/1.1 200", "Content-Length: 0"],
        respond("", "Date: x", "server: y", "Connection: close", "Keep-Alive: timeout=5"),
        { options },
      );
    });
    it("allows no other", () => {
      expect(failed(["HTTP/1.1 200", "Content-Length: 0"], respond("", "Date: x", "Age: 1"), { options })).toEqual([
        undefined,
        2,
        'header "Age" is not written',
      ]);
    });
    it("allows what may be there, and others where `...` says so", () => {
      done(["HTTP/1.1 200", "Content-Length: 0", "Age: {{_}} (?)"], respond("", "Age: 1"), { options });
      done(
        ["HTTP/1.1 200", "Content-Length: 0", "Set-Cookie: {{_}} (*)"],
        respond("", "Set-Cookie: 1", "Set-Cookie: 2"),
        { options },
      );
      done(["HTTP/1.1 200", "Content-Length: 0", "..."], respond("", "Age: 1"), { options });
    });
  });

  it("may be trailers", () => {
    done(["HTTP/1.1 200", "Digest: x", "", "hello"], chunked("hello", "Digest: x\r\n"));
    done(["HTTP/1.1 200", "Digest: {{d}}", "", "hello {{d}}"], chunked("hello 5", "Digest: 5\r\n"));
    expect(failed(["HTTP/1.1 200", "Digest: x", "", "hello"], chunked("hello", "Other: x\r\n"))[2]).toBe(
      'header "Digest" is missing',
    );
    expect(failed(["HTTP/1.1 200", "Digest: x"], chunked("hello", "Digest: y\r\n"))[2]).toBe('header "Digest" differs');
  });

  it("that only trailers could still bring are awaited, but not for ever", () => {
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
    expect(play(["HTTP/1.1 200", "Digest: x"], `${head}\r\n`).progress).toBe("more");
    expect(play(["HTTP/1.1 200", "Digest: x"], `${head}Content-Type: text/event-stream\r\n\r\n`).progress).toBe(
      "failed",
    );
    expect(play(["HTTP/1.1 200", "Digest: x"], "HTTP/1.1 200 OK\r\n\r\n").progress).toBe("failed");
  });
});

describe("the body", () => {
  const HEAD = ["HTTP/1.1 200", ""];
  it.each([
    [["hello", "world"], "hello\nworld"],
    [["hello", "world"], "hello\r\nworld\n"],
    [["hello", "", "world"], "hello\n\nworld\n"],
    [["hello", "..."], "hello\nand\nmore"],
    [["hello", "..."], "hello"],
    [["...", "end"], "a\nb\nend\n"],
    [["{{_}} (*)", "end"], "a\nb\nend"],
    [["hello (no-eol)"], "hello"],
    [["hello {{name}} (no-eol)"], "hello you"],
    [["hello (lf)"], "hello\n"],
    [["00 ff ?? (hex)"], "\x00\xff1"],
    [["caf\u00e9"], "caf\xc3\xa9"],
    [["<<< "], ""],
    [["{not json}"], "{not json}\n"],
    [["[::1]:80 {{n:int}}"], "[::1]:80 7"],
    [["one", "...", "two"], "one\ntwo\nthree\ntwo\n"],
    [["01 ... 02 03 (hex)"], "\x01\x02\x03\x02\x03"],
  ])("%j matches %j", (written, body) => {
    done([...HEAD, ...written], respond(body));
    done([...HEAD, ...written], chunked(body));
    done([...HEAD, ...written], `HTTP/1.1 200 OK\r\n\r\n${body}`, { after: "close" });
    done([...HEAD, ...written], [...respond(body)]);
  });

  it.each([
    [["hello"], "hullo\n", [3, 3, ""]],
    [["hello", "world"], "hello\nyou\n", [4, 4, ""]],
    [["hello"], "hello\nworld\n", [undefined, 4, ""]],
    [["hello"], "hello\nworld", [undefined, 4, ""]],
    [["hello", "world (?)"], "hello\nyou", [undefined, 4, ""]],
    [["{", '"a": 1', "}"], '{\n"a": 1\n}\nx', [undefined, 6, ""]],
    [["hello (no-eol)"], "hello\n", [undefined, 3, ""]],
    [["hello (crlf)"], "hello\n", [3, 3, "ends with LF, expected CRLF"]],
    [["<<< "], "x", [3, 3, "the body is not empty"]],
    [["<<<"], "\n", [3, 3, "the body is not empty"]],
    [["{not json}"], "{not JSON}\n", [3, 3, ""]],
  ])("%j does not match %j", (written, body, failure) => {
    expect(failed([...HEAD, ...written], respond(body))).toEqual(failure);
    expect(failed([...HEAD, ...written], chunked(body))).toEqual(failure);
  });

  it("is not compared where none is written", () => {
    done(["HTTP/1.1 200"], respond("hello"));
    done(["HTTP/1.1 200", "Content-Length: 5"], respond("hello"));
  });

  it("has to be empty where a mark stands in its place", () => {
    done(["HTTP/1.1 200", "<<<"], respond(""));
    done(["HTTP/1.1 204", "<<<"], "HTTP/1.1 204 No Content\r\n\r\n");
    done(["HTTP/1.1 200", "<<<"], respond("", "Age: 1"), { line: "HEAD / HTTP/1.1" });
    expect(failed(["HTTP/1.1 200", "<<<"], respond("x"))).toEqual([2, 3, "the body is not empty"]);
  });

  it("that ends early leaves lines awaited", () => {
    const { progress, unmatched } = play([...HEAD, "hello", "world"], respond("hello\n"));
    expect(progress).toBe("more");
    expect([unmatched.pattern?.line, unmatched.after?.line, unmatched.received]).toEqual([4, 3, 4]);
  });

  it("in any order", () => {
    done([...HEAD, "a", "b", "c"], respond("c\nb\na\n"), { unordered: true });
    expect(failed([...HEAD, "a", "b"], respond("c\nb\n"), { unordered: true })[0]).toBe(3);
  });
});

describe("JSON", () => {
  const HEAD = ["HTTP/1.1 200", ""];
  it.each([
    [['{"a": 1, "b": [true, null]}'], '{"b":[true,null],"a":1.0}'],
    [["{", '  "a": 1,', '  "b": "{{b}}"', "}"], '{"a":1,"b":"caf\\u00c9"}\n'],
    [["{", '  "a": 1,', "  ...", "}"], '{"c":[],\n"a":1}'],
    [["{", '  "a": 1,', "...", "}"], '{"c":[],\n"a":1}'],
    [['[{"id": {{id}}}, ...]'], '[{"id": 5}, 1, 2]'],
    [['{"a": 1} (json)'], '{\n  "a": 1\n}\n'],
  ])("%j is %j", (written, body) => {
    done([...HEAD, ...written], respond(body));
    done([...HEAD, ...written], chunked(body));
  });

  it("differs at a path, on its written line", () => {
    expect(failed([...HEAD, "{", '  "user": {', '    "id": 1', "  }", "}"], respond('{"user":{"id":2}}'))).toEqual([
      5,
      3,
      "differs at $.user.id: the number is 2",
    ]);
  });

  it("binds values as they are, not as a line spells them", () => {
    expect(done([...HEAD, '{"a": "{{a}}"}'], respond('{"a": "\\u0041"}')).get("a")).toBe("A");
    expect(failed([...HEAD, '{"a": {{a}}}'], respond('{"a": 1, "b": 2}'))[2]).toMatch(/^differs at \$/);
  });

  it("is awaited to its end, though the first line differs already", () => {
    expect(play([...HEAD, '{"a": 1}'], "HTTP/1.1 200 OK\r\n\r\n{\n").progress).toBe("more");
    expect(play([...HEAD, '{"a": 1}'], 'HTTP/1.1 200 OK\r\n\r\n{"a": 1}\n').progress).toBe("open");
  });

  it("is lines where the server sends none", () => {
    expect(failed([...HEAD, '{"a": 1}'], respond("Not Found\n"))).toEqual([3, 3, ""]);
  });
});

describe("a response that goes on", () => {
  const EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";
  it("is done with its lines where it is a stream of events", () => {
    expect(play(["HTTP/1.1 200", "", "data: 1"], `${EVENTS}data: 1\n`).progress).toBe("done");
    expect(play(["HTTP/1.1 200", "", "data: 1"], `${EVENTS}data: 2\n`).progress).toBe("failed");
    expect(play(["HTTP/1.1 200", "", "data: 1", "data: 2"], `${EVENTS}data: 1\n`).progress).toBe("more");
    expect(play(["HTTP/1.1 200", "", "data: 1", "..."], `${EVENTS}data: 1\n`).progress).toBe("open");
    expect(play(["HTTP/1.1 200"], EVENTS).progress).toBe("open");
  });
  it("is open where nobody can tell, and silence ends it", () => {
    const open = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n";
    expect(play(["HTTP/1.1 200", "", "hello"], open).progress).toBe("open");
    done(["HTTP/1.1 200", "", "hello"], open, { after: "silence" });
    expect(play(["HTTP/1.1 200", "", "hello"], `${open}2\r\nx\n\r\n`).progress).toBe("failed");
    expect(play(["HTTP/1.1 200", "", "hello", "x"], open, { after: "silence" }).progress).toBe("more");
  });
  it("is awaited to its end where its length is known", () => {
    const { progress, unmatched } = play(
      ["HTTP/1.1 200", "", "hello"],
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello\n",
      { after: "silence" },
    );
    expect([progress, unmatched.detail]).toEqual(["more", "the response is not complete"]);
  });
  it("is not complete where the close cuts it off", () => {
    const cut = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n";
    expect(play(["HTTP/1.1 200", "", "hello"], cut, { after: "close" }).progress).toBe("more");
    done(["HTTP/1.1 200", "", "hello"], `${cut}0\r\n\r\n`, { after: "close" });
  });
  it("is read on in by reply lines without a status line", () => {
    expect(play(["data: 2", "data: 3"], [EVENTS, "data: 1\n"].join("")).progress).toBe("failed");
    const expects = expected("data: 1", "", "data: 2");
    const matcher = http.responses!.matcher!(expects, { get: () => undefined }, { ...CONTEXT, isAnswer: false });
    expect(["data: 1\n", "\n", "data: 2\n"].map((line) => matcher.feed(line, "body"))).toEqual([
      "more",
      "more",
      "done",
    ]);
  });
});

describe("interim responses", () => {
  const hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  it("are passed over unless written", () => {
    done(["HTTP/1.1 200", "", "x"], `${hints}${respond("x")}`);
  });
  it("end a reply that is one", () => {
    done(["HTTP/1.1 103", "Link: {{_}}"], hints);
    expect(failed(["HTTP/1.1 100 Continue"], respond("x"))).toEqual([1, 0, ""]);
  });
  it.each([
    [["HTTP/1.1 103", "Link: </{{a}}>", "", "HTTP/1.1 200", "", "{{a}}{{b}}"]],
    [["HTTP/1.1 103", "Link: </{{a}}>", "HTTP/1.1 200", "", "a{{b}}"]],
  ])("may be written with the final one", (written) => {
    expect([...done(written, `${hints}${respond("ab")}`)]).toEqual([
      ["a", "a"],
      ["b", "b"],
    ]);
    expect(play(written, hints).progress).toBe("more");
    expect(failed(written, `${hints}${respond("b")}`).slice(1)).toEqual([6, ""]);
  });
});

it("lines that no written one takes are told apart", () => {
  const matcher = http.responses!.matcher!(
    expected("HTTP/1.1 200", "Age: 1", "", "a"),
    { get: () => undefined },
    CONTEXT,
  );
  const takes = (line: string, part: string): boolean => matcher.takes(line, part);
  expect([takes("HTTP/1.1 200 OK\r\n", "head"), takes("HTTP/1.1 404 No\r\n", "head"), takes("a\n", "body")]).toEqual([
    true,
    false,
    false,
  ]);
  matcher.feed("HTTP/1.1 200 OK\r\n", "head");
  expect([takes("age: 1\r\n", "head"), takes("age: 2\r\n", "head")]).toEqual([true, false]);
  for (const line of ["Age: 1\r\n", "\r\n"]) matcher.feed(line, "head");
  expect([takes("a\n", "body"), takes("b\n", "body")]).toEqual([true, false]);
  expect(matcher.mayBeEmpty).toBe(false);
});

it("the end of a stream that was read in part is not the next response", () => {
  const one = connection();
  const scope = { get: (): undefined => undefined };
  const begin = (...written: readonly string[]) => {
    request(one, ["GET / HTTP/1.1"]);
    return http.responses!.matcher!(expected(...written), scope, CONTEXT);
  };
  const events = begin("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "", "data: 1");
  const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect(feed(events, one.responses.decode(bytes(`${head}8\r\ndata: 1\n\r\n`)), "more")).toBe("done");
  const next = begin("HTTP/1.1 204 No Content");
  const progress = feed(next, one.responses.decode(bytes("0\r\n\r\n")), "more");
  expect(progress).toBe("more");
  expect(feed(next, one.responses.decode(bytes("HTTP/1.1 204 No Content\r\n\r\n")), progress)).toBe("done");
});
