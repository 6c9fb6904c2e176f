/**
 * Everything that plugs in, by name. Each is loaded where a run needs it: what is not used costs no start-up time.
 */
import type { Dialect } from "./dialects/dialect.ts";
import { hex } from "./dialects/hex.ts";
import { http } from "./dialects/http/http.ts";
import { line } from "./dialects/line.ts";
import { doozer, protobuf } from "./dialects/protobuf/protobuf.ts";
import { redis } from "./dialects/redis/redis.ts";
import type { ServerDefinition } from "./plan/config/config.ts";
import type { Registry } from "./plan/registry.ts";
import type { Reporter } from "./report/reporter.ts";
import type { Server } from "./servers/server.ts";
import type { Engine } from "./store/engine.ts";
import type { Transport } from "./transports/transport.ts";

export const dialects: readonly Dialect[] = [line, http, redis, protobuf, doozer, hex];

interface Scheme {
  readonly dialect: string;
  load(): Promise<Transport>;
}

const tcp = async (): Promise<Transport> => (await import("./transports/tcp.ts")).tcp;
const tls = async (): Promise<Transport> => (await import("./transports/tls.ts")).tls;
const unix = async (): Promise<Transport> => (await import("./transports/unix.ts")).unix;

/** The schemes of targets: their transports, and the dialect that each one speaks. */
export const schemes: Readonly<Record<string, Scheme>> = {
  tcp: { dialect: "line", load: tcp },
  tls: { dialect: "line", load: tls },
  unix: { dialect: "line", load: unix },
  http: { dialect: "http", load: tcp },
  https: { dialect: "http", load: tls },
  doozer: { dialect: "doozer", load: tcp },
  redis: { dialect: "redis", load: tcp },
  rediss: { dialect: "redis", load: tls },
};

interface BuiltinServer {
  /** Of its target. */
  readonly scheme: string;
  load(): Promise<Server>;
}

/** The servers of `builtin:NAME`. */
export const servers: Readonly<Record<string, BuiltinServer>> = {
  http: { scheme: "http", load: async () => (await import("./servers/builtin-http.ts")).httpServer() },
  kv: { scheme: "tcp", load: async () => (await import("./servers/builtin-kv.ts")).kvServer() },
  queue: { scheme: "tcp", load: async () => (await import("./servers/builtin-queue.ts")).queueServer() },
  doozer: { scheme: "doozer", load: async () => (await import("./store/builtin.ts")).doozerServer },
  "doozer-secrets": { scheme: "doozer", load: async () => (await import("./store/builtin.ts")).secretServer },
  "doozer-history": { scheme: "doozer", load: async () => (await import("./store/builtin.ts")).forgetfulServer },
};

/**
 * What loads transports and servers for a run.
 * @param onServerLine gets each line that a started server prints.
 */
export const plugIns = (onServerLine?: (server: string, line: string) => void): PlugIns => ({
  transport: (scheme) => schemes[scheme]!.load(),
  builtinServer: (name) => servers[name]!.load(),
  spawnedServer: async (definition, command, cwd) => {
    const { name } = definition;
    const onLine = onServerLine && ((line: string): void => onServerLine(name, line));
    return (await import("./servers/spawned.ts")).spawnedServer({ ...definition, command, cwd, onLine });
  },
});

interface PlugIns {
  transport(scheme: string): Promise<Transport>;
  builtinServer(name: string): Promise<Server>;
  spawnedServer(definition: ServerDefinition, command: string, cwd: string): Promise<Server>;
}

interface EngineOptions {
  /** How many revisions stay readable; undefined: as many as the engine keeps by itself. */
  readonly history: number | undefined;
  /** The URLs of etcd's members. */
  readonly etcd: readonly string[];
}

/** The engines of the store. Each resolves when it can be asked. */
export const engines: Readonly<Record<string, (options: EngineOptions) => Promise<Engine>>> = {
  memory: async (options) => (await import("./store/memory.ts")).memoryEngine(options),
  etcd: async ({ history, etcd }) => (await import("./store/etcd/etcd.ts")).etcdEngine({ endpoints: etcd, history }),
};

interface NamedReporter {
  readonly name: string;
  load(): Promise<Reporter>;
}

export const reporters: readonly NamedReporter[] = [
  { name: "pretty", load: async () => (await import("./report/pretty.ts")).pretty },
  { name: "dot", load: async () => (await import("./report/dot.ts")).dot },
  { name: "tap", load: async () => (await import("./report/tap.ts")).tap },
  { name: "junit", load: async () => (await import("./report/junit.ts")).junit },
  { name: "json", load: async () => (await import("./report/json.ts")).json },
];

/** What a plan has to know of them. */
export const builtins: Registry = {
  dialects,
  schemes: Object.fromEntries(Object.entries(schemes).map(([scheme, { dialect }]) => [scheme, dialect])),
  servers: Object.fromEntries(Object.entries(servers).map(([name, { scheme }]) => [name, scheme])),
};
