import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Codec } from "../../../src/dialects/codec.ts";
import { describeWith, type RealServer, startRedis } from "../../support/real-servers.ts";
import { SESSION } from "./session.ts";
import { codec, encoded, latin1, request } from "./support.ts";

/** Sends one command to a real server. What came back, and the lines that it is shown as. */
async function ask(socket: Socket, client: Codec, command: string): Promise<{ bytes: string; lines: string[] }> {
  socket.write(latin1(request(client, [command])));
  let bytes = "";
  const lines: string[] = [];
  while (client.owed !== 0) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    bytes += chunk.toString("latin1");
    for (const message of client.responses.decode(chunk)) lines.push(...message.lines.map((line) => line.slice(0, -1)));
  }
  return { bytes, lines };
}

describeWith(["redis-server"], "what redis-server says, said by a server that has the lines alone", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await startRedis("--enable-debug-command", "yes");
  });
  afterAll(() => server.stop());

  test.each([2, 3])("is the same, RESP%i", async (version) => {
    const socket = connect(server.port, "127.0.0.1");
    const client = codec();
    const mirror = codec();
    for (const command of ["FLUSHALL", `HELLO ${version}`, ...SESSION]) {
      const { bytes, lines } = await ask(socket, client, command);
      mirror.requests.decode(latin1(request(codec(), [command])));
      // Nothing shows which null of the second version it was.
      expect.soft(encoded(mirror.responses, lines), command).toBe(bytes.replace(/^\*-1\r$/gm, () => "$-1\r"));
    }
    socket.destroy();
  });
});
