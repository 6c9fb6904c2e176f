import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Connection, Receiver, Target, Transport } from "../../src/transports/transport.ts";

/** A server for the suite: what connects is handed over as its stream, which nobody reads yet. */
export interface Listening {
  readonly target: Target;
  next(): Promise<Duplex>;
  /** Makes the client's next read fail with ECONNRESET. One byte of the client's is unread. */
  reset(peer: Duplex): void;
  close(): Promise<void>;
}

/** A connection, and the stream at its other end. */
export interface ConnectionCase {
  open(): Promise<readonly [Connection, Duplex]>;
  /** Makes the connection's next read fail with ECONNRESET. One byte of it is unread. */
  reset(peer: Duplex): void;
  /** What this connection cannot do, with the reason. */
  readonly deviations: { readonly sendsReset?: string };
}

export interface TransportCase {
  readonly transport: Transport;
  listen(): Promise<Listening>;
  /** A target where nobody listens, and what connecting to it says. */
  refused(): Promise<{ readonly target: Target; readonly message: string }>;
  /** What this transport cannot do, with the reason. */
  readonly deviations: { readonly sendsReset?: string };
}

/** Keeps what a connection tells. */
export class Recorder implements Receiver {
  readonly chunks: Buffer[] = [];
  size = 0;
  closings: (NodeJS.ErrnoException | undefined)[] = [];
  onData: (() => void) | undefined;
  #waiting: { ready: () => boolean; resolve: () => void }[] = [];

  get text(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  data(chunk: Uint8Array): void {
    if (this.closings.length > 0) throw new Error("data after closed");
    this.chunks.push(Buffer.from(chunk));
    this.size += chunk.length;
    this.onData?.();
    this.#wake();
  }

  closed(error: NodeJS.ErrnoException | undefined): void {
    this.closings.push(error);
    this.#wake();
  }

  until(ready: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ ready, resolve });
      this.#wake();
    });
  }

  bytes = (count: number): Promise<void> => this.until(() => this.size >= count);
  closing = (): Promise<void> => this.until(() => this.closings.length > 0);

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ ready, resolve }) => {
      if (!ready()) return true;
      resolve();
      return false;
    });
  }
}

/** `size` bytes in which no piece looks like its neighbour. */
function pattern(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let i = 0; i + 4 <= size; i += 4) bytes.writeUInt32LE(Math.imul(i, 2_654_435_761) >>> 0, i);
  return bytes;
}

