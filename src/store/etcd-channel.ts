/**
 * One HTTP/2 connection to an etcd member, and gRPC on it: calls with one answer, and streams of them. The outcome comes
 * behind the last message, as the trailers `grpc-status` and `grpc-message`.
 *
 * Non-goals: compression, other metadata than etcd's, messages to a stream after the first, and trying again; what may be
 * tried again is for the caller to say.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { Socket } from "node:net";
import { createSplitter, frameOf } from "./etcd-frames.ts";

/** How often a connection with open streams is asked for a sign of life; etcd takes offence below five seconds. */
const PING_INTERVAL = 6000;
/** What may be on its way to us before we have read it. */
const WINDOW = 4 * 1024 * 1024;

/** A call that was not answered, or answered with an error. */
export class CallError extends Error {
  override readonly name = "CallError";
  /** gRPC's status where the member gave one. */
  readonly status: number | undefined;
  /** False where the member has certainly not seen the call. */
  readonly sent: boolean;
  constructor(message: string, sent: boolean, status?: number) {
    super(message);
    this.sent = sent;
    this.status = status;
  }
}

export interface ChannelOptions {
  /** `http://host:port` or `https://host:port`. */
  readonly origin: string;
  /** Milliseconds for the connection to stand. */
  readonly timeout: number;
  /** The certificates of the authorities to trust, PEM; the system's where it is missing. */
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
}

/** A stream of answers. */
export interface Streaming {
  /** Resolves when the member ends it without an error, or when it was canceled. @throws {CallError} */
  readonly ended: Promise<void>;
  cancel(): void;
}

export class Channel {
  readonly origin: string;
  /** Resolves when the connection is no more. */
  readonly closed: Promise<void>;
  /** What etcd gave for a name and a password. */
  token: string | undefined;
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  #streams = 0;
  #isRetired = false;
  #isAlive = true;
  readonly #ping: NodeJS.Timeout;

