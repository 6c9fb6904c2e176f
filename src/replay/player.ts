/**
 * Plays the steps of one example, or of an opening, and notes what became of them (format guide, sections 3, 5 and 6).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ByteString } from "../base/bytes.ts";
import { now } from "../base/clock.ts";
import { isLineError, type OutgoingExchange } from "../dialects/dialect.ts";
import { encodeExchange, nextSends } from "../dialects/encode.ts";
import type { Matcher } from "../match/matcher.ts";
import { matchInOrder } from "../match/sequence.ts";
import { UnorderedMatcher } from "../match/unordered.ts";
import type { PlannedExample, PlannedExchange } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import type { OpenConnection } from "./connection.ts";
import { ConnectError, type Connections, OpeningFailed } from "./connections.ts";
import { playControl } from "./controls.ts";
import { type KnownEnd, knownReply, LONGEST_KNOWN, playKnown, type UnderWay } from "./known-replies.ts";
import { ExchangeRecord } from "./record.ts";
import { type Reply, readReply } from "./reply.ts";
import { extraMessage, judge } from "./verdict.ts";

/** The run was interrupted: what was going on is not reported. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

export interface PlayContext {
  readonly connections: Connections;
  readonly variables: Variables;
  readonly signal: AbortSignal;
  /** What a passed reply said is wanted by a report. */
  readonly keepReplies: boolean;
  onCapture(name: string, value: ByteString): void;
  /** Called when an exchange is decided, as far as is known then. */
  readonly onExchange?: (record: ExchangeRecord) => void;
}

/** An exchange whose reply is being read. */
interface Conversation {
  readonly connection: OpenConnection;
  readonly matcher: Matcher;
  /** Whether the connection carried an exchange before. */
  readonly isReused: boolean;
  readonly reply: Promise<Reply>;
  /** What was sent. */
  readonly request: ByteString | Uint8Array;
}

export class Player {
  readonly context: PlayContext;
  readonly example: PlannedExample;
  readonly records: ExchangeRecord[] = [];
  /** The one connection that an opening is played on. */
  readonly #only: OpenConnection | undefined;
  /** The last exchange, where it awaited no reply. */
  #unanswered: PlannedExchange | undefined;

  constructor(context: PlayContext, example: PlannedExample, only?: OpenConnection) {
    this.context = context;
    this.example = example;
    this.#only = only;
  }

  /** @throws {Interrupted} @throws {ConnectError} where the document's first connection cannot be opened. */
  async play(): Promise<void> {
    let over = false;
    const { steps } = this.example;
    for (let at = 0; at < steps.length; at++) {
      if (this.context.signal.aborted) throw new Interrupted();
      const step = steps[at]!;
      if (step.kind === "control") {
        if (!over) over = !(await playControl(this, step));
        continue;
      }
      if (over) {
        this.#record(step).skipped = true;
        this.context.connections.current(step.connection, this.example)?.forgive();
        continue;
      }
      const run = this.#knownRun(step, at);
      if (run) {
        const { played, underWay } = await run;
        at += played;
        if (underWay) {
          over = !(await this.#goOn(underWay));
          this.context.onExchange?.(underWay.record);
        } else at--;
        continue;
      }
      const record = this.#record(step);
      over = !(await this.#exchange(step, record));
      this.context.onExchange?.(record);
    }
    if (!this.#only) for (const connection of this.context.connections.all()) this.checkExtra(connection);
  }

  #record(step: PlannedExchange): ExchangeRecord {
    const record = new ExchangeRecord(step, this.example);
    this.records.push(record);
    return record;
  }

  /** The exchange that a control at this line counts to: the one above it. */
  recordAbove(line: number, connection: string): ExchangeRecord {
    return (
      this.records.at(-1) ??
      this.#record({
        kind: "exchange",
        connection,
        line,
        sends: [],
        expects: [],
        isKnown: true,
        verbatim: undefined,
        repeats: undefined,
      })
    );
  }

  /** The connection of a name, opened where it is not. @throws {ConnectError} {@link OpeningFailed} */
  async connection(name: string, line: number, sends = true): Promise<OpenConnection> {
    return this.#only ?? (await this.context.connections.use(name, this.example, line, sends, this.context));
  }

  /** As {@link connection}; undefined where it could not be opened, which fails `record`. */
  async connectionFor(
    record: ExchangeRecord,
    name: string,
    line: number,
    sends = true,
  ): Promise<OpenConnection | undefined> {
    try {
      return await this.connection(name, line, sends);
    } catch (error) {
      return this.connectFailed(record, error, line);
    }
  }

