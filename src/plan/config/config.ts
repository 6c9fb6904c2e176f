/** What a config file says. */
import type { Span } from "../../base/span.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import type { Settings } from "../../transcript/model.ts";
import type { ServerDefinition } from "./server-definition.ts";

export type { ServerDefinition } from "./server-definition.ts";

/** Paths of sockets and names of environment variables that documents may use. */
export interface Allowed {
  readonly unix?: readonly string[];
  readonly env?: readonly string[];
}

export interface Config {
  /** Of its file, absolute; undefined where there is none. */
  readonly path: string | undefined;
  /** The folder of its file (the working directory where there is none): what its paths and commands start from. */
  readonly folder: string;
  /** Files, folders and globs, from `folder`. */
  readonly documents: readonly string[];
  /** For documents that do not set it. The path `tls.ca` is absolute. */
  readonly defaults: Settings;
  /** By name; look a name up with Object.hasOwn. */
  readonly servers: Readonly<Record<string, ServerDefinition>>;
  readonly vars: Readonly<Record<string, string>>;
  /** Where `vars.NAME` and `defaults.KEY` are written; values of a JavaScript module have no place. */
  readonly spans?: Readonly<Record<string, Span>>;
  readonly dialects: readonly Dialect[];
  /** What documents may use; paths from `folder`. */
  readonly allow?: Allowed;
  /** Expressions, in RE2's syntax, that find the reply lines by which a server says that it does not support a request. */
  readonly unsupported?: readonly string[];
}

/** The config where there is no file. Paths and commands start from `folder`, which is absolute. */
export const withoutFile = (folder: string): Config => ({
  path: undefined,
  folder,
  documents: [],
  defaults: {},
  servers: {},
  vars: {},
  dialects: [],
});
