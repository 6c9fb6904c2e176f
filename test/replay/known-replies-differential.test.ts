/**
 * What a run says with known replies (src/replay/known-replies.ts) against what it says without: the same document is
 * replayed against the same server twice, the second time in the same dialect without what makes replies known.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeEach, expect, it, vi } from "vitest";
import { builtins } from "../../src/builtins.ts";
import { plan } from "../../src/plan/plan.ts";
import type { RunEvent } from "../../src/play/outcome.ts";
import { Link } from "../../src/replay/link.ts";
import { type ReplayContext, replayDocument } from "../../src/replay/replay.ts";
import { memoryServer, type Reaction } from "../support/memory-server.ts";
import { plainDialects, withoutTimes } from "../support/plain-dialects.ts";
import { inVirtualTime } from "../support/virtual-time.ts";

// What is loaded where something differs takes real time when it is loaded first, which the clock of the test would not see.
await Promise.all([import("../../src/match/byte-diff.ts"), import("../../src/match/diff.ts"), import("diff")]);

const awaited = vi.spyOn(Link.prototype, "awaitReply");
beforeEach(() => void awaited.mockClear());
const folder = mkdtempSync(join(tmpdir(), "wiredoc-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Play {
  /** The document below its target and dialect. */
  readonly settings: string;
  readonly body: string;
  readonly reactions: readonly Reaction[];
  readonly keepReplies: boolean;
}

/** All that a run of the document says and does, but the time it took. */
async function outcome(play: Play, dialect: string): Promise<unknown> {
  const { settings, body, reactions, keepReplies } = play;
  const options = dialect.endsWith("http") ? settings.replace(/^http:/m, `${dialect}:`) : settings;
  writeFileSync(join(folder, "1.md"), `---\ntarget: tcp://127.0.0.1:1\ndialect: ${dialect}\n${options}---\n${body}`);
  const planned = await plan(
    { cwd: folder, paths: ["1.md"], dialects: plainDialects, config: NO_CONFIG },
    builtins,
    true,
  );
  const [document] = planned.documents;
  if (!document || document.errors.length > 0) return { errors: document?.errors.map(String) };
  const server = memoryServer(reactions, /^again/);
  const events: RunEvent[] = [];
  const captures: string[] = [];
  const context: ReplayContext = {
    registry: planned.registry,
    signal: new AbortController().signal,
    keepReplies,
    exchangeEvents: true,
    transport: async () => server.transport,
    serverTarget: () => "",
    allowsSocket: () => false,
    startedServer: () => undefined,
    onCapture: (name, value) => captures.push(`${name}=${value}`),
    emit: (event) => events.push(event),
    noteFailure: () => false,
    isStopped: () => false,
  };
  const result = await inVirtualTime(
    () => replayDocument(document, context),
    () => server.isBusy,
  );
  expect(server.open).toBe(0);
  return withoutTimes({ result, events, captures, log: server.log });
}

const NO_CONFIG = { folder, path: undefined, documents: [], vars: {}, defaults: {}, dialects: [], servers: {} };

/** @throws where the two differ. */
async function compare(play: Play, fast: "line" | "http"): Promise<void> {
  expect(await outcome(play, fast)).toEqual(await outcome(play, `plain-${fast}`));
}

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** What goes wrong with a reply, and what may follow it. */
type Fault =
  | "none"
  | "other"
  | "lf"
  | "short"
  | "more"
  | "later"
  | "close"
  | "cut"
  | "reset"
  | "stall"
  | "piece"
  | "twice";
const fault = fc.oneof(
  { weight: 20, arbitrary: fc.constant<Fault>("none") },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Fault>(
      "other",
      "lf",
      "short",
      "more",
      "later",
      "close",
      "cut",
      "reset",
      "stall",
      "piece",
      "twice",
    ),
  },
);

/** Where a reply is cut into chunks: by parts of its length. */
const cuts = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly number[]>([]) },
  { weight: 2, arbitrary: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }) },
);

function reaction(reply: string, what: Fault, at: readonly number[]): Reaction {
  const half = reply.slice(0, reply.length >> 1);
  switch (what) {
    case "none":
      return cut(reply, at);
    case "other":
      return cut(reply.replace(/.(?=\r?\n$)|.$/s, "#"), at);
    case "lf":
      return cut(reply.replaceAll("\r\n", "\n"), at);
    case "short":
      return cut(reply.replace(/[^\n]*\n$/, ""), at);
    case "more":
      return cut(`${reply}more\r\n`, at);
    case "later":
      return [...cut(reply, at), bytes("late\r\n")];
    case "close":
      return [...cut(reply, at), ""];
    case "cut":
      return [...cut(half, at), ""];
    case "reset":
      return [...cut(half, at), null];
    case "stall":
      return cut(half, at);
    case "piece":
      return cut(`${reply}mo`, at);
    case "twice":
      return cut(reply + reply, at);
    default:
      return what satisfies never;
  }
}

