import type { Dialect } from "../dialects/dialect.ts";
import type { Allowed, Config } from "./config/config.ts";
import type { Segment } from "./segment.ts";

/** Which reply lines of documents are written anew. */
export interface Update {
  /** `failed`: those of failed exchanges; `all`: also those of exchanges that have none. */
  readonly which: "failed" | "all";
  /** Asked for each change, in the order of the document; default: every change is made. */
  confirm?(change: Change): Promise<boolean>;
}

/** The reply lines of one exchange, as they are and as they will be. Texts are lines of the file without their endings. */
export interface Change {
  readonly path: string;
  /** The line of the file where the change begins, from 1. */
  readonly line: number;
  /** A few lines before it, and after it. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** What one run is asked to do. Durations are in milliseconds, sizes in bytes. */
export interface RunOptions {
  /** Files, folders and globs, from `cwd`; none: the config file's `documents`. */
  readonly paths?: readonly string[];
  /** Default: the process's working directory. */
  readonly cwd?: string;
  /** The config as it is, or the path of its file; default: the one found from `cwd` upwards. */
  readonly config?: Config | string;
  /** Takes the place of the front matter's `target` and `server`. */
  readonly target?: string;
  /** The document is served, so its examples need no target. */
  readonly served?: boolean;
  /** URLs of servers, by their names in documents; such a server is not started. */
  readonly servers?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  /** Unix sockets and environment variables that documents may use, beside those that the config file allows. */
  readonly allow?: Allowed;
  /** Only examples whose name holds this text, whatever its case. */
  readonly grep?: string;
  /** Only examples that have one of these tags. */
  readonly tags?: readonly string[];
  /** Documents that run side by side. */
  readonly jobs?: number;
  readonly timeout?: number;
  readonly settle?: number;
  readonly limit?: number;
  /** Stop after this many failed examples. */
  readonly bail?: number;
  /** Further tries for examples that have no `retry` of their own. */
  readonly retry?: number;
  /** How often each document is played, to find what is not the same every time; default: once. */
  readonly repeat?: number;
  /** How what is sent is cut up before it is written to the socket; default: not at all. */
  readonly segment?: Segment;
  /** How many exchanges are sent ahead of the one whose reply is awaited; default: 0. */
  readonly pipeline?: number;
  /** Rewrites reply lines of the documents to what came; default: documents stay as they are. */
  readonly update?: Update;
  /** Warnings are mistakes: a document that has one is not run. */
  readonly strict?: boolean;
  /** Names of variables whose values are masked in every event. */
  readonly secrets?: readonly string[];
  /** Further dialects beside the built-in ones and the config's. */
  readonly dialects?: readonly Dialect[];
  /** Whether what passed replies said is kept for the events; default true. False spares memory where no reporter shows it. */
  readonly keepReplies?: boolean;
  /** Whether there is an event for each exchange and each example; default true. False spares time where nobody shows them. */
  readonly progressEvents?: boolean;
  /** Whether there is an event for each line that started servers print; default false. */
  readonly serverOutput?: boolean;
  /** Ends the run: what had finished is reported, servers are stopped. */
  readonly signal?: AbortSignal;
}
