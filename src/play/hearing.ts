/**
 * One reply that is awaited: what comes is fed to its matcher, until the reply ends one way or another (format guide,
 * section 5).
 */
import { type ByteString, fromBytes, toBytes } from "../base/bytes.ts";
import type { Expectation } from "../dialects/codec.ts";
import type { Captures, Matcher, Progress } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import { matchInOrder } from "../match/sequence.ts";
import { UnorderedMatcher } from "../match/unordered.ts";
import type { Scope } from "../match/variables.ts";
import type { Arrival } from "./arrivals.ts";
import type { Conversation } from "./conversation.ts";
import type { Listener } from "./listener.ts";
import type { Note } from "./note.ts";

/**
 * How a reply ended. `complete`: it matched; `open`: it matched, and may go on; `failed`: it cannot match;
 * `missing`: all that is owed came, and lines are still awaited; the others say why no more came.
 */
export type ReplyEnd = "complete" | "open" | "failed" | "missing" | "timeout" | "closed" | "protocol" | "too-large";

export class ReplyHearing implements Listener {
  readonly #conversation: Conversation;
  readonly #note: Note;
  readonly #scope: Scope;
  /** Whether it answers what was sent with it. */
  readonly #isAnswer: boolean;
  /** The quick way, as long as all that came is as written; and what came. */
  #expectation: Expectation | undefined;
  #raw: ByteString = "";
  #matcher: Matcher | undefined;
  /** Pieces of a line are awaited, not only whole lines. */
  #hearsBytes = false;
  /** Whether it answers what was sent, now or before, so that it is known when all replies are in. */
  #isOwed = false;
  end: ReplyEnd | undefined;
  received: ByteString[] = NOTHING;
  /** Of each of them, what part of its message it is; empty where a message has no parts. */
  parts: string[] = NOTHING;
  /** Whether the connection cannot be used any more: what it still says might be taken for the next reply. */
  isOver = false;
  /** How a sentence names a message that came in it and answers no request. */
  stray: string | undefined;
  /** Bytes of the lines. */
  #size = 0;
  /** Of a reply that differs: how much of it was measured, lines in that, and how much of that is its own. */
  #measured = 0;
  #lines = 0;
  #own: number | undefined;
  #written: number | undefined;
  #progress: Progress = "more";

  constructor(conversation: Conversation, note: Note, scope: Scope, isAnswer: boolean) {
    this.#conversation = conversation;
    this.#note = note;
    this.#scope = scope;
    this.#isAnswer = isAnswer;
    this.#expectation = this.#expect();
  }