function cut(text: string, at: readonly number[]): Reaction {
  const ends = [...at.map((part) => Math.floor(part * text.length)), text.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes(text.slice(ends[i - 1] ?? 0, end))).filter(({ length }) => length > 0);
}

interface Exchange {
  readonly written: string;
  readonly reaction: Reaction;
}

const attributes = fc.oneof(
  { weight: 8, arbitrary: fc.constant("") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "retry=1 every=1ms",
      'xfail="so"',
      "fresh",
      "unordered",
      "eol=lf",
      "eol=any",
      "opening",
      "skip",
    ),
  },
);

const played = (exchanges: fc.Arbitrary<readonly Exchange[]>, settings: fc.Arbitrary<string>) =>
  fc
    .record({
      settings,
      keepReplies: fc.boolean(),
      examples: fc.array(
        fc.record({
          attributes,
          exchanges: fc.array(exchanges, { minLength: 1, maxLength: 5 }).map((all) => all.flat()),
        }),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
    })
    .map(
      ({ examples, settings: own, ...rest }): Play => ({
        ...rest,
        settings: `timeout: 40ms\nsettle: 10ms\n${own}`,
        body: examples
          .map(
            (one) =>
              `\`\`\`wire ${one.attributes}\n${one.exchanges.map(({ written }) => written).join("\n")}\n\`\`\`\n`,
          )
          .join("\n"),
        reactions: examples.flatMap(({ exchanges }) =>
          exchanges.filter(({ written }) => /^\w*>>>/m.test(written)).map((one) => one.reaction),
        ),
      }),
    );

const connection = fc.oneof({ weight: 5, arbitrary: fc.constant("") }, { weight: 1, arbitrary: fc.constant("bob") });
const control = fc
  .tuple(connection, fc.constantFrom("close", "closed", "reset", "half-close", "wait 1ms", "silence 5ms", "connect"))
  .map(([name, verb]): Exchange => ({ written: `${name}=== ${verb}`, reaction: [] }));

/** A written reply line, and what a server says to it. */
const replyLine = fc.oneof(
  { weight: 16, arbitrary: fc.constantFrom<[string, string]>(["x", "x\r\n"], ["y", "y\r\n"], ["<<<", "\r\n"]) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<[string, string]>(
      ["...", "x\r\ny\r\n"],
      ["{{n}}", "7\r\n"],
      ["(?P<m>\\d) (re)", "8\r\n"],
      ["x (lf)", "x\n"],
      ["x (crlf)", "x\r\n"],
      ["x\\r (esc)", "x\r\r\n"],
      ["x\\ny (esc)", "x\ny\r\n"],
      ["\\xff (esc)", "\xff\r\n"],
      ["x (no-eol)", "x"],
      ["78 (hex)", "x"],
      ["x (?)", "x\r\n"],
      ["x (*)", "x\r\nx\r\n"],
    ),
  },
);
const clientLine = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("a", "b") },
  { weight: 1, arbitrary: fc.constantFrom("a (lf)", "b (no-eol)", "61 (hex)", "a\\nb (esc)", "") },
);
const lineExchanges = fc
  .record({
    name: connection,
    sends: fc.array(clientLine, { minLength: 1, maxLength: 2 }),
    expects: fc.array(replyLine, { maxLength: 3 }),
    times: fc.array(fc.tuple(fault, cuts), { minLength: 1, maxLength: 3 }),
  })
  .map(({ name, sends, expects, times }): readonly Exchange[] =>
    times.map(([what, at]) => ({
      written: [...sends.map((text) => `${name}>>> ${text}`), ...expects.map(([text]) => text)].join("\n"),
      reaction: reaction(expects.map(([, reply]) => reply).join(""), what, at),
    })),
  );
const ANYTIME = "```wire anytime\nmore\n>>> again\n```\n";

const lineSettings = fc.constantFrom("", "", "", "connection: example\n", "eol: lf\n", "eol: any\n", "limit: 5B\n");

