/**
 * Reads one reply the full way: what is due is decoded already, and fed to a matcher until the reply ends one way or
 * another (format guide, section 5).
 */
import type { ByteString } from "../base/bytes.ts";
import type { Decoded } from "../dialects/codec.ts";
import type { Matcher, Progress } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import { type Arrival, messageOf } from "./arrivals.ts";
import type { Conversation } from "./conversation.ts";
import { giveLeave } from "./leave.ts";
import type { Listener } from "./listener.ts";
import type { Note } from "./note.ts";

/**
 * How a reply ended. `complete`: it matched; `open`: it matched, and may go on; `failed`: it cannot match;
 * `missing`: all that is owed came, and lines are still awaited; the others say why no more came.
 */
export type ReplyEnd = "complete" | "open" | "failed" | "missing" | "timeout" | "closed" | "protocol" | "too-large";

export class ReplyReader implements Listener {
  readonly matcher: Matcher;
  readonly #conversation: Conversation;
  readonly #note: Note;
  /** Whether it answers what was sent with it; and whether it answers that or what was sent before. */
  readonly #isAnswer: boolean;
  readonly #isOwed: boolean;
  /** Pieces of a line are awaited, not only whole lines. */
  readonly #hearsBytes: boolean;
  end: ReplyEnd | undefined;
  readonly received: ByteString[] = [];
  /** Of each of them, what part of its message it is; empty where a message has no parts. */
  readonly parts: string[] = [];
  /** How many lines had been received at the end of each message. */
  readonly ends: number[] = [];
  /** Whether the connection cannot be used any more: what it still says might be taken for the next reply. */
  isOver = false;
  /** How a sentence names a message that came in it and answers no request. */
  stray: string | undefined;
  /** Of a reply that differs: what came beyond its own lines. */
  readonly surplus: Decoded[] = [];
  /** The number of the first request among what was read, where requests have one. */
  request: number | undefined;
  #gaveLeave = false;
  /** Bytes of the lines. */
  #size = 0;
  /** Of a reply that differs: how many pieces were measured, how many lines these have, and how many pieces are its own. */
  #measured = 0;
  #lines = 0;
  #own: number | undefined;
  #written: number | undefined;
  #progress: Progress;

  constructor(conversation: Conversation, note: Note, matcher: Matcher, isAnswer: boolean) {
    this.#conversation = conversation;
    this.#note = note;
    this.matcher = matcher;
    this.#isAnswer = isAnswer;
    this.#isOwed = isAnswer || conversation.incoming.arrivals.ledger.awaitsReply;
    this.#hearsBytes = note.expects.some(({ ending }) => ending === "none");
    this.#progress = matcher.mayBeEmpty ? "open" : "more";
  }

  get hasEnded(): boolean {
    return this.end !== undefined;
  }

  /** How many of the lines belong to it, if it differs; the rest is left to exchanges that send nothing. */
  get own(): number {
    return this.#own ?? this.received.length;
  }

