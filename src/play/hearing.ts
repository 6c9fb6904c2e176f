/**
 * One reply that is awaited. The quick way is tried first: its raw bytes are held against what the dialect expects. Where
 * anything else comes, a reader takes over.
 */
import { type ByteString, fromBytes, toBytes } from "../base/bytes.ts";
import type { Expectation } from "../dialects/codec.ts";
import type { Reading, ReadingContext } from "../dialects/dialect.ts";
import { matchInOrder } from "../match/in-order.ts";
import type { Captures, Matcher } from "../match/matcher.ts";
import type { LinePattern } from "../match/pattern.ts";
import { UnorderedMatcher } from "../match/unordered.ts";
import { UnwrittenReply } from "../match/unwritten.ts";
import type { Scope } from "../match/variables.ts";
import { optionsOf } from "../plan/settings.ts";
import type { Conversation } from "./conversation.ts";
import type { Listener } from "./listener.ts";
import type { Note } from "./note.ts";
import { ReplyReader } from "./reply-reader.ts";

export class ReplyHearing implements Listener {
  readonly #conversation: Conversation;
  readonly #note: Note;
  readonly #scope: Scope;
  /** Whether it answers what was sent with it. */
  readonly #isAnswer: boolean;
  /** Whether a reply of which no line is written has to come. */
  readonly #requiresUnwritten: boolean;
  #expectation: Expectation | undefined;
  /** What came so far, as long as it is as expected. */
  #raw: ByteString = "";
  #reader: ReplyReader | undefined;
  #hasCome = false;

  constructor(conversation: Conversation, note: Note, scope: Scope, isAnswer: boolean, requiresUnwritten = false) {
    this.#conversation = conversation;
    this.#note = note;
    this.#scope = scope;
    this.#isAnswer = isAnswer;
    this.#requiresUnwritten = requiresUnwritten;
  }

  start(): void {
    this.#expectation = this.#expect();
    const { incoming } = this.#conversation;
    // A person at a terminal, or a test that is still being set up, may take its time to begin.
    const isPatient = this.#conversation.role === "server";
    this.#conversation.listen(this, this.#note.example.settings.timeout, isPatient);
    const unread = incoming.takeUnread();
    if (unread !== "" && !this.#takeText(unread)) incoming.decode(toBytes(unread));
    if (!this.#expectation) (this.#reader ?? this.#read()).onActivity();
  }

  /** The quick way, where nothing has come, or may come, that has to be looked at first. */
  #expect(): Expectation | undefined {
    const { incoming, anytime, dialect } = this.#conversation;
    const { theirs, arrivals } = incoming;
    const { expects, example } = this.#note;
    if (expects.length === 0) return undefined;
    if (!this.#isAnswer || theirs.expect === undefined || anytime.watches || example.dialect !== dialect)
      return undefined;
    if (!arrivals.isEmpty || !arrivals.ledger.awaitsOnlyOwn || theirs.pending !== "nothing") return undefined;
    const { eol, unordered } = example.settings;
    const options = optionsOf(dialect, example.settings);
    return theirs.expect(expects, { eol, unordered, scope: this.#scope, options, isFollowed: arrivals.ledger.isAhead });
  }

  /** From now on what comes is decoded and matched; what came so far is, too. */
  #read(): ReplyReader {
    const { incoming } = this.#conversation;
    this.#expectation = undefined;
    const reader = new ReplyReader(this.#conversation, this.#note, this.#createMatcher(), this.#isAnswer);
    this.#reader = reader;
    if (this.#raw !== "") incoming.decode(toBytes(this.#raw));
    return reader;
  }

  #createMatcher(): Matcher {
    const { expects, example } = this.#note;
    const { eol, unordered } = example.settings;
    const { dialect, reading, incoming } = this.#conversation;
    if (expects.length === 0) return new UnwrittenReply(this.#requiresUnwritten || !incoming.arrivals.ledger.isOwnIn);
    const context = { eol, unordered, options: optionsOf(dialect, example.settings), isAnswer: this.#isAnswer };
    return createMatcher(expects, this.#scope, reading, context);
  }

  takeRaw(bytes: Uint8Array): boolean {
    return this.#expectation !== undefined && this.#takeText(fromBytes(bytes));
  }

  /** @returns false where it has to be decoded. */
  #takeText(text: ByteString): boolean {
    if (!this.#expectation) return false;
    const { incoming } = this.#conversation;
    const { ledger } = incoming.arrivals;
    switch (this.#expectation.read(text, ledger.isAhead)) {
      case "all":
        this.#hasCome = true;
        ledger.tookOwn();
        incoming.keepUnread(text, this.#expectation.rest);
        this.#conversation.rest();
        return true;
      case "more":
        this.#raw += text;
        return true;
      case "other":
        this.#read();
        return false;
    }
  }

  endRaw(): void {
    if (this.#expectation) this.#read();
  }

  get hasEnded(): boolean {
    return this.#hasCome || this.#reader?.end !== undefined;
  }

  /** The reply that came the quick way. */
  get undecoded(): Expectation | undefined {
    return this.#hasCome ? this.#expectation : undefined;
  }

  /** What read the reply, where it did not come the quick way. */
  get reader(): ReplyReader | undefined {
    return this.#reader;
  }

  get captures(): Captures {
    return this.#expectation?.captured ?? this.#reader!.matcher.captures();
  }

  onActivity(): void {
    this.#reader?.onActivity();
  }

  onDeadline(): void {
    const isQuick = this.#expectation !== undefined;
    const reader = this.#reader ?? this.#read();
    if (isQuick) reader.onActivity();
    if (!reader.hasEnded) reader.onDeadline();
  }

  onSilence(): void {
    this.#reader?.onSilence();
  }
}

/** The matcher of a reply. */
export function createMatcher(
  expects: readonly LinePattern[],
  scope: Scope,
  reading: Reading | undefined,
  context: ReadingContext,
): Matcher {
  if (reading?.matcher) return reading.matcher(expects, scope, context);
  const { eol, unordered } = context;
  const rules = { eol, endingOptional: false };
  return unordered ? new UnorderedMatcher(expects, scope, rules) : matchInOrder(expects, scope, rules);
}
