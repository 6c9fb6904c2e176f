/** When the exchanges of a load begin, and when there are enough of them. */
import type { Note } from "../play/note.ts";
import type { Gate } from "../play/play.ts";
import type { Host } from "../play/port.ts";
import type { Runner } from "../play/script.ts";

export interface PaceOptions {
  readonly connections: number;
  /** Exchanges in all; undefined: as many as the time allows. */
  readonly count: number | undefined;
  /** Exchanges a second in all; undefined: each begins as soon as the one before has ended. */
  readonly rate: number | undefined;
}

/** What all connections of a load have in common. */
export class Pace {
  readonly count: number;
  /** Milliseconds between two exchanges of one connection; undefined: no rate is given. */
  readonly interval: number | undefined;
  /** Milliseconds between the first exchanges of two connections. */
  readonly stagger: number;
  readonly onRest: () => void;
  /** Exchanges that have begun. */
  begun = 0;
  /** No further exchange may begin. */
  isOver = false;

  /** @param onRest called once for each connection that has nothing more to do. */
  constructor({ connections, count, rate }: PaceOptions, onRest: () => void) {
    this.count = count ?? Number.POSITIVE_INFINITY;
    this.stagger = rate === undefined ? 0 : 1000 / rate;
    this.interval = rate === undefined ? undefined : connections * this.stagger;
    this.onRest = onRest;
  }
}

/** The gate of one connection. */
export class PacedGate implements Gate {
  readonly #pace: Pace;
  readonly #runner: Runner;
  readonly #host: Pick<Host, "alarm">;
  /** When the next exchange is due. */
  #due: number;
  /** When the exchange that began last was due, where the one before had not ended by then. */
  #late: number | undefined;
  #isEarly = false;
  #isFirst = true;
  #rests = false;

  /** @param due when its first exchange is due, in milliseconds of the runner's clock. */
  constructor(pace: Pace, runner: Runner, host: Pick<Host, "alarm">, due: number) {
    this.#pace = pace;
    this.#runner = runner;
    this.#host = host;
    this.#due = due;
  }

  mayBegin(): boolean {
    const pace = this.#pace;
    if (pace.isOver || pace.begun >= pace.count) return this.#rest();
    if (pace.interval !== undefined && !this.#isDue(pace.interval)) return false;
    pace.begun++;
    return true;
  }

  #isDue(interval: number): boolean {
    if (this.#due > this.#runner.now) {
      this.#isEarly = true;
      this.#host.alarm(this.#due);
      return false;
    }
    // A timer that rings late is not the server's fault.
    this.#late = this.#isEarly ? undefined : this.#due;
    this.#isEarly = false;
    this.#due += interval;
    return true;
  }

  #rest(): false {
    if (!this.#rests) this.#pace.onRest();
    this.#rests = true;
    return false;
  }

  /** The milliseconds from when an exchange was due to the end of its reply. */
  latencyOf({ started, ms }: Note): number {
    const { interval } = this.#pace;
    if (interval === undefined) return ms;
    if (this.#isFirst) {
      // The time that the connection took to open delays its whole schedule.
      this.#isFirst = false;
      this.#due = started + interval;
      return ms;
    }
    return this.#late === undefined ? ms : started - this.#late + ms;
  }

  /** How many exchanges were due until then and could not begin. */
  overdueAt(end: number): number {
    const { interval } = this.#pace;
    return interval === undefined || this.#due > end ? 0 : 1 + Math.floor((end - this.#due) / interval);
  }
}
