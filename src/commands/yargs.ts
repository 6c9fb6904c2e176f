/**
 * The command line as yargs reads it: help, version, mistakes, and all that arguments.ts leaves to it. Built from the
 * table of options; loaded only where it is needed.
 */
import yargs, { type Argv } from "yargs";
import { didYouMean, WiredocError } from "../base/error.ts";
import {
  type Arguments,
  COMMAND_NAMES,
  COMMANDS,
  type CommandName,
  isCommand,
  OPTION_NAMES,
  type OptionName,
  optionsOf,
  specOf,
} from "./options.ts";

/** A command line that asks for something to do, or for a text (help, version). */
export type YargsReading =
  | { readonly kind: "arguments"; readonly arguments: Arguments }
  | { readonly kind: "text"; readonly text: string };

const EXIT_CODES = [
  "Exit codes: 0 everything passed, 1 a reply differed, 2 a mistake in a document, the config file or the command line,",
  "3 a server could not be reached or started, 4 nothing to run, 130 interrupted.",
].join(" ");

const A_PATH = "A PATH is a file, a folder, a glob, or FILE:LINE for the example at that line.";

/** yargs knows no value that only follows `=`: such an option is a flag, and its value is another option's. */
const valueKey = (name: OptionName): string => `${name}:`;

/** What yargs adds to an option's own keys. */
const NOT_OPTIONS: ReadonlySet<string> = new Set(["_", "--", "$0", "help", "version"]);

/** @throws {WiredocError} `usage` */
export function readWithYargs(argv: readonly string[], version: string): YargsReading {
  const parser = buildYargs(version, argv.some(isCommand));
  let reading: YargsReading | undefined;
  parser.parse(prepare(argv), {}, (error: Error | undefined, parsed: Parsed, output: string) => {
    const isText = error === undefined && output !== "";
    if (error) throw mistake(error);
    reading = isText ? { kind: "text", text: output } : { kind: "arguments", arguments: toArguments(parsed) };
  });
  return reading!;
}

type Parsed = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] };

interface UsageConfiguration {
  usageConfiguration(configuration: { readonly "hide-types": boolean }): Argv;
}

/** `isNamed`: the help is that of one command. */
function buildYargs(version: string, isNamed: boolean): Argv {
  const parser = yargs()
    .scriptName("wiredoc")
    .locale("en")
    .version(version)
    .help()
    .alias("help", "h")
    .epilogue(EXIT_CODES)
    .wrap(Math.min(100, process.stdout.columns || 100))
    .exitProcess(false)
    .showHelpOnFail(false)
    .parserConfiguration({
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "populate--": true,
      "strip-aliased": true,
    });
  if (!isNamed) parser.usage(`wiredoc [run|check|list] [OPTION…] [PATH…]\nwiredoc store [OPTION…]\n\n${A_PATH}`);
  // @types/yargs does not know it yet. Each value is described by its name instead.
  (parser as Argv & UsageConfiguration).usageConfiguration({ "hide-types": true });
  for (const command of COMMAND_NAMES) {
    const names = command === "run" ? [command, "$0"] : [command];
    parser.command(names, COMMANDS[command], (builder) => {
      declareOptions(builder, command);
      if (isNamed) builder.usage(usageOf(command));
    });
  }
  return parser;
}

function usageOf(command: CommandName): string {
  const paths = command === "store" ? ["", ""] : [" [PATH…]", `\n\n${A_PATH}`];
  return `wiredoc ${command} [OPTION…]${paths[0]}\n\n${COMMANDS[command]}${paths[1]}`;
}

function declareOptions(parser: Argv, command: CommandName): Argv {
  for (const name of optionsOf(command)) {
    const { kind, alias, value, describe } = specOf(name, command);
    const shared = alias === undefined ? {} : { alias };
    if (kind === "text") {
      parser.option(name, { ...shared, type: "string", requiresArg: true, describe: `${value}: ${describe}` });
    } else {
      parser.option(name, { ...shared, type: "boolean", describe });
      if (kind === "optional") parser.option(valueKey(name), { type: "string", hidden: true });
    }
  }
  return parser;
}

/** What yargs would read in another way than it is meant. @throws {WiredocError} */
function prepare(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((argument, index) => {
    if (end >= 0 && index > end) return argument;
    const short = /^-([a-z])=?(.+)$/is.exec(argument);
    const withValue =
      short && OPTION_NAMES.find((one) => specOf(one).alias === short[1] && specOf(one).kind === "text");
    if (withValue) return `--${withValue}=${short[2]}`;
    const name = OPTION_NAMES.find((one) => argument.startsWith(`--${one}=`));
    if (name === undefined) return argument;
    const value = argument.slice(name.length + 3);
    const { kind } = specOf(name);
    if (kind === "flag") throw usage(`--${name} takes no value: remove "=${value}"`);
    return kind === "optional" ? `--${valueKey(name)}=${value}` : argument;
  });
}

const usage = (message: string): WiredocError => new WiredocError("usage", message);

function mistake(error: Error): WiredocError {
  const name = OPTION_NAMES.find(
    (one) => error.message.endsWith(`following: ${one}`) || error.message.endsWith(`following: ${specOf(one).alias}`),
  );
  return usage(name === undefined ? error.message : `--${name} needs a value: --${name} ${specOf(name).value}`);
}

/** @throws {WiredocError} */
function toArguments(parsed: Parsed): Arguments {
  const words = parsed._.map(String);
  const named = isCommand(words[0]) ? words[0] : undefined;
  const command = named ?? "run";
  const paths = [...words.slice(named ? 1 : 0), ...((parsed["--"] as string[] | undefined) ?? [])];
  const known = optionsOf(command);
  const texts: Partial<Record<OptionName, readonly string[]>> = {};
  const flags: Partial<Record<OptionName, boolean>> = {};
  for (const [key, value] of Object.entries(parsed)) {
    if (NOT_OPTIONS.has(key) || value === undefined) continue;
    const name = known.find((one) => one === key || valueKey(one) === key);
    const isFlag = typeof value === "boolean";
    if (name === undefined || (isFlag && specOf(name).kind === "text")) throw unknownOption(key, value, command);
    if (isFlag) flags[name] = value;
    else texts[name] = [value].flat().map(String);
  }
  return { command, ...(named ? {} : { isImplied: true }), paths, texts, flags };
}

function unknownOption(key: string, value: unknown, command: CommandName): WiredocError {
  const written = key.length === 1 ? `-${key}` : value === false ? `--no-${key}` : `--${key}`;
  const elsewhere =
    value === false ? undefined : OPTION_NAMES.find((name) => name === key || specOf(name).alias === key);
  if (elsewhere !== undefined) {
    const commands = specOf(elsewhere).commands.map((name) => `"wiredoc ${name}"`);
    return usage(`"wiredoc ${command}" has no option ${written}: it belongs to ${commands.join(" and ")}`);
  }
  const guess = didYouMean(
    written,
    optionsOf(command).map((name) => `--${name}`),
  );
  return usage(`unknown option ${written}${guess}: "wiredoc ${command} --help" lists the options`);
}
