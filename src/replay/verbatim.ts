/**
 * Plays exchanges that leave no choice one after the other, straight from the bytes as they come: each reply is compared
 * as a whole, and the next request follows at once. A document of thousands spends most of its time in such replies.
 *
 * Whatever is not exactly as written, or late, is left to the player: it goes on with the exchange that is under way, of
 * which the link has decoded what came.
 */

import { toBytes } from "../base/bytes.ts";
import type { PlannedExchange, PlannedStep, Verbatim } from "../plan/planned.ts";
import type { OpenConnection, Waiter } from "./connection.ts";
import type { Awaiting } from "./link.ts";
import type { ExchangeRecord } from "./record.ts";

/** An exchange with its bytes. */
type VerbatimExchange = PlannedExchange & { readonly verbatim: Verbatim };

/** An exchange that was sent but not yet answered as written; `started` is of performance.now(). */
export interface UnderWay {
  readonly connection: OpenConnection;
  readonly record: ExchangeRecord;
  readonly started: number;
}

/** Where a run stopped: so many exchanges passed, and which one after them is under way. */
export interface VerbatimEnd {
  readonly played: number;
  readonly underWay: UnderWay | undefined;
}

/** The exchanges from a step on that can be played in this way, on one connection. */
export function verbatimExchanges(steps: readonly PlannedStep[], from: number): readonly VerbatimExchange[] {
  const first = steps[from]!;
  const isFurther = (step: PlannedStep): step is VerbatimExchange =>
    step.kind === "exchange" && step.verbatim !== undefined && step.connection === first.connection;
  const run: VerbatimExchange[] = [];
  for (let at = from; at < steps.length; at++) {
    const step = steps[at]!;
    if (!isFurther(step)) break;
    run.push(step);
  }
  return run;
}

/**
 * Plays them; `timeout` is in milliseconds. `begin` makes the record of an exchange when it is sent, `end` hears of each
 * that has passed.
 */
export const playVerbatim = (
  connection: OpenConnection,
  exchanges: readonly VerbatimExchange[],
  timeout: number,
  begin: (exchange: PlannedExchange) => ExchangeRecord,
  end: ((record: ExchangeRecord) => void) | undefined,
): Promise<VerbatimEnd> =>
  new Promise((resolve) => new VerbatimRun(connection, exchanges, timeout, begin, end, resolve).start());

class VerbatimRun implements Waiter, Awaiting {
  readonly #connection: OpenConnection;
  readonly #exchanges: readonly VerbatimExchange[];
  readonly #timeout: number;
  readonly #begin: (exchange: PlannedExchange) => ExchangeRecord;
  readonly #end: ((record: ExchangeRecord) => void) | undefined;
  readonly #resolve: (end: VerbatimEnd) => void;
  #at = 0;
  #record!: ExchangeRecord;
  #started = performance.now();

  constructor(
    connection: OpenConnection,
    exchanges: readonly VerbatimExchange[],
    timeout: number,
    begin: (exchange: PlannedExchange) => ExchangeRecord,
    end: ((record: ExchangeRecord) => void) | undefined,
    resolve: (end: VerbatimEnd) => void,
  ) {
    this.#connection = connection;
    this.#exchanges = exchanges;
    this.#timeout = timeout;
    this.#begin = begin;
    this.#end = end;
    this.#resolve = resolve;
  }

  start(): void {
    this.#connection.await(this, this.#timeout);
    this.#send();
  }

  #send(): void {
    const exchange = this.#exchanges[this.#at]!;
    const { request, reply } = exchange.verbatim;
    const { link } = this.#connection;
    this.#record = this.#begin(exchange);
    link.awaitReply(reply, this);
    link.send(toBytes(request));
  }

  onReply(): void {
    const now = performance.now();
    const record = this.#record;
    record.ms = now - this.#started;
    record.isVerbatim = true;
    this.#started = now;
    this.#at++;
    this.#end?.(record);
    if (this.#at === this.#exchanges.length || this.#connection.link.closed) return this.#finish(false);
    this.#connection.awaitAnew(this.#timeout, now);
    this.#send();
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
      ? { connection: this.#connection, record: this.#record, started: this.#started }
      : undefined;
    this.#resolve({ played: this.#at, underWay });
  }
}
