/**
 * Known replies (src/replay/known-replies.ts) on real sockets. Each document is replayed twice, the second time with every
 * reply decoded and matched: both have to say the same, and what they say has to be right.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import type { RunOptions } from "../../src/plan/options.ts";
import { Link } from "../../src/replay/link.ts";
import { run } from "../../src/run.ts";
import { plainDialects, withoutTimes } from "../support/plain-dialects.ts";
import { type Replayed, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
let awaited: MockInstance<Link["awaitReply"]>;
beforeEach(() => {
  awaited = vi.spyOn(Link.prototype, "awaitReply");
});
afterEach(async () => {
  awaited.mockRestore();
  await server?.close();
  server = undefined;
});

type Script = (peer: Peer) => Promise<void> | void;

interface Both extends Replayed {
  /** Replies that were awaited as known ones. */
  readonly known: number;
  /** Of the run with known replies. */
  readonly connections: number;
}

/** Plays a document in a dialect and in its plain twin; `script` makes a new script for each run. */
async function both(
  dialect: string,
  script: () => Script,
  body: string,
  settings = "",
  options: RunOptions = {},
): Promise<Both> {
  const play = async (name: string): Promise<Both> => {
    awaited.mockClear();
    server = await scriptedServer(script());
    const front = `target: ${server.target}\ndialect: ${name}\ntimeout: 600ms\nsettle: 100ms\n${settings.replace(/^http:/m, `${name}:`)}`;
    const replayed = await replay(`---\n${front}---\n${body}`, { dialects: plainDialects, ...options });
    const { connections } = server;
    await server.close();
    return { ...replayed, known: awaited.mock.calls.length, connections };
  };
  const plain = await play(`plain-${dialect}`);
  const known = await play(dialect);
  expect(plain.known).toBe(0);
  expect(withoutTimes({ ...known, known: 0 })).toEqual(withoutTimes(plain));
  return known;
}

const wire = (lines: string, attributes = ""): string => `\`\`\`wire ${attributes}\n${lines}\n\`\`\`\n\n`;
const repeated = (text: string, times: number): string => Array.from({ length: times }, () => text).join("\n");
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const gone = async (peer: Peer) => void (await peer.rest());

