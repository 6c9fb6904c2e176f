/**
 * One exchange on a connection: its client lines are sent, its reply is read, and what became of it is noted in its
 * record (format guide, section 5).
 */
import type { ByteString } from "../base/bytes.ts";
import { now } from "../base/clock.ts";
import { isLineError, type OutgoingExchange } from "../dialects/dialect.ts";
import { nextSends } from "../dialects/encode.ts";
import type { Matcher } from "../match/matcher.ts";
import { matchInOrder } from "../match/sequence.ts";
import { UnorderedMatcher } from "../match/unordered.ts";
import type { Variables } from "../plan/variables.ts";
import type { OpenConnection } from "./connection.ts";
import { Interrupted } from "./interrupted.ts";
import { LONGEST_KNOWN, type UnderWay } from "./known-replies.ts";
import type { ExchangeRecord } from "./record.ts";
import { type Reply, readReply } from "./reply.ts";
import { judge } from "./verdict.ts";

export interface ConversationContext {
  readonly variables: Variables;
  onCapture(name: string, value: ByteString): void;
}

export class Conversation {
  readonly connection: OpenConnection;
  readonly #context: ConversationContext;
  readonly #record: ExchangeRecord;
  readonly #matcher: Matcher;
  readonly #request: ByteString | Uint8Array;
  readonly #started: number;
  /** Whether the connection carried an exchange before. */
  readonly #isReused: boolean;
  readonly #reply: Promise<Reply>;

  /** Begins to read the reply; the request was sent at `started`. */
  private constructor(
    context: ConversationContext,
    { connection, record, request, started }: UnderWay,
    isReused: boolean,
  ) {
    const { timeout, settle, limit } = record.example.settings;
    this.connection = connection;
    this.#context = context;
    this.#record = record;
    this.#matcher = matcherOf(connection, record, context.variables);
    this.#request = request;
    this.#started = started;
    this.#isReused = isReused;
    this.#reply = readReply(connection, this.#matcher, {
      timeout: Math.max(0, timeout - (now() - started)),
      settle,
      limit,
      requested: record.step.sends.length > 0,
      expects: record.step.expects,
      isAnswer: record.step.sends.length > 0 || connection.link.arrivals.ledger.awaitsReply,
    });
  }

  /** Sends, and begins to read the reply; undefined where none is written, or a line cannot be sent. */
  static begin(
    context: ConversationContext,
    connection: OpenConnection,
    record: ExchangeRecord,
    outgoing: OutgoingExchange,
  ): Conversation | undefined {
    const { link } = connection;
    const { step, example } = record;
    const started = now();
    const isReused = connection.exchanges > 0;
    connection.exchanges++;
    const isRecorded = step.repeats !== undefined && step.repeats.times > 1 && link.codec.isIdle === true;
    let request: Uint8Array;
    try {
      request = link.begin(outgoing, record, nextSends(example.steps, step, example.settings.eol, context.variables));
    } catch (error) {
      if (!isLineError(error)) throw error;
      record.failUnsent("protocol", error.line.line, error.message);
      return undefined;
    }
    // There is nothing to go on with: what the server said instead failed the exchange before.
    if (link.codec.keptBack !== undefined && !connection.hasWaiting) {
      record.skip(`not sent: ${link.codec.keptBack}`);
      return undefined;
    }
    link.bytes = 0;
    if (isRecorded) link.record(LONGEST_KNOWN);
    link.send(request);
    if (step.expects.length === 0) return undefined;
    return new Conversation(context, { connection, record, request, started }, isReused);
  }

  /** Goes on with an exchange whose reply was not exactly as known, or is late. */
  static goOn(context: ConversationContext, underWay: UnderWay): Conversation {
    return new Conversation(context, underWay, underWay.connection.exchanges > 1);
  }

  /**
   * Reads the reply to its end. `over`: the connection cannot be used any more; `again`: it had been closed before, and
   * the request is to be sent once more on a new one.
   * @throws {Interrupted}
   */
  async hear(): Promise<"usable" | "over" | "again"> {
    const reply = await this.#reply;
    const { link } = this.connection;
    this.#record.ms = now() - this.#started;
    if (reply.end === "interrupted") throw new Interrupted();
    if (reply.end === "closed" && this.#isReused && link.bytes === 0 && link.codec.resendable) return "again";
    const isRight = this.#judge(reply);
    const recorded = link.recorded();
    if (recorded !== undefined && reply.end === "complete" && reply.size <= LONGEST_KNOWN) this.#remember(recorded);
    return reply.over || !isRight ? "over" : "usable";
  }

  /** Notes what became of the reply; false where its lines are right, and it is not. */
  #judge(reply: Reply): boolean {
    const matcher = this.#matcher;
    const record = this.#record;
    record.received = reply.received;
    record.parts = reply.parts;
    if (reply.end === "open") this.connection.openReply = matcher;
    if (reply.end === "complete" || reply.end === "open") {
      this.#keepCaptures();
      const { objection } = this.connection.link.codec;
      if (objection !== undefined) {
        record.fail("protocol", record.lineOfExtra, objection);
        return false;
      }
    }
    // The common case needs no reasons.
    if (reply.end !== "complete") judge(reply, matcher.unmatched(), record, this.connection);
    if (reply.end === "failed" && !reply.over) this.connection.leaveSurplus(record, reply.own);
    if (reply.end === "timeout" || reply.end === "closed") this.#showHeld();
    return true;
  }

  /** Replies that came before one that is due before them did not come: the report shows them. */
  #showHeld(): void {
    for (const { sender, lines } of this.connection.takeUnasked())
      if (sender === this.#record) this.#record.received = [...this.#record.received, ...lines];
  }

  #keepCaptures(): void {
    const { variables, onCapture } = this.#context;
    for (const [name, value] of this.#matcher.captures()) {
      variables.captured.set(name, value);
      variables.boundBy.set(name, this.#record.step.expects);
      onCapture(name, value);
    }
  }

  /** Keeps a reply that was right for exchanges that are alike, where all of it and nothing else has come. */
  #remember(reply: ByteString): void {
    const { link, answered, hasWaiting } = this.connection;
    const { step, received, parts } = this.#record;
    if (step.repeats === undefined || !link.codec.isIdle || hasWaiting) return;
    answered.set(step.repeats, { request: this.#request, reply, received: { lines: received, parts } });
  }
}

function matcherOf(
  { link, dialect }: OpenConnection,
  { step: { sends, expects }, example }: ExchangeRecord,
  variables: Variables,
): Matcher {
  const { eol, unordered, options } = example.settings;
  if (dialect.matcher)
    return dialect.matcher(expects, variables, {
      eol,
      unordered,
      options: options[dialect.name] ?? {},
      isAnswer: sends.length > 0 && link.hasAsked,
      codec: link.codec,
    });
  const rules = { eol, endingOptional: false };
  return unordered ? new UnorderedMatcher(expects, variables, rules) : matchInOrder(expects, variables, rules);
}
