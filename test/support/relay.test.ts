import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { startRelay } from "./relay.ts";
import { scriptedServer } from "./scripted-server.ts";

it("carries bytes both ways, loses answers when told to, and takes clients again", async () => {
  const asked: string[] = [];
  const server = await scriptedServer(async (peer) => {
    for (;;) {
      asked.push(await peer.line());
      peer.write(`${asked.at(-1)}!\n`);
    }
  });
  const relay = await startRelay(server.port);
  const ask = async (line: string): Promise<string> => {
    const socket = connect({ port: relay.port, host: "127.0.0.1" });
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
      socket.end();
    });
    socket.on("error", () => {}).write(`${line}\n`);
    await once(socket, "close");
    return answer;
  };
  try {
    expect(await ask("one")).toBe("one!\n");
    const socket = connect({ port: relay.port, host: "127.0.0.1" });
    socket.on("data", () => expect.unreachable("an answer came through")).on("error", () => {});
    await once(socket, "connect");
    // A client that the relay has taken, which it may not have when the connection stands.
    while (server.connections < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    const lost = relay.loseAnswers(50);
    socket.write("two\n");
    await Promise.all([lost, once(socket, "close")]);
    expect(asked).toEqual(["one", "two"]);
    expect(await ask("three")).toBe("three!\n");
  } finally {
    await relay.close();
    await server.close();
  }
});