describe("lines", () => {
  /** The first example's first line is line 8. */
  const lines = (script: () => Script, body: string, settings?: string, options?: RunOptions) =>
    both("line", script, body, settings, options);
  /** Answers the requests one after the other, each by what is said or done for it; then waits for the end. */
  const answers =
    (...each: readonly (string | ((peer: Peer) => Promise<void> | void))[]) =>
    (): Script => {
      const left = [...each];
      return async (peer) => {
        for (;;) {
          const one = left.shift();
          if (one === undefined) return gone(peer);
          await peer.line();
          if (typeof one === "string") peer.write(bytes(one));
          else await one(peer);
        }
      };
    };
  const echo = () => async (peer: Peer) => {
    for (;;) peer.write(`${await peer.line()}\r\n`);
  };
  const ping = ">>> a\nx\ny";
  const pong = "x\r\ny\r\n";

  it("are played one after the other, on one connection", async () => {
    const got: string[] = [];
    const script = () => async (peer: Peer) => {
      got.length = 0;
      for (;;) {
        got.push(await peer.line());
        peer.write(`${got.length}\r\nok\r\n`);
      }
    };
    const count = 1500;
    const body = Array.from({ length: count }, (_, i) => `>>> n${i + 1}\n${i + 1}\nok`).join("\n");
    const { failures, known, connections } = await lines(script, wire(body));
    expect(failures).toEqual([]);
    expect(got).toEqual(Array.from({ length: count }, (_, i) => `n${i + 1}`));
    expect(known).toBe(count - 1);
    expect(connections).toBe(1);
  });

  it("that differ fail there, and the next is played", async () => {
    const { failures, exchanges, known } = await lines(
      answers(pong, pong, "x\r\nz\r\n", pong),
      wire(repeated(ping, 4)),
    );
    expect(failures).toEqual(["mismatch:16"]);
    expect(exchanges[2]?.received).toEqual(["x", "z"]);
    expect(exchanges[2]?.failure?.message).toBe('expected "y", got "z"');
    expect(known).toBe(3);
  });

  it("that stall fail once, when the time is over", async () => {
    const stall = (peer: Peer): Promise<void> => {
      peer.write("x\r\n");
      return peer.stall();
    };
    const { failures, exchanges, statuses } = await lines(
      answers(pong, stall),
      wire(repeated(ping, 3)) + wire(">>> b\nb"),
    );
    expect(failures).toEqual(["timeout:13", "timeout:21"]);
    expect(exchanges[1]?.failure?.message).toBe('no further line within 600ms: expected "y"');
    expect(exchanges[1]?.ms).toBeGreaterThan(590);
    expect(exchanges[1]?.ms).toBeLessThan(1000);
    expect(exchanges[2]?.status).toBe("skipped");
    expect(statuses[0]).toBe("failed");
  });

  it("have their whole time each, and the late piece is read", async () => {
    const slow = async (peer: Peer) => {
      await peer.wait(200);
      peer.write("x\r\n");
      await peer.wait(60);
      peer.write("y\r\n");
    };
    const { failures } = await lines(answers(pong, slow, slow, slow), wire(repeated(ping, 4)));
    expect(failures).toEqual([]);
  });

  it.each<[string, string, readonly string[]]>([
    ["more behind them at once", `${pong}more\r\n`, ["extra:13"]],
    ["the wrong ending", "x\ny\r\n", ["mismatch:12"]],
    ["a line too few, and the next ones", "x\r\nx\r\n", ["mismatch:13"]],
    ["nothing but an empty line", "\r\n", ["mismatch:12"]],
    ["a longer line", "x\r\nyy\r\n", ["mismatch:13"]],
    ["a byte that is no text", "x\r\n\xff\r\n", ["mismatch:13"]],
  ])("with %s fail as they do elsewhere", async (_, reply, expected) => {
    const { failures, known } = await lines(answers(pong, reply, pong), wire(repeated(ping, 3)));
    expect(failures).toEqual(expected);
    expect(known).toBeGreaterThan(0);
  });

  it("with more behind them later count that to the reply that is awaited then", async () => {
    const late = async (peer: Peer) => {
      peer.write(pong);
      await peer.line();
      peer.write("late\r\n");
      await peer.wait(10);
      peer.write(pong);
    };
    const { failures, exchanges } = await lines(answers(pong, late, pong), wire(repeated(ping, 4)));
    expect(failures).toEqual(["mismatch:15"]);
    expect(exchanges[2]?.received).toEqual(["late", "x", "y"]);
  });

  it("that answer two requests at once are too much, and then too few", async () => {
    const { failures } = await lines(
      answers(pong, pong + pong, () => {}),
      wire(repeated(ping, 3)),
    );
    expect(failures).toEqual(["extra:13", "timeout:15"]);
  });

  it.each<[string, (peer: Peer) => void, RegExp]>([
    ["close", (peer) => peer.end("x\r\n"), /^the server closed the connection: expected "y"$/],
    ["reset", (peer) => peer.reset(), /^the server broke the connection \(ECONNRESET\): expected "x"/],
  ])("end with a %s in their middle", async (_, end, message) => {
    let connections = 0;
    const script = () => {
      connections = 0;
      return async (peer: Peer) => {
        const isFirst = connections++ === 0;
        for (let i = 0; ; i++) {
          await peer.line();
          if (isFirst && i === 2) {
            end(peer);
            return gone(peer);
          }
          peer.write(pong);
        }
      };
    };
    const replayed = await lines(script, wire(repeated(ping, 4)) + wire(repeated(ping, 2)));
    expect(replayed.exchanges.map(({ status }) => status)).toEqual([
      "passed",
      "passed",
      "failed",
      "skipped",
      "passed",
      "passed",
    ]);
    expect(replayed.exchanges[2]?.failure?.message).toMatch(message);
    expect(replayed.connections).toBe(2);
  });

  it("go on over a new connection where the server closed it between two", async () => {
    const script = () => async (peer: Peer) => {
      await peer.line();
      peer.write(pong);
      await peer.line();
      peer.write(pong);
      peer.end();
      await gone(peer);
    };
    const body = wire(`${repeated(ping, 2)}\n=== closed\n${repeated(ping, 2)}\n=== closed`);
    const { failures, connections, known } = await lines(script, body);
    expect(failures).toEqual([]);
    expect(connections).toBe(2);
    expect(known).toBe(2);
  });

  it("may come a byte at a time", async () => {
    const { failures, known } = await lines(
      answers(
        pong,
        (peer) => peer.dribble(pong),
        (peer) => peer.dribble("x\r\nz\r\n"),
        pong,
      ),
      wire(repeated(ping, 4)),
    );
    expect(failures).toEqual(["mismatch:16"]);
    expect(known).toBe(3);
  });

  it("stand among others: suffixes, wildcards, names, controls, connections", async () => {
    const body = wire(
      [
        ">>> a\na\n>>> b\nb\n>>> {{n}}\n{{n}}\n>>> 5\n5\n>>> c (lf)\nc\n>>> d\nd\n>>> e\ne (crlf)\n>>> f\nf (no-eol)",
        ">>> g\n...\n>>> h\n7?\n>>> i\\x01 (esc)\ni\\x01 (esc)\n=== wait 5ms\n>>> j\nj\n=== silence 5ms\n>>> k\nk",
        "bob>>> a\na\nbob>>> b\nb\nbob>>> c\n>>> l\nl\nbob<<< c\n=== close\n>>> m\nm\n>>> n\nn",
      ].join("\n"),
    );
    const { failures, known } = await lines(echo, body, "vars: {n: 3}\n");
    // Under (no-eol) the CRLF is too much; `7?` is no 7.
    expect(failures).toEqual(["extra:24", "mismatch:28"]);
    expect(known).toBeGreaterThan(8);
  });

  it("are as the example asks: endings, any order, xfail, fresh, further tries", async () => {
    let tries = 0;
    const script = () => {
      tries = 0;
      return async (peer: Peer) => {
        for (;;) {
          const line = await peer.line();
          peer.write(line === "lf" ? "lf\n" : line === "again" ? (++tries < 4 ? "no\r\n" : "yes\r\n") : pong);
        }
      };
    };
    const body =
      wire(repeated(">>> lf\nlf", 3), "eol=lf") +
      wire(`${ping}\n>>> lf\nlf\n${ping}`, "eol=any") +
      wire(repeated(">>> a\ny\nx", 2), "unordered") +
      wire(`${ping}\n>>> a\nz`, 'xfail="so"') +
      wire(repeated(ping, 3), "fresh") +
      wire(`${ping}\n>>> again\nyes`, "retry=5 every=1ms");
    const { statuses, failures, documents } = await lines(script, body);
    expect(statuses).toEqual(["passed", "passed", "passed", "xfailed", "passed", "passed"]);
    expect(failures).toHaveLength(1);
    expect(documents[0]?.examples.at(-1)?.attempts).toBe(4);
  });

  it("leave what comes at any time to who watches for it, and openings to their connections", async () => {
    const script = () => async (peer: Peer) => {
      peer.write("220 hi\r\n");
      for (let i = 0; ; i++) {
        const line = await peer.line();
        if (line === "PONG") continue;
        peer.write(i % 2 === 0 ? `PING\r\n${line}\r\n` : `${line}\r\n`);
      }
    };
    const body =
      wire("220 hi", "opening") +
      wire("PING\n>>> PONG", "anytime") +
      wire(">>> a\na\n>>> b\nb\nbob>>> a\na\nbob>>> b\nb\n>>> c\nc");
    const watched = await lines(script, body);
    expect(watched.failures).toEqual([]);
    expect(watched.known).toBe(0);
    const unwatched = await lines(echo, wire(">>> hi\nhi\n>>> hi\nhi", "opening") + wire(repeated("bob>>> a\na", 3)));
    expect(unwatched.failures).toEqual([]);
    expect(unwatched.known).toBe(2);
  });

  it("may be no larger than the limit", async () => {
    const body = wire(`>>> a\nx\n${repeated(ping, 2)}\n>>> a\nx`);
    const { exchanges } = await lines(answers("x\r\n", pong, pong, "x\r\n"), body, "limit: 6B\n");
    expect(exchanges.map(({ status }) => status)).toEqual(["passed", "passed", "passed", "passed"]);
    const small = await lines(answers("x\r\n", pong, pong, "x\r\n"), body, "limit: 5B\n");
    expect(small.exchanges[1]?.failure?.message).toBe("the reply is larger than the limit of 5 bytes");
  });

  it("are told alike where replies are kept and where not, with --bail and with secrets", async () => {
    const body = wire(repeated(ping, 3)) + wire(`${ping}\n>>> a\nz`) + wire(ping);
    const script = answers(pong, pong, pong, pong, `${pong}x\r\n`, pong);
    for (const options of [
      { keepReplies: false },
      { keepReplies: false, exchangeEvents: false },
      { bail: 1 },
      { vars: { s: "x" }, secrets: ["s"] },
      { vars: { s: "x" }, secrets: ["s"], keepReplies: false },
    ]) {
      const { known, statuses } = await lines(script, body, "", options);
      expect(known).toBeGreaterThan(3);
      expect(statuses).toEqual(["passed", "failed", options.bail ? "skipped" : "passed"]);
    }
  });

  it("keep what came for who wants it", async () => {
    const { exchanges } = await lines(answers(pong, pong), wire(repeated(ping, 2)));
    expect(exchanges.map(({ received }) => received)).toEqual([
      ["x", "y"],
      ["x", "y"],
    ]);
    expect(exchanges[1]?.ms).toBeGreaterThan(0);
  });

  it("end with the run that is interrupted, told as far as they went", async () => {
    const interruption = new AbortController();
    let isClosed = false;
    server = await scriptedServer(async (peer) => {
      for (let i = 0; i < 3; i++) {
        await peer.line();
        peer.write(pong);
      }
      await peer.line();
      peer.write("x\r\n");
      setTimeout(() => interruption.abort(), 20);
      await peer.stall();
      isClosed = true;
    });
    const body = `---\ntarget: ${server.target}\ntimeout: 20s\n---\n${wire(repeated(ping, 6))}`;
    const { exitCode, documents, events } = await replay(body, { signal: interruption.signal });
    await server.close();
    expect(isClosed).toBe(true);
    expect(exitCode).toBe(130);
    expect(documents[0]?.interrupted).toBe(true);
    expect(events.filter(({ kind }) => kind === "exchange")).toHaveLength(3);
    expect(awaited).toHaveBeenCalledTimes(3);
  });

  it("end where nobody reads the events any more", async () => {
    let isClosed = false;
    server = await scriptedServer(async (peer) => {
      for (let i = 0; i < 4; i++) {
        await peer.line();
        peer.write(pong);
      }
      await peer.stall();
      isClosed = true;
    });
    const cwd = await mkdtemp(join(tmpdir(), "wiredoc-test-"));
    await writeFile(join(cwd, "1.md"), `---\ntarget: ${server.target}\ntimeout: 20s\n---\n${wire(repeated(ping, 6))}`);
    let told = 0;
    for await (const event of run({ cwd, paths: ["1.md"] })) if (event.kind === "exchange" && ++told === 4) break;
    await rm(cwd, { recursive: true });
    await server.close();
    expect(isClosed).toBe(true);
  });
});