  onActivity(): void {
    const { incoming } = this.#conversation;
    if (this.#hearsBytes) incoming.flush("bytes");
    if (!this.#consume()) return;
    if (this.#progress !== "failed" && this.matcher.awaitsLeave && !this.#gaveLeave) {
      this.#gaveLeave = true;
      giveLeave(this.#conversation);
    }
    if (incoming.framingError) this.#onFramingError();
    else if (incoming.closed) this.#onClosed();
    else if (this.#progress === "more") {
      if (this.#isAllIn()) this.#finish("missing");
      // A reply that was complete, and is not any more, does not end with silence.
      else this.#conversation.awaitSilence(Number.POSITIVE_INFINITY);
    } else if (this.#isAllIn()) this.#finish(this.#progress === "failed" ? "failed" : "open");
    // Complete, or to be drained: either ends with silence.
    else this.#conversation.awaitSilence(this.#note.example.settings.settle);
  }

  #onFramingError(isSilent = false): void {
    const { incoming } = this.#conversation;
    if (incoming.collectsUnreadable && !isSilent) this.#conversation.awaitSilence(this.#note.example.settings.settle);
    else this.#finish(this.#progress === "failed" ? "failed" : "protocol", true);
  }

  onSilence(): void {
    const { incoming } = this.#conversation;
    if (incoming.framingError) return this.#onFramingError(true);
    if (this.#progress !== "failed") return this.#finish("open");
    // The rest of a message that differs would be taken for the next one.
    if (incoming.theirs.pending === "message") return;
    incoming.flush("silence");
    if (this.#consume()) this.#finish("failed");
  }

  onDeadline(): void {
    const { incoming } = this.#conversation;
    const isOpen = this.#progress === "open";
    incoming.flush(isOpen ? "silence" : "closed");
    const { arrivals } = incoming;
    for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
      if (arrival.line !== undefined) this.#keep(arrival.line, arrival.part);
      arrivals.take();
    }
    const end = isOpen ? "open" : incoming.framingError ? "protocol" : "timeout";
    this.#finish(this.#progress === "failed" ? "failed" : end, !isOpen);
  }

  #finish(end: ReplyEnd, isOver = false): void {
    this.end = end;
    this.isOver = isOver;
    this.#conversation.rest();
  }

  #keep(line: ByteString, part: string): void {
    this.received.push(line);
    if (part !== "" || this.parts.length > 0) this.parts.push(part);
  }

  #feed(line: ByteString, part: string): void {
    this.#keep(line, part);
    this.#size += line.length;
    if (this.#progress === "failed") return;
    this.#progress = this.matcher.feed(line, part);
    const { rest } = this.matcher;
    if (this.#progress === "done" && rest !== "") {
      this.received[this.received.length - 1] = line.slice(0, line.length - rest.length);
      this.#conversation.incoming.arrivals.putBack([{ lines: [rest], part, to: undefined, ends: undefined }]);
    }
  }

  /** Where a reply differs, notes how much of what came belongs to it, in whole lines and whole messages. */
  #measure({ part, last, of: { to } }: Arrival): void {
    for (; this.#measured < this.received.length; this.#measured++)
      if (this.received[this.#measured]!.endsWith("\n")) this.#lines++;
    const isWhole = last || (part === "" && to === undefined && this.received.at(-1)?.endsWith("\n"));
    if (!isWhole || (this.#own !== undefined && to === undefined)) return;
    this.#written ??= lineCount(this.#note.expects);
    if (to === undefined && part === "" && this.#lines < this.#written) return;
    this.#own = this.#measured;
    this.surplus.length = 0;
  }

  /** Feeds what waits; false where the reply has ended. */
  #consume(): boolean {
    const { incoming, anytime } = this.#conversation;
    const { arrivals } = incoming;
    for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
      const { line, part, last, of } = arrival;
      arrivals.take();
      const before = this.received.length;
      if (line !== undefined) {
        if (!anytime.watches) this.#feed(line, part);
        else {
          const isTaken = this.#progress !== "failed" && this.matcher.takes(line, part);
          for (const one of anytime.offer(line, isTaken)) this.#feed(one, part);
        }
      }
      if (last) this.ends.push(this.received.length);
      this.stray ??= of.stray;
      this.request ??= of.request?.id;
      if (this.#size > this.#note.example.settings.limit) return this.#stop("too-large", true);
      if (this.#progress === "done") return this.#stop("complete");
      if (last && this.#progress !== "failed") this.#progress = this.matcher.endMessage();
      if (this.#isDone()) return this.#stop("complete");
      if (this.#progress === "failed") {
        if (this.#own !== undefined && (line === undefined || this.received.length > before))
          this.surplus.push(messageOf(arrival));
        this.#measure(arrival);
        // A reply that differs takes no reply to an earlier request.
        arrivals.ledger.takesOlder = false;
      }
    }
    return true;
  }

  #isDone(): boolean {
    return this.#progress === "done";
  }

  #stop(end: ReplyEnd, isOver = false): false {
    this.#finish(end, isOver);
    return false;
  }

  /** Whether all replies have come that this one could be among. */
  #isAllIn(): boolean {
    const { owed, arrivals } = this.#conversation.incoming;
    if (!this.#isOwed || owed === undefined) return false;
    if (owed === 0 || (arrivals.ledger.isAhead && !arrivals.ledger.awaitsReply)) return true;
    return this.#progress === "failed" && this.#isAnswer && arrivals.ledger.isOwnIn;
  }

  #onClosed(): void {
    const isTruncated = this.#conversation.incoming.theirs.pending === "message";
    if (this.#progress !== "failed") this.#progress = this.matcher.end(isTruncated);
    // After a reply that differs the example goes on: the next line may well say that the server closes here.
    if (this.#progress === "failed") this.#finish("failed");
    else this.#finish(this.#progress === "more" ? "closed" : "complete", true);
  }
}

/** How many lines a reply has; infinite where the written ones leave it open. */
const lineCount = (expects: readonly LinePattern[]): number =>
  expects.every(({ body, repeat }) => repeat === "once" && body.kind !== "ellipsis" && body.kind !== "bytes")
    ? expects.length
    : Number.POSITIVE_INFINITY;
