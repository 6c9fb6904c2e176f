/**
 * One reply that is awaited. The quick way is tried first: its raw bytes are held against what the dialect expects. Where
 * anything else comes, a reader takes over.
 */
import { type ByteString, fromBytes, toBytes } from "../base/bytes.ts";
import type { Expectation } from "../dialects/codec.ts";
import { matchInOrder } from "../match/in-order.ts";
import type { Captures, Matcher } from "../match/matcher.ts";
import { UnorderedMatcher } from "../match/unordered.ts";
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
  #expectation: Expectation | undefined;
  /** What came so far, as long as it is as expected. */
  #raw: ByteString = "";
  #reader: ReplyReader | undefined;
  #hasCome = false;

  constructor(conversation: Conversation, note: Note, scope: Scope, isAnswer: boolean) {
    this.#conversation = conversation;
    this.#note = note;
    this.#scope = scope;
    this.#isAnswer = isAnswer;
  }

  start(): void {
    this.#expectation = this.#expect();
    // A person at a terminal, or a test that is still being set up, may take its time to begin.
    const isPatient = this.#conversation.role === "server";
    this.#conversation.listen(this, this.#note.example.settings.timeout, isPatient);
    if (!this.#expectation) this.#read().onActivity();
  }

  /** The quick way, where nothing has come, or may come, that has to be looked at first. */
  #expect(): Expectation | undefined {
    const { incoming, anytime, dialect } = this.#conversation;
    const { theirs, arrivals } = incoming;
    const { expects, example } = this.#note;
    if (!this.#isAnswer || theirs.expect === undefined || anytime.watches || example.dialect !== dialect)
      return undefined;
    if (!arrivals.isEmpty || !arrivals.ledger.awaitsOnlyOwn || theirs.pending !== "nothing") return undefined;
    const { eol, unordered } = example.settings;
    const options = optionsOf(dialect, example.settings);
    return theirs.expect(expects, { eol, unordered, scope: this.#scope, options });
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
    const { dialect, reading } = this.#conversation;
    const context = { eol, unordered, options: optionsOf(dialect, example.settings), isAnswer: this.#isAnswer };
    if (reading?.matcher) return reading.matcher(expects, this.#scope, context);
    const rules = { eol, endingOptional: false };
    return unordered ? new UnorderedMatcher(expects, this.#scope, rules) : matchInOrder(expects, this.#scope, rules);
  }

  takeRaw(bytes: Uint8Array): boolean {
    if (!this.#expectation) return false;
    const text = fromBytes(bytes);
    switch (this.#expectation.read(text)) {
      case "all":
        this.#hasCome = true;
        this.#conversation.incoming.arrivals.ledger.tookOwn();
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
