/** What one connection says, both ways, on its way into the document. */
import type { Party } from "../plan/moves.ts";

/** A request that waits longer than this may wait for what another connection does, in milliseconds. */
export const LONG = 20;

export interface Tap {
  /**
   * Bytes of one party have come. `now` is in milliseconds of a clock that only goes forward. `lacksBody`: they are a message
   * whose body is not known.
   */
  bytes(by: Party, chunk: Uint8Array, now: number, lacksBody?: boolean): void;
  /** A control, as a document writes it after `=== `. After `close`, `closed` and `reset` the connection is over. */
  control(text: string, now: number): void;
  /** One party says no more. */
  ended(by: Party, now: number): void;
  /** The recording ends before the connection does. */
  stopped(now: number): void;
  /** Another connection's client speaks: what was sent here and is not told yet may have to be told before. */
  othersSpeak(now: number): void;
  /** What another connection's client said at this time is told now. */
  othersTold(since: number): void;
  /** Another connection's server says something late: what was said here may be why. */
  othersAnswered(): void;
}

/** Who listens to all connections. */
export interface Listener {
  /** The client of a tap speaks. */
  speaks(tap: Tap, now: number): void;
  /** What the client of a tap said at this time is about to be told, maybe long after. */
  tells(tap: Tap, since: number): void;
  /** The server of a tap says something long after its client did. */
  answersLate(tap: Tap): void;
  /** Something cannot be recorded. Told to the user. */
  warn(message: string): void;
}
