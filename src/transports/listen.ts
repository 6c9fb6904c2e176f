/** The other end of a transport: takes the connections of clients, on TCP, with TLS or on a Unix socket. */
import { createServer, type Socket } from "node:net";
import { type Bound, startListening } from "../base/listening.ts";
import { SocketConnection } from "./socket.ts";
import type { Connection } from "./transport.ts";

/** PEM texts of a server's certificate, with those of its issuers after it, and of its key. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface ListenTarget {
  /** A port, where 0 is a free one, or the path of a Unix socket. */
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Undefined: no connection can turn to TLS. */
  readonly certificate?: ServerCertificate | undefined;
  /** Whether each connection begins with TLS. Else one turns to it with `upgrade` (STARTTLS), whose `target` does not count. */
  readonly startsWithTls?: boolean;
}

/** Who is told of the clients. */
export interface Clients {
  /** A client is there; nothing is read before `receive`. */
  connected(connection: Connection): void;
  /** A client did not complete the TLS handshake that its connection begins with. */
  refused(error: NodeJS.ErrnoException): void;
}

export interface Listener extends Bound {
  /** Takes no further clients, and breaks off handshakes. Connections that were handed over stay open. May be called twice. */
  close(): void;
}

/** How long a client may take for the TLS handshake, in milliseconds. */
const HANDSHAKE = 10_000;

/** @throws what the system says (EADDRINUSE), or what is wrong with the certificate. */
export async function listen({ at, certificate, startsWithTls }: ListenTarget, clients: Clients): Promise<Listener> {
  const secure = certificate && (await handshakes(certificate));
  const closing = new AbortController();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    const upgrade =
      secure &&
      ((_target: unknown, signal: AbortSignal): Promise<Connection> =>
        secure(socket, AbortSignal.any([signal, closing.signal])));
    const plain = new SocketConnection(socket, socket, upgrade);
    if (!startsWithTls || !secure) return clients.connected(plain);
    secure(socket, closing.signal).then(
      (connection) => clients.connected(connection),
      (error) => {
        if (!closing.signal.aborted) clients.refused(error);
      },
    );
  });
  const bound = await startListening(server, at);
  return {
    ...bound,
    close() {
      server.close();
      closing.abort(new Error("the server stops"));
    },
  };
}

type Handshake = (plain: Socket, signal: AbortSignal) => Promise<Connection>;

/**
 * TLS as the server over an accepted socket, which belongs to it from then on. `tls` is loaded here: most servers have no
 * use for it.
 * @throws what is wrong with the certificate; in the handshake what that fails on, or the signal's reason.
 */
async function handshakes(certificate: ServerCertificate): Promise<Handshake> {
  const { createSecureContext, createServer: createTlsServer } = await import("node:tls");
  createSecureContext({ ...certificate });
  return (plain, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        plain.destroy();
        reject(signal.reason);
      };
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop);
      // A server of its own for each handshake, which ends with it: it never listens.
      const server = createTlsServer({ ...certificate, handshakeTimeout: HANDSHAKE });
      server.once("secureConnection", (socket) => {
        signal.removeEventListener("abort", stop);
        resolve(new SocketConnection(socket, plain, undefined));
      });
      server.once("tlsClientError", (error) => {
        signal.removeEventListener("abort", stop);
        plain.destroy();
        reject(error);
      });
      server.emit("connection", plain);
    });
}
