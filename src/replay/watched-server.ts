/**
 * A server that the run started, and its end in the middle of the run: the first failure after it says how the server
 * ended, and what would fail only because of it is skipped.
 */

import type { Failure } from "../play/outcome.ts";
import { withoutCloseAdvice } from "../play/verdict.ts";
import type { RunningServer } from "../servers/server.ts";

/** How long to wait for a server that may be ending, once and in all, in milliseconds. */
const ONE_WAIT = 500;
const ALL_WAITS = 2000;

type Told = Pick<Failure, "message" | "details">;

export class WatchedServer {
  readonly #name: string;
  readonly #running: RunningServer;
  #patience = ALL_WAITS;
  #skipReason: string | undefined;

  constructor(name: string, running: RunningServer) {
    this.#name = name;
    this.#running = running;
  }

  get target(): string {
    return this.#running.target;
  }

  /** Why examples that need it are not played: its end was reported. */
  get skipReason(): string | undefined {
    return this.#skipReason;
  }

  /**
   * The failure with the server's end, where it has ended; undefined where it still runs. A connection that closes or
   * cannot be opened may be the first sign of an end.
   */
  async explain<T extends Told>(failure: T, isFirstSign: boolean): Promise<T | undefined> {
    const within = isFirstSign ? Math.min(ONE_WAIT, this.#patience) : 0;
    const how = await this.#running.ended?.(within);
    if (how === undefined) {
      this.#patience -= within;
      return undefined;
    }
    const output = this.#running.output().split("\n");
    const last = output.at(-1) === "" ? "" : ` after it printed: ${output.at(-1)}`;
    const message = `server "${this.#name}" ${how}${last}; ${withoutCloseAdvice(failure.message)}`;
    return { ...failure, message, ...(output.length > 1 && { details: output }) };
  }

  /** From now on examples that need it are skipped, as its end is reported at this place. */
  async giveUp(place: string): Promise<void> {
    this.#skipReason ??= `not tried: server "${this.#name}" ${(await this.#running.ended?.(0)) ?? "ended"} (see ${place})`;
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }
}
