/**
 * The options of the command line, each once. From this table arguments.ts reads a plain command line, yargs.ts builds
 * the help and the reader for all others, and values.ts knows what to say of a wrong value.
 */

export const COMMANDS = {
  run: "replay documents against their servers and report what differs",
  check: "read documents and tell their mistakes; no connection is made",
  list: "list the examples of documents",
  store: "a coordination store: a versioned tree of small files, for clients that speak Doozer's protocol",
} as const;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];
export const isCommand = (word: string | undefined): word is CommandName => COMMAND_NAMES.some((name) => name === word);

export interface OptionSpec {
  readonly alias?: string;
  /** `text` needs a value, `flag` takes none, `optional` takes one after `=` only, so that it swallows no path. */
  readonly kind: "text" | "flag" | "optional";
  /** How its value is written, for help and messages. */
  readonly value: string;
  readonly describe: string;
  readonly commands: readonly CommandName[];
  /** What the option means to a command to which it means something else. */
  readonly otherwise?: Readonly<Partial<Record<CommandName, Pick<OptionSpec, "value" | "describe">>>>;
}

/** The commands that read documents. */
const EVERY: readonly CommandName[] = ["run", "check", "list"];
const text = (
  value: string,
  describe: string,
  commands: readonly CommandName[] = ["run"],
  alias?: string,
): OptionSpec => ({
  kind: "text",
  value,
  describe,
  commands,
  ...(alias === undefined ? {} : { alias }),
});
const flag = (describe: string, commands: readonly CommandName[] = ["run"], alias?: string): OptionSpec => ({
  ...text("", describe, commands, alias),
  kind: "flag",
});

export type OptionName =
  | "target"
  | "server"
  | "config"
  | "var"
  | "allow-unix"
  | "allow-env"
  | "grep"
  | "tag"
  | "jobs"
  | "timeout"
  | "settle"
  | "limit"
  | "bail"
  | "retry"
  | "reporter"
  | "secret"
  | "strict"
  | "server-output"
  | "timings"
  | "verbose"
  | "quiet"
  | "color"
  | "listen"
  | "engine"
  | "etcd"
  | "history"
  | "read-only-secret"
  | "max-message"
  | "max-open"
  | "max-connections"
  | "message-timeout";

const OPTIONS: Readonly<Record<OptionName, OptionSpec>> = {
  target: text("URL", "the server, in place of the documents' own target", EVERY, "t"),
  server: text("NAME=URL", "where a named server is; it is not started (repeatable)", EVERY),
  config: text("FILE", "the config file; default: the nearest wiredoc.config.*", EVERY),
  var: text("NAME=VALUE", "a variable (repeatable)", EVERY),
  "allow-unix": text("PATH", "a Unix socket that documents may name (repeatable)", EVERY),
  "allow-env": text("NAME", "an environment variable that documents may read (repeatable)", EVERY),
  grep: text("TEXT", "only examples whose name holds this text", ["run", "list"], "g"),
  tag: text("WORD", "only examples with this tag, or one of these (repeatable)", ["run", "list"]),
  jobs: text("N", "documents that run side by side; default: the number of cores", ["run"], "j"),
  timeout: text("DURATION", "the longest time for one reply, like 500ms, 2s or 1m"),
  settle: text("DURATION", "the silence that ends a reply whose end nothing else tells"),
  limit: text("SIZE", "the largest reply, like 64KiB or 16MB"),
  bail: { ...text("N", "stop after the first failed example, or after N: --bail=N", ["run"], "x"), kind: "optional" },
  retry: text("N", "further tries for examples that have no retry of their own"),
  reporter: text(
    "NAME[=FILE]",
    "pretty, dot, tap, junit or json, to a file if one is named (repeatable)",
    ["run"],
    "r",
  ),
  secret: {
    ...text("NAME", "a variable whose value is masked in every report (repeatable)", ["run", "store"]),
    otherwise: {
      store: { value: "SECRET", describe: "what clients say to read and write; better given as WIREDOC_SECRET" },
    },
  },
  strict: flag("warnings are mistakes: what has one is not run", ["run", "check"]),
  "server-output": flag("show on standard error what started servers print, as it comes"),
  timings: flag("show how long things took"),
  verbose: flag("show each exchange as it happens", ["run"], "v"),
  quiet: flag("show only what is wrong", ["run", "check"], "q"),
  color: flag("colours, whatever the output is; --no-color: none", EVERY),
  listen: text("HOST:PORT", "where to listen, port 0 for a free one; default: 127.0.0.1:8046", ["store"]),
  engine: text("NAME", "what keeps the files: memory or etcd; default: memory", ["store"]),
  etcd: text("URL", "a member of etcd's cluster (repeatable); default: http://127.0.0.1:2379", ["store"]),
  history: text("N", "how many revisions stay readable; in etcd as many as it keeps; default: 2000", ["store"]),
  "read-only-secret": text("SECRET", "what clients say to read only; better given as WIREDOC_READ_ONLY_SECRET", [
    "store",
  ]),
  "max-message": text("SIZE", "the largest request; larger ones are refused; default: 1MiB", ["store"]),
  "max-open": text("N", "WAITs and reads of revisions to come that may be open on a connection; default: 1000", [
    "store",
  ]),
  "max-connections": text("N", "clients at a time; further ones are hung up on; default: 10000", ["store"]),
  "message-timeout": text(
    "DURATION",
    "the longest silence in the middle of a request, then the client is hung up on; default: 30s",
    ["store"],
  ),
};

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** An option as a command takes it. */
export const specOf = (name: OptionName, command: CommandName = "run"): OptionSpec => ({
  ...OPTIONS[name],
  ...OPTIONS[name].otherwise?.[command],
});

/** The names of the options that a command takes. */
export const optionsOf = (command: CommandName): readonly OptionName[] =>
  OPTION_NAMES.filter((name) => specOf(name).commands.includes(command));

/** A command line that was read but whose values are not checked yet. An option's texts are in the order given. */
export interface Arguments {
  readonly command: CommandName;
  /** Whether it is `run` only because no command is named. */
  readonly isImplied?: true;
  readonly paths: readonly string[];
  readonly texts: Readonly<Partial<Record<OptionName, readonly string[]>>>;
  readonly flags: Readonly<Partial<Record<OptionName, boolean>>>;
}
