/**
 * One connection to an etcd member, on gRPC's client for Node: calls with one answer, and streams of them. Here the client
 * connects once, and repeats nothing: what may be tried again is for the caller to say, which has to know of each call
 * whether it was sent.
 */
import { createSecureContext } from "node:tls";
import {
  type ChannelOptions,
  Client,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { CallError, failed } from "./errors.ts";

const OPTIONS: ChannelOptions = {
  "grpc.enable_retries": 0,
  "grpc.enable_http_proxy": 0,
  "grpc.enable_channelz": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.use_local_subchannel_pool": 1,
  // Of a request etcd takes 1.5 MB, unless it was told otherwise; a page of keys may be longer.
  "grpc.max_receive_message_length": 64 * 1024 * 1024,
  // What may be on its way to us before we have read it.
  "grpc-node.flow_control_window": 4 * 1024 * 1024,
};
/** How long gRPC may take to say why there is no connection, in milliseconds; it knows. */
const REASON_TIMEOUT = 1000;
const NOTHING = Buffer.alloc(0);
/** How gRPC says that the member has not looked at the call. */
const REFUSED = "Stream refused by server";

/** A stream of answers. */
export interface Streaming {
  /** Resolves when the member ends it without an error, or when it was canceled. @throws {CallError} */
  readonly ended: Promise<void>;
  cancel(): void;
}

/** What is known of a call that gRPC has begun. */
interface Begun {
  getPeer(): string;
}

/** The way to one member. */
export class Dialer {
  readonly origin: string;
  readonly #ca: string | undefined;
  readonly #pingInterval: number;
  /** Does not stand yet. A member that hangs would take a new one each time, and none of them ends before it goes on. */
  #client: Client | undefined;

  /**
   * `ca`: the certificates of the authorities to trust, PEM; those that Node trusts where it is missing. `pingInterval`: a
   * member that is gone without a word, or hangs, leaves its connections open; a ping so many milliseconds apart tells.
   */
  constructor(origin: string, ca: string | undefined, pingInterval: number) {
    this.origin = origin;
    this.#ca = ca;
    this.#pingInterval = pingInterval;
  }

  /** @throws {CallError} where nobody is there within so many milliseconds. */
  async connect(timeout: number): Promise<Connection> {
    this.#client ??= this.#makeClient();
    const client = this.#client;
    const state = await settled(client.getChannel(), Date.now() + timeout);
    if (state !== connectivityState.READY && state !== connectivityState.TRANSIENT_FAILURE) {
      throw new CallError(`no connection within ${timeout} ms`, { origin: this.origin, sent: false });
    }
    this.#client = undefined;
    if (state === connectivityState.READY) return new Connection(this.origin, client);
    const reason = await reasonOf(client);
    client.close();
    throw new CallError(reason, { origin: this.origin, told: "no connection", sent: false });
  }

  close(): void {
    this.#client?.close();
  }

  #makeClient(): Client {
    const [scheme, address] = this.origin.split("//");
    // gRPC's own way to the authorities to trust is another one than Node's.
    const security =
      scheme === "https:"
        ? credentials.createFromSecureContext(createSecureContext({ ca: this.#ca }))
        : credentials.createInsecure();
    return new Client(`dns:${address}`, security, {
      ...OPTIONS,
      "grpc.keepalive_time_ms": this.#pingInterval,
      "grpc.keepalive_timeout_ms": this.#pingInterval / 2,
    });
  }
}

export class Connection {
  readonly origin: string;
  readonly #client: Client;
  readonly #metadata = new Metadata();
  /** What ends those that run. */
  readonly #calls = new Set<() => void>();
  readonly #streams = new Set<() => void>();
  #isOpen = true;
  /** Resolves when it takes no calls and none runs. */
  readonly closed: Promise<void>;
  #close = (): void => {};

  /** The client's connection stands. */
  constructor(origin: string, client: Client) {
    this.origin = origin;
    this.#client = client;
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    // Without a leader the member says so at once, before it has done anything.
    this.#metadata.set("hasleader", "true");
    // gRPC would connect again.
    client.getChannel().watchConnectivityState(connectivityState.READY, Number.POSITIVE_INFINITY, () => this.#leave());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What etcd gave for a name and a password. */
  set token(token: string) {
    this.#metadata.set("token", token);
  }

  /** One call with one answer. @throws {CallError}, or the signal's reason */
  call(method: string, message: Uint8Array, timeout: number, signal?: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) throw this.#lost();
      const options = { deadline: Date.now() + timeout };
      const settle = (error: ServiceError | null, answer: Uint8Array | undefined): void => {
        this.#forget(this.#calls, cancel);
        signal?.removeEventListener("abort", cancel);
        if (signal?.aborted) reject(signal.reason);
        else if (error === null) resolve(answer!);
        else if (error.code === status.DEADLINE_EXCEEDED) reject(this.silence(method, timeout));
        else reject(this.#errorOf(method, error, call));
      };
      const call = this.#client.makeUnaryRequest(
        pathOf(method),
        asBuffer,
        asIs,
        message,
        this.#metadata,
        options,
        settle,
      );
      const cancel = (): void => call.cancel();
      this.#calls.add(cancel);
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  /** A call with any number of answers; no more comes once it was canceled. */
  stream(method: string, message: Uint8Array, take: (message: Uint8Array) => void): Streaming {
    if (!this.#isOpen) return { ended: Promise.reject(this.#lost()), cancel() {} };
    const stream = this.#client.makeBidiStreamRequest(pathOf(method), asBuffer, asIs, this.#metadata);
    let isCanceled = false;
    let problem: CallError | undefined;
    const end = (): void => stream.cancel();
    const ended = new Promise<void>((resolve, reject) => {
      stream.on("error", (error: ServiceError) => {
        if (isCanceled) resolve();
        else reject(problem ?? this.#errorOf(method, error, stream));
      });
      stream.on("end", resolve);
      stream.on("data", (received: Uint8Array) => {
        if (isCanceled || problem !== undefined) return;
        try {
          take(received);
        } catch (error) {
          const text = `answered ${method} with what is not etcd's: ${(error as Error).message}`;
          problem = new CallError(text, { origin: this.origin, sent: true });
          end();
        }
      });
    });
    const forget = (): void => this.#forget(this.#streams, end);
    ended.then(forget, forget);
    this.#streams.add(end);
    stream.write(message);
    return {
      ended,
      cancel() {
        isCanceled = true;
        end();
      },
    };
  }

  /** What is said of a call that was not answered in so many milliseconds. */
  silence(method: string, timeout: number): CallError {
    return new CallError(`${method} was not answered within ${timeout} ms`, { origin: this.origin, sent: true });
  }

  /** Takes no new calls. Those that run may end, each in its time; streams have none, and are to begin elsewhere. */
  retire(): void {
    this.#leave();
    for (const cancel of [...this.#streams]) cancel();
  }

  /** Ends all at once. */
  destroy(): Promise<void> {
    this.retire();
    for (const cancel of [...this.#calls]) cancel();
    return this.closed;
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#client.close();
    this.#forget(this.#calls);
  }

  #forget(running: Set<() => void>, ended?: () => void): void {
    if (ended !== undefined) running.delete(ended);
    if (!this.#isOpen && this.#calls.size + this.#streams.size === 0) this.#close();
  }

  #lost(): CallError {
    return new CallError("the connection was lost", { origin: this.origin, sent: false });
  }

  #errorOf(method: string, { code, details }: ServiceError, call: Begun): CallError {
    // Before a call has a connection its peer is what was to be reached.
    const isSent = call.getPeer() !== this.#client.getChannel().getTarget() && details !== REFUSED;
    return failed(this.origin, method, details, code, isSent);
  }
}

const pathOf = (method: string): string => `/etcdserverpb.${method}`;
const asIs = (message: Buffer): Uint8Array => message;
const asBuffer = (message: Uint8Array): Buffer => Buffer.from(message.buffer, message.byteOffset, message.byteLength);

/** The state once it is clear whether there is a connection, or the one at the deadline. */
function settled(channel: ReturnType<Client["getChannel"]>, deadline: number): Promise<connectivityState> {
  const { READY, TRANSIENT_FAILURE, SHUTDOWN } = connectivityState;
  return new Promise((resolve) => {
    const look = (late?: Error): void => {
      const state = channel.getConnectivityState(true);
      if (late || state === READY || state === TRANSIENT_FAILURE || state === SHUTDOWN) resolve(state);
      else channel.watchConnectivityState(state, deadline, look);
    };
    look();
  });
}

/** Why there is no connection, which gRPC tells only to a call. What is asked here etcd would refuse, as it names no key. */
function reasonOf(client: Client): Promise<string> {
  const options = { deadline: Date.now() + REASON_TIMEOUT };
  return new Promise((resolve) => {
    client.makeUnaryRequest(pathOf("KV/Range"), asBuffer, asIs, NOTHING, options, (error) => {
      const { details = "" } = error ?? {};
      resolve(/Last error: (?:Error: )?(.*?)(?: \([\dT:.-]*Z\))?\. Resolution note/.exec(details)?.[1] ?? details);
    });
  });
}