  private constructor(origin: string, session: ClientHttp2Session, socket: Socket) {
    this.origin = origin;
    this.#session = session;
    this.#socket = socket;
    this.#ping = setInterval(() => this.#askForLife(), PING_INTERVAL);
    this.closed = new Promise((resolve) => session.once("close", resolve));
    this.closed.then(() => clearInterval(this.#ping));
    session.setLocalWindowSize(WINDOW);
  }

  /** @throws {CallError} where nobody is there. */
  static open({ origin, timeout, ca, signal }: ChannelOptions): Promise<Channel> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const session = connect(origin, {
        ...(ca !== undefined && { ca }),
        settings: { enablePush: false, initialWindowSize: WINDOW },
      });
      let problem = "the connection was closed";
      let socket: Socket | undefined;
      const giveUp = (): void => {
        session.destroy();
        socket?.destroy();
      };
      const timer = setTimeout(() => {
        problem = `no connection within ${timeout} ms`;
        giveUp();
      }, timeout);
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      session.on("error", (error) => {
        problem = telling(error);
      });
      session.once("connect", (_, connected) => {
        socket = connected as Socket;
      });
      session.once("close", () => {
        settle();
        reject(new CallError(`${origin}: ${problem}`, false));
      });
      // Only a peer that speaks HTTP/2 sends settings.
      session.once("remoteSettings", () => {
        settle();
        resolve(new Channel(origin, session, socket!));
      });
    });
  }

  get isOpen(): boolean {
    return !this.#isRetired && !this.#session.closed && !this.#session.destroyed;
  }

  /** One call with one answer. @throws {CallError}, or the signal's reason */
  call(method: string, message: Uint8Array, timeout: number, signal?: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      let answer: Uint8Array | undefined;
      const take = (received: Uint8Array): void => {
        answer = received;
      };
      const streaming = this.#start(method, message, take, true);
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      const giveUp = (reason: unknown): void => {
        settle();
        streaming.cancel();
        reject(reason);
      };
      const timer = setTimeout(() => {
        giveUp(this.#failure(`${method} was not answered within ${timeout} ms`, true));
      }, timeout);
      const abort = (): void => giveUp(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      streaming.ended.then(
        () => {
          settle();
          if (answer !== undefined) resolve(answer);
          else reject(this.#failure(`${method} was answered without a message`, true));
        },
        (error: unknown) => {
          settle();
          reject(error);
        },
      );
    });
  }

  /** A call with any number of answers; no more comes once it was canceled. */
  stream(method: string, message: Uint8Array, take: (message: Uint8Array) => void): Streaming {
    return this.#start(method, message, take, false);
  }

  /** `isWhole`: nothing follows the message, and the member is told so. */
  #start(method: string, message: Uint8Array, take: (message: Uint8Array) => void, isWhole: boolean): Streaming {
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request(
        {
          ":method": "POST",
          ":path": `/etcdserverpb.${method}`,
          "content-type": "application/grpc",
          te: "trailers",
          // Without a leader the member says so at once, before it has done anything.
          hasleader: "true",
          ...(this.token !== undefined && { token: this.token }),
        },
        { endStream: false },
      );
    } catch (error) {
      return { ended: Promise.reject(this.#failure(telling(error), false)), cancel() {} };
    }
    this.#streams++;
    let canceled = false;
    const ended = new Promise<void>((resolve, reject) => {
      let problem: CallError | undefined;
      let status: string | undefined;
      let statusText = "";
      const giveUp = (error: CallError): void => {
        problem ??= error;
        stream.close(constants.NGHTTP2_CANCEL);
      };
      const takeStatus = (headers: NodeJS.Dict<string | string[]>): void => {
        if (headers["grpc-status"] === undefined) return;
        status = String(headers["grpc-status"]);
        statusText = decoded(String(headers["grpc-message"] ?? ""));
      };
      const finish = (): void => {
        if (canceled) resolve();
        else if (problem !== undefined) reject(problem);
        else if (status === "0") resolve();
        else if (status !== undefined) reject(this.#failure(statusText, true, Number(status)));
        else if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) reject(this.#failure(`${method} refused`, false));
        else reject(this.#failure(`the connection was lost before ${method} was answered`, true));
      };
      stream.on("response", (headers) => {
        const [code, type] = [headers[":status"], String(headers["content-type"] ?? "")];
        if (code !== 200 || !type.startsWith("application/grpc")) {
          giveUp(this.#failure(`answered ${method} with the HTTP status ${code} and ${type || "no type"}`, true));
        } else takeStatus(headers);
      });
      stream.on("trailers", takeStatus);
      const split = createSplitter();
      stream.on("data", (chunk: Buffer) => {
        if (canceled || problem !== undefined) return;
        try {
          for (const received of split(chunk)) if (!canceled) take(received);
        } catch (error) {
          giveUp(this.#failure(`answered ${method} with what is not etcd's: ${telling(error)}`, true));
        }
      });
      stream.on("error", (error) => {
        const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
        problem ??= this.#failure(telling(error), !refused);
      });
      stream.on("end", () => {
        if (status !== undefined) finish();
      });
      stream.on("close", () => {
        this.#streams--;
        finish();
        if (this.#isRetired && this.#streams === 0) this.destroy();
      });
    });
    if (isWhole) stream.end(frameOf(message));
    else stream.write(frameOf(message));
    return {
      ended,
      cancel() {
        canceled = true;
        if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
      },
    };
  }

  /** Takes no new calls; those that run may end, if the member gives a sign of life within so many milliseconds. */
  retire(patience: number): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    if (this.#streams === 0 || this.#session.destroyed) {
      this.destroy();
      return;
    }
    const timer = setTimeout(() => this.destroy(), patience);
    this.closed.then(() => clearTimeout(timer));
    this.#session.ping(() => clearTimeout(timer));
  }

  /** Ends all at once. */
  destroy(): Promise<void> {
    this.#session.destroy();
    // A session that was already ending would wait for its peer.
    this.#socket.destroy();
    return this.closed;
  }

  #failure(text: string, sent: boolean, status?: number): CallError {
    return new CallError(`${this.origin}: ${text}`, sent, status);
  }

  /** A member that is gone without a word, or hangs, leaves its connections open. */
  #askForLife(): void {
    if (!this.#isAlive) {
      this.destroy();
    } else if (this.#streams > 0 && !this.#session.destroyed) {
      this.#isAlive = false;
      this.#session.ping(() => {
        this.#isAlive = true;
      });
    }
  }
}

/** gRPC writes its texts with `%XX` for what is not printable ASCII. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What an error says; one of several addresses tried says nothing itself. */
function telling(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(telling).join(", ");
  return error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
}
