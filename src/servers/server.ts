/** A server that was started. */
export interface RunningServer {
  /** Where it listens, as a document would name it. */
  readonly target: string;
  /** The end of what it printed, for the report of a failure; empty where it prints nothing. */
  output(): string;
  /**
   * How it ended without being stopped: "exited with code 3". Waits up to so many milliseconds for an end that is under
   * way. Missing where it cannot end before this process.
   */
  ended?(within: number): Promise<string | undefined>;
  /** Stops it with everything it started. Never rejects; may be called twice. */
  stop(): Promise<void>;
}

/** A server that a run can start. */
export interface Server {
  readonly name: string;
  /** Resolves when it is ready. @throws {ServerError} where it ends early or is not ready in time. */
  start(signal: AbortSignal): Promise<RunningServer>;
}

/** A server did not start: what happened, and the end of its output. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly output: string;
  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}