  /** Notes why a connection could not be opened. @throws what the whole document ends with. */
  connectFailed(record: ExchangeRecord, error: unknown, line: number): undefined {
    if (error instanceof OpeningFailed) {
      record.skipped = true;
      this.#include(error.record);
      return undefined;
    }
    if (!(error instanceof ConnectError)) throw error;
    if (error.isFirst) throw error;
    record.fail("connect", line, error.message);
    return undefined;
  }

  /** Adds the record of an opening that failed in front of the one that needed it. */
  #include(record: ExchangeRecord): void {
    if (!this.records.includes(record)) this.records.splice(Math.max(0, this.records.length - 1), 0, record);
  }

  /** Looks for output beyond the last reply, without waiting; `all` as for {@link OpenConnection.takeExtra}. */
  checkExtra(connection: OpenConnection, all = false): void {
    const user = connection.lastUser;
    if (!user) return;
    const extra = connection.takeExtra(all);
    const { framingError } = connection.link;
    if (connection.isForgiven) return;
    if (extra.length > 0) this.failExtra(user, extra);
    else if (framingError && !user.failed) {
      user.fail("extra", user.lineOfExtra, `behind the reply came what is none: ${framingError.message}`);
      if (user.example.role === "opening") this.#include(user);
    }
  }

  failExtra(record: ExchangeRecord, extra: readonly string[], line: number = record.lineOfExtra): void {
    if (record.failed) return;
    record.received = record.received.concat(extra);
    record.fail("extra", line, extraMessage(extra, record.isBytes));
    if (record.example.role === "opening") this.#include(record);
  }

  /** Begins to play the exchanges from a step on whose replies are known; undefined where that cannot be. */
  #knownRun(step: PlannedExchange, at: number): Promise<KnownEnd> | undefined {
    const { example } = this;
    const { keepReplies, connections, variables, onExchange } = this.context;
    const connection = this.#only ? undefined : connections.ready(step.connection, example);
    if (!connection || this.#unanswered || connection.anytime.watches || connection.dialect !== example.dialect)
      return undefined;
    if (!knownReply(step, connection)) return undefined;
    this.checkExtra(connection);
    const { link } = connection;
    if (connection.hasWaiting || link.framingError || !link.codec.isIdle) return undefined;
    variables.connection = connection.name;
    connection.openReply = undefined;
    connection.isForgiven = false;
    const begin = (exchange: PlannedExchange): ExchangeRecord => {
      const record = this.#record(exchange);
      if (!keepReplies) connection.lastUser?.forget();
      connection.lastUser = record;
      connection.exchanges++;
      return record;
    };
    return playKnown({ connection, example, variables, begin, end: onExchange }, at);
  }

  /** Goes on with an exchange whose reply was not exactly as written, or is late. */
  async #goOn({ connection, record, request, started }: UnderWay): Promise<boolean> {
    if (this.context.signal.aborted) throw new Interrupted();
    const { timeout, settle, limit } = this.example.settings;
    const { step } = record;
    const matcher = this.#matcher(connection, step);
    const left = Math.max(0, timeout - (now() - started));
    const reply = readReply(connection, matcher, { timeout: left, settle, limit, requested: true });
    const isReused = connection.exchanges > 1;
    return this.#hear({ connection, matcher, isReused, reply, request }, step, record, started);
  }

  /** @returns whether the example can go on. */
  async #exchange(step: PlannedExchange, record: ExchangeRecord): Promise<boolean> {
    const { variables, connections } = this.context;
    const { settings } = this.example;
    const unanswered = this.#unanswered;
    this.#unanswered = undefined;
    if (unanswered && step.sends.length > 0 && unanswered.connection !== step.connection)
      await this.wait(settings.settle);

    const connection =
      this.#only ??
      connections.ready(step.connection, this.example) ??
      (await this.connectionFor(record, step.connection, step.line, step.sends.length > 0));
    if (!connection) return false;
    variables.connection = connection.name;
    const unbound = step.isKnown ? undefined : this.#unboundName(step);
    const outgoing = encodeExchange(step.sends, step.expects, settings.eol, variables);
    if (unbound || !outgoing) {
      const { name, line } = unbound ?? { name: "", line: step.line };
      record.fail("unbound", line, `nothing has bound {{${name}}}: the reply that would have was not matched`);
      return true;
    }
    if (step.sends.length > 0) this.checkExtra(connection);
    if (!this.context.keepReplies) connection.lastUser?.forget();
    connection.lastUser = record;
    connection.isForgiven = false;
    connection.openReply = undefined;
    if (!step.isKnown) record.sent = outgoing.sends;
    const started = now();
    const conversation = this.#converse(connection, step, outgoing, record);
    if (conversation) return this.#hear(conversation, step, record, started);
    if (!record.failed) this.#unanswered = step;
    return !record.failed;
  }

  /** Reads a reply to its end. @returns whether the example can go on. */
  async #hear(
    conversation: Conversation,
    step: PlannedExchange,
    record: ExchangeRecord,
    started: number,
  ): Promise<boolean> {
    const { variables, connections } = this.context;
    const reply = this.#heard(await conversation.reply, conversation, record);
    record.ms = now() - started;
    if (reply === "again") {
      connections.forget(conversation.connection);
      return this.#exchange(step, record);
    }
    if (record.failed) await record.compare(variables);
    if (!reply.over || !record.failed) return true;
    connections.forget(conversation.connection);
    return false;
  }

  /** The first name that is needed and free: in a client line, or with a filter. */
  #unboundName({ sends, expects }: PlannedExchange): { readonly name: string; readonly line: number } | undefined {
    const { variables } = this.context;
    for (const { line, placeholders } of sends) {
      for (const { name } of placeholders) if (variables.get(name) === undefined) return { name, line };
    }
    const binds = new Set(
      expects.flatMap(({ placeholders }) => placeholders.filter(({ filter }) => !filter).map(({ name }) => name)),
    );
    for (const { line, placeholders } of expects) {
      for (const { name, filter } of placeholders)
        if (filter && !binds.has(name) && variables.get(name) === undefined) return { name, line };
    }
    return undefined;
  }

  /** Sends, and begins to read the reply; undefined where none is written, or a line cannot be sent. */
  #converse(
    connection: OpenConnection,
    step: PlannedExchange,
    outgoing: OutgoingExchange,
    record: ExchangeRecord,
  ): Conversation | undefined {
    const { link } = connection;
    const { timeout, settle, limit, eol } = this.example.settings;
    const isReused = connection.exchanges > 0;
    connection.exchanges++;
    const isRecorded = step.repeats !== undefined && link.codec.isIdle === true;
    let bytes: Uint8Array;
    try {
      const next = nextSends(this.example.steps, step, eol, this.context.variables);
      bytes = link.codec.begin(outgoing, next);
    } catch (error) {
      if (!isLineError(error)) throw error;
      record.fail("protocol", error.line.line, error.message);
      return undefined;
    }
    link.bytes = 0;
    if (isRecorded) link.record(LONGEST_KNOWN);
    link.send(bytes);
    if (step.expects.length === 0) return undefined;
    link.release();
    const matcher = this.#matcher(connection, step);
    const reply = readReply(connection, matcher, { timeout, settle, limit, requested: step.sends.length > 0 });
    return { connection, matcher, isReused, reply, request: bytes };
  }

  #heard(reply: Reply, conversation: Conversation, record: ExchangeRecord): Reply | "again" {
    const { connection, matcher, isReused } = conversation;
    const { link } = connection;
    if (reply.end === "interrupted") throw new Interrupted();
    if (reply.end === "closed" && isReused && link.bytes === 0 && link.codec.resendable) return "again";
    this.#judge(reply, matcher, record, connection);
    const recorded = link.recorded();
    if (recorded !== undefined && reply.end === "complete" && reply.size <= LONGEST_KNOWN)
      this.#remember(conversation, record, recorded);
    return reply;
  }

  /** Keeps a reply that was right for exchanges that are alike, where all of it and nothing else has come. */
  #remember({ connection, request }: Conversation, record: ExchangeRecord, reply: ByteString): void {
    const { link, answered } = connection;
    const { repeats } = record.step;
    if (repeats === undefined || !link.codec.isIdle || connection.hasWaiting) return;
    answered.set(repeats, { request, reply, received: { lines: record.received, parts: record.parts } });
  }

  #matcher({ link, dialect }: OpenConnection, { expects }: PlannedExchange): Matcher {
    const { variables } = this.context;
    const { eol, unordered, options } = this.example.settings;
    if (dialect.matcher)
      return dialect.matcher(expects, variables, {
        eol,
        unordered,
        options: options[dialect.name] ?? {},
        codec: link.codec,
      });
    const rules = { eol, endingOptional: false };
    return unordered ? new UnorderedMatcher(expects, variables, rules) : matchInOrder(expects, variables, rules);
  }

  #judge(reply: Reply, matcher: Matcher, record: ExchangeRecord, connection: OpenConnection): void {
    record.received = reply.received;
    record.parts = reply.parts;
    if (reply.end === "open") connection.openReply = matcher;
    if (reply.end === "complete" || reply.end === "open") this.#keepCaptures(matcher);
    // The common case needs no reasons.
    if (reply.end !== "complete") judge(reply, matcher.unmatched(), record, connection);
  }

  #keepCaptures(matcher: Matcher): void {
    const { variables, onCapture } = this.context;
    for (const [name, value] of matcher.captures()) {
      variables.captured.set(name, value);
      onCapture(name, value);
    }
  }

  /** Waits, while what comes meanwhile waits too. @throws {Interrupted} */
  async wait(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.context.signal });
    } catch {
      throw new Interrupted();
    }
  }
}
