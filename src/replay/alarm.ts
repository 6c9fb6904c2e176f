import { now } from "../base/clock.ts";

/**
 * A timer that is set again and again, mostly without ever ringing: one that runs out too early looks at the clock and
 * goes on, which costs a fraction of a new one each time. It rings after everything that has arrived by then was read.
 */
export class Alarm {
  readonly #keepsAlive: boolean;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer runs out, and when it is to ring: milliseconds of base/clock.ts. */
  #runsOut = 0;
  #due = 0;
  #ring: (() => void) | undefined;
  /** It is due, and what has arrived by now is being read. */
  #isReading = false;
  readonly #onTimer = (): void => {
    this.#timer = undefined;
    if (!this.#ring) return;
    if (now() < this.#due) return this.#start();
    // On a busy machine the process may run too late, and not have read what came in time.
    this.#isReading = true;
    setImmediate(this.#onRead);
  };
  readonly #onRead = (): void => {
    this.#isReading = false;
    if (!this.#ring) return;
    if (now() < this.#due) return this.#start();
    const ring = this.#ring;
    this.#ring = undefined;
    ring();
  };

  /** @param keepsAlive whether the process waits for it. An open connection keeps it alive anyway. */
  constructor(keepsAlive = false) {
    this.#keepsAlive = keepsAlive;
  }

  /** Calls `ring` at this time, instead of what was set before. */
  set(at: number, ring: () => void): void {
    this.#ring = ring;
    this.#due = at;
    if (this.#isReading || (this.#timer && this.#runsOut <= at)) return;
    clearTimeout(this.#timer);
    this.#start();
  }

  #start(): void {
    this.#runsOut = this.#due;
    this.#timer = setTimeout(this.#onTimer, Math.max(0, this.#due - now()));
    if (!this.#keepsAlive) this.#timer.unref();
  }

  /** Nothing rings until it is set again. */
  clear(): void {
    this.#ring = undefined;
  }

  dispose(): void {
    this.#ring = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
