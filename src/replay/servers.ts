/** The servers that documents need: started where that is due, else their addresses (config file, `scope`). */
import { WiredocError } from "../base/error.ts";
import type { Config, ServerDefinition } from "../plan/config/config.ts";
import type { RunOptions } from "../plan/options.ts";
import { BUILTIN } from "../plan/places.ts";
import type { PlannedDocument } from "../plan/planned.ts";
import type { Server } from "../servers/server.ts";
import { WatchedServer } from "./watched-server.ts";

export interface ServersContext {
  readonly options: RunOptions;
  readonly config: Config;
  builtinServer(name: string): Promise<Server>;
  spawnedServer(definition: ServerDefinition, command: string, folder: string): Promise<Server>;
}

/** The servers that a document's examples name. */
export function serversOf({ examples, place }: PlannedDocument): ReadonlySet<string> {
  const names = new Set<string>();
  for (const one of [place, ...examples.map((example) => (example.skip === undefined ? example.place : undefined))])
    if (one?.kind === "server") names.add(one.name);
  return names;
}

/** What a name leads to: an address, or a server that was started. */
export type Served = string | WatchedServer;

export const targetOf = (served: Served): string => (typeof served === "string" ? served : served.target);

export class Servers {
  readonly #context: ServersContext;
  /** Servers with `scope: run`, by name. */
  readonly #shared = new Map<string, Promise<WatchedServer>>();

  constructor(context: ServersContext) {
    this.#context = context;
  }

  /** Whether each document has such a server to itself. */
  isOwn(name: string): boolean {
    const { options, config } = this.#context;
    if (options.servers?.[name] !== undefined) return false;
    if (name.startsWith(BUILTIN)) return true;
    const definition = config.servers[name];
    return definition?.command !== undefined && definition.scope === "document";
  }

  /**
   * @param own gets a server that belongs to the document; who asked for it stops it.
   * @throws {ServerError}
   */
  async start(name: string, own: WatchedServer[], signal: AbortSignal): Promise<Served> {
    const { options, config, builtinServer, spawnedServer } = this.#context;
    const given = options.servers?.[name];
    if (given !== undefined) return given;
    const keep = (server: WatchedServer): WatchedServer => {
      own.push(server);
      return server;
    };
    if (name.startsWith(BUILTIN)) {
      const server = await builtinServer(name.slice(BUILTIN.length));
      return keep(new WatchedServer(name, await server.start(signal)));
    }
    const definition = config.servers[name];
    if (!definition) throw new WiredocError("unknown-server", `there is no server "${name}"`);
    const { command } = definition;
    if (command === undefined) return definition.target;
    const start = async (): Promise<WatchedServer> => {
      const server = await spawnedServer(definition, command, config.folder);
      return new WatchedServer(name, await server.start(signal));
    };
    if (definition.scope === "document") return keep(await start());
    let shared = this.#shared.get(name);
    if (!shared) {
      shared = start();
      this.#shared.set(name, shared);
    }
    return shared;
  }

  /** Stops those that documents share. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#shared.values()].map((server) =>
        server.then(
          (running) => running.stop(),
          () => {},
        ),
      ),
    );
  }
}
