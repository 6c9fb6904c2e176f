import type { DialectOptions } from "../../../src/base/settings.ts";
import type { Codec, CodecContext, Message, OutgoingLine } from "../../../src/dialects/dialect.ts";
import { http } from "../../../src/dialects/http/http.ts";
import type { Matcher, Progress } from "../../../src/match/matcher.ts";
import { type LinePattern, parseReplyLine } from "../../../src/match/pattern.ts";

export const codec = (options: DialectOptions = {}, context: Partial<CodecContext> = {}): Codec =>
  http.createCodec("client", { eol: "crlf", limit: 16_000_000, host: "localhost:8080", options, ...context });

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

export const request = (codec: Codec, lines: readonly string[], reply: readonly string[] = []): string =>
  Buffer.from(codec.begin({ sends: outgoing(...lines), expects: expected(...reply) })).toString("latin1");

export const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

/** What was decoded: its parts with their lines, neighbours of the same part joined, `|` where a message is complete. */
export function shown(messages: readonly Message[]): readonly string[] {
  const parts: string[] = [];
  let open = "";
  for (const { part, lines, complete } of messages) {
    const text = lines.join("");
    if (open === part) parts[parts.length - 1] += text;
    else if (text !== "") parts.push(`${part}: ${text}`);
    open = complete ? "" : text === "" ? open : part;
    if (complete) parts.push("|");
  }
  return parts;
}

/** Decodes the same bytes whole and byte by byte on two connections; both must show the same. */
export function decodeBothWays(open: () => Codec, response: Uint8Array, closed = false): readonly string[][] {
  const whole = open();
  const messages = [...whole.decode(response)];
  if (closed) messages.push(...whole.end(true));
  const single = open();
  const pieces: Message[] = [];
  for (let i = 0; i < response.length; i++) pieces.push(...single.decode(response.subarray(i, i + 1)));
  if (closed) pieces.push(...single.end(true));
  return [[...shown(messages)], [...shown(pieces)]];
}

/** Feeds a matcher with messages until it is certain; `progress` is what it said before. */
export function feed(matcher: Matcher, messages: readonly Message[], progress: Progress): Progress {
  let now = progress;
  const certain = (): boolean => now === "done" || now === "failed";
  for (const { lines, part, complete } of messages) {
    for (const line of lines) if (!certain()) now = matcher.feed(line, part);
    if (complete && !certain()) now = matcher.endMessage();
  }
  return now;
}
