/**
 * Plays the steps of one example, or of an opening, and notes what became of them (format guide, sections 3, 5 and 6).
 */
import type { ByteString } from "../base/bytes.ts";
import { sleep } from "../base/clock.ts";
import { formatSize } from "../base/size.ts";
import { encodeExchange, LONGEST_LINE } from "../dialects/encode.ts";
import type { PlannedExample, PlannedExchange, PlannedStep } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import { unboundName } from "../play/unbound.ts";
import type { OpenConnection } from "./connection.ts";
import { ConnectError, type Connections, OpeningFailed } from "./connections.ts";
import { playControl, untilClosed } from "./controls.ts";
import { Conversation } from "./conversation.ts";
import { Interrupted } from "./interrupted.ts";
import { type KnownEnd, knownReply, playKnown } from "./known-replies.ts";
import { ExchangeRecord } from "./record.ts";
import { closedBefore, extraMessage, reasonOf } from "./verdict.ts";

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

const NOTHING: readonly string[] = [];
const UNFINISHED = "unexpected: the beginning of another reply, without its end";

export class Player {
  readonly context: PlayContext;
  readonly example: PlannedExample;
  readonly records: ExchangeRecord[] = [];
  /** The one connection that an opening is played on. */
  readonly #only: OpenConnection | undefined;
  /** The last exchange, where it awaited no reply. */
  #unanswered: PlannedExchange | undefined;
  /** Why the rest of the example is not tried; undefined: it is. */
  #givenUp: string | undefined;
  /** The last exchange, which nobody has been told of: the controls after it may still fail it. */
  #untold: ExchangeRecord | undefined;

  constructor(context: PlayContext, example: PlannedExample, only?: OpenConnection) {
    this.context = context;
    this.example = example;
    this.#only = only;
  }

  /** @throws {Interrupted} @throws {ConnectError} where the document's first connection cannot be opened. */
  async play(): Promise<void> {
    try {
      await this.#play();
    } finally {
      this.#tell();
    }
  }

