/**
 * The commands and options, each once. arguments.ts reads the command line by this table, help.ts prints it, and values.ts
 * takes from it what a wrong value should be.
 */

export const COMMANDS = {
  run: "replay documents against their servers and report what differs",
  check: "find mistakes in documents, without connecting to a server",
  list: "list the examples in documents",
  bench: "play documents under load, check every reply, and measure throughput and latency",
  compare: "send the same client lines to several servers and compare their replies",
  record: "write a document of what a client and a server say to each other",
  serve: "play the server of a document, to test clients with it",
  store: "run a coordination store: a versioned tree of small files, for clients of the Doozer protocol",
} as const;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];
export const isCommand = (word: string | undefined): word is CommandName => COMMAND_NAMES.some((name) => name === word);

export interface OptionSpec {
  readonly alias?: string;
  /** `text` needs a value, `flag` takes none, `optional` takes one after `=` only, so that a path is never its value. */
  readonly kind: "text" | "flag" | "optional";
  /** How its value is written, for help and messages. */
  readonly value: string;
  readonly describe: string;
  readonly commands: readonly CommandName[];
  /** Commands to which the option means something else. */
  readonly otherwise?: Readonly<Partial<Record<CommandName, Pick<OptionSpec, "value" | "describe">>>>;
}

/** The commands that read documents. */
const READERS: readonly CommandName[] = ["run", "check", "list", "bench", "compare", "serve"];
/** The commands that connect to servers, or check what would. */
const CONNECTORS: readonly CommandName[] = ["run", "check", "list", "bench", "compare"];
/** The commands that play the client's part, and those that play either. */
const PLAYERS: readonly CommandName[] = ["run", "bench", "compare"];
const EITHER: readonly CommandName[] = [...PLAYERS, "serve"];
const CHOOSERS: readonly CommandName[] = ["run", "list", "bench", "compare", "serve"];
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
  | "version"
  | "help"
  | "target"
  | "against"
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
  | "repeat"
  | "segment"
  | "update"
  | "pipeline"
  | "reporter"
  | "secret"
  | "strict"
  | "server-output"
  | "timings"
  | "verbose"
  | "quiet"
  | "color"
  | "connections"
  | "duration"
  | "count"
  | "rate"
  | "json"
  | "dialect"
  | "output"
  | "import"
  | "listen"
  | "mode"
  | "tls-cert"
  | "tls-key"
  | "engine"
  | "etcd"
  | "history"
  | "read-only-secret"
  | "max-message"
  | "max-open"
  | "max-connections"
  | "message-timeout";

