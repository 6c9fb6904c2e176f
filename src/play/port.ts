/**
 * The border of the play. Bytes, closes and the time come in; sends, acts and alarms go out. In a run a socket
 * and a timer are outside, in a test an array and a number.
 */
import type { ByteString } from "../base/bytes.ts";
import type { TlsOptions } from "../base/settings.ts";
import type { Codec } from "../dialects/codec.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { PlannedExample } from "../plan/planned.ts";

/** What a connection is told. `now` is in milliseconds of a clock that only goes forward. */
export interface Inputs {
  bytes(chunk: Uint8Array, now: number): void;
  /** Comes once, last, with the error where it was one (a reset). */
  closed(error: CloseError | undefined, now: number): void;
  /** The alarm that was set last rings. */
  due(now: number): void;
}

export interface CloseError {
  readonly message: string;
  readonly code?: string | undefined;
}

/** What a connection does. */
export interface Port {
  send(bytes: Uint8Array): void;
  /** How the bytes sent last were cut up, for reports; undefined where they were not. */
  readonly lastCuts?: string | undefined;
  /** A transport without half-closes ignores one. After `close` and `reset` nothing comes in any more. */
  act(act: "close" | "half-close" | "reset"): void;
  /** Whether bytes are wanted now: where not, the other side has to wait. */
  flow(isWanted: boolean): void;
  /** Rings once at this time, in place of what was set before; undefined: never. */
  alarm(at: number | undefined): void;
}

/** A place that a name leads to. */
export interface Address {
  readonly url: string;
  readonly dialect: Dialect;
  readonly tls: TlsOptions;
}

export interface OpenRequest {
  readonly address: Address;
  readonly example: PlannedExample;
  /** Whether `=== connect URL` names the place, so that the document and nobody else decides where to connect to. */
  readonly isOfDocument: boolean;
}

/** An open connection. */
export interface Opened {
  readonly scheme: string;
  readonly codec: Codec;
  /** Called once: from then on what comes goes to `inputs`. */
  attach(inputs: Inputs): Port;
}

/** What something that takes time comes to; undefined until then. The play is woken when it is there. */
export interface Eventual<T> {
  readonly value: T | { readonly refused: string } | undefined;
}

/** What a play needs beyond its connections. */
export interface Host {
  open(request: OpenRequest): Eventual<Opened>;
  /** Turns a connection to TLS (STARTTLS); from then on a new codec reads. */
  secure(port: Port, example: PlannedExample, dialect: Dialect): Eventual<Codec>;
  /** The address of a server that runs, or that the config file names. */
  serverTarget(name: string): string;
  /** The dialect of `=== connect URL`, where the scheme decides. */
  dialectOf(scheme: string): Dialect | undefined;
  /** Wakes the play at this time. */
  alarm(at: number): void;
  onCapture(name: string, value: ByteString): void;
}
