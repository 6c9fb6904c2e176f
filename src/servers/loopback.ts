import type { Server as NetServer, Socket } from "node:net";
import { startListening } from "../base/listening.ts";
import type { RunningServer } from "./server.ts";

/**
 * Lets a server of this process listen on a free port of 127.0.0.1. Stopping it destroys every connection.
 * @throws what the system says, or the signal's reason.
 */
export async function listenOnLoopback(
  server: NetServer,
  scheme: "http" | "tcp",
  signal: AbortSignal,
): Promise<RunningServer> {
  signal.throwIfAborted();
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const { port } = await startListening(server, { host: "127.0.0.1", port: 0 });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
    return stopped;
  };
  return { target: `${scheme}://127.0.0.1:${port}`, output: () => "", stop };
}
