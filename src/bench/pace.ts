/** When the exchanges of a load begin, and when there are enough of them. */
import type { Gate } from "../play/context.ts";
import type { Note } from "../play/note.ts";
import type { Host } from "../play/port.ts";
import type { Runner } from "../play/script.ts";

export interface PaceOptions {
  readonly connections: number;
  /** Exchanges in all; undefined: as many as the time allows. */
  readonly count?: number | undefined;
  /** Exchanges a second in all; undefined: each begins as soon as the one before has ended. */
  readonly rate?: number | undefined;
}

/** What all clients of a load have in common. */
export class Pace {
  readonly #count: number;
  /** Milliseconds between two exchanges of one client; undefined: no rate is given. */
  readonly interval: number | undefined;
  /** Milliseconds between the first exchanges of two clients. */
  readonly stagger: number;
  readonly #onOver: () => void;
  #begun = 0;
  #isOver = false;

  /** @param onOver called once, when no further exchange may begin. */
  constructor({ connections, count, rate }: PaceOptions, onOver: () => void) {
    this.#count = count ?? Number.POSITIVE_INFINITY;
    this.stagger = rate === undefined ? 0 : 1000 / rate;
    this.interval = rate === undefined ? undefined : connections * this.stagger;
    this.#onOver = onOver;
  }

  /** No further exchange may begin. */
  get isOver(): boolean {
    return this.#isOver;
  }

  begin(): void {
    if (++this.#begun >= this.#count) this.end();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
  }
}

/** The gate of one client. */
export class PacedGate implements Gate {
  readonly #pace: Pace;
  readonly #runner: Runner;
  readonly #host: Pick<Host, "alarm">;
  /** When the next exchange is due, in milliseconds of the runner's clock. */
  #due: number;
  /** From when the latency of the exchange that began last counts. */
  #since = 0;
  /** When a timer woke the client: timers that ring late are not the server's fault. */
  #woke = 0;
  #isEarly = false;
  #isFirst = true;
  /** An exchange has begun and is not over. */
  isUnderWay = false;

  /** @param due when its first exchange is due. */
  constructor(pace: Pace, runner: Runner, host: Pick<Host, "alarm">, due: number) {
    this.#pace = pace;
    this.#runner = runner;
    this.#host = host;
    this.#due = due;
  }

  mayBegin(): boolean {
    const { interval, isOver } = this.#pace;
    if (isOver || (interval !== undefined && !this.#isDue(interval))) return false;
    this.isUnderWay = true;
    this.#pace.begin();
    return true;
  }

  #isDue(interval: number): boolean {
    const { now } = this.#runner;
    if (this.#due > now) {
      this.#isEarly = true;
      this.#host.alarm(this.#due);
      return false;
    }
    if (this.#isEarly) this.#woke = now;
    this.#isEarly = false;
    this.#since = Math.max(this.#due, this.#woke);
    this.#due += interval;
    return true;
  }

  /** The milliseconds from when an exchange was due to the end of its reply. */
  latencyOf({ started, ms }: Note): number {
    const { interval } = this.#pace;
    if (interval === undefined) return ms;
    if (this.#isFirst) {
      // The time that the first connection takes to open delays the whole schedule.
      this.#isFirst = false;
      this.#due = started + interval;
      return ms;
    }
    return started - this.#since + ms;
  }

  /** How many exchanges were due until then and could not begin. */
  overdueAt(end: number): number {
    const { interval } = this.#pace;
    return interval === undefined || this.#due > end ? 0 : 1 + Math.floor((end - this.#due) / interval);
  }
}
