import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type Peer, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

let server: ScriptedServer;
let client: Socket;

async function play(script: (peer: Peer) => Promise<void> | void): Promise<Socket> {
  server = await scriptedServer(script);
  client = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  client.on("error", () => {});
  await once(client, "connect");
  return client;
}

afterEach(async () => {
  client.destroy();
  await server.close();
});

async function everything(socket: Socket): Promise<string> {
  let all = "";
  for await (const chunk of socket) all += chunk;
  return all;
}

describe("scriptedServer", () => {
  test("reads lines and bytes, and answers", async () => {
    const socket = await play(async (peer) => {
      peer.write(`<${await peer.line()}|${await peer.line()}|${await peer.bytes(3)}|${await peer.rest()}>`);
    });
    socket.end("one\r\ntwo\nabcdef");
    expect(await everything(socket)).toBe("<one|two|abc|def>");
    expect(server.target).toBe(`tcp://127.0.0.1:${server.port}`);
    expect(server.connections).toBe(1);
  });

  test("answers early, a byte at a time, late", async () => {
    const socket = await play(async (peer) => {
      peer.write("early ");
      await peer.line();
      await peer.dribble("\0\x1b[2J");
      await peer.wait(5);
      peer.end(" late");
    });
    socket.write("go\n");
    expect(await everything(socket)).toBe("early \0\x1b[2J late");
  });

  test("resets", async () => {
    const socket = await play(async (peer) => {
      await peer.line();
      peer.reset();
    });
    socket.write("go\n");
    await expect(everything(socket)).rejects.toThrow("ECONNRESET");
  });

  test("stalls until the client has gone", async () => {
    let gone = false;
    const socket = await play(async (peer) => {
      peer.write("half a li");
      await peer.stall();
      gone = true;
    });
    await once(socket, "data");
    expect(gone).toBe(false);
    socket.destroy();
    await server.close();
    expect(gone).toBe(true);
  });

  test("floods without filling the memory, until the client has gone", async () => {
    let socketOfPeer: Socket | undefined;
    const socket = await play(async (peer) => {
      socketOfPeer = peer.socket;
      await peer.flood();
    });
    let size = 0;
    socket.on("data", (chunk) => {
      size += chunk.length;
      expect(chunk.includes("\n")).toBe(false);
      if (size > 2e6) socket.destroy();
    });
    await once(socket, "close");
    expect(size).toBeGreaterThan(2e6);
    expect(socketOfPeer!.writableLength).toBeLessThan(1e6);
  });

  test("close tells what a script threw, but not that the client hung up", async () => {
    const socket = await play(async (peer) => {
      if ((await peer.line()) === "fail") throw new Error("not what was expected");
      await peer.line();
    });
    socket.end("fail\n");
    await everything(socket);
    await expect(server.close()).rejects.toThrow("not what was expected");
    const other = await play(async (peer) => void (await peer.line()));
    other.end("no newline");
    await everything(other);
    await expect(server.close()).resolves.toBeUndefined();
  });
});