const OPTIONS: Readonly<Record<OptionName, OptionSpec>> = {
  version: flag("Show version number", COMMAND_NAMES),
  help: flag("Show help", COMMAND_NAMES, "h"),
  target: {
    ...text("URL", "connect to this server instead of the one that the document names", [...CONNECTORS, "record"], "t"),
    otherwise: {
      record: { value: "URL", describe: "the server whose replies are recorded" },
      compare: {
        value: "[NAME=]URL",
        describe: "a server to compare, under its URL or this name (repeatable)",
      },
    },
  },
  against: text(
    "[NAME=]FILE",
    "a server as it answered before: the file that --reporter json=FILE of a run wrote (repeatable)",
    ["compare"],
  ),
  server: text("NAME=URL", "use this URL for the server NAME and do not start it (repeatable)", CONNECTORS),
  config: text("FILE", "use this config file; default: the nearest wiredoc.config.*", [...READERS, "record"]),
  var: text("NAME=VALUE", "set a variable (repeatable)", READERS),
  "allow-unix": text("PATH", "let documents connect to this Unix socket (repeatable)", READERS),
  "allow-env": text("NAME", "let documents read this environment variable (repeatable)", READERS),
  grep: text("TEXT", "only examples whose name contains TEXT", CHOOSERS, "g"),
  tag: text("WORD", "only examples with this tag (repeatable: with one of the tags)", CHOOSERS),
  jobs: text("N", "how many documents run at the same time; default: the number of cores", ["run", "compare"], "j"),
  timeout: {
    ...text("DURATION", "the longest time for one reply, for example 500ms, 2s or 1m", [...EITHER, "record"]),
    otherwise: {
      serve: { value: "DURATION", describe: "the longest time for one request from its first byte on, for example 2s" },
    },
  },
  settle: text("DURATION", "the silence that ends a reply that has no other end", [...EITHER, "record"]),
  limit: text("SIZE", "the largest reply, for example 64KiB or 16MB", [...EITHER, "record"]),
  bail: {
    ...text("N", "stop after the first failed example; --bail=N: after N of them", ["run"], "x"),
    kind: "optional",
  },
  retry: text("N", "run a failed example again, up to N times, if it has no retry of its own", PLAYERS),
  repeat: text("N", "run each document N times and report reply lines that differ from round to round"),
  segment: text(
    "HOW",
    "how to cut up what is sent: whole (default), lines, bytes, or random[:SEED]; finds servers that take one read for one request",
  ),
  update: {
    ...text(
      "HOW",
      "rewrite the reply lines of failed exchanges to what came; --update=all: fill in missing replies too; --update=ask: show each change and ask",
      ["run"],
      "u",
    ),
    kind: "optional",
  },
  pipeline: {
    ...text("N", "send up to 100 exchanges ahead of the replies; --pipeline=N: up to N", ["run"]),
    kind: "optional",
  },
  reporter: {
    ...text(
      "NAME[=FILE]",
      "pretty, dot, tap, junit or json; with =FILE the report goes to a file (repeatable)",
      ["run", "compare", "serve"],
      "r",
    ),
    otherwise: {
      compare: {
        value: "NAME[=FILE]",
        describe: "pretty, json, markdown or html; with =FILE the report goes to a file (repeatable)",
      },
    },
  },
  secret: {
    ...text("NAME", "mask the value of this variable in every report (repeatable)", [...PLAYERS, "store"]),
    otherwise: {
      store: { value: "SECRET", describe: "what clients have to send to read and write; WIREDOC_SECRET is safer" },
    },
  },
  strict: flag("treat warnings as mistakes: a document that has one is not run", [
    "run",
    "check",
    "bench",
    "compare",
    "serve",
  ]),
  "server-output": flag("show on standard error what started servers print, as it comes", PLAYERS),
  timings: flag("show how long each document took", ["run", "serve"]),
  verbose: flag("show each exchange as it happens", ["run", "serve"], "v"),
  quiet: flag("show only problems", ["run", "check", "compare", "serve"], "q"),
  color: flag("use colors; --no-color: use none", READERS),
  connections: text("N", "how many clients play at the same time; at most 100,000; default: 10", ["bench"]),
  duration: text("DURATION", "how long to play; default: 10s, with --count until that many exchanges", ["bench"]),
  count: text("N", "how many exchanges to play in all", ["bench"]),
  rate: text("R", "begin R exchanges a second, whether or not the replies keep up; default: as fast as possible", [
    "bench",
  ]),
  json: flag("report as one JSON object on standard output", ["bench"]),
  dialect: text("NAME", "how the bytes are read, where the scheme of the target does not say it", ["record"]),
  output: text("FILE", "write the document to this new file; default: standard output, at the end", ["record"], "o"),
  import: text("FILE", "write a document of what curl, a browser, socat or Wireshark recorded; -: standard input", [
    "record",
  ]),
  listen: {
    ...text("HOST:PORT", "listen on this address, port 0 for a free one; default: 127.0.0.1:8046", [
      "store",
      "record",
      "serve",
    ]),
    otherwise: {
      record: { value: "HOST:PORT", describe: "record what clients that connect here and the server say, as a proxy" },
      serve: { value: "HOST:PORT", describe: "listen there, or on unix:/PATH; default: a free port of 127.0.0.1" },
    },
  },
  "tls-cert": text("FILE", "the certificate that clients see (PEM): they speak TLS", ["record", "serve"]),
  "tls-key": text("FILE", "its private key (PEM)", ["record", "serve"]),
  mode: text("MODE", "script (default): the examples in order, once; match: answer each request, for ever", ["serve"]),
  engine: text("NAME", "keep the files in memory or etcd; default: memory", ["store"]),
  etcd: text("URL", "a member of etcd's cluster (repeatable); default: http://127.0.0.1:2379", ["store"]),
  history: text("N", "how many revisions stay readable; in etcd as many as it keeps; default: 2000", ["store"]),
  "read-only-secret": text("SECRET", "what clients have to send to read only; WIREDOC_READ_ONLY_SECRET is safer", [
    "store",
  ]),
  "max-message": text("SIZE", "the largest request; default: 1MiB", ["store"]),
  "max-open": text("N", "the most WAITs and reads of future revisions open on one connection; default: 1000", [
    "store",
  ]),
  "max-connections": text("N", "the most clients at a time; others are disconnected; default: 10000", ["store"]),
  "message-timeout": text(
    "DURATION",
    "the longest pause within a request before the client is disconnected; default: 30s",
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

/** A command line whose values are not checked yet. The texts of an option are in the order given. */
export interface Arguments {
  readonly command: CommandName;
  /** No command is named, so it is `run`. */
  readonly isImplied?: true;
  readonly paths: readonly string[];
  readonly texts: Readonly<Partial<Record<OptionName, readonly string[]>>>;
  readonly flags: Readonly<Partial<Record<OptionName, boolean>>>;
}
