/**
 * Calls to a cluster of etcd members: one connection at a time, to the first member that takes it, and on to the next one
 * when a call fails. A read is tried again until its time is up. A write is tried again only where it has certainly not
 * been carried out; otherwise nobody knows, and an {@link EngineError} says so.
 */
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "./engine.ts";
import { CallError, Channel, type Streaming } from "./etcd-channel.ts";
import { type Endpoint, parseEndpoint } from "./etcd-endpoints.ts";
import { decodeToken, encodeAuthentication } from "./etcd-messages.ts";

export interface ClientOptions {
  /** The members' URLs, one or more. */
  readonly endpoints: readonly string[];
  /** Milliseconds that a request may take, all attempts together. */
  readonly timeout?: number;
  /** Milliseconds for a connection to stand, and for a member to answer a read before another one is asked. */
  readonly attemptTimeout?: number;
  /** The certificates of the authorities to trust, PEM; the system's where it is missing. */
  readonly ca?: string | undefined;
}

/** What etcd refuses for good, with gRPC's status. */
export class EtcdRefusal extends EngineError {
  readonly status: number;
  constructor(message: string, status: number, unknown = false) {
    super(message, unknown);
    this.status = status;
  }
}

const TIMEOUT = 10_000;
const ATTEMPT_TIMEOUT = 3000;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** gRPC's numbers. */
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
export const OUT_OF_RANGE = 11;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;
const REFUSALS = new Set([
  INVALID_ARGUMENT,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION,
  OUT_OF_RANGE,
  UNIMPLEMENTED,
  UNAUTHENTICATED,
]);

/** Said before anything is done: another member, or the same one a little later, may carry it out. */
const NOT_DONE =
  /too many requests|no leader|not supported for learner|invalid auth token|revision of auth store is old/;
/** A member that finds itself full says it of writes that it turned away, and of one that it has just carried out. */
const FULL = /database space exceeded/;

type Verdict = "refused" | "not done" | "unknown";

function judge({ sent, status, message }: CallError): Verdict {
  if (!sent || (status !== undefined && NOT_DONE.test(message))) return "not done";
  return status !== undefined && REFUSALS.has(status) ? "refused" : "unknown";
}

export class EtcdClient {
  /** Milliseconds that a request may take. */
  readonly timeout: number;
  readonly #endpoints: readonly Endpoint[];
  readonly #attemptTimeout: number;
  readonly #ca: string | undefined;
  readonly #closing = new AbortController();
  /** Those in use and those whose last calls are still running. */
  readonly #channels = new Set<Channel>();
  #next = 0;
  #current: Channel | undefined;
  #connecting: Promise<Channel> | undefined;

  /** @throws {EngineError} for a URL that is none. */
  constructor({ endpoints, timeout = TIMEOUT, attemptTimeout = ATTEMPT_TIMEOUT, ca }: ClientOptions) {
    if (endpoints.length === 0) throw new EngineError("no etcd member is given");
    this.#endpoints = endpoints.map(parseEndpoint);
    this.timeout = timeout;
    this.#attemptTimeout = attemptTimeout;
    this.#ca = ca;
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
    const channel = await this.#channel();
    let ended = (_error: CallError): void => {};
    const silence = new Promise<never>((_, reject) => {
      ended = reject;
    });
    const timer = setTimeout(() => {
      this.#leave(channel);
      streaming.cancel();
      ended(new CallError(`${channel.origin}: ${method} was not answered within ${this.#attemptTimeout} ms`, true));
    }, this.#attemptTimeout);
    const streaming = channel.stream(method, message, (received) => {
      clearTimeout(timer);
      take(received);
    });
    streaming.ended.catch(() => this.#leave(channel)).finally(() => clearTimeout(timer));
    return { ended: Promise.race([streaming.ended, silence]), cancel: () => streaming.cancel() };
  }

  async close(): Promise<void> {
    this.#closing.abort(new EngineError("the store is closing"));
    await this.#connecting?.catch(() => {});
    await Promise.all([...this.#channels].map((channel) => channel.destroy()));
  }

  async #call(method: string, message: Uint8Array, isRead: boolean, signal?: AbortSignal): Promise<Uint8Array> {
    const giveUp = Date.now() + this.timeout;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      signal?.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      let channel: Channel | undefined;
      try {
        channel = this.#current?.isOpen ? this.#current : await orAborted(this.#channel(), signal);
        const left = giveUp - Date.now();
        if (left <= 0) throw new CallError("there was no time left to ask", false);
        return await channel.call(method, message, isRead ? Math.min(left, this.#attemptTimeout) : left, signal);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        const verdict = judge(error);
        if (verdict === "refused") throw refusal(error, isRead);
        if (channel !== undefined) this.#leave(channel);
        if (verdict === "unknown" && !isRead) {
          throw new EngineError(`etcd: ${error.message}; the change may have been made`, true);
        }
        if (Date.now() + pause > giveUp) {
          throw new EngineError(`etcd: no member answered within ${this.timeout} ms: ${error.message}`);
        }
      }
      await this.#pause(pause, signal);
    }
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const signals = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    await delay(ms, undefined, { signal: AbortSignal.any(signals) }).catch(() => {});
  }

  #channel(): Promise<Channel> {
    if (this.#current?.isOpen) return Promise.resolve(this.#current);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Channel> {
    const problems: string[] = [];
    for (let tried = 0; tried < this.#endpoints.length; tried++) {
      this.#closing.signal.throwIfAborted();
      const endpoint = this.#endpoints[this.#next % this.#endpoints.length]!;
      try {
        const channel = await this.#open(endpoint);
        this.#current = channel;
        return channel;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (judge(error) === "refused") throw refusal(error, true);
        problems.push(error.message);
        this.#next++;
      }
    }
    throw new CallError(problems.join("; "), false);
  }

  async #open({ origin, user }: Endpoint): Promise<Channel> {
    const timeout = this.#attemptTimeout;
    const channel = await Channel.open({ origin, timeout, ca: this.#ca, signal: this.#closing.signal });
    this.#channels.add(channel);
    channel.closed.then(() => this.#channels.delete(channel));
    if (user === undefined) return channel;
    try {
      const request = encodeAuthentication(user.name, user.password);
      channel.token = decodeToken(await channel.call("Auth/Authenticate", request, timeout));
      return channel;
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }

  /** The next call goes to another member; what runs on this connection may end. */
  #leave(channel: Channel): void {
    if (this.#current === channel) {
      this.#current = undefined;
      this.#next++;
    }
    channel.retire(this.#attemptTimeout);
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

/** What can be done about a refusal, by what it says. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/request is too large|larger than max/, "a member takes more with --max-request-bytes"],
  [/too many operations/, "each level of a path takes two compares: use fewer, or give the members more --max-txn-ops"],
  [FULL, "make room with a compaction and etcdctl defrag, then etcdctl alarm disarm"],
  [/user name is empty/, "give a name and a password: http://NAME:PASSWORD@host:port"],
  [/permission denied/, "the store needs a user who may read and write all keys"],
];

function refusal({ message, status }: CallError, isRead: boolean): EtcdRefusal {
  const remedy = REMEDIES.find(([text]) => text.test(message))?.[1];
  const isUnknown = !isRead && FULL.test(message);
  const said = isUnknown ? `${message}; the change may have been made` : message;
  return new EtcdRefusal(`etcd: ${said}${remedy === undefined ? "" : `; ${remedy}`}`, status!, isUnknown);
}
