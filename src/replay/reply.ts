/**
 * Reads one reply: feeds what arrives to the matcher, and says how it ended (format guide, section 5).
 */
import type { ByteString } from "../base/bytes.ts";
import type { Matcher, Progress } from "../match/matcher.ts";
import type { OpenConnection } from "./connection.ts";

export interface ReplyRules {
  /** Milliseconds: the longest time for the reply, and the silence that ends one whose end nothing else tells. */
  readonly timeout: number;
  readonly settle: number;
  /** Bytes. */
  readonly limit: number;
  /** Whether something was sent, so that a dialect owes a reply to it. */
  readonly requested: boolean;
}

/**
 * How a reply ended. `complete`: it matched; `open`: it matched, and may go on; `failed`: it cannot match;
 * `missing`: all that is owed came, and lines are still awaited; the others say why no more came.
 */
export type ReplyEnd =
  | "complete"
  | "open"
  | "failed"
  | "missing"
  | "timeout"
  | "closed"
  | "protocol"
  | "too-large"
  | "interrupted";

export interface Reply {
  readonly end: ReplyEnd;
  readonly received: ByteString[];
  /** Of each of them, what part of its message it is. */
  readonly parts: string[];
  /** Whether the connection cannot be used any more: what it still says might be taken for the next reply. */
  readonly over: boolean;
}

export function readReply(connection: OpenConnection, matcher: Matcher, rules: ReplyRules): Promise<Reply> {
  const { link, anytime } = connection;
  const received: ByteString[] = [];
  const parts: string[] = [];
  let size = 0;
  let progress: Progress = matcher.mayBeEmpty ? "open" : "more";

  return new Promise((resolve) => {
    const finish = (end: ReplyEnd, over = false): void => {
      connection.timeout.clear();
      connection.settle.clear();
      connection.interrupted = undefined;
      connection.rest();
      resolve({ end, received, parts, over });
    };

    const feed = (line: ByteString, part: string): void => {
      received.push(line);
      parts.push(part);
      size += line.length;
      if (progress === "failed") return;
      progress = matcher.feed(line, part);
      if (progress === "done" && matcher.rest !== "") {
        received[received.length - 1] = line.slice(0, line.length - matcher.rest.length);
        link.unread(matcher.rest, part);
      }
    };

    /** Feeds what waits; false where the reply has ended. */
    const consume = (): boolean => {
      for (let arrival = link.peek(); arrival; arrival = link.peek()) {
        const { line, part, last } = arrival;
        link.take();
        if (line !== undefined) {
          if (!anytime.watches) feed(line, part);
          else
            for (const one of anytime.offer(line, progress !== "failed" && matcher.takes(line, part))) feed(one, part);
        }
        if (progress === "done") return stop("complete");
        if (size > rules.limit) return stop("too-large", true);
        if (last && progress !== "failed") progress = matcher.endMessage();
        if ((progress as Progress) === "done") return stop("complete");
      }
      return true;
    };
    const stop = (end: ReplyEnd, over = false): false => {
      finish(end, over);
      return false;
    };

    const isAllIn = (): boolean => rules.requested && link.codec.owed === 0;

    const onActivity = (): void => {
      if (!consume()) return;
      if (link.framingError) finish(progress === "failed" ? "failed" : "protocol", true);
      else if (link.closed) onClosed();
      else if (progress === "more") {
        if (isAllIn()) finish("missing");
      } else if (progress === "failed" && isAllIn()) finish("failed");
      // Complete, or to be drained: either ends with silence.
      else connection.settle.set(rules.settle, onSilence);
    };

    const onClosed = (): void => {
      if (progress !== "failed") progress = matcher.end();
      finish(progress === "failed" ? "failed" : progress === "more" ? "closed" : "complete", true);
    };

    const onSilence = (): void => {
      if (progress === "failed") finish("failed");
      else finish("open");
    };

    const onTimeout = (): void => {
      link.flush();
      for (let arrival = link.peek(); arrival; arrival = link.peek()) {
        if (arrival.line !== undefined) {
          received.push(arrival.line);
          parts.push(arrival.part);
        }
        link.take();
      }
      finish(progress === "failed" ? "failed" : progress === "open" ? "open" : "timeout", progress !== "open");
    };

    connection.interrupted = () => finish("interrupted", true);
    connection.timeout.set(rules.timeout, onTimeout);
    connection.attend(onActivity);
    if (!rules.requested) link.recut();
    onActivity();
  });
}