describe("HTTP", () => {
  /** What a server says to each request, by the order they come in over all connections; `null` closes the connection. */
  type Answer = string | null | ((peer: Peer) => Promise<void> | void);
  /** Reads heads, and bodies of a known length. */
  const answers =
    (...each: readonly Answer[]) =>
    (): Script => {
      const left = [...each];
      return async (peer) => {
        for (;;) {
          await request(peer);
          const one = left.shift();
          if (one === undefined) return gone(peer);
          if (one === null) return peer.end();
          if (typeof one === "string") peer.write(bytes(one));
          else await one(peer);
        }
      };
    };
  const request = async (peer: Peer): Promise<void> => {
    let length = 0;
    let isContinued = false;
    const first = await peer.line();
    if (!/^[A-Z]+ \S+ HTTP\/1\.1$/.test(first)) throw new Error(`"${first}" is no request`);
    for (let line = first; line !== ""; line = await peer.line()) {
      length = Number(/^content-length: (\d+)/i.exec(line)?.[1] ?? length);
      isContinued ||= /^expect:/i.test(line);
    }
    if (length > 0 && !isContinued) await peer.bytes(length);
  };
  /** The first example's first line is line 8. */
  const http = (script: () => Script, body: string, settings?: string, options?: RunOptions) =>
    both("http", script, body, settings, options);
  const ok = (body: string, head = ""): string =>
    `HTTP/1.1 200 OK\r\n${head}Content-Length: ${Buffer.byteLength(body, "latin1")}\r\n\r\n${body}`;
  const chunked = (...chunks: readonly string[]): string =>
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${[...chunks, ""]
      .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
      .join("")}`;
  const get = ">>> GET / HTTP/1.1\nHTTP/1.1 200 OK\n\nhi";

  it("that is repeated is known from the second time on, until it changes", async () => {
    const days = ["Mon", "Mon", "Mon", "Tue", "Tue", "Wed"].map((day) => ok("hi\n", `Date: ${day}\r\n`));
    const { failures, known, exchanges } = await http(answers(...days), wire(repeated(get, 6)));
    expect(failures).toEqual([]);
    expect(known).toBe(5);
    expect(exchanges[5]?.received[1]).toBe("Date: Wed");
  });

  it("with another body the third time fails as it does elsewhere", async () => {
    const { failures, exchanges } = await http(
      answers(ok("hi\n"), ok("hi\n"), ok("ho\n"), ok("hi\n")),
      wire(repeated(get, 4)),
    );
    expect(failures).toEqual(["mismatch:19"]);
    expect(exchanges[2]?.received.at(-1)).toBe("ho");
    expect(exchanges[2]?.diff).toContainEqual({ kind: "changed", line: 19, expected: "hi", received: "ho" });
  });

  it.each<[string, string]>([
    ["chunked", chunked("h", "i\n")],
    ["compressed", ok(gzipSync("hi\n").toString("latin1"), "Content-Encoding: gzip\r\n")],
    ["behind an early hint", `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok("hi\n")}`],
  ])("%s may come in any pieces", async (_, response) => {
    const all = bytes(response);
    const inTwo = (at: number) => async (peer: Peer) => {
      peer.write(all.subarray(0, at));
      await peer.wait(2);
      peer.write(all.subarray(at));
    };
    const cuts = Array.from({ length: 12 }, (_, i) => inTwo(Math.floor((i * all.length) / 12) + 1));
    const whole = (peer: Peer): void => peer.write(all);
    const { failures, known } = await http(
      answers(whole, (peer) => peer.dribble(all), ...cuts, whole),
      wire(repeated(get, 15)),
    );
    expect(failures).toEqual([]);
    expect(known).toBe(14);
  });

  it("is sent once more where the kept connection was closed, if it is idempotent", async () => {
    const { failures, connections } = await http(
      answers(ok("hi\n"), ok("hi\n"), null, ok("hi\n"), ok("hi\n")),
      wire(repeated(get, 4)),
    );
    expect(failures).toEqual([]);
    expect(connections).toBe(2);
    const post = ">>> POST / HTTP/1.1\n>>>\n>>> x\nHTTP/1.1 200 OK";
    const posted = await http(answers(ok("hi\n"), ok("hi\n"), null, ok("hi\n")), wire(repeated(post, 3)));
    expect(posted.failures).toEqual(["closed:19"]);
  });

  it("with Connection: close, or without a length, is never known", async () => {
    const closing = (peer: Peer): void => peer.end(ok("hi\n", "Connection: close\r\n"));
    const unsized = (peer: Peer): void => peer.end("HTTP/1.1 200 OK\r\n\r\nhi\n");
    const { failures, known, connections } = await http(
      answers(ok("hi\n"), closing, closing, unsized, unsized, ok("hi\n"), ok("hi\n")),
      wire(repeated(get, 7)),
    );
    expect(failures).toEqual([]);
    expect(connections).toBe(5);
    expect(known).toBe(2);
  });

  it("of HEAD is not that of GET", async () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
    const heads = ">>> HEAD / HTTP/1.1\nHTTP/1.1 200 OK";
    const gets = ">>> GET / HTTP/1.1\nHTTP/1.1 200 OK";
    const script = answers(head, head, `${head}hi\n`, `${head}hi\n`, head, head);
    const { failures, known } = await http(script, wire([heads, heads, gets, gets, heads].join("\n")));
    expect(failures).toEqual([]);
    expect(known).toBe(3);
    // A body that comes all the same is no response.
    const wrong = await http(answers(head, head, `${head}hi\n`), wire(repeated(heads, 3)));
    expect(wrong.failures).toEqual(["extra:13"]);
  });

  it("in two steps is played as written, and its body is no request", async () => {
    const post = ">>> POST / HTTP/1.1\n>>> Expect: 100-continue\nHTTP/1.1 100 Continue\n>>> body\nHTTP/1.1 200 OK";
    let got = "";
    const go = async (peer: Peer) => {
      peer.write("HTTP/1.1 100 Continue\r\n\r\n");
      got += await peer.bytes(4);
      peer.write(ok("hi\n"));
    };
    const no = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n";
    const { failures } = await http(
      answers(go, go, no, ok("hi\n"), ok("hi\n")),
      wire(`${repeated(post, 3)}\n${repeated(get, 2)}`),
    );
    expect(got).toBe(repeated("body", 4).replaceAll("\n", ""));
    expect(failures).toEqual(["mismatch:20"]);
  });

  it("behind a change of protocol is none", async () => {
    const up = ">>> GET /up HTTP/1.1\n>>> Upgrade: echo\nHTTP/1.1 101";
    const script = () => async (peer: Peer) => {
      for (let i = 0; i < 2; i++) {
        await request(peer);
        peer.write(ok("hi\n"));
      }
      await request(peer);
      peer.write("HTTP/1.1 101 Up\r\nUpgrade: echo\r\n\r\n");
      for (;;) peer.write(`${await peer.line()}!\r\n`);
    };
    const on = (name: string, word: string): string =>
      `${repeated(get, 2)}\n${up}\n${repeated(`>>> ${word}\n${word}!`, 3)}`.replaceAll(/^>>>/gm, `${name}>>>`);
    const { failures, known } = await http(script, wire(`${on("", "hello")}\n${on("bob", "bye")}`));
    expect(failures).toEqual([]);
    expect(known).toBe(2);
  });

  it("that goes on as events is read on, however often", async () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    const events = async (peer: Peer) => {
      peer.write(`${head}data: 1\n\n`);
      for (let i = 2; i < 5; i++) {
        await peer.wait(20);
        peer.write(`data: ${i}\n\n`);
      }
      peer.end();
    };
    const read =
      ">>> GET /e HTTP/1.1\nHTTP/1.1 200\n\ndata: 1\n<<<\n=== wait 10ms\ndata: 2\n<<<\ndata: 3\n<<<\ndata: 4\n<<<\n=== closed";
    const { failures, connections } = await http(
      answers(ok("hi\n"), events, events, events),
      wire(`${get}\n${repeated(read, 3)}`),
    );
    expect(failures).toEqual([]);
    expect(connections).toBe(3);
  });

  it("that comes early, or with more behind it, is too much", async () => {
    const early = await http(
      answers(ok("hi\n"), ok("hi\n") + ok("hi\n"), () => {}),
      wire(repeated(get, 3)),
    );
    expect(early.failures).toEqual(["extra:15", "timeout:17"]);
    const half = ok("hi\n").slice(0, 20);
    const cut = await http(
      answers(ok("hi\n"), ok("hi\n") + half, ok("hi\n").slice(20), ok("hi\n").slice(20)),
      wire(repeated(get, 4)),
    );
    expect(cut.failures).toEqual(["extra:15", "protocol:17"]);
    const more = await http(answers(ok("hi\n"), ok("hi\n"), `${ok("hi\n")}more`, ok("hi\n")), wire(repeated(get, 4)));
    expect(more.failures).toEqual(["extra:19"]);
  });

  it("is known by all that is written: lines, order, connection", async () => {
    const script = () => async (peer: Peer) => {
      for (;;) {
        await request(peer);
        peer.write(ok("a\nb\n"));
      }
    };
    const list = (lines: string): string => `>>> GET / HTTP/1.1\nHTTP/1.1 200 OK\n\n${lines}`;
    const body =
      wire(repeated(list("a\nb"), 3)) +
      wire(repeated(list("b\na"), 2)) +
      wire(repeated(list("b\na"), 2), "unordered") +
      wire(list("b\na")) +
      wire(repeated(list("a\nb"), 2).replaceAll(">>>", "bob>>>")) +
      wire(`${list("a\n{{x}}")}\n${list("a\n{{x}}")}\n${list("a\n{{y}}")}`) +
      wire(`${list("a\nc")}\n${list("a\nb")}\n${list("a\nc")}`);
    const { statuses, known } = await http(script, body);
    expect(statuses).toEqual(["passed", "failed", "passed", "failed", "passed", "passed", "failed"]);
    expect(known).toBe(5);
  });

  it("under headers: exact is held to it each time", async () => {
    const dated = (day: string): string => ok("hi\n", `Date: ${day}\r\n`);
    const { failures } = await http(
      answers(dated("Mon"), dated("Mon"), dated("Tue"), ok("hi\n", "X: 1\r\n"), dated("Tue")),
      wire(repeated(">>> GET / HTTP/1.1\nHTTP/1.1 200 OK\nContent-Length: 3\n\nhi", 5)),
      "http: {headers: exact}\n",
    );
    expect(failures).toEqual(["extra:25"]);
  });

  it("binds the names of its groups in a further try too", async () => {
    const once = [ok("7\n"), ok("7\n"), ok("no\n"), ok("7\n"), ok("7\n"), ok("yes\n")];
    const body =
      wire(get.replace("hi", "7")) +
      wire(
        ">>> GET /n HTTP/1.1\nHTTP/1.1 200 OK\n\n(?P<n>\\d) (re)\n>>> GET /{{n}} HTTP/1.1\nHTTP/1.1 200 OK\n\nyes",
        "retry=2 every=1ms",
      );
    const { failures } = await http(answers(once[0]!, once[1]!, once[2]!, once[3]!, once[5]!), body);
    expect(failures).toEqual([]);
  });

  it("is told with its decoded lines, and what came behind it", async () => {
    const zipped = ok(gzipSync("hi\n").toString("latin1"), "Content-Encoding: gzip\r\n");
    const { exchanges } = await http(
      answers(zipped, zipped, async (peer) => {
        peer.write(bytes(zipped));
        await peer.wait(10);
        peer.write(ok("late\n"));
      }),
      wire(repeated(get, 3)),
    );
    expect(exchanges[1]?.received).toEqual(exchanges[0]?.received);
    expect(exchanges[2]?.failure?.kind).toBe("extra");
    expect(exchanges[2]?.received.at(-1)).toBe("late");
  });
});
