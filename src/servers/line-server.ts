/**
 * A server of a text protocol: lines that end in LF or CRLF come in, lines that end in CRLF go out; a protocol may ask
 * for a number of bytes in between. Text is a ByteString, so that what a client stores comes back byte for byte.
 */
import { createServer, type Socket } from "node:net";
import { type ByteString, fromBytes, toBytes } from "../base/bytes.ts";
import { listenOnLoopback } from "./loopback.ts";
import type { Server } from "./server.ts";

/** The longest line taken, in bytes without its ending. */
export const LONGEST_LINE = 1024;
/** What may wait to be sent to a client that does not read, before it is dropped. In bytes. */
const MOST_UNREAD = 1_000_000;
/** What is read ahead of a client whose command has to wait. In bytes. */
const MOST_AHEAD = 65_536;

/** A client, as a protocol sees it. */
export interface Client {
  /** Sends lines, in one piece. */
  reply(...lines: readonly ByteString[]): void;
  /** The next bytes are data, handed to `Session.data` when they are complete; empty where they are not to be kept. */
  expectData(size: number, keep: boolean): void;
  /** No further line is read until `proceed`, as this one has to wait for something. */
  hold(): void;
  proceed(): void;
  /** Closes the connection once everything is sent. */
  end(): void;
}

/** The protocol's side of one connection. */
export interface Session {
  /** A line without its ending; undefined for one that was too long and is passed over. */
  line(text: ByteString | undefined): void;
  data?(bytes: ByteString): void;
  /** The client is gone. Called once. */
  closed?(): void;
}

/** A server whose state is made anew at each start; the state makes a session for each client. */
export function lineServer(name: string, createState: () => (client: Client) => Session): Server {
  return {
    name,
    start(signal) {
      const open = createState();
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => serve(socket, open));
      return listenOnLoopback(server, "tcp", signal);
    },
  };
}

function serve(socket: Socket, open: (client: Client) => Session): void {
  const input = new Input();
  let held = false;
  let over = false;
  let pumping = false;
  const client: Client = {
    reply(...lines) {
      if (over) return;
      if (socket.writableLength > MOST_UNREAD) socket.destroy();
      else socket.write(toBytes(lines.map((line) => `${line}\r\n`).join("")));
    },
    expectData: (size, keep) => input.expectData(size, keep),
    hold() {
      held = true;
    },
    proceed() {
      held = false;
      pump();
    },
    end() {
      leave();
      socket.end();
    },
  };
  const leave = (): void => {
    if (over) return;
    over = true;
    session.closed?.();
  };
  const session = open(client);

  // Reads no faster than its replies are read, so that a client cannot fill the memory with them.
  const pump = (): void => {
    if (pumping) return;
    pumping = true;
    while (!over && !held && !socket.writableNeedDrain) {
      const item = input.next();
      if (item === undefined) break;
      if (item.kind === "data") session.data?.(item.bytes);
      else session.line(item.text);
    }
    pumping = false;
    const waits = !over && (held || socket.writableNeedDrain);
    if (waits && input.size > MOST_AHEAD) socket.pause();
    else socket.resume();
    // A client that will send no more gets what it asked for, but nobody waits for it.
    if (socket.readableEnded && (held || !waits)) client.end();
  };
  socket.on("data", (chunk: Uint8Array) => {
    if (over) return;
    input.append(chunk);
    pump();
  });
  socket.on("drain", pump);
  socket.on("end", pump);
  // A reset is a way to leave like any other.
  socket.on("error", () => {});
  socket.once("close", leave);
}

type Item =
  | { readonly kind: "line"; readonly text: ByteString | undefined }
  | { readonly kind: "data"; readonly bytes: ByteString };

/** Cuts what arrives into lines and data. Holds no more of a line than it may be long. */
class Input {
  #buffer: Buffer = Buffer.alloc(0);
  #overlong = false;
  /** Bytes of data still awaited; undefined while lines are read. */
  #awaited: number | undefined;
  #keep = false;

  get size(): number {
    return this.#buffer.length;
  }

  append(chunk: Uint8Array): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
  }

  expectData(size: number, keep: boolean): void {
    this.#awaited = size;
    this.#keep = keep;
  }

  /** The next line or data; undefined where it has not come completely. */
  next(): Item | undefined {
    return this.#awaited === undefined ? this.#nextLine() : this.#nextData(this.#awaited);
  }

  #nextLine(): Item | undefined {
    const end = this.#buffer.indexOf("\n");
    if (end === -1) {
      // One more than a line may have: its last byte could be the CR of the ending.
      if (this.#buffer.length > LONGEST_LINE + 1) {
        this.#overlong = true;
        this.#take(this.#buffer.length);
      }
      return undefined;
    }
    const text = this.#take(end + 1).replace(/\r?\n$/, "");
    const tooLong = this.#overlong || text.length > LONGEST_LINE;
    this.#overlong = false;
    return { kind: "line", text: tooLong ? undefined : text };
  }

  #nextData(awaited: number): Item | undefined {
    if (this.#buffer.length < awaited) {
      if (!this.#keep) this.#awaited = awaited - this.#take(this.#buffer.length).length;
      return undefined;
    }
    this.#awaited = undefined;
    const bytes = this.#take(awaited);
    return { kind: "data", bytes: this.#keep ? bytes : "" };
  }

  #take(length: number): ByteString {
    const taken = fromBytes(this.#buffer.subarray(0, length));
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }
}