  async #play(): Promise<void> {
    const { steps } = this.example;
    for (let at = 0; at < steps.length; at++) {
      if (this.context.signal.aborted) throw new Interrupted();
      const step = steps[at]!;
      if (step.kind === "control") {
        if (this.#givenUp === undefined && !(await playControl(this, step))) this.giveUp();
        continue;
      }
      this.#tell();
      if (this.#givenUp !== undefined) {
        this.#record(step).skip(this.#givenUp);
        this.context.connections.current(step.connection, this.example)?.forgive();
        continue;
      }
      const run = this.#knownRun(step, at);
      if (run) {
        const { played, underWay } = await run;
        at += played;
        if (underWay) {
          if (this.context.signal.aborted) throw new Interrupted();
          if (!(await this.#hear(Conversation.goOn(this.context, underWay), underWay.record))) this.giveUp();
          this.#finish(underWay.record, steps[at + 1]);
        } else at--;
        continue;
      }
      const record = this.#record(step);
      if (!(await this.#exchange(step, record))) this.giveUp();
      this.#finish(record, steps[at + 1]);
    }
    if (!this.#only) for (const connection of this.context.connections.all()) this.checkExtra(connection);
  }

  /** An exchange is decided, as far as the controls after it do not fail it. */
  #finish(record: ExchangeRecord, next: PlannedStep | undefined): void {
    this.#untold = record;
    if (next?.kind !== "control") this.#tell();
  }

  #tell(): void {
    if (this.#untold) this.context.onExchange?.(this.#untold);
    this.#untold = undefined;
  }

  /** The rest of the example is not tried, because of the last failure where nothing else is said. */
  giveUp(reason: string = reasonOf(this.records.findLast(({ failed }) => failed))): void {
    this.#givenUp ??= reason;
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
      record.skip(reasonOf(error.record));
      this.#include(error.record);
      return undefined;
    }
    if (!(error instanceof ConnectError)) throw error;
    if (error.isFirst) throw error;
    record.failUnsent("connect", line, error.message);
    return undefined;
  }

  /** Adds the record of an opening that failed in front of the one that needed it. */
  #include(record: ExchangeRecord): void {
    if (!this.records.includes(record)) this.records.splice(Math.max(0, this.records.length - 1), 0, record);
  }

  /**
   * Looks for output beyond the last reply, without waiting. Before a client line nobody asks any more for lines beyond a
   * reply that differs; at the end of the connection nobody asks for the replies that were left open.
   */
  checkExtra(connection: OpenConnection, when: "now" | "before a client line" | "at the end" = "now"): void {
    const user = connection.lastUser;
    if (!user) return;
    const all = when === "at the end";
    if (connection.hasSurplus) {
      if (when === "now") return;
      this.context.connections.changed.add(connection.showSurplus(true)!);
    }
    const extra = connection.takeExtra();
    const { framingError } = connection.link;
    if (all) for (const { sender = user, lines } of connection.takeUnasked()) this.failExtra(sender, lines);
    if (connection.isForgiven) return;
    if (extra.length > 0) this.failExtra(user, extra);
    else if (framingError && !user.failed) {
      user.unreadable = connection.link.unreadable;
      user.fail("extra", user.lineOfExtra, `unexpected data after the reply: ${framingError.message}`);
      if (user.example.role === "opening") this.#include(user);
    } else if (all && connection.isWithinExtra) {
      user.unreadable ||= connection.link.codec.begun ?? "";
      this.failExtra(user, NOTHING, user.lineOfExtra, UNFINISHED);
    }
  }

  failExtra(
    record: ExchangeRecord,
    extra: readonly string[],
    line: number = record.lineOfExtra,
    message: string = extraMessage(extra, record),
  ): void {
    record.received = record.received.concat(extra);
    this.context.connections.changed.add(record);
    if (record.failed) return;
    record.fail("extra", line, message);
    if (record.example.role === "opening") this.#include(record);
  }

  /**
   * The server has closed a connection, and the document does not say so. That fails the exchange that needs it now, at
   * `line`, or is a part of the failure that the example has on it already.
   */
  lose(connection: OpenConnection, record: ExchangeRecord, line: number = record.step.line): void {
    this.checkExtra(connection, "at the end");
    const { lastUser, link } = connection;
    if (lastUser && lastUser !== record && lastUser.failed) {
      this.giveUp(reasonOf(lastUser));
      record.skip(this.#givenUp!);
    } else {
      const why = closedBefore(link, lastUser);
      if (record === lastUser || record.step.sends.length === 0) record.fail("closed", line, why);
      else record.failUnsent("closed", line, `not sent: ${why}`);
    }
    this.context.connections.forget(connection);
  }

  /** Begins to play the exchanges from a step on whose replies are known; undefined where that cannot be. */
  #knownRun(step: PlannedExchange, at: number): Promise<KnownEnd> | undefined {
    const { example } = this;
    const { keepReplies, connections, variables, onExchange } = this.context;
    let next = at;
    const end = onExchange && ((record: ExchangeRecord): void => this.#finish(record, example.steps[++next]));
    const connection = this.#only ? undefined : connections.ready(step.connection, example);
    if (!connection || this.#unanswered || connection.anytime.watches || connection.dialect !== example.dialect)
      return undefined;
    if (!knownReply(step, connection) || connection.hasExtra) return undefined;
    this.checkExtra(connection, "before a client line");
    const { link } = connection;
    if (connection.hasWaiting || link.framingError || !link.codec.isIdle) return undefined;
    variables.connection = connection.name;
    const begin = (exchange: PlannedExchange): ExchangeRecord => {
      const record = this.#record(exchange);
      if (!keepReplies) connection.forgetReply();
      connection.use(record);
      connection.exchanges++;
      return record;
    };
    return playKnown({ connection, example, variables, begin, end }, at);
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
    // It is a failure already: its end is not to be taken for the next reply.
    if (step.sends.length > 0 && connection.hasExtra) await untilClosed(connection, settings.settle, true);
    if (connection.isLost && (step.sends.length > 0 || !connection.hasWaiting)) {
      this.lose(connection, record, (step.sends[0] ?? step.expects[0])?.line);
      return false;
    }
    variables.connection = connection.name;
    const unbound = step.isKnown ? undefined : unboundName(step, variables);
    const outgoing = encodeExchange(step.sends, step.expects, settings.eol, variables);
    if (unbound || !outgoing) {
      const message = unbound
        ? `{{${unbound.name}}} has no value: the reply that would have bound it was not matched`
        : `a client line is longer than ${formatSize(LONGEST_LINE)} with its values`;
      record.failUnsent("unbound", unbound?.line ?? step.line, message);
      return true;
    }
    if (step.sends.length > 0) this.checkExtra(connection, "before a client line");
    if (!this.context.keepReplies) connection.forgetReply();
    connection.use(record);
    if (!step.isKnown) record.sent = outgoing.sends;
    const conversation = Conversation.begin(this.context, connection, record, outgoing);
    if (conversation) return this.#hear(conversation, record);
    if (!record.failed && !record.skipped) this.#unanswered = step;
    return !record.failed;
  }

  /** Reads a reply to its end. @returns whether the example can go on. */
  async #hear(conversation: Conversation, record: ExchangeRecord): Promise<boolean> {
    const { variables, connections } = this.context;
    const outcome = await conversation.hear();
    if (outcome === "again") {
      record.isSentBefore = true;
      connections.forget(conversation.connection);
      return this.#exchange(record.step, record);
    }
    if (record.failed) await record.compare(variables);
    if (record.step.sends.length === 0) await conversation.connection.showSurplus(false)?.compare(variables);
    if (outcome === "usable" || !record.failed) return true;
    connections.forget(conversation.connection);
    return false;
  }

  /** Waits, while what comes meanwhile waits too. @throws {Interrupted} */
  async wait(ms: number): Promise<void> {
    try {
      await sleep(ms, this.context.signal);
    } catch {
      throw new Interrupted();
    }
  }
}
