import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Listener, type ListenTarget, listen } from "../../src/transports/listen.ts";
import { destroyWithReset } from "../../src/transports/socket.ts";
import type { Connection } from "../../src/transports/transport.ts";
import { Recorder, testConnection } from "../contract/transport.ts";
import { makeCertificates } from "../support/certificates.ts";
import { targetOf } from "../support/listening.ts";

const never = new AbortController().signal;
const certificates = makeCertificates(["IP:127.0.0.1"]);
const folder = mkdtempSync(join(tmpdir(), "wiredoc-listen-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LOOPBACK = { host: "127.0.0.1", port: 0 };

/** A listener, and the connections that it took. */
class Taken {
  readonly connections: Connection[] = [];
  readonly refused: NodeJS.ErrnoException[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  readonly #sockets: Socket[] = [];
  listener!: Listener;

  async listen(target: ListenTarget): Promise<this> {
    this.listener = await listen(target, {
      connected: (connection) => {
        this.connections.push(connection);
        this.#waiting.shift()?.(connection);
      },
      refused: (error) => this.refused.push(error),
    });
    return this;
  }

  next(): Promise<Connection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A client's socket, which nobody reads yet. */
  dial(): Socket {
    const { host, port, path } = this.listener;
    const socket = connect({ ...(path ? { path } : { host, port }), noDelay: true, allowHalfOpen: true });
    return this.keep(socket.pause());
  }

  keep<T extends Socket>(socket: T): T {
    this.#sockets.push(socket);
    socket.on("error", () => {});
    return socket;
  }

  stop(): void {
    this.listener.close();
    for (const connection of this.connections) connection.close();
    for (const socket of this.#sockets.reverse()) socket.destroy();
  }
}

interface Kind {
  readonly target: () => ListenTarget;
  readonly deviations: { readonly sendsReset?: string };
}

let sockets = 0;
const kinds: Readonly<Record<string, Kind>> = {
  tcp: { target: () => ({ at: LOOPBACK }), deviations: {} },
  tls: { target: () => ({ at: LOOPBACK, certificate: certificates, startsWithTls: true }), deviations: {} },
  unix: {
    target: () => ({ at: { path: join(folder, `${sockets++}.sock`) } }),
    deviations: { sendsReset: "a Unix socket has no RST" },
  },
};

for (const [name, { target, deviations }] of Object.entries(kinds)) {
  describe(`a connection that was taken: ${name}`, () => {
    let taken: Taken;
    const plains = new Map<Socket, Socket>();
    beforeEach(async () => {
      taken = await new Taken().listen(target());
    });
    afterEach(() => taken.stop());

    testConnection({
      async open() {
        const connected = taken.next();
        const plain = taken.dial();
        const peer = name === "tls" ? taken.keep(connectTls({ socket: plain, rejectUnauthorized: false })) : plain;
        plains.set(peer, plain);
        return [await connected, peer];
      },
      reset: (peer) => destroyWithReset(peer as Socket, plains.get(peer as Socket)!),
      deviations,
    });
  });
}

describe("a listener", () => {
  let taken: Taken;
  afterEach(() => taken.stop());

  test("tells where it listens", async () => {
    taken = await new Taken().listen({ at: LOOPBACK });
    expect(taken.listener).toMatchObject({ host: "127.0.0.1", path: "" });
    expect(taken.listener.port).toBeGreaterThan(0);
  });

  test("does not listen where another one does", async () => {
    taken = await new Taken().listen({ at: LOOPBACK });
    const { host, port } = taken.listener;
    const second = listen({ at: { host, port } }, { connected() {}, refused() {} });
    await expect(second).rejects.toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
  });

  test("refuses a certificate that is none before it listens", async () => {
    taken = await new Taken().listen({ at: LOOPBACK });
    const certificate = { cert: "no PEM", key: certificates.key };
    await expect(listen({ at: LOOPBACK, certificate }, { connected() {}, refused() {} })).rejects.toThrow(/PEM/i);
  });

  test("takes no further clients once it is closed, and keeps those it has", async () => {
    taken = await new Taken().listen({ at: LOOPBACK });
    const connected = taken.next();
    const peer = taken.dial();
    const connection = await connected;
    taken.listener.close();
    taken.listener.close();
    const [error] = await once(taken.dial(), "error");
    expect(error.code).toBe("ECONNREFUSED");
    const recorder = new Recorder();
    connection.receive(recorder);
    peer.write("still here");
    await recorder.bytes(10);
    expect(recorder.text).toBe("still here");
  });

  test("tells of a client that does not speak TLS", async () => {
    taken = await new Taken().listen({ at: LOOPBACK, certificate: certificates, startsWithTls: true });
    const peer = taken.dial();
    peer.write("EHLO client.example\r\n");
    await expect.poll(() => taken.refused).toHaveLength(1);
    expect(taken.connections).toEqual([]);
  });

  test("breaks off a handshake when it is closed", async () => {
    taken = await new Taken().listen({ at: LOOPBACK, certificate: certificates, startsWithTls: true });
    const peer = taken.dial();
    await once(peer, "connect");
    const closed = once(peer.resume(), "close");
    // The server has taken it once another one got through.
    const connected = taken.next();
    taken.keep(connectTls({ socket: taken.dial(), rejectUnauthorized: false }));
    await connected;
    taken.listener.close();
    peer.end();
    await closed;
    expect(taken.refused).toEqual([]);
  });

  test("turns a connection to TLS", async () => {
    taken = await new Taken().listen({ at: LOOPBACK, certificate: certificates });
    const connected = taken.next();
    const plain = taken.dial();
    const connection = await connected;
    const before = new Recorder();
    connection.receive(before);
    plain.write("STARTTLS\r\n");
    await before.bytes(10);
    connection.pause();
    await connection.send(Buffer.from("220 go ahead\r\n"));
    await once(plain.resume(), "data");
    plain.pause();
    const upgraded = connection.upgrade!(targetOf("tcp", {}), never);
    const peer = taken.keep(connectTls({ socket: plain, ca: certificates.ca, host: "127.0.0.1" }));
    const secure = await upgraded;
    taken.connections.push(secure);
    const recorder = new Recorder();
    secure.receive(recorder);
    peer.write("secret");
    await recorder.bytes(6);
    expect([before.text, recorder.text]).toEqual(["STARTTLS\r\n", "secret"]);
    expect(secure.upgrade).toBeUndefined();
  });

  test("cannot turn to TLS without a certificate", async () => {
    taken = await new Taken().listen({ at: LOOPBACK });
    const connected = taken.next();
    taken.dial();
    expect((await connected).upgrade).toBeUndefined();
  });
});