/** More of them with FUZZ_RUNS=1000; a failure names the seed and the path that play it again. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 40);

async function alike(plays: fc.Arbitrary<Play>, dialect: "line" | "http"): Promise<void> {
  const property = fc.asyncProperty(plays, (play) => compare(play, dialect));
  await fc.assert(property, { numRuns: RUNS });
  // What was compared is what was meant to be.
  expect(awaited.mock.calls.length).toBeGreaterThan(RUNS / 4);
}
const LONGEST = 3_600_000;

it("is the same for lines", { timeout: LONGEST }, async () => {
  const exchange = fc.oneof(
    { weight: 9, arbitrary: lineExchanges },
    { weight: 1, arbitrary: control.map((one) => [one]) },
  );
  const plays = fc
    .tuple(
      played(exchange, lineSettings),
      fc.oneof({ weight: 6, arbitrary: fc.constant("") }, { weight: 1, arbitrary: fc.constant(ANYTIME) }),
    )
    .map(([play, anytime]): Play => ({ ...play, body: anytime + play.body }));
  await alike(plays, "line");
});

const chunked = (...chunks: readonly string[]): string =>
  [...chunks, ""].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
const sized = (body: string, head = ""): string =>
  `HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
const zipped = gzipSync("hi\n").toString("latin1");

/** Exchanges of HTTP as they are written, and what a server may say to them, mostly the first. */
const HTTP: readonly {
  readonly written: string;
  readonly replies: readonly string[];
  readonly next?: number;
}[] = [
  {
    written: ">>> GET /a HTTP/1.1\nHTTP/1.1 200 OK\n\nhi",
    replies: [
      sized("hi\n"),
      sized("hi\n", "Date: 1\r\n"),
      `HTTP/1.1 103 Early Hints\r\n\r\n${sized("hi\n")}`,
      sized("ho\n"),
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked("h", "i\n")}`,
      sized(zipped, "Content-Encoding: gzip\r\n"),
      sized("hi", "Connection: close\r\n"),
      `HTTP/1.0 200 OK\r\n\r\nhi\n`,
      `HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n`,
    ],
  },
  { written: ">>> GET /a HTTP/1.1\nHTTP/1.1 200 OK\n\nho", replies: [sized("ho\n"), sized("hi\n")] },
  { written: ">>> GET /a HTTP/1.1\nHTTP/1.1 200 OK", replies: [sized("hi\n"), sized("ho\n"), sized("")] },
  {
    written: ">>> HEAD /a HTTP/1.1\nHTTP/1.1 200 OK\n\n<<<",
    replies: ["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"],
  },
  {
    written: ">>> POST /p HTTP/1.1\n>>>\n>>> body\nHTTP/1.1 200\nX-N: {{_:int}}\n\nok",
    replies: [sized("ok", "X-N: 1\r\n"), sized("ok", "X-N: n\r\n")],
  },
  {
    written: ">>> POST /p HTTP/1.1\n>>> Expect: 100-continue\nHTTP/1.1 100 Continue",
    next: 6,
    replies: ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", sized("hi\n")],
  },
  { written: ">>> body\nHTTP/1.1 200 OK", replies: [sized("ok\n")] },
  {
    written: ">>> GET /up HTTP/1.1\n>>> Upgrade: x\nHTTP/1.1 101",
    next: 6,
    replies: ["HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n", "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"],
  },
  {
    written: ">>> GET /e HTTP/1.1\nHTTP/1.1 200\n\ndata: 1\n",
    replies: [
      `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n${chunked("data: 1\n\n")}`,
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n",
    ],
  },
  {
    written: '>>> GET /j HTTP/1.1\nHTTP/1.1 200\n\n{"a": 1, ...}',
    replies: [sized('{"b":2,"a":1}'), sized('{"a":1,"b":2}'), sized('{"a":2}')],
  },
  {
    next: 11,
    written: ">>> GET /n HTTP/1.1\nHTTP/1.1 200\n\n(?P<m>\\d) (re)",
    replies: [sized("1\n"), sized("2\n")],
  },
  { written: ">>> GET /{{m}} HTTP/1.1\nHTTP/1.1 200\n\n{{m}}", replies: [sized("1\n"), sized("2\n")] },
  {
    written: ">>> GET /i HTTP/1.1\nHTTP/1.1 103\nHTTP/1.1 200",
    replies: [`HTTP/1.1 103 Early Hints\r\n\r\n${sized("hi\n")}`, sized("hi\n")],
  },
];

/** Those that stand by themselves. */
const FIRST = HTTP.flatMap(({ written }, i) => (/^>>> body|\{\{m\}\}/.test(written) ? [] : [i]));

const told = fc.record({
  reply: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(20) }),
  fault,
  cuts,
});
const httpExchanges = fc
  .record({
    name: connection,
    which: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.constantFrom(...FIRST) }),
    times: fc.array(fc.tuple(told, told), { minLength: 1, maxLength: 4 }),
  })
  .map(({ name, which, times }): readonly Exchange[] => {
    const exchange = (at: number, { reply, fault: what, cuts: where }: (typeof times)[0][0]): Exchange => {
      const { written, replies } = HTTP[at]!;
      return {
        written: written.replaceAll(/^>>>/gm, `${name}>>>`),
        reaction: reaction(replies[reply % replies.length]!, what, where),
      };
    };
    const { next } = HTTP[which]!;
    return times.flatMap(([one, other]) => [
      exchange(which, one),
      ...(next === undefined ? [] : [exchange(next, other)]),
    ]);
  });

it("is the same for HTTP", { timeout: LONGEST }, async () => {
  const exchange = fc.oneof(
    { weight: 12, arbitrary: httpExchanges },
    { weight: 1, arbitrary: control.map((one) => [one]) },
  );
  const settings = fc.constantFrom("", "", "", "connection: example\n", "http: {headers: exact}\n", "limit: 60B\n");
  await alike(played(exchange, settings), "http");
});
