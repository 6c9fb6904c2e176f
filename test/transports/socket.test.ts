import { describe, expect, test } from "vitest";
import { established, SocketConnection } from "../../src/transports/socket.ts";
import { Recorder, settled } from "../contract/transport.ts";
import { type MockSocket, socketPair, systemError } from "../support/net-socket-mock.ts";

function open(): [SocketConnection, MockSocket, MockSocket] {
  const [socket, peer] = socketPair();
  return [new SocketConnection(socket, socket, undefined), socket, peer];
}

describe("SocketConnection", () => {
  test("exchanges data", async () => {
    const [connection, , peer] = open();
    const recorder = new Recorder();
    connection.receive(recorder);
    peer.on("data", (chunk) => peer.write(`<${chunk}>`));
    expect(connection.send(Buffer.from("hello"))).toBeUndefined();
    await recorder.bytes(7);
    expect(recorder.text).toBe("<hello>");
  });

  test("hands over what was read before an error, then the error", async () => {
    const [connection, socket, peer] = open();
    peer.write("one,");
    peer.write("two");
    await settled();
    socket.destroy(systemError("ECONNRESET", "read"));
    await settled();
    const recorder = new Recorder();
    connection.receive(recorder);
    expect(recorder.closings).toEqual([]);
    await recorder.closing();
    expect(recorder.text).toBe("one,two");
    expect(recorder.closings[0]?.code).toBe("ECONNRESET");
  });

  test("hands over nothing while paused, not even the end", async () => {
    const [connection, , peer] = open();
    const recorder = new Recorder();
    connection.receive(recorder);
    connection.pause();
    peer.end();
    await settled();
    expect(recorder.closings).toEqual([]);
    connection.resume();
    await recorder.closing();
    expect(recorder.closings).toEqual([undefined]);
  });

  test("hands over nothing before there is a receiver", async () => {
    const [connection, , peer] = open();
    peer.write("hello");
    connection.resume();
    await settled();
    const recorder = new Recorder();
    connection.receive(recorder);
    await recorder.bytes(5);
    expect(recorder.text).toBe("hello");
  });

  test("reads on when a write fails, and tells its error at the end", async () => {
    const [connection, socket, peer] = open();
    const recorder = new Recorder();
    connection.receive(recorder);
    socket.failWrites(systemError("EPIPE", "write"));
    await connection.send(Buffer.from("lost"));
    await connection.send(Buffer.alloc(100_000));
    await settled();
    expect(recorder.closings).toEqual([]);
    peer.end("421 too many connections\r\n");
    await recorder.closing();
    expect(recorder.text).toBe("421 too many connections\r\n");
    expect(recorder.closings.map((error) => error?.code)).toEqual(["EPIPE"]);
  });

  test("a send waits while the other side does not read, and adds no listener", async () => {
    const [connection, socket, peer] = open();
    const listeners = () => socket.eventNames().map((name) => socket.listenerCount(name));
    const before = listeners();
    const order: string[] = [];
    const sends = Array.from({ length: 20 }, () => connection.send(Buffer.alloc(20_000)));
    const flushed = Promise.all(sends).then(() => order.push("flushed"));
    await settled();
    expect(listeners()).toEqual(before);
    order.push("read");
    peer.resume();
    await flushed;
    expect(order).toEqual(["read", "flushed"]);
  });

  test("a send that waits resolves after a half-close", async () => {
    const [connection, , peer] = open();
    const flushed = connection.send(Buffer.alloc(100_000));
    connection.halfClose();
    let size = 0;
    peer.on("data", (chunk) => {
      size += chunk.length;
    });
    await flushed;
    await settled();
    expect(size).toBe(100_000);
  });

  test("reset destroys with a RST, and tells nothing", async () => {
    const [connection, socket, peer] = open();
    const recorder = new Recorder();
    connection.receive(recorder);
    const error = new Promise<NodeJS.ErrnoException>((resolve) => {
      peer.once("error", resolve);
    });
    connection.reset();
    expect((await error).code).toBe("ECONNRESET");
    expect(socket.destroyed).toBe(true);
    expect(recorder.closings).toEqual([]);
  });

  test("after an upgrade the old connection touches the socket no more", async () => {
    const [socket, peer] = socketPair();
    const [other] = open();
    const connection = new SocketConnection(socket, socket, async () => other);
    const recorder = new Recorder();
    connection.receive(recorder);
    expect(await connection.upgrade!({} as never, new AbortController().signal)).toBe(other);
    expect(connection.send(Buffer.from("x"))).toBeUndefined();
    connection.pause();
    connection.resume();
    connection.halfClose();
    connection.reset();
    connection.close();
    peer.write("later");
    await settled();
    expect(socket.destroyed).toBe(false);
    expect(peer.readableLength).toBe(0);
    expect(recorder.size).toBe(0);
  });
});

describe("established", () => {
  test("fails where the socket closes without a word", async () => {
    const [socket] = socketPair();
    const waiting = established(socket, "connect", new AbortController().signal);
    socket.destroy();
    await expect(waiting).rejects.toThrow("the connection was closed before it was ready");
  });

  test("leaves no listener behind", async () => {
    const [socket] = socketPair();
    const { signal } = new AbortController();
    const before = socket.eventNames().map((name) => socket.listenerCount(name));
    const waiting = established(socket, "connect", signal);
    socket.emit("connect");
    await waiting;
    expect(socket.eventNames().map((name) => socket.listenerCount(name))).toEqual(before);
  });
});
