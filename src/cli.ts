/**
 * The command `wiredoc`: reads the command line, runs the command, ends the process. Nothing else ends it.
 */
import { displayText } from "./base/bytes.ts";
import { DocumentErrors, WiredocError } from "./base/error.ts";
import { readPlainArguments } from "./commands/arguments.ts";
import { type Command, EXIT, type Surroundings } from "./commands/command.ts";
import type { Arguments, CommandName } from "./commands/options.ts";

/** Put in by the build; what runs from the sources has none. */
declare const WIREDOC_VERSION: string | undefined;
const VERSION = typeof WIREDOC_VERSION === "string" ? WIREDOC_VERSION : "0.0.0";

/** Of a process ended by Ctrl-C, as shells give it (128 + SIGINT). */
const EXIT_INTERRUPTED = 130;
/** EX_SOFTWARE of sysexits.h: an internal error. */
const EXIT_BUG = 70;

const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.ts")).runCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  list: async () => (await import("./commands/list.ts")).listCommand,
  store: async () => (await import("./commands/store.ts")).storeCommand,
};

const surroundings: Surroundings = { stdout: process.stdout, stderr: process.stderr, takeInterrupts };

function takeInterrupts(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    // Servers that still run are killed as the process exits (servers/process-group.ts).
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return controller.signal;
}

async function main(argv: readonly string[]): Promise<number> {
  const given = readPlainArguments(argv) ?? (await readOtherArguments(argv));
  if (typeof given === "string") {
    process.stdout.write(`${given}\n`);
    return EXIT.ok;
  }
  const command = await COMMANDS[given.command]();
  return command(given, surroundings);
}

/** A command line, or the text that it asks for. */
async function readOtherArguments(argv: readonly string[]): Promise<Arguments | string> {
  if (argv.length === 1 && argv[0] === "--version") return VERSION;
  const { readWithYargs } = await import("./commands/yargs.ts");
  const reading = readWithYargs(argv, VERSION);
  return reading.kind === "text" ? reading.text : reading.arguments;
}

/** Says what went wrong; the exit code. */
function tell(error: unknown): number {
  if (error instanceof DocumentErrors) {
    process.stderr.write(error.errors.map((one) => `${displayText(String(one))}\n`).join(""));
    return EXIT.mistake;
  }
  if (error instanceof WiredocError) {
    process.stderr.write(`${error.span ? "" : "wiredoc: "}${displayText(String(error))}\n`);
    return EXIT.mistake;
  }
  const trace = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  process.stderr.write(
    `This is a bug in wiredoc ${VERSION}, not in your documents. Please report it, with these lines:\n\n${trace}\n`,
  );
  return EXIT_BUG;
}

/** Ends the process once what was written is out. What a config file's code left open does not keep it. */
function exit(code: number): void {
  process.exitCode = code;
  const unwritten = [process.stdout, process.stderr].filter(({ writableLength }) => writableLength > 0);
  let left = unwritten.length;
  if (left === 0) process.exit();
  for (const stream of unwritten) stream.write("", () => --left === 0 && process.exit());
}

// Who reads a pipe may stop doing so; that is no failure.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});
process.on("uncaughtException", (error) => process.exit(tell(error)));
main(process.argv.slice(2)).then(exit, (error: unknown) => exit(tell(error)));
