/** Reads the command line by the table of options. No other code knows its grammar. */
import { didYouMean, oneOf, WiredocError } from "../base/error.ts";
import {
  type Arguments,
  type CommandName,
  isCommand,
  OPTION_NAMES,
  type OptionName,
  optionsOf,
  specOf,
} from "./options.ts";
import { type Option, tokensOf } from "./tokens.ts";

/** To be filled. */
interface Given extends Arguments {
  readonly texts: Partial<Record<OptionName, string[]>>;
  readonly flags: Partial<Record<OptionName, boolean>>;
}

/** @throws {WiredocError} `usage`: the first mistake. With `--help` or `--version` mistakes do not count. */
export function readArguments(argv: readonly string[]): Arguments {
  // Node's parser takes 1 ms to load. Without options it is not needed.
  if (!argv.some((argument) => argument.startsWith("-"))) return { ...commandOf(argv, argv[0]), texts: {}, flags: {} };
  const tokens = [...tokensOf(argv)];
  const words = tokens.filter((token) => token.kind === "word");
  const paths = words.map(({ text }) => text);
  const named = commandOf(paths, words[0]?.isAfterEnd ? undefined : paths[0]);
  const given: Given = { ...named, texts: {}, flags: {} };
  const mistakes = tokens.map((token) => (token.kind === "option" ? take(token, given) : undefined));
  const mistake = mistakes.find((one) => one !== undefined);
  if (mistake !== undefined && !given.flags.help && !given.flags.version) throw new WiredocError("usage", mistake);
  return given;
}

const commandOf = (words: readonly string[], first: string | undefined) =>
  isCommand(first)
    ? { command: first, paths: words.slice(1) }
    : { command: "run" as const, isImplied: true as const, paths: [...words] };

/** Adds an option to what is given. Returns what is wrong with it, if anything. */
function take(option: Option, { command, texts, flags }: Given): string | undefined {
  const { written, value } = option;
  const name = OPTION_NAMES.find((one) => one === option.name);
  const isNegative = written.startsWith("--no-");
  if (name === undefined || (isNegative && specOf(name).kind === "text")) return unknown(option, command);
  const { kind, commands, value: form } = specOf(name, command);
  if (!commands.includes(command)) {
    return `"wiredoc ${command}" has no option ${written}: it belongs to ${oneOf(commands.map((one) => `wiredoc ${one}`))}`;
  }
  if (kind === "text" && !value) return `--${name} needs a value: --${name} ${form}`;
  if (kind === "flag" && value !== undefined) return `${written} takes no value: remove "=${value}"`;
  if (value === undefined) {
    flags[name] = !isNegative;
    // The last one counts: `--bail=3 --no-bail`.
    delete texts[name];
  } else {
    texts[name] = [...(texts[name] ?? []), value];
  }
  return undefined;
}

function unknown({ written, argument }: Option, command: CommandName): string {
  const isLong = written.startsWith("--");
  const known = optionsOf(command).flatMap((name) => {
    const { alias } = specOf(name);
    return isLong && alias !== undefined ? [`--${name}`, `-${alias}`] : [`--${name}`];
  });
  // Who writes `-quiet` means `--quiet`.
  const guess = didYouMean(isLong ? written : `-${argument}`, known);
  return `unknown option ${written}${guess}: "wiredoc ${command} --help" lists the options`;
}
