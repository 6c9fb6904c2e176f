import { Socket } from "node:net";
import type { Connection, Receiver } from "./transport.ts";

type Upgrade = NonNullable<Connection["upgrade"]>;

/**
 * A connection over a stream socket.
 *
 * A chunk given to `data` may lie in a buffer that the next read overwrites (see `dial`): who keeps it copies it. After
 * `closed(undefined)`, the server's FIN, what is sent still leaves; the one who uses the connection closes it.
 */
export class SocketConnection implements Connection {
  readonly upgrade?: Upgrade;
  #socket: Socket;
  /** The socket beneath TLS, else the same: the one that has a RST. */
  #plain: Socket;
  #receiver: Receiver | undefined;
  /** The receiver is told no more: `closed` was told, or this side ended it. */
  #over = false;
  #paused = true;
  /** The first thing that went wrong. */
  #failure: NodeJS.ErrnoException | undefined;
  /** Nothing more will be read from the system. */
  #ended = false;
  #drained: (() => void)[] = [];

  /** Over a socket that nobody reads yet, connected or about to be. */
  constructor(socket: Socket, plain: Socket, upgrade: Upgrade | undefined) {
    this.#socket = socket;
    this.#plain = plain;
    if (upgrade !== undefined) {
      this.upgrade = (target, signal) => {
        this.#silence();
        // The socket is TLS's from now on; whatever is done with this connection must not touch it.
        this.#socket = this.#plain = new Socket().destroy();
        return upgrade(target, signal);
      };
    }
    keepReadingWhenWritesFail(socket, (error) => {
      this.#failure ??= error;
    });
    socket.pause();
    socket.on("data", (chunk) => this.deliver(chunk));
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
    for (const event of ["drain", "finish", "close"]) socket.on(event, () => this.#releaseSenders());
  }

  /** What a socket that does not emit `data` has read. */
  deliver(chunk: Uint8Array): void {
    this.#receiver?.data(chunk);
  }

  send(bytes: Uint8Array): Promise<void> | undefined {
    const socket = this.#socket;
    if (!socket.writable || socket.write(bytes)) return undefined;
    return new Promise((resolve) => {
      this.#drained.push(resolve);
    });
  }

  receive(receiver: Receiver): void {
    if (this.#over) return;
    const first = this.#receiver === undefined;
    this.#receiver = receiver;
    if (first) this.resume();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (this.#receiver === undefined) return;
    this.#paused = false;
    if (this.#ended) queueMicrotask(() => this.#tell());
    else this.#socket.resume();
  }

  halfClose(): void {
    this.#socket.end();
  }

  close(): void {
    this.#silence();
    const isTls = this.#plain !== this.#socket;
    // TLS may still hold what was sent, as its own messages go first.
    if (isTls && this.#socket.writable && !this.#socket.writableNeedDrain) sayGoodbye(this.#socket);
    else this.#socket.destroy();
  }

  reset(): void {
    this.#silence();
    destroyWithReset(this.#socket, this.#plain);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tell();
  }

  /** Tells the end to a receiver that reads; one that comes or resumes later is told then. */
  #tell(): void {
    // What was read before an error struck still lies in the stream.
    while (!this.#paused) {
      const rest = this.#socket.read();
      if (rest !== null) {
        this.deliver(rest);
        continue;
      }
      const receiver = this.#receiver;
      this.#silence();
      receiver?.closed(this.#failure);
      return;
    }
  }

  #silence(): void {
    this.#over = true;
    this.#receiver = undefined;
  }

  #releaseSenders(): void {
    if (this.#drained.length === 0) return;
    const waiting = this.#drained;
    this.#drained = [];
    for (const resolve of waiting) resolve();
  }
}

/**
 * Destroys a socket with a RST where it has one: a Unix socket has none. `plain` is the one beneath TLS, else the same.
 * It must not go before TLS does, as Node 20 crashes over a write under way; TLS takes it along, and then it resets.
 */
export function destroyWithReset(socket: Socket, plain: Socket): void {
  if (plain.remoteAddress !== undefined) {
    plain.destroy = (error) => {
      plain.destroy = Socket.prototype.destroy;
      return error ? plain.destroy(error) : plain.resetAndDestroy();
    };
  }
  socket.destroy();
}

/** How long a close_notify may take to leave, in milliseconds. */
const GOODBYE = 1000;

/** Destroys a TLS socket once its close_notify has left (RFC 8446, section 6.1); without one the end looks like an attack. */
function sayGoodbye(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), GOODBYE).unref();
  socket.once("close", () => clearTimeout(timer));
  socket.end(() => socket.destroy());
}

/**
 * A server that hangs up while we still write has often said why. A stream that fails to write is destroyed, and that
 * answer with it; so a failed write counts as done here, and reading goes on to its own end.
 */
function keepReadingWhenWritesFail(socket: Socket, failed: (error: Error) => void): void {
  const { _write: write, _writev: writev } = socket;
  const settle = (done: (error?: Error | null) => void) => (error?: Error | null) => {
    if (error) failed(error);
    done();
  };
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, settle(done));
  if (writev) socket._writev = (chunks, done) => writev.call(socket, chunks, settle(done));
}

/**
 * Resolves when the socket has emitted `event`; destroys it otherwise.
 * @throws the socket's error, or the signal's reason.
 */
export function established(socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      signal.removeEventListener("abort", abort);
      socket.off(event, succeed).off("error", fail).off("close", vanish);
      action();
    };
    const succeed = () => settle(resolve);
    const fail = (error: Error) =>
      settle(() => {
        socket.destroy();
        reject(error);
      });
    const vanish = () => fail(new Error("the connection was closed before it was ready"));
    const abort = () => fail(signal.reason);
    socket.on(event, succeed).on("error", fail).on("close", vanish);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
}
