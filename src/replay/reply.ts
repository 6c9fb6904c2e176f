/**
 * Reads one reply: feeds what arrives to the matcher, and says how it ended (format guide, section 5).
 */
import type { ByteString } from "../base/bytes.ts";
import type { Matcher, Progress } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Arrival } from "../play/arrivals.ts";
import type { OpenConnection, Waiter } from "./connection.ts";

export interface ReplyRules {
  /** Milliseconds: the longest time for the reply, and the silence that ends one whose end nothing else tells. */
  readonly timeout: number;
  readonly settle: number;
  /** Bytes. */
  readonly limit: number;
  /** Whether something was sent. */
  readonly requested: boolean;
  /** The written lines: of a reply that differs, as many belong to it. */
  readonly expects: readonly LinePattern[];
  /** Whether it answers what was sent, now or before, so that it is known when all replies are in. */
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
  /** How many of them belong to it, if it differs; the rest is left to exchanges that send nothing. */
  readonly own: number;
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
  /** Of a reply that differs: how much of it was measured, lines in that, and how much of that is its own. */
  #measured = 0;
  #lines = 0;
  #own: number | undefined;
  #written: number | undefined;
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
    const { link } = this.#connection;
    if (!this.#rules.requested || link.codec.hasEarly) link.recut();
    this.onActivity();
  }

  onActivity(): void {
    const { link } = this.#connection;
    if (!this.#consume()) return;
    if (link.framingError) this.#onFramingError();
    else if (link.closed) this.#onClosed();
    else if (this.#progress === "more") {
      if (this.#isAllIn()) this.#finish("missing");
    } else if (this.#isAllIn()) this.#finish(this.#progress === "failed" ? "failed" : "open");
    // Complete, or to be drained: either ends with silence.
    else this.#connection.awaitSilence(this.#rules.settle);
  }

  #onFramingError(isSilent = false): void {
    const { link } = this.#connection;
    if (link.collectsUnreadable && !isSilent) this.#connection.awaitSilence(this.#rules.settle);
    else this.#finish(this.#progress === "failed" ? "failed" : "protocol", true);
  }

  onSilence(): void {
    const { link } = this.#connection;
    if (link.framingError) return this.#onFramingError(true);
    if (this.#progress !== "failed") return this.#finish("open");
    // The rest of a response that differs would be taken for the next one.
    if (link.codec.isUnderWay) return;
    link.flush();
    if (this.#consume()) this.#finish("failed");
  }

  onTimeout(): void {
    const { link } = this.#connection;
    const isOpen = this.#progress === "open";
    link.flush(!isOpen);
    const { arrivals } = link;
    for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
      if (arrival.line !== undefined) this.#note(arrival.line, arrival.part);
      arrivals.take();
    }
    const end = isOpen ? "open" : link.framingError ? "protocol" : "timeout";
    this.#finish(this.#progress === "failed" ? "failed" : end, !isOpen);
  }

  onInterrupt(): void {
    this.#finish("interrupted", true);
  }

  #finish(end: ReplyEnd, over = false): void {
    this.#connection.rest();
    const own = this.#own ?? this.#received.length;
    this.#resolve({ end, received: this.#received, parts: this.#parts, own, size: this.#size, over });
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
      this.#connection.link.arrivals.putBack([{ lines: [rest], complete: false, part }]);
    }
  }

  /** Notes how much of what came is this reply, where it differs: whole lines, and whole messages. */
  #measure({ part, last, to }: Arrival): void {
    for (; this.#measured < this.#received.length; this.#measured++)
      if (this.#received[this.#measured]!.endsWith("\n")) this.#lines++;
    const isWhole = last || (part === "" && to === undefined && this.#received.at(-1)?.endsWith("\n"));
    if (!isWhole || (this.#own !== undefined && to === undefined)) return;
    this.#written ??= linesOf(this.#rules.expects);
    if (to !== undefined || this.#lines >= this.#written) this.#own = this.#measured;
  }

  /** Feeds what waits; false where the reply has ended. */
  #consume(): boolean {
    const { link, anytime } = this.#connection;
    const { arrivals } = link;
    for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
      const { line, part, last } = arrival;
      arrivals.take();
      if (line !== undefined) {
        if (!anytime.watches) this.#feed(line, part);
        else {
          const isTaken = this.#progress !== "failed" && this.#matcher.takes(line, part);
          for (const one of anytime.offer(line, isTaken)) this.#feed(one, part);
        }
      }
      if (this.#progress === "failed") this.#measure(arrival);
      if (this.#size > this.#rules.limit) return this.#stop("too-large", true);
      if (this.#isDone()) return this.#stop("complete");
      if (last && this.#progress !== "failed") this.#progress = this.#matcher.endMessage();
      if (this.#isDone()) return this.#stop("complete");
      // A reply that differs takes no reply to an earlier request.
      if (this.#progress === "failed") arrivals.ledger.takesOlder = false;
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

  /** Whether all replies have come that this one could be among. */
  #isAllIn(): boolean {
    const { codec, arrivals } = this.#connection.link;
    if (!this.#rules.isAnswer || codec.owed === undefined) return false;
    if (codec.owed === 0) return true;
    return this.#progress === "failed" && this.#rules.requested && codec.asked !== undefined && arrivals.ledger.isOwnIn;
  }

  #onClosed(): void {
    if (this.#progress !== "failed") this.#progress = this.#matcher.end(this.#connection.link.isTruncated);
    // After a reply that differs the example goes on: the next line may well say that the server closes here.
    if (this.#progress === "failed") this.#finish("failed");
    else this.#finish(this.#progress === "more" ? "closed" : "complete", true);
  }
}

/** How many lines a reply has, where the written ones tell. */
const linesOf = (expects: readonly LinePattern[]): number =>
  expects.every(({ body, repeat }) => repeat === "once" && body.kind !== "ellipsis" && body.kind !== "bytes")
    ? expects.length
    : Number.POSITIVE_INFINITY;
