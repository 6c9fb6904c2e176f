import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Carries bytes between clients and a server on loopback, until it is told to lose what the server says. */
export interface Relay {
  readonly port: number;
  /** Drops what the server sends for so many milliseconds, while it goes on getting what it is sent; then hangs up. */
  loseAnswers(ms: number): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

export async function startRelay(port: number): Promise<Relay> {
  const pairs = new Set<Pair>();
  const hangUp = ({ client, server }: Pair) => {
    client.destroy();
    server.destroy();
  };
  const relay = createServer({ noDelay: true }, (client) => {
    const pair = { client, server: connect({ port, host: "127.0.0.1", noDelay: true }) };
    pairs.add(pair);
    for (const socket of [pair.client, pair.server]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        hangUp(pair);
        pairs.delete(pair);
      });
    }
    pair.client.pipe(pair.server);
    pair.server.pipe(pair.client);
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  return {
    port: (relay.address() as { port: number }).port,
    async loseAnswers(ms) {
      const muted = [...pairs];
      for (const { client, server } of muted) {
        server.unpipe(client);
        server.resume();
      }
      await new Promise((resolve) => setTimeout(resolve, ms));
      muted.forEach(hangUp);
    },
    async close() {
      const closed = once(relay, "close");
      relay.close();
      [...pairs].forEach(hangUp);
      await closed;
    },
  };
}
