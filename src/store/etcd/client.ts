/**
 * Calls to a cluster of etcd members: one connection at a time, to the first member that takes it, and on to the next one
 * when a call fails. A read is tried again until its time is up. A write is tried again only where it has certainly not
 * been carried out; otherwise nobody knows, and an {@link EngineError} says so.
 */
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../engine.ts";
import { type Connection, Dialer, type Streaming } from "./connection.ts";
import { type Endpoint, parseEndpoint } from "./endpoints.ts";
import { CallError, judge, refusal, unreachable } from "./errors.ts";
import { decodeToken, encodeAuthentication } from "./messages.ts";

export interface ClientOptions {
  /** The members' URLs, one or more. */
  readonly endpoints: readonly string[];
  /** Milliseconds that a request may take, all attempts together. */
  readonly timeout?: number;
  /** Milliseconds for a connection to stand, and for a member to answer a read before another one is asked. */
  readonly attemptTimeout?: number;
  /** Milliseconds between two pings on a connection, half of which each has to be answered. */
  readonly pingInterval?: number;
  /** The certificates of the authorities to trust, PEM; those that Node trusts where it is missing. */
  readonly ca?: string | undefined;
}

const TIMEOUT = 10_000;
const ATTEMPT_TIMEOUT = 3000;
/** etcd takes offence below five seconds. */
const PING_INTERVAL = 6000;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

interface Member {
  readonly dialer: Dialer;
  readonly user: Endpoint["user"];
}

export class EtcdClient {
  /** Milliseconds that a request may take. */
  readonly timeout: number;
  readonly #members: readonly Member[];
  readonly #attemptTimeout: number;
  readonly #closing = new AbortController();
  /** The one in use and those whose last calls are still running. */
  readonly #connections = new Set<Connection>();
  #next = 0;
  #current: Connection | undefined;
  #connecting: Promise<Connection> | undefined;

  /** @throws {EngineError} for a URL that is none. */
  constructor({ endpoints, ...options }: ClientOptions) {
    const { timeout = TIMEOUT, attemptTimeout = ATTEMPT_TIMEOUT, pingInterval = PING_INTERVAL, ca } = options;
    if (endpoints.length === 0) throw new EngineError("no etcd member is given");
    this.#members = endpoints
      .map(parseEndpoint)
      .map(({ origin, user }) => ({ dialer: new Dialer(origin, ca, pingInterval), user }));
    this.timeout = timeout;
    this.#attemptTimeout = attemptTimeout;
  }

  /** @throws {EngineError}, or the signal's reason */
  read(method: string, message: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#call(method, message, true, signal);
  }

  /** @throws {EngineError} */
  write(method: string, message: Uint8Array): Promise<Uint8Array> {
    return this.#call(method, message, false);
  }

  /** One stream of answers from the member in use; where it fails, the next try takes another one. @throws {CallError} */
  async stream(method: string, message: Uint8Array, take: (message: Uint8Array) => void): Promise<Streaming> {
    const connection = await this.#connection();
    const timeout = this.#attemptTimeout;
    let isSilent = false;
    const timer = setTimeout(() => {
      isSilent = true;
      this.#leave(connection);
    }, timeout);
    const { ended, cancel } = connection.stream(method, message, (received) => {
      clearTimeout(timer);
      take(received);
    });
    const watched = ended.catch((error: unknown) => {
      this.#leave(connection);
      throw isSilent ? connection.silence(method, timeout) : error;
    });
    return { ended: watched.finally(() => clearTimeout(timer)), cancel };
  }

  async close(): Promise<void> {
    this.#closing.abort(new EngineError("the store is closing"));
    for (const { dialer } of this.#members) dialer.close();
    await this.#connecting?.catch(() => {});
    await Promise.all([...this.#connections].map((connection) => connection.destroy()));
  }

  async #call(method: string, message: Uint8Array, isRead: boolean, signal?: AbortSignal): Promise<Uint8Array> {
    const giveUp = Date.now() + this.timeout;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      signal?.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      let connection: Connection | undefined;
      try {
        connection = this.#current?.isOpen ? this.#current : await orAborted(this.#connection(), signal);
        const left = giveUp - Date.now();
        if (left <= 0) throw new CallError("there was no time left to ask", { sent: false });
        return await connection.call(method, message, isRead ? Math.min(left, this.#attemptTimeout) : left, signal);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        const verdict = judge(error);
        if (verdict === "refused") throw refusal(error, isRead);
        if (connection !== undefined) this.#leave(connection);
        if (verdict === "unknown" && !isRead) throw new EngineError(`etcd: ${error.told}`, true, { cause: error });
        if (Date.now() + pause > giveUp) {
          const told = `etcd: no member answered within ${this.timeout} ms: ${error.told}`;
          throw new EngineError(told, false, { cause: error });
        }
      }
      await this.#pause(pause, signal);
    }
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const signals = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    await delay(ms, undefined, { signal: AbortSignal.any(signals) }).catch(() => {});
  }

  #connection(): Promise<Connection> {
    if (this.#current?.isOpen) return Promise.resolve(this.#current);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Connection> {
    const problems: CallError[] = [];
    for (let tried = 0; tried < this.#members.length; tried++) {
      this.#closing.signal.throwIfAborted();
      try {
        this.#current = await this.#open(this.#members[this.#next % this.#members.length]!);
        return this.#current;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (judge(error) === "refused") throw refusal(error, true);
        problems.push(error);
        this.#next++;
      }
    }
    throw unreachable(problems);
  }

  async #open({ dialer, user }: Member): Promise<Connection> {
    const timeout = this.#attemptTimeout;
    const connection = await dialer.connect(timeout);
    this.#connections.add(connection);
    connection.closed.then(() => this.#connections.delete(connection));
    if (user === undefined) return connection;
    try {
      const request = encodeAuthentication(user.name, user.password);
      connection.token = decodeToken(await connection.call("Auth/Authenticate", request, timeout));
      return connection;
    } catch (error) {
      connection.destroy();
      if (error instanceof CallError) throw error;
      throw new CallError(`gave no token: ${(error as Error).message}`, { origin: dialer.origin, sent: true });
    }
  }

  /** The next call goes to another member; what runs on this connection may end. */
  #leave(connection: Connection): void {
    if (this.#current === connection) {
      this.#current = undefined;
      this.#next++;
    }
    connection.retire();
  }
}

/** The promise's outcome, or the signal's reason where it aborts first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
