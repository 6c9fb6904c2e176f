import type { ListenOptions, Server } from "node:net";

/** Where a server listens: on a port, or on the path of a Unix socket. */
export interface Bound {
  readonly host: string;
  readonly port: number;
  /** Empty for a port. */
  readonly path: string;
}

/** Resolves when the server listens, with where. @throws what the system says. */
export function startListening(server: Server, at: ListenOptions): Promise<Bound> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, () => {
      server.off("error", reject);
      // An error while accepting a client (too many open files) concerns that client only.
      server.on("error", () => {});
      const address = server.address();
      if (typeof address === "string") resolve({ host: "", port: 0, path: address });
      else resolve({ host: address?.address ?? "", port: address?.port ?? 0, path: "" });
    });
  });
}

/** `host:port`, an IPv6 address in brackets; or the path. */
export const writeBound = ({ host, port, path }: Bound): string =>
  path || (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
