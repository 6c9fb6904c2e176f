/**
 * Plays exchanges whose reply is known byte for byte, one after the other and straight from the bytes as they come: each
 * reply is compared as a whole, and the next request follows at once. A reply is known where a document writes it down as
 * it is on the wire, and where the same exchange was answered on the connection before: what was right then is right again.
 *
 * Whatever comes otherwise, or late, is left to the player: it goes on with the exchange that is under way, of which the
 * link has decoded what came.
 */
import { type ByteString, toBytes } from "../base/bytes.ts";
import { now } from "../base/clock.ts";
import { encodeExchange } from "../dialects/encode.ts";
import type { PlannedExample, PlannedExchange, Repeats } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import type { OpenConnection, Waiter } from "./connection.ts";
import type { Awaiting } from "./link.ts";
import type { ExchangeRecord } from "./record.ts";

/** What is sent, and the bytes that are the right answer to it. */
export interface KnownReply {
  readonly request: ByteString | Uint8Array;
  readonly reply: ByteString;
  /** What the reply was decoded to (see {@link ExchangeRecord}); undefined where that is the reply itself. */
  readonly received?: { readonly lines: readonly ByteString[]; readonly parts: readonly string[] };
}

/** Replies that a connection gave, by the exchanges that they are right for; no more than so many, and none longer. */
export class Answered {
  readonly #replies = new Map<Repeats, KnownReply>();

  get(key: Repeats): KnownReply | undefined {
    return this.#replies.get(key);
  }

  set(key: Repeats, reply: KnownReply): void {
    if (this.#replies.size >= MOST_REPLIES) this.#replies.clear();
    this.#replies.set(key, reply);
  }
}

const MOST_REPLIES = 64;
/** Bytes of a reply that are worth keeping, as it came and as it was decoded to. */
export const LONGEST_KNOWN = 65_536;

/** The known reply of an exchange, if any. */
export const knownReply = (
  { verbatim, repeats }: PlannedExchange,
  { answered }: OpenConnection,
): KnownReply | undefined => verbatim ?? (repeats === undefined ? undefined : answered.get(repeats));

/** An exchange that was sent but not yet answered as known; `started` is of base/clock.ts. */
export interface UnderWay {
  readonly connection: OpenConnection;
  readonly record: ExchangeRecord;
  readonly request: KnownReply["request"];
  readonly started: number;
}

/** Where a run stopped: so many exchanges passed, and which one after them is under way. */
export interface KnownEnd {
  readonly played: number;
  readonly underWay: UnderWay | undefined;
}

export interface KnownRunContext {
  readonly connection: OpenConnection;
  readonly example: PlannedExample;
  readonly variables: Variables;
  /** Makes the record of an exchange that is sent. */
  begin(exchange: PlannedExchange): ExchangeRecord;
  /** Hears of each that has passed. */
  readonly end: ((record: ExchangeRecord) => void) | undefined;
}

/** Plays an example's exchanges on one connection, from the step `from` on, as far as their replies are known. */
export const playKnown = (context: KnownRunContext, from: number): Promise<KnownEnd> =>
  new Promise((resolve) => new KnownRun(context, from, resolve).start());

class KnownRun implements Waiter, Awaiting {
  readonly #context: KnownRunContext;
  readonly #connection: OpenConnection;
  readonly #timeout: number;
  readonly #from: number;
  readonly #resolve: (end: KnownEnd) => void;
  #at: number;
  #record!: ExchangeRecord;
  #request: KnownReply["request"] = "";
  #started = now();

  constructor(context: KnownRunContext, from: number, resolve: (end: KnownEnd) => void) {
    this.#context = context;
    this.#connection = context.connection;
    this.#timeout = context.example.settings.timeout;
    this.#from = from;
    this.#at = from;
    this.#resolve = resolve;
  }

  start(): void {
    this.#connection.await(this, this.#timeout);
    this.#sendNext();
  }

  /** Sends the next request where its reply is known; else the run is over. */
  #sendNext(): void {
    const step = this.#context.example.steps[this.#at];
    const { link, name } = this.#connection;
    const known =
      step?.kind === "exchange" && step.connection === name && !link.closed
        ? knownReply(step, this.#connection)
        : undefined;
    if (!known) return this.#finish(false);
    this.#record = this.#context.begin(step as PlannedExchange);
    const { request, reply } = known;
    this.#record.known = known;
    this.#request = request;
    link.bytes = 0;
    link.awaitReply(reply, this);
    link.send(typeof request === "string" ? toBytes(request) : request);
  }

  onReply(): void {
    const ended = now();
    const record = this.#record;
    record.ms = ended - this.#started;
    this.#started = ended;
    this.#at++;
    this.#context.end?.(record);
    this.#connection.awaitAnew(this.#timeout, ended);
    this.#sendNext();
  }

  onOther(): void {
    const { example, variables } = this.#context;
    const { step } = this.#record;
    this.#record.known = undefined;
    const outgoing = encodeExchange(step.sends, step.expects, example.settings.eol, variables);
    const { link } = this.#connection;
    if (outgoing) link.begin(outgoing, this.#record);
    if (step.repeats !== undefined) link.record(LONGEST_KNOWN);
  }

  onActivity(): void {
    this.#finish(true);
  }

  onTimeout(): void {
    this.#finish(true);
  }

  onSilence(): void {}

  onInterrupt(): void {
    this.#finish(true);
  }

  #finish(isUnderWay: boolean): void {
    this.#connection.rest();
    const underWay = isUnderWay
      ? { connection: this.#connection, record: this.#record, request: this.#request, started: this.#started }
      : undefined;
    this.#resolve({ played: this.#at - this.#from, underWay });
  }
}
