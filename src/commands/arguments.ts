/**
 * A fast reader for command lines in which everything is as usual. What is not (help, a mistake, short options in a
 * heap) is left to yargs, whose import costs more than all else that a small run does.
 */
import { parseArgs } from "node:util";
import { type Arguments, isCommand, OPTION_NAMES, type OptionName, optionsOf, specOf } from "./options.ts";

/** Short options in a heap or with their value (`-vq`, `-j4`), and words that yargs takes for a flag's value. */
const NOT_PLAIN = /^(?:-[^-].|(?:true|false)$)/;

const config = () =>
  Object.fromEntries(
    OPTION_NAMES.map((name) => {
      const { kind, alias } = specOf(name);
      const multiple = kind === "text";
      return [
        name,
        { type: multiple ? "string" : "boolean", multiple, ...(alias === undefined ? {} : { short: alias }) } as const,
      ];
    }),
  );

/** The command line, as yargs would read it; undefined where that is for yargs to say. */
export function readPlainArguments(argv: readonly string[]): Arguments | undefined {
  if (argv.some((argument) => NOT_PLAIN.test(argument))) return undefined;
  // Without options Node's own parser need not be loaded, which takes 1 ms.
  if (!argv.some((argument) => argument.startsWith("-"))) {
    const [word, ...paths] = argv;
    return isCommand(word)
      ? { command: word, paths, texts: {}, flags: {} }
      : { command: "run", isImplied: true, paths: [...argv], texts: {}, flags: {} };
  }
  const read = parse(argv);
  if (!read) return undefined;
  const { values, positionals, tokens } = read;
  const end = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? Number.POSITIVE_INFINITY;
  const first = tokens.find(({ kind }) => kind === "positional");
  const word = first && first.index < end ? positionals[0] : undefined;
  const command = isCommand(word) ? word : "run";
  const known = optionsOf(command);
  const texts: Partial<Record<OptionName, readonly string[]>> = {};
  const flags: Partial<Record<OptionName, boolean>> = {};
  for (const [key, value] of Object.entries(values)) {
    const name = key as OptionName;
    if (!known.includes(name)) return undefined;
    if (typeof value === "boolean") flags[name] = value;
    else texts[name] = value as string[];
  }
  if (isCommand(word)) return { command, paths: positionals.slice(1), texts, flags };
  return { command, isImplied: true, paths: positionals, texts, flags };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: config(), allowPositionals: true, allowNegative: true, tokens: true });
  } catch {
    return undefined;
  }
}
