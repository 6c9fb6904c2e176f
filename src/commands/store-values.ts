/** The options of `wiredoc store`, each checked. */
import { parseDuration } from "../base/duration.ts";
import { didYouMean, oneOf } from "../base/error.ts";
import { parseSize } from "../base/size.ts";
import type { Secrets } from "../store/access.ts";
import { EngineError } from "../store/engine.ts";
import { parseEndpoint } from "../store/etcd/endpoints.ts";
import { DEFAULT_LIMITS, type StoreLimits } from "../store/limits.ts";
import { type ListenAddress, readListen } from "./listening.ts";
import type { Arguments, OptionName } from "./options.ts";
import { count, last, usage } from "./values.ts";

export interface StoreValues extends Secrets, ListenAddress {
  readonly engine: string;
  /** The URLs of etcd's members. */
  readonly etcd: readonly string[];
  readonly history: number | undefined;
  readonly limits: StoreLimits;
}

/** The address of the real server's documentation. */
const DEFAULT_LISTEN = "127.0.0.1:8046";
/** The default of etcd's own client. */
const DEFAULT_ETCD = "http://127.0.0.1:2379";
/** A longer path would not fit in a string, and a message is held twice while it arrives. */
const LARGEST_MESSAGE = 2 ** 28;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {WiredocError} `usage` */
export function storeValues(given: Arguments, engines: readonly string[], environment: Environment): StoreValues {
  const [stray] = given.paths;
  if (stray !== undefined) throw usage(`"wiredoc store" takes no documents: remove "${stray}"`);
  const engine = last(given, "engine") ?? engines[0]!;
  if (!engines.includes(engine))
    throw usage(`--engine: unknown engine "${engine}"${didYouMean(engine, engines)}: use ${oneOf(engines)}`);
  return {
    ...readListen(last(given, "listen") ?? DEFAULT_LISTEN, DEFAULT_LISTEN),
    engine,
    etcd: readEtcd(given.texts.etcd, engine, environment),
    history: count(given, "history", 1),
    secret: secret(given, "secret", environment, "WIREDOC_SECRET"),
    readOnlySecret: secret(given, "read-only-secret", environment, "WIREDOC_READ_ONLY_SECRET"),
    limits: {
      maxMessage: size(given, "max-message") ?? DEFAULT_LIMITS.maxMessage,
      maxOpen: count(given, "max-open", 0) ?? DEFAULT_LIMITS.maxOpen,
      maxConnections: count(given, "max-connections", 1) ?? DEFAULT_LIMITS.maxConnections,
      messageTimeout: duration(given, "message-timeout") ?? DEFAULT_LIMITS.messageTimeout,
    },
  };
}

function readEtcd(
  given: readonly string[] | undefined,
  engine: string,
  { WIREDOC_ETCD = "" }: Environment,
): readonly string[] {
  if (given !== undefined && engine !== "etcd") throw usage(`--etcd needs the engine etcd: add --engine etcd`);
  const urls = given ?? WIREDOC_ETCD.split(/[\s,]+/).filter(Boolean);
  try {
    if (engine === "etcd") urls.forEach(parseEndpoint);
  } catch (error) {
    if (error instanceof EngineError) throw usage(`${given ? "--etcd" : "WIREDOC_ETCD"}: ${error.message}`);
    throw error;
  }
  return urls.length > 0 ? urls : [DEFAULT_ETCD];
}

/** Node replaces invalid UTF-8 by U+FFFD. No client could send such a secret. */
function secret(given: Arguments, name: OptionName, environment: Environment, variable: string): string {
  const option = last(given, name);
  const text = option ?? environment[variable] ?? "";
  if (!text.includes("\ufffd")) return text;
  throw usage(`${option === undefined ? variable : `--${name}`}: the secret is not valid UTF-8: use one that is`);
}

function size(given: Arguments, name: OptionName): number | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined) throw usage(`--${name}: invalid size "${text}": use for example 64KiB, 1MiB or 4096`);
  if (bytes > LARGEST_MESSAGE) throw usage(`--${name}: "${text}" is larger than a message can be: use 256MiB or less`);
  return bytes;
}

function duration(given: Arguments, name: OptionName): number | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1)
    throw usage(`--${name}: invalid duration "${text}": use for example 500ms, 30s or 1m`);
  return ms;
}
