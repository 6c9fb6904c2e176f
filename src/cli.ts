/**
 * The command `wiredoc`: reads the command line, runs the command, ends the process. Nothing else ends it.
 */
import { displayText } from "./base/bytes.ts";
import { DocumentErrors, WiredocError } from "./base/error.ts";
import { readArguments } from "./commands/arguments.ts";
import { type Command, EXIT, type Surroundings } from "./commands/command.ts";
import type { Arguments, CommandName } from "./commands/options.ts";

/** The build defines it; the sources alone have no version. */
declare const WIREDOC_VERSION: string | undefined;
const VERSION = typeof WIREDOC_VERSION === "string" ? WIREDOC_VERSION : "0.0.0";

/** EX_SOFTWARE of sysexits.h: an internal error. */
const EXIT_BUG = 70;

const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).runCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  list: async () => (await import("./commands/list.ts")).listCommand,
  bench: async () => (await import("./commands/bench.ts")).benchCommand,
  compare: async () => (await import("./commands/compare.ts")).compareCommand,
  record: async () => (await import("./commands/record.ts")).recordCommand,
  serve: async () => (await import("./commands/serve.ts")).serveCommand,
  store: async () => (await import("./commands/store.ts")).storeCommand,
};

const surroundings: Surroundings = {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return standard("stdout");
  },
  get stderr() {
    return standard("stderr");
  },
  takeInterrupts,
};

/** The standard streams that were used. Most runs need only one, and creating a stream takes time. */
const used = new Set<NodeJS.WriteStream>();

function standard(name: "stdout" | "stderr"): NodeJS.WriteStream {
  const stream = process[name];
  // The reader of a pipe may hang up. That is not a failure.
  if (!used.has(stream)) stream.on("error", () => {});
  used.add(stream);
  return stream;
}

function takeInterrupts(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    // Servers that still run are killed as the process exits (servers/process-group.ts).
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return controller.signal;
}

async function main(argv: readonly string[]): Promise<number> {
  const given = readArguments(argv);
  const text = await textFor(given);
  if (text === undefined) return (await COMMANDS[given.command]())(given, surroundings);
  standard("stdout").write(`${text}\n`);
  return EXIT.ok;
}

/** The text that the command line asks for in place of a command. */
async function textFor({ command, isImplied, flags }: Arguments): Promise<string | undefined> {
  if (flags.help) {
    const { helpText } = await import("./commands/help.ts");
    return helpText(isImplied ? undefined : command, process.stdout.columns);
  }
  return flags.version ? VERSION : undefined;
}

/** Writes what went wrong. Returns the exit code. */
function tell(error: unknown): number {
  const { text, code } = explain(error);
  try {
    standard("stderr").write(text);
  } catch {
    // Standard error cannot be written, as in `wiredoc >log 2>&1` on a full disk. The exit code still says it.
  }
  return code;
}

function explain(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof DocumentErrors)
    return { text: error.errors.map((one) => `${displayText(String(one))}\n`).join(""), code: EXIT.mistake };
  if (error instanceof WiredocError)
    return { text: `${error.span ? "" : "wiredoc: "}${displayText(String(error))}\n`, code: EXIT.mistake };
  if (isUnwritable(error))
    return { text: `wiredoc: standard output cannot be written: ${error.message} [usage]\n`, code: EXIT.mistake };
  const trace = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const text = `This is a bug in wiredoc ${VERSION}, not in your documents. Please report it, with these lines:\n\n${trace}\n`;
  return { text, code: EXIT_BUG };
}

/** Whether standard output is a file that cannot grow: the disk is full or broken, or a quota is used up. */
const isUnwritable = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && /^(?:ENOSPC|EDQUOT|EFBIG|EIO)$/.test((error as NodeJS.ErrnoException).code ?? "");

/** Ends the process when all output is written, even if the code of a config file left something open. */
function exit(code: number): void {
  process.exitCode = code;
  const unwritten = [...used].filter(({ writableLength }) => writableLength > 0);
  let left = unwritten.length;
  if (left === 0) process.exit();
  for (const stream of unwritten) stream.write("", () => --left === 0 && process.exit());
}

process.on("uncaughtException", (error) => process.exit(tell(error)));
main(process.argv.slice(2)).then(exit, (error: unknown) => exit(tell(error)));
