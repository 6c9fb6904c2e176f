/** The options of `wiredoc store`, each checked. */
import { parseDuration } from "../base/duration.ts";
import { didYouMean, oneOf } from "../base/error.ts";
import { parseSize } from "../base/size.ts";
import type { Secrets } from "../store/access.ts";
import { DEFAULT_HISTORY, DEFAULT_LIMITS, type StoreLimits } from "../store/limits.ts";
import type { Arguments, OptionName } from "./options.ts";
import { count, last, usage } from "./values.ts";

export interface StoreValues extends Secrets {
  readonly host: string;
  readonly port: number;
  readonly engine: string;
  readonly history: number;
  readonly limits: StoreLimits;
}

/** The address of the real server's documentation. */
const DEFAULT_LISTEN = "127.0.0.1:8046";
const HIGHEST_PORT = 65_535;
/** What the length of a message can say. */
const LARGEST_MESSAGE = 2 ** 31 - 1;

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {WiredocError} `usage` */
export function storeValues(given: Arguments, engines: readonly string[], environment: Environment): StoreValues {
  const [stray] = given.paths;
  if (stray !== undefined) throw usage(`"wiredoc store" reads no documents; leave out "${stray}"`);
  const engine = last(given, "engine") ?? engines[0]!;
  if (!engines.includes(engine))
    throw usage(`--engine: "${engine}" is no engine${didYouMean(engine, engines)}; there is ${oneOf(engines)}`);
  return {
    ...readListen(last(given, "listen") ?? DEFAULT_LISTEN),
    engine,
    history: count(given, "history", 1) ?? DEFAULT_HISTORY,
    secret: last(given, "secret") ?? environment.WIREDOC_SECRET ?? "",
    readOnlySecret: last(given, "read-only-secret") ?? environment.WIREDOC_READ_ONLY_SECRET ?? "",
    limits: {
      maxMessage: size(given, "max-message") ?? DEFAULT_LIMITS.maxMessage,
      maxOpen: count(given, "max-open", 0) ?? DEFAULT_LIMITS.maxOpen,
      maxConnections: count(given, "max-connections", 1) ?? DEFAULT_LIMITS.maxConnections,
      messageTimeout: duration(given, "message-timeout") ?? DEFAULT_LIMITS.messageTimeout,
    },
  };
}

function readListen(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= HIGHEST_PORT) return { host, port };
  throw usage(`--listen: "${text}" is no host and port; write it like ${DEFAULT_LISTEN} or [::1]:8046`);
}

function size(given: Arguments, name: OptionName): number | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined) throw usage(`--${name}: "${text}" is no size; write it like 64KiB, 1MiB or 4096`);
  if (bytes > LARGEST_MESSAGE) throw usage(`--${name}: "${text}" is more than a message can be long; at most 2GB`);
  return bytes;
}

function duration(given: Arguments, name: OptionName): number | undefined {
  const text = last(given, name);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1) throw usage(`--${name}: "${text}" is no duration; write it like 500ms, 30s or 1m`);
  return ms;
}
