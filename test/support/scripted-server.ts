import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

/** The client has hung up: what the script waits for will not come. It ends a script without failing it. */
export class HungUp extends Error {
  override readonly name = "HungUp";
}

/** The server's end of one connection, for a script that plays what servers do right and wrong. */
export interface Peer {
  readonly socket: Socket;
  /** The next line that the client sends, without its ending. @throws {HungUp} */
  line(): Promise<string>;
  /** The next so many bytes. @throws {HungUp} */
  bytes(count: number): Promise<Buffer>;
  /** All that still comes, up to the client's FIN. @throws {HungUp} where it goes without one */
  rest(): Promise<Buffer>;
  write(data: string | Uint8Array): void;
  /** Writes a byte at a time, each by itself. */
  dribble(data: string | Uint8Array): Promise<void>;
  /** Does nothing for so many milliseconds, or until the client has hung up. */
  wait(ms: number): Promise<void>;
  /** Says no more: resolves when the client has hung up. */
  stall(): Promise<void>;
  /** Sends without an end what has no newline unless `unit` has one; resolves when the client has hung up. */
  flood(unit?: string | Uint8Array): Promise<void>;
  /** Sends a FIN and goes on reading. */
  end(data?: string | Uint8Array): void;
  /** Sends a RST. */
  reset(): void;
}

export interface ScriptedServer {
  /** `tcp://127.0.0.1:port` */
  readonly target: string;
  readonly port: number;
  /** How many connections were accepted so far. */
  readonly connections: number;
  /** Ends every connection and waits for the scripts. @throws what a script threw, other than {@link HungUp}. */
  close(): Promise<void>;
}

/** A server on loopback that plays `script` on each connection; the connection ends with the script. */
export async function scriptedServer(script: (peer: Peer) => Promise<void> | void): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const scripts: Promise<void>[] = [];
  const errors: unknown[] = [];
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    const play = async () => script(createPeer(socket));
    const played = play().catch((error: unknown) => {
      if (!(error instanceof HungUp)) errors.push(error);
    });
    scripts.push(played.then(() => hangUp(socket)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    target: `tcp://127.0.0.1:${port}`,
    port,
    get connections() {
      return scripts.length;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...scripts]);
      if (errors.length > 1) throw new AggregateError(errors, "several scripts failed");
      if (errors.length === 1) throw errors[0];
    },
  };
}

/** Closes once all is sent; what the client still sends is read, as bytes left unread would turn the FIN into a RST. */
function hangUp(socket: Socket): void {
  socket.resume();
  socket.end();
}

function createPeer(socket: Socket): Peer {
  const received = inbox(socket);
  const gone = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  const write = (data: string | Uint8Array) => {
    if (socket.writable) socket.write(data);
  };
  return {
    socket,
    write,
    async line() {
      const line = await received.take((bytes) => bytes.indexOf("\n") + 1);
      return line.toString("utf8").replace(/\r?\n$/, "");
    },
    bytes: (count) => received.take((bytes) => (bytes.length >= count ? count : 0)),
    rest: () => received.rest(),
    async dribble(data) {
      for (const byte of Buffer.from(data)) {
        if (!socket.writable) return;
        socket.write(Uint8Array.of(byte));
        await nextTurn();
      }
    },
    async wait(ms) {
      let timer: NodeJS.Timeout | undefined;
      const passed = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([passed, gone]);
      clearTimeout(timer);
    },
    stall() {
      // Reading is what tells that the client has gone.
      received.discard();
      return gone;
    },
    async flood(unit = "x".repeat(65_536)) {
      received.discard();
      while (socket.writable) {
        if (socket.write(unit)) await nextTurn();
        else await Promise.race([once(socket, "drain").catch(() => {}), gone]);
      }
      await gone;
    },
    end(data = "") {
      socket.end(data);
    },
    reset() {
      socket.resetAndDestroy();
    },
  };
}

interface Inbox {
  /** Removes and returns as many bytes as `count` finds ready; waits while it says 0. */
  take(count: (bytes: Buffer) => number): Promise<Buffer>;
  rest(): Promise<Buffer>;
  discard(): void;
}

/** What is read ahead of the script; beyond that the client feels backpressure. */
const READ_AHEAD = 1_048_576;

function inbox(socket: Socket): Inbox {
  let chunks: Buffer[] = [];
  let size = 0;
  let ended = false;
  let discarding = false;
  let wake: (() => void) | undefined;
  const put = (bytes: Buffer) => {
    chunks = bytes.length > 0 ? [bytes] : [];
    size = bytes.length;
  };
  socket.on("data", (chunk) => {
    if (!discarding) size += chunks[chunks.push(chunk) - 1]!.length;
    if (wake) wake();
    else if (size > READ_AHEAD) socket.pause();
  });
  socket.on("end", () => {
    ended = true;
    // A client that only half-closes is answered still; to who discards it has gone.
    if (discarding) socket.destroy();
    wake?.();
  });
  socket.on("close", () => wake?.());
  const change = async () => {
    socket.resume();
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    wake = undefined;
  };
  return {
    async take(count) {
      for (;;) {
        const bytes = Buffer.concat(chunks);
        const length = count(bytes);
        put(bytes.subarray(length));
        if (length > 0) return bytes.subarray(0, length);
        if (ended || socket.destroyed) throw new HungUp("the client has hung up");
        await change();
      }
    },
    async rest() {
      while (!ended) {
        if (socket.destroyed) throw new HungUp("the client has gone without a FIN");
        await change();
      }
      const bytes = Buffer.concat(chunks);
      put(Buffer.alloc(0));
      return bytes;
    },
    discard() {
      discarding = true;
      put(Buffer.alloc(0));
      if (ended) socket.destroy();
      else socket.resume();
    },
  };
}