  /** The quick way, where nothing has come that has to be looked at first. */
  #expect(): Expectation | undefined {
    const { incoming, anytime } = this.#conversation;
    const { theirs, arrivals } = incoming;
    if (!this.#isAnswer || !theirs.expect || anytime.watches) return undefined;
    if (!arrivals.isEmpty || !arrivals.ledger.awaitsOnlyOwn || theirs.pending !== "nothing") return undefined;
    const { dialect, settings } = this.#note.example;
    if (dialect !== this.#conversation.dialect) return undefined;
    const { eol, unordered, options } = settings;
    const context = { eol, unordered, scope: this.#scope, options: options[dialect.name] ?? NO_OPTIONS };
    return theirs.expect(this.#note.expects, context);
  }

  start(): void {
    this.#conversation.listen(this, this.#note.example.settings.timeout);
    if (this.#expectation) return;
    this.#goFull();
    this.onActivity();
  }

  /** Decodes and matches what comes. */
  #goFull(): void {
    const { expects } = this.#note;
    const { incoming } = this.#conversation;
    this.#expectation = undefined;
    this.received = [];
    this.parts = [];
    this.#matcher = this.#createMatcher();
    this.#progress = this.#matcher.mayBeEmpty ? "open" : "more";
    this.#hearsBytes = expects.some(({ ending }) => ending === "none");
    this.#isOwed = this.#isAnswer || incoming.arrivals.ledger.awaitsReply;
    if (this.#raw !== "") incoming.decode(toBytes(this.#raw));
  }

  #createMatcher(): Matcher {
    const { expects, example } = this.#note;
    const { eol, unordered, options } = example.settings;
    const { dialect } = this.#conversation;
    const context = { eol, unordered, options: options[dialect.name] ?? NO_OPTIONS, isAnswer: this.#isAnswer };
    const { reading } = this.#conversation;
    if (reading?.matcher) return reading.matcher(expects, this.#scope, context);
    const rules = { eol, endingOptional: false };
    return unordered ? new UnorderedMatcher(expects, this.#scope, rules) : matchInOrder(expects, this.#scope, rules);
  }

  /** Offers bytes to the quick way; false: they are to be decoded. */
  takeRaw(bytes: Uint8Array): boolean {
    if (!this.#expectation) return false;
    const text = fromBytes(bytes);
    switch (this.#expectation.read(text)) {
      case "all":
        this.#conversation.incoming.arrivals.ledger.tookOwn();
        this.#finish("complete");
        return true;
      case "more":
        this.#raw += text;
        return true;
      case "other":
        this.#goFull();
        return false;
    }
  }

  /** Nothing more comes that the quick way could take. */
  endRaw(): void {
    if (this.#expectation) this.#goFull();
  }

  /** The reply that the quick way has taken. */
  get undecoded(): Expectation | undefined {
    return this.#expectation;
  }

  get captures(): Captures {
    return this.#expectation?.captured ?? this.#matcher!.captures();
  }

  get matcher(): Matcher {
    return this.#matcher!;
  }

  get hasEnded(): boolean {
    return this.end !== undefined;
  }

  /** How many of the lines belong to it, if it differs; the rest is left to exchanges that send nothing. */
  get own(): number {
    return this.#own ?? this.received.length;
  }

  onActivity(): void {
    if (this.#expectation) return;
    const { incoming } = this.#conversation;
    if (this.#hearsBytes) incoming.flush("bytes");
    if (!this.#consume()) return;
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
    this.endRaw();
    if (!this.#consume()) return;
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
    this.#progress = this.#matcher!.feed(line, part);
    const { rest } = this.#matcher!;
    if (this.#progress === "done" && rest !== "") {
      this.received[this.received.length - 1] = line.slice(0, line.length - rest.length);
      this.#conversation.incoming.arrivals.putBack([{ lines: [rest], part, to: undefined, ends: undefined }]);
    }
  }

  /** Notes how much of what came is this reply, where it differs: whole lines, and whole messages. */
  #measure({ part, last, of: { to } }: Arrival): void {
    for (; this.#measured < this.received.length; this.#measured++)
      if (this.received[this.#measured]!.endsWith("\n")) this.#lines++;
    const isWhole = last || (part === "" && to === undefined && this.received.at(-1)?.endsWith("\n"));
    if (!isWhole || (this.#own !== undefined && to === undefined)) return;
    this.#written ??= linesOf(this.#note.expects);
    if (to !== undefined || this.#lines >= this.#written) this.#own = this.#measured;
  }

  /** Feeds what waits; false where the reply has ended. */
  #consume(): boolean {
    const { incoming, anytime } = this.#conversation;
    const { arrivals } = incoming;
    for (let arrival = arrivals.peek(); arrival; arrival = arrivals.peek()) {
      const { line, part, last, of } = arrival;
      arrivals.take();
      if (line !== undefined) {
        if (!anytime.watches) this.#feed(line, part);
        else {
          const isTaken = this.#progress !== "failed" && this.#matcher!.takes(line, part);
          for (const one of anytime.offer(line, isTaken)) this.#feed(one, part);
        }
      }
      this.stray ??= of.stray;
      if (this.#progress === "failed") this.#measure(arrival);
      if (this.#size > this.#note.example.settings.limit) return this.#stop("too-large", true);
      if (this.#progress === "done") return this.#stop("complete");
      if (last && this.#progress !== "failed") this.#progress = this.#matcher!.endMessage();
      if (this.#isDone()) return this.#stop("complete");
      // A reply that differs takes no reply to an earlier request.
      if (this.#progress === "failed") arrivals.ledger.takesOlder = false;
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
    if (owed === 0) return true;
    return this.#progress === "failed" && this.#isAnswer && arrivals.ledger.isOwnIn;
  }

  #onClosed(): void {
    const isTruncated = this.#conversation.incoming.theirs.pending === "message";
    if (this.#progress !== "failed") this.#progress = this.#matcher!.end(isTruncated);
    // After a reply that differs the example goes on: the next line may well say that the server closes here.
    if (this.#progress === "failed") this.#finish("failed");
    else this.#finish(this.#progress === "more" ? "closed" : "complete", true);
  }
}

const NO_OPTIONS = {};
const NOTHING: never[] = [];

/** How many lines a reply has, where the written ones tell. */
const linesOf = (expects: readonly LinePattern[]): number =>
  expects.every(({ body, repeat }) => repeat === "once" && body.kind !== "ellipsis" && body.kind !== "bytes")
    ? expects.length
    : Number.POSITIVE_INFINITY;
