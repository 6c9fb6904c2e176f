import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Eol } from "../../../src/base/settings.ts";
import type { Decoded } from "../../../src/dialects/codec.ts";
import { FramingError } from "../../../src/dialects/errors.ts";
import { http } from "../../../src/dialects/http/http.ts";
import type { Progress } from "../../../src/match/matcher.ts";
import { bytes, CONTEXT, connection, expected, feed, request, shown } from "./support.ts";

/** What one exchange comes to, however its bytes arrive. */
interface Outcome {
  /** `awaits`: no more comes, and written lines are left. */
  readonly progress: Progress | "awaits";
  readonly line: number | undefined;
  readonly detail: string;
  readonly captures: string;
  readonly received: readonly string[];
  readonly error: string;
}

interface Exchange {
  readonly written: readonly string[];
  readonly eol?: Eol;
  readonly line?: string;
}

/** Plays an exchange against a response that comes in these pieces; then the server closes. */
function play({ written, eol = "crlf", line = "GET / HTTP/1.1" }: Exchange, pieces: readonly Uint8Array[]): Outcome {
  const one = connection({}, { eol });
  const expects = expected(...written);
  request(one, [line]);
  const matcher = http.responses!.matcher!(expects, { get: () => undefined }, { ...CONTEXT, eol });
  const readsBytes = expects.some(({ ending }) => ending === "none");
  const received: Decoded[] = [];
  let progress: Progress = "more";
  const isCertain = (): boolean => progress === "done" || progress === "failed";
  const take = (messages: readonly Decoded[]): void => {
    received.push(...messages);
    progress = feed(matcher, messages, progress);
  };
  let error = "";
  const attempt = (step: () => readonly Decoded[]): void => {
    if (error !== "") return;
    try {
      take(step());
    } catch (thrown) {
      if (!(thrown instanceof FramingError)) throw thrown;
      take(thrown.messages);
      error = thrown.message;
    }
  };
  for (const piece of pieces) {
    attempt(() => one.responses.decode(piece));
    if (readsBytes) attempt(() => one.responses.flush("bytes"));
  }
  attempt(() => one.responses.flush("closed"));
  if (error === "" && !isCertain()) progress = matcher.end(one.responses.pending !== "nothing");
  const { pattern, detail } = matcher.unmatched();
  return {
    progress: error === "" && progress === "more" ? "awaits" : progress,
    line: pattern?.line,
    detail,
    captures: JSON.stringify([...matcher.captures()]),
    received: shown(received),
    error,
  };
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const encoded = (coding: string, body: Uint8Array): string =>
  `${OK}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n${Buffer.from(body).toString("latin1")}`;
const BODY = ["HTTP/1.1 200", "", "hello", "world"];

const table: readonly (readonly [response: string, exchange: Exchange, outcome: Progress | "awaits" | "protocol"])[] = [
  [`${OK}Content-Length: 12\r\n\r\nhello\nworld\n`, { written: BODY }, "done"],
  [`${OK}Content-Length:\t12 \r\nX: {{x}}\r\n\r\nhello\r\nwold\n`, { written: BODY }, "failed"],
  [`${OK}Content-Length: 11\r\n\r\nhello\nworld\r\n`, { written: BODY }, "done"],
  [`${OK}Content-Length: 13\r\n\r\nhello\nworld\n!`, { written: BODY }, "failed"],
  [`${OK}\r\nhello\nworld\n!`, { written: BODY }, "failed"],
  [`${OK}Content-Length: 23\r\n\r\nhello\nworld`, { written: BODY }, "awaits"],
  [`${OK}\r\nhello\nworld`, { written: BODY }, "done"],
  [`${CHUNKED}5;a="b c"\r\nhello\r\n6 ; d\r\n\nworld\r\n0\r\nX: 7\r\n\r\n`, { written: BODY }, "done"],
  [`${CHUNKED}5\r\nhello\r\n0\r\nX: 7\r\n\r\n`, { written: ["HTTP/1.1 200", "X: {{x}}", "", "hello"] }, "done"],
  [`${CHUNKED}5\r\nhello\r\n0\r\nX: 7\r\n`, { written: ["HTTP/1.1 200", "", "hello"] }, "awaits"],
  [`${CHUNKED}6\r\nhello\r\n0\r\n\r\n`, { written: ["HTTP/1.1 200"] }, "protocol"],
  [`${CHUNKED}5\r\nhello\n0\r\n\r\n`, { written: ["HTTP/1.1 200"] }, "protocol"],
  [`${OK}X: a\nContent-Length: 0\r\n\r\n`, { written: ["HTTP/1.1 200"] }, "failed"],
  [`${OK}Content-Length: 0\r\n\n`, { written: ["HTTP/1.1 200"] }, "failed"],
  ["HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", { written: ["HTTP/1.1 200"] }, "failed"],
  [`HTTP/1.1 103 Hints\r\nLink: a\n\r\n${OK}Content-Length: 0\r\n\r\n`, { written: ["HTTP/1.1 200"] }, "failed"],
  [`${CHUNKED}0\r\nX: a\n\n`, { written: ["HTTP/1.1 200"] }, "failed"],
  [`${CHUNKED}0\r\nX: a\n\r\n`, { written: ["HTTP/1.1 200", "X: a (lf)"] }, "done"],
  [`${OK}X: a\nContent-Length: 0\r\n\r\n`, { written: ["HTTP/1.1 200", "X: a (lf)"] }, "done"],
  [`${OK}X: a\nContent-Length: 0\n\r\n`, { written: ["HTTP/1.1 200", "X: a (lf)"] }, "failed"],
  ["HTTP/1.1 200 OK\nContent-Length: 0\n\n", { written: ["HTTP/1.1 200"], eol: "lf" }, "done"],
  ["HTTP/1.1 200 OK\nContent-Length: 0\r\n\n", { written: ["HTTP/1.1 200"], eol: "any" }, "done"],
  ["HTTP/1.1 200 OK\nContent-Length: 0\r\n\n", { written: ["HTTP/1.1 200 (crlf)"], eol: "any" }, "failed"],
  ["HTTP/1.1 20", { written: ["HTTP/1.1 200"] }, "awaits"],
  [OK, { written: ["HTTP/1.1 200"] }, "awaits"],
  ["MARKET 1 ready", { written: ["HTTP/1.1 200"] }, "protocol"],
  [`\r\n${OK}\r\n`, { written: ["HTTP/1.1 200"] }, "protocol"],
  [`HTTP/1.1 204 No\r\n\r\nhello`, { written: ["HTTP/1.1 204", "", "hello"] }, "awaits"],
  [`HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\nFORBIDDEN`, { written: ["HTTP/1.1 304", "", "<<<"] }, "done"],
  [encoded("gzip", gzipSync("hello\nworld\n")), { written: BODY }, "done"],
  [encoded("br", Buffer.concat([brotliCompressSync("hello"), bytes("GARBAGE")])), { written: BODY }, "protocol"],
  [
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 103 Hints\r\nLink: b\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
    { written: ["HTTP/1.1 103", "Link: b", "", "HTTP/1.1 200"] },
    "done",
  ],
  [
    `HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
    { written: ["HTTP/1.1 103", "Link: b", "", "HTTP/1.1 200"] },
    "failed",
  ],
  [
    "HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\nready\r\nmore",
    { written: ["HTTP/1.1 101", "", "{{word}}", "more (no-eol)"] },
    "done",
  ],
  [
    `${OK}Content-Length: 18\r\n\r\none\ntwo\nthree\ntwo\n`,
    { written: ["HTTP/1.1 200", "", "one", "...", "two"] },
    "done",
  ],
  [
    `${OK}Content-Length: 5\r\n\r\n\x01\x02\x03\x02\x03`,
    { written: ["HTTP/1.1 200", "", "01 ... 02 03 (hex)"] },
    "done",
  ],
  [
    `${OK}Content-Length: 6\r\n\r\n\x01\x02\x03\x09\x09\x09`,
    { written: ["HTTP/1.1 200", "", "01 ... 02 03 (hex)"] },
    "awaits",
  ],
];

describe.each(table)("%j", (response, exchange, verdict) => {
  const all = bytes(response);
  const whole = play(exchange, [all]);

  it(`comes to ${verdict}`, () => {
    expect(whole.error === "" ? whole.progress : "protocol").toBe(verdict);
  });

  it("comes to the same wherever it is cut, and byte by byte", () => {
    for (let at = 1; at < all.length; at++)
      expect(play(exchange, [all.subarray(0, at), all.subarray(at)]), `cut at ${at}`).toEqual(whole);
    expect(
      play(
        exchange,
        [...all].map((byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(whole);
  });
});
