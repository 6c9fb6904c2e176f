/**
 * Reads one reply: feeds what arrives to the matcher, and says how it ended (format guide, section 5).
 */
import type { ByteString } from "../base/bytes.ts";
import type { Matcher, Progress } from "../match/matcher.ts";
import type { OpenConnection, Waiter } from "./connection.ts";

export interface ReplyRules {
  /** Milliseconds: the longest time for the reply, and the silence that ends one whose end nothing else tells. */
  readonly timeout: number;
  readonly settle: number;
  /** Bytes. */
  readonly limit: number;
  /** Whether something was sent. */
  readonly requested: boolean;
  /** Whether it answers what was sent, now or before, so that a dialect knows how many replies are owed. */
  readonly isAnswer: boolean;
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
  /** Of each of them, what part of its message it is; empty where a message has no parts. */
  readonly parts: string[];
  /** Bytes of the lines. */
  readonly size: number;
  /** Whether the connection cannot be used any more: what it still says might be taken for the next reply. */
  readonly over: boolean;
}

export const readReply = (connection: OpenConnection, matcher: Matcher, rules: ReplyRules): Promise<Reply> =>
  new Promise((resolve) => new ReplyReader(connection, matcher, rules, resolve).start());

/** One object a reply, and no closures: a document has many. */
class ReplyReader implements Waiter {
  readonly #connection: OpenConnection;
  readonly #matcher: Matcher;
  readonly #rules: ReplyRules;
  readonly #resolve: (reply: Reply) => void;
  readonly #received: ByteString[] = [];
  readonly #parts: string[] = [];
  #size = 0;
  #progress: Progress;

  constructor(connection: OpenConnection, matcher: Matcher, rules: ReplyRules, resolve: (reply: Reply) => void) {
    this.#connection = connection;
    this.#matcher = matcher;
    this.#rules = rules;
    this.#resolve = resolve;
    this.#progress = matcher.mayBeEmpty ? "open" : "more";
  }

  start(): void {
    this.#connection.await(this, this.#rules.timeout);
    if (!this.#rules.requested) this.#connection.link.recut();
    this.onActivity();
  }

  onActivity(): void {
    const { link } = this.#connection;
    if (!this.#consume()) return;
    if (link.framingError) this.#finish(this.#progress === "failed" ? "failed" : "protocol", true);
    else if (link.closed) this.#onClosed();
    else if (this.#progress === "more") {
      if (this.#isAllIn()) this.#finish("missing");
    } else if (this.#isAllIn()) this.#finish(this.#progress === "failed" ? "failed" : "open");
    // Complete, or to be drained: either ends with silence.
    else this.#connection.awaitSilence(this.#rules.settle);
  }

  onSilence(): void {
    // The rest of a response that differs would be taken for the next one.
    if (this.#progress === "failed" && this.#connection.link.codec.isUnderWay) return;
    this.#finish(this.#progress === "failed" ? "failed" : "open");
  }

  onTimeout(): void {
    const { link } = this.#connection;
    const isOpen = this.#progress === "open";
    link.flush(!isOpen);
    for (let arrival = link.peek(); arrival; arrival = link.peek()) {
      if (arrival.line !== undefined) this.#note(arrival.line, arrival.part);
      link.take();
    }
    const end = isOpen ? "open" : link.framingError ? "protocol" : "timeout";
    this.#finish(this.#progress === "failed" ? "failed" : end, !isOpen);
  }

  onInterrupt(): void {
    this.#finish("interrupted", true);
  }

  #finish(end: ReplyEnd, over = false): void {
    this.#connection.rest();
    this.#resolve({ end, received: this.#received, parts: this.#parts, size: this.#size, over });
  }

  #note(line: ByteString, part: string): void {
    this.#received.push(line);
    if (part !== "" || this.#parts.length > 0) this.#parts.push(part);
  }

  #feed(line: ByteString, part: string): void {
    this.#note(line, part);
    this.#size += line.length;
    if (this.#progress === "failed") return;
    this.#progress = this.#matcher.feed(line, part);
    const { rest } = this.#matcher;
    if (this.#progress === "done" && rest !== "") {
      this.#received[this.#received.length - 1] = line.slice(0, line.length - rest.length);
      this.#connection.link.unread(rest, part);
    }
  }

  /** Feeds what waits; false where the reply has ended. */
  #consume(): boolean {
    const { link, anytime } = this.#connection;
    for (let arrival = link.peek(); arrival; arrival = link.peek()) {
      const { line, part, last } = arrival;
      link.take();
      if (line !== undefined) {
        if (!anytime.watches) this.#feed(line, part);
        else {
          const isTaken = this.#progress !== "failed" && this.#matcher.takes(line, part);
          for (const one of anytime.offer(line, isTaken)) this.#feed(one, part);
        }
      }
      if (this.#size > this.#rules.limit) return this.#stop("too-large", true);
      if (this.#isDone()) return this.#stop("complete");
      if (last && this.#progress !== "failed") this.#progress = this.#matcher.endMessage();
      if (this.#isDone()) return this.#stop("complete");
    }
    return true;
  }

  #isDone(): boolean {
    return this.#progress === "done";
  }

  #stop(end: ReplyEnd, over = false): false {
    this.#finish(end, over);
    return false;
  }

  #isAllIn(): boolean {
    return this.#rules.isAnswer && this.#connection.link.codec.owed === 0;
  }

  #onClosed(): void {
    if (this.#progress !== "failed") this.#progress = this.#matcher.end();
    this.#finish(this.#progress === "failed" ? "failed" : this.#progress === "more" ? "closed" : "complete", true);
  }
}
