import type { Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";

/** One end of a connection in memory, with the means to fail as the system would. */
export type MockSocket = Socket & {
  /** The next write, and every one after it, fails with this error. */
  failWrites(error: Error): void;
};

/** Two sockets that are connected with each other, in memory: what the one writes the other reads. */
export function socketPair(): [MockSocket, MockSocket] {
  const [here, there] = duplexPair();
  return [asSocket(here, there), asSocket(there, here)];
}

export function systemError(code: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}

function asSocket(end: Duplex, other: Duplex): MockSocket {
  const write = end._write;
  let failure: Error | undefined;
  end._write = (chunk, encoding, done) => {
    if (failure === undefined) write.call(end, chunk, encoding, done);
    else done(failure);
  };
  end.once("close", () => {
    if (!other.destroyed && !other.readableEnded) other.push(null);
  });
  const socket = Object.assign(end, {
    connecting: false,
    remoteAddress: "127.0.0.1",
    setNoDelay: () => socket,
    setKeepAlive: () => socket,
    setTimeout: () => socket,
    ref: () => socket,
    unref: () => socket,
    resetAndDestroy() {
      other.destroy(systemError("ECONNRESET", "read"));
      return end.destroy();
    },
    failWrites(error: Error) {
      failure = error;
    },
  }) as unknown as MockSocket;
  return socket;
}
