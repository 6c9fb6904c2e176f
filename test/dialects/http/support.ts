import { expect } from "vitest";
import type { DialectOptions } from "../../../src/base/settings.ts";
import type { Codec, CodecContext, Decoded, Encoded, OutgoingLine } from "../../../src/dialects/codec.ts";
import { http } from "../../../src/dialects/http/http.ts";
import type { Matcher, Progress } from "../../../src/match/matcher.ts";
import { type LinePattern, parseReplyLine } from "../../../src/match/pattern.ts";

/** Client lines as a plan hands them over; ` (no-eol)` and ` (lf)` are read. */
export function outgoing(...lines: string[]): readonly OutgoingLine[] {
  return lines.map((text, i) => {
    const suffix = / \((no-eol|lf)\)$/.exec(text);
    const ending = suffix ? (suffix[1] === "lf" ? "\n" : "") : "\r\n";
    return {
      bytes: suffix ? text.slice(0, suffix.index) : text,
      ending,
      endingWritten: suffix !== null,
      line: i + 1,
      column: 5,
    };
  });
}

/** Reply lines as a document writes them, from line 1 on; `<<<` marks one. */
export function expected(...lines: string[]): readonly LinePattern[] {
  return lines.map((line, i) => {
    const marked = /^<<<(?: |$)/.test(line);
    return parseReplyLine({ text: marked ? line.slice(4) : line, line: i + 1, column: 1, marked });
  });
}

export const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

export const connection = (options: DialectOptions = {}, context: Partial<CodecContext> = {}): Codec =>
  http.createCodec({ eol: "crlf", limit: 16_000_000, host: "localhost:8080", options, ...context });

/** Lines that were decoded, as a document writes them. */
export const written = (lines: readonly string[]): readonly OutgoingLine[] =>
  lines.map((line, i) => {
    const [ending] = /\r?\n$|$/.exec(line)!;
    const bytes = line.slice(0, line.length - ending.length);
    return { bytes, ending, endingWritten: true, line: i + 1, column: 5 };
  });

/** The bytes that are sent; it fails where none are. */
export function sent(encoded: Encoded): string {
  if (encoded.withheld !== undefined) return expect.unreachable(encoded.withheld);
  return Buffer.from(encoded.bytes).toString("latin1");
}

/** Sends a request. `later`: lines that it goes on with after the next response. */
export const request = (one: Codec, lines: readonly string[], later?: readonly string[]): string =>
  sent(one.requests.encode(outgoing(...lines), later && outgoing(...later)));

/**
 * What was decoded: its parts with their lines, neighbours of the same part joined, and what ends after them: `|` is the
 * message.
 */
export function shown(messages: readonly Decoded[]): readonly string[] {
  const parts: string[] = [];
  let open = "";
  for (const { part, lines, ends, endsConnection } of messages) {
    const text = lines.join("");
    if (open === part && text !== "") parts[parts.length - 1] += text;
    else if (text !== "") parts.push(`${part}: ${text}`);
    const isEnd = ends !== undefined;
    open = isEnd ? "" : text === "" ? open : part;
    if (isEnd) parts.push(endsConnection ? "| connection" : ends === "message" ? "|" : `| ${ends}`);
  }
  return parts;
}

/** Decodes the same bytes whole and byte by byte on two connections; both must show the same. */
export function decodeBothWays(open: () => Codec, response: Uint8Array, closed = false): readonly string[][] {
  const whole = open().responses;
  const messages = [...whole.decode(response)];
  if (closed) messages.push(...whole.flush("closed"));
  const single = open().responses;
  const pieces: Decoded[] = [];
  for (let i = 0; i < response.length; i++) pieces.push(...single.decode(response.subarray(i, i + 1)));
  if (closed) pieces.push(...single.flush("closed"));
  return [[...shown(messages)], [...shown(pieces)]];
}

/** Feeds a matcher with messages until it is certain; `progress` is what it said before. */
export function feed(matcher: Matcher, messages: readonly Decoded[], progress: Progress): Progress {
  let now = progress;
  const certain = (): boolean => now === "done" || now === "failed";
  for (const { lines, part, ends } of messages) {
    for (const line of lines) if (!certain()) now = matcher.feed(line, part);
    if (ends && !certain()) now = matcher.endMessage();
  }
  return now;
}

/** How a matcher is made where nothing else is said. */
export const CONTEXT = { eol: "crlf", unordered: false, options: {}, isAnswer: true } as const;
