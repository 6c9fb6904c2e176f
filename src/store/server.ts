/** The store on a port: an engine, and the connections of those who ask it. */
import { createServer, type Socket } from "node:net";
import { startListening, writeBound } from "../base/listening.ts";
import { Access, type Secrets } from "./access.ts";
import { boot, randomId } from "./boot.ts";
import { Connection, type Shared } from "./connection.ts";
import { type Engine, EngineError } from "./engine.ts";
import { DEFAULT_LIMITS, type StoreLimits } from "./limits.ts";
import { Replies, Request } from "./message.ts";
import { Service } from "./service.ts";

export interface StoreOptions extends Partial<Secrets> {
  readonly engine: Engine;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly limits?: Partial<StoreLimits>;
}

export interface RunningStore {
  /** `host:port`, an IPv6 address in brackets. */
  readonly address: string;
  /** Ends all connections, with what was already answered sent, and closes the engine. May be called twice. */
  stop(): Promise<void>;
}

/** A client may be silent for ever, so the system asks after a minute whether its machine is still there. */
const SOCKETS = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/** How long connections may take to end when the server stops. */
const STOP_MS = 1000;

/** Resolves when it listens. An engine at revision 0 is given the tree that every store begins with. @throws what the system says. */
export async function startStore(options: StoreOptions): Promise<RunningStore> {
  const { engine, host, port, secret = "", readOnlySecret = "" } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const id = randomId();
  const access = new Access({ secret, readOnlySecret });
  const shared: Shared = {
    access,
    limits,
    service: new Service(engine, access, id),
    request: new Request(),
    replies: new Replies(),
    tooManyOpen: AbortSignal.abort(
      new EngineError(`too many requests are open on this connection: the limit is ${limits.maxOpen}`),
    ),
  };
  const connections = new Map<Socket, Connection>();
  const server = createServer(SOCKETS, (socket) => {
    connections.set(socket, new Connection(socket, shared));
    socket.once("close", () => connections.delete(socket));
  });
  server.maxConnections = limits.maxConnections;
  const isNew = (await engine.revision()) === 0;
  const address = writeBound(await startListening(server, { host, port, backlog: BACKLOG }));
  // An engine that can be at revision 0 answers at once: no client is taken before this is done.
  if (isNew) await boot(engine, id, address);

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const connection of connections.values()) connection.end();
    const timer = setTimeout(() => {
      for (const socket of connections.keys()) socket.destroy();
    }, STOP_MS);
    await closed;
    clearTimeout(timer);
    await engine.close();
  };
  return {
    address,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Clients that may wait to be taken, should thousands come at once. */
const BACKLOG = 4096;
