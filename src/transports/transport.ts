import type { TlsOptions } from "../base/settings.ts";

/** A server's address. `tls.ca` is the text of PEM certificates here, not a path. */
export interface Target {
  /** As written, variables replaced: what reports name. */
  readonly url: string;
  /** Without its colon. */
  readonly scheme: string;
  /** Without the brackets of an IPv6 address; empty for a path. */
  readonly host: string;
  readonly port: number;
  /** Of a Unix socket. */
  readonly path: string;
  readonly tls: TlsOptions;
}

/** What a connection tells the one who uses it. `closed` comes once, last, with the error where it was one (a reset). */
export interface Receiver {
  data(chunk: Uint8Array): void;
  closed(error: NodeJS.ErrnoException | undefined): void;
}

/** An open connection. It is handed over paused: nothing is read before `receive`. */
export interface Connection {
  /** Resolves when the bytes were handed to the system; never rejects: a failure shows as `closed`. */
  send(bytes: Uint8Array): Promise<void> | undefined;
  /** Who gets what comes from now on. */
  receive(receiver: Receiver): void;
  /** Backpressure: while paused nothing is read. */
  pause(): void;
  resume(): void;
  /** Sends no more, goes on reading (a FIN in TCP). Undefined where the transport has no such thing. */
  halfClose?(): void;
  /** Ends both directions at once; no `closed` follows. */
  close(): void;
  /** Ends it with a RST where there is such a thing. */
  reset(): void;
  /** Turns to TLS (STARTTLS); resolves with the connection to use from then on. */
  upgrade?(target: Target, signal: AbortSignal): Promise<Connection>;
}

/** Why a connection could not be opened: what the system says, and what a server answered that does not speak TLS. */
export type ConnectFailure = NodeJS.ErrnoException & { answer?: Uint8Array };

/** How bytes reach a server. */
export interface Transport {
  /** The schemes of the URLs it takes, without the colon. */
  readonly schemes: readonly string[];
  /** @throws {ConnectFailure} what the system says (ECONNREFUSED, a certificate's error), or the signal's reason. */
  connect(target: Target, signal: AbortSignal): Promise<Connection>;
}