/** Lets whatever is on its way arrive: turns of the event loop, in which loopback has no other delay. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await nextTurn();
}

const ended = (peer: Duplex): Promise<void> =>
  new Promise((resolve) => {
    peer.once("end", resolve).once("close", resolve);
  });

function text(peer: Duplex): Promise<string> {
  return new Promise((resolve) => {
    let all = "";
    peer.on("data", (chunk) => {
      all += chunk;
    });
    peer.resume();
    ended(peer).then(() => resolve(all));
  });
}

/** What every connection over a stream does, whoever opened it: tests within a `describe`. */
export function testConnection(subject: ConnectionCase): void {
  test("what is sent arrives, and what the server sends is received", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    connection.receive(recorder);
    peer.on("data", (chunk) => peer.write(`<${chunk}>`)).resume();
    await connection.send(Buffer.from("one"));
    await recorder.bytes(5);
    await connection.send(Buffer.from("two"));
    await recorder.bytes(10);
    expect(recorder.text).toBe("<one><two>");
    expect(recorder.closings).toEqual([]);
  });

  test("what the server sends first waits for a receiver", async () => {
    const [connection, peer] = await subject.open();
    peer.end("220 ready\r\n");
    await settled();
    const recorder = new Recorder();
    connection.receive(recorder);
    await recorder.closing();
    expect(recorder.text).toBe("220 ready\r\n");
    expect(recorder.closings).toEqual([undefined]);
  });

  test("another receiver gets what comes from then on, once it is resumed where it was paused", async () => {
    const [connection, peer] = await subject.open();
    const [first, second] = [new Recorder(), new Recorder()];
    connection.receive(first);
    peer.write("first");
    await first.bytes(5);
    connection.pause();
    connection.receive(second);
    peer.end("second");
    await settled();
    expect(second.size).toBe(0);
    connection.resume();
    await second.closing();
    expect([first.text, second.text]).toEqual(["first", "second"]);
    expect([first.closings, second.closings]).toEqual([[], [undefined]]);
  });

  test("a large transfer arrives whole both ways, each side at the other's pace", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    connection.receive(recorder);
    peer.pipe(peer);
    const sent = pattern(24 * 1024 * 1024);
    let waited = 0;
    for (let at = 0; at < sent.length; at += 100_000) {
      const flushed = connection.send(sent.subarray(at, at + 100_000));
      if (flushed !== undefined) waited++;
      await flushed;
    }
    await recorder.bytes(sent.length);
    expect(Buffer.concat(recorder.chunks).equals(sent)).toBe(true);
    expect(waited).toBeGreaterThan(0);
  });

  test("while paused nothing is received, and the server is held back", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    recorder.onData = () => connection.pause();
    connection.receive(recorder);
    const sent = pattern(24 * 1024 * 1024);
    peer.end(sent);
    await recorder.bytes(1);
    await settled();
    const received = recorder.size;
    await settled();
    expect(recorder.size).toBe(received);
    expect(peer.writableFinished).toBe(false);
    recorder.onData = undefined;
    connection.resume();
    await recorder.closing();
    expect(Buffer.concat(recorder.chunks).equals(sent)).toBe(true);
  });

  test("a half-close ends what the client sends, and the answer is still read", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    connection.receive(recorder);
    const asked = text(peer);
    await connection.send(Buffer.from("question"));
    connection.halfClose!();
    expect(await asked).toBe("question");
    await settled();
    expect(recorder.closings).toEqual([]);
    peer.end("answer");
    await recorder.closing();
    expect(recorder.text).toBe("answer");
    expect(recorder.closings).toEqual([undefined]);
    expect(await connection.send(Buffer.from("more"))).toBeUndefined();
  });

  test("the server's close is told once, after its last byte", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    connection.receive(recorder);
    peer.end("bye\r\n");
    await recorder.closing();
    await settled();
    expect(recorder.text).toBe("bye\r\n");
    expect(recorder.closings).toEqual([undefined]);
    const late = new Recorder();
    connection.receive(late);
    await settled();
    expect(late.closings).toEqual([]);
  });

  test("a reset is told as an error", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    connection.receive(recorder);
    await connection.send(Buffer.from("x"));
    await settled();
    subject.reset(peer);
    await recorder.closing();
    await settled();
    expect(recorder.closings.map((error) => error?.code)).toEqual(["ECONNRESET"]);
  });

  test("a server's last words are read although sending to it fails already", async () => {
    const [connection, peer] = await subject.open();
    await connection.send(Buffer.from("x"));
    peer.write("go away\r\n");
    await settled();
    subject.reset(peer);
    await settled();
    for (let i = 0; i < 3; i++) await connection.send(Buffer.from("more"));
    await settled();
    const recorder = new Recorder();
    connection.receive(recorder);
    await recorder.closing();
    expect(recorder.text).toBe("go away\r\n");
    expect(recorder.closings).toHaveLength(1);
    expect(recorder.closings[0]?.code).toMatch(/^(ECONNRESET|EPIPE)$/);
  });

  test("close lets what was sent arrive, and tells nothing more", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    connection.receive(recorder);
    const asked = text(peer);
    await connection.send(Buffer.from("quit"));
    connection.close();
    peer.on("error", () => {});
    expect(await asked).toBe("quit");
    peer.write("too late");
    await settled();
    expect(recorder.size).toBe(0);
    expect(recorder.closings).toEqual([]);
  });

  test("close within data stops the rest", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    recorder.onData = () => connection.close();
    peer.on("error", () => {});
    peer.write(pattern(1024 * 1024));
    await settled();
    connection.receive(recorder);
    await recorder.bytes(1);
    await settled();
    expect(recorder.chunks).toHaveLength(1);
    expect(recorder.closings).toEqual([]);
  });

  test.skipIf(subject.deviations.sendsReset)("a reset reaches the server as one, and tells nothing more", async () => {
    const [connection, peer] = await subject.open();
    const recorder = new Recorder();
    connection.receive(recorder);
    const error = new Promise<NodeJS.ErrnoException>((resolve) => {
      peer.once("error", resolve);
    });
    connection.send(Buffer.from("x"));
    await once(peer.resume(), "data");
    connection.reset();
    expect((await error).code).toBe("ECONNRESET");
    await settled();
    expect(recorder.closings).toEqual([]);
  });

  test("reset ends the connection, whatever is under way", async () => {
    const [connection, peer] = await subject.open();
    peer.on("error", () => {}).resume();
    const over = ended(peer);
    const flushed = connection.send(pattern(24 * 1024 * 1024));
    connection.reset();
    await flushed;
    await over;
    expect(await connection.send(Buffer.from("x"))).toBeUndefined();
  });

  test("a send that waits for the server resolves when the connection ends", async () => {
    const [connection, peer] = await subject.open();
    peer.on("error", () => {});
    const flushed = connection.send(pattern(24 * 1024 * 1024));
    expect(flushed).toBeInstanceOf(Promise);
    let resolved = false;
    flushed?.then(() => {
      resolved = true;
    });
    await settled();
    expect(resolved).toBe(false);
    connection.close();
    await flushed;
    expect(connection.send(Buffer.from("x"))).toBeUndefined();
  });
}

/** What every transport of streams does. Run against each of them. */
export function describeTransport(name: string, subject: TransportCase): void {
  describe(name, () => {
    let server: Listening;
    let opened: Connection[] = [];

    beforeEach(async () => {
      server = await subject.listen();
    });
    afterEach(async () => {
      for (const connection of opened) connection.close();
      opened = [];
      await server.close();
    });

    testConnection({
      async open() {
        const [connection, peer] = await Promise.all([
          subject.transport.connect(server.target, new AbortController().signal),
          server.next(),
        ]);
        opened.push(connection);
        return [connection, peer];
      },
      reset: (peer) => server.reset(peer),
      deviations: subject.deviations,
    });

    test("a signal that has fired already stops the connecting", async () => {
      const reason = new Error("interrupted");
      await expect(subject.transport.connect(server.target, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test("a signal that fires stops the connecting, and leaves no socket", async () => {
      const sockets = () => process.getActiveResourcesInfo().filter((kind) => /(TCP|Pipe)\w*Wrap/.test(kind)).length;
      const before = sockets();
      const controller = new AbortController();
      const reason = new Error("interrupted");
      const connecting = subject.transport.connect(server.target, controller.signal);
      controller.abort(reason);
      await expect(connecting).rejects.toBe(reason);
      await server.close();
      await settled();
      expect(sockets()).toBeLessThan(before);
    });

    test("where nobody listens the error is one sentence", async () => {
      const { target, message } = await subject.refused();
      await expect(subject.transport.connect(target, new AbortController().signal)).rejects.toThrow(
        expect.objectContaining({ message }),
      );
    });
  });
}
