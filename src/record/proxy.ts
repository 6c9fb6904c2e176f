/** Stands between clients and a server: hands over what each says to the other, and lets a recorder hear it. */
import { now } from "../base/clock.ts";
import type { Party } from "../plan/moves.ts";
import { type Listener, type ListenTarget, listen } from "../transports/listen.ts";
import type { ConnectFailure, Connection, Target, Transport } from "../transports/transport.ts";
import { asksForEncryption, NO_ENCRYPTION } from "./postgres.ts";
import type { RecordedConnection, Recorder } from "./recorder.ts";

export interface ProxyOptions {
  readonly recorder: Recorder;
  readonly transport: Transport;
  readonly target: Target;
  /** The longest time for a connection to the server, in milliseconds. */
  readonly timeout: number;
  readonly clients: ListenTarget;
  /** Whether PostgreSQL's request for encryption is answered with no, so that what follows can be read. */
  readonly declinesEncryption: boolean;
  /** A client was there and could not be served. `error` is undefined where the server took too long. */
  unreachable(error: ConnectFailure | undefined): void;
  /** A client's TLS handshake failed. */
  refused(error: Error): void;
  /** The recorder cannot go on: nothing more is handed over. */
  failed(error: unknown): void;
}

const DECLINED = "a client asked for encryption and was told that there is none, so that its messages can be recorded";

const other = (by: Party): Party => (by === "client" ? "server" : "client");

/** The two connections of one client. */
class Pair {
  readonly #ends: Readonly<Record<Party, Connection>>;
  readonly #recorded: RecordedConnection;
  readonly #options: ProxyOptions;
  readonly #over: () => void;
  readonly #ended = new Set<Party>();
  #hasBegun = false;

  constructor(ends: Readonly<Record<Party, Connection>>, options: ProxyOptions, over: () => void) {
    this.#ends = ends;
    this.#options = options;
    this.#recorded = options.recorder.connect();
    this.#over = over;
  }

  begin(): void {
    this.#listen("client");
    this.#listen("server");
  }

  #listen(by: Party): void {
    this.#ends[by].receive({
      // The next read may overwrite the chunk.
      data: (chunk) => this.#hear(by, Uint8Array.from(chunk)),
      closed: (error) => this.#end(by, error),
    });
  }

  /** The document is written first: what a client has seen is in it. */
  #hear(by: Party, chunk: Uint8Array): void {
    if (!this.#hasBegun && this.#options.declinesEncryption && asksForEncryption(chunk)) {
      this.#options.recorder.warn(DECLINED);
      return void this.#ends[by].send(NO_ENCRYPTION);
    }
    this.#hasBegun = true;
    if (!this.#record(() => this.#recorded.bytes(by, chunk, now()))) return;
    const taken = this.#ends[other(by)].send(chunk);
    if (taken === undefined) return;
    this.#ends[by].pause();
    void taken.then(() => this.#ends[by].resume());
  }

  #end(by: Party, error: NodeJS.ErrnoException | undefined): void {
    if (!this.#record(() => this.#recorded.ended(by, now()))) return;
    this.#ended.add(by);
    const peer = this.#ends[other(by)];
    if (this.#ended.size === 2) return this.close();
    if (error) peer.reset();
    else if (peer.halfClose) return peer.halfClose();
    else peer.close();
    this.#record(() => this.#recorded.ended(other(by), now()));
    this.close();
  }

  #record(hear: () => void): boolean {
    try {
      hear();
      return true;
    } catch (error) {
      this.#options.failed(error);
      return false;
    }
  }

  close(): void {
    this.#ends.client.close();
    this.#ends.server.close();
    this.#over();
  }
}

export class RecordingProxy {
  readonly #options: ProxyOptions;
  readonly #closing = new AbortController();
  readonly #pairs = new Set<Pair>();
  #listener: Listener | undefined;

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  /** @returns where it listens. @throws what the system says. */
  async start(): Promise<Listener> {
    const { clients, refused } = this.#options;
    this.#listener = await listen(clients, { connected: (client) => void this.#serve(client), refused });
    return this.#listener;
  }

  /** Never rejects. */
  async #serve(client: Connection): Promise<void> {
    const { signal } = this.#closing;
    const onAbort = (): void => client.close();
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    const server = await this.#connect();
    signal.removeEventListener("abort", onAbort);
    if (server === undefined) return client.reset();
    if (signal.aborted) {
      client.close();
      return server.close();
    }
    const pair = new Pair({ client, server }, this.#options, () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    pair.begin();
  }

  async #connect(): Promise<Connection | undefined> {
    const { transport, target, timeout, unreachable } = this.#options;
    const late = AbortSignal.timeout(timeout);
    try {
      return await transport.connect(target, AbortSignal.any([late, this.#closing.signal]));
    } catch (error) {
      if (!this.#closing.signal.aborted) unreachable(late.aborted ? undefined : (error as ConnectFailure));
      return undefined;
    }
  }

  /** Takes no further clients, and hangs up on those that are there. */
  stop(): void {
    this.#listener?.close();
    this.#closing.abort();
    for (const pair of this.#pairs) pair.close();
  }
}
