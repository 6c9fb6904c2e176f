import { once } from "node:events";
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { destroyWithReset } from "../../src/transports/socket.ts";
import type { Target } from "../../src/transports/transport.ts";
import type { Listening } from "../contract/transport.ts";
import type { Certificates } from "./certificates.ts";

export function targetOf(scheme: string, address: Partial<Target>): Target {
  const target = { scheme, host: "", port: 0, path: "", tls: {}, ...address };
  return { url: target.path ? `${scheme}:${target.path}` : `${scheme}://${target.host}:${target.port}`, ...target };
}

/** A server on a plain socket, TCP or Unix. */
export async function listenPlain(scheme: string, address: ListenOptions): Promise<Listening> {
  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true });
  return listen(server, "connection", scheme, address, (peer) => {
    // A Unix socket that is closed with bytes unread resets the other end all the same.
    destroyWithReset(peer as Socket, peer as Socket);
  });
}

export async function listenTls(scheme: string, certificates: Certificates): Promise<Listening> {
  const plain = new Map<number | undefined, Socket>();
  const server = createTlsServer({ ...certificates, allowHalfOpen: true, ALPNProtocols: ["h2", "http/1.1"] });
  server.on("connection", (socket: Socket) => plain.set(socket.remotePort, socket));
  server.on("tlsClientError", () => {});
  return listen(server, "secureConnection", scheme, { port: 0, host: "127.0.0.1" }, (peer) => {
    const socket = peer as Socket;
    destroyWithReset(socket, plain.get(socket.remotePort)!);
  });
}

async function listen(
  server: Server,
  event: string,
  scheme: string,
  address: ListenOptions,
  reset: (peer: Duplex) => void,
): Promise<Listening> {
  const peers: Socket[] = [];
  const waiting: ((peer: Duplex) => void)[] = [];
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.on(event, (peer: Socket) => {
    sockets.add(peer);
    peer.on("error", () => {});
    const resolve = waiting.shift();
    if (resolve) resolve(peer);
    else peers.push(peer);
  });
  server.listen(address);
  await once(server, "listening");
  const bound = server.address();
  return {
    target:
      typeof bound === "string"
        ? targetOf(scheme, { path: bound })
        : targetOf(scheme, { host: "127.0.0.1", port: bound!.port }),
    next() {
      const peer = peers.shift();
      return peer ? Promise.resolve(peer) : new Promise((resolve) => waiting.push(resolve));
    },
    reset,
    async close() {
      // TLS before what is beneath it: see `destroyWithReset`.
      for (const socket of [...sockets].reverse()) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}
