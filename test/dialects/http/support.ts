/** For the codec that is told what the document expects. What duplex.ts takes from here stays. */
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
