/**
 * Plays the steps of one example, or of an opening, and notes what became of them (format guide, sections 3, 5 and 6).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ByteString } from "../base/bytes.ts";
import { encodeExchange } from "../dialects/encode.ts";
import type { PlannedExample, PlannedExchange } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import type { OpenConnection } from "./connection.ts";
import { ConnectError, type Connections, OpeningFailed } from "./connections.ts";
import { playControl } from "./controls.ts";
import { Conversation } from "./conversation.ts";
import { Interrupted } from "./interrupted.ts";
import { type KnownEnd, knownReply, playKnown } from "./known-replies.ts";
import { ExchangeRecord } from "./record.ts";
import { unboundName } from "./unbound.ts";
import { extraMessage } from "./verdict.ts";

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
const UNFINISHED = "behind the reply another one begins, of which not all has come";

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
          if (this.context.signal.aborted) throw new Interrupted();
          over = !(await this.#hear(Conversation.goOn(this.context, underWay), underWay.record));
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
    } else if (all && connection.isWithinExtra) this.failExtra(user, NOTHING, user.lineOfExtra, UNFINISHED);
  }

  failExtra(
    record: ExchangeRecord,
    extra: readonly string[],
    line: number = record.lineOfExtra,
    message: string = extraMessage(extra, record.isBytes),
  ): void {
    if (record.failed) return;
    record.received = record.received.concat(extra);
    record.fail("extra", line, message);
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
    const unbound = step.isKnown ? undefined : unboundName(step, variables);
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
      connections.forget(conversation.connection);
      return this.#exchange(record.step, record);
    }
    if (record.failed) await record.compare(variables);
    if (outcome === "usable" || !record.failed) return true;
    connections.forget(conversation.connection);
    return false;
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
