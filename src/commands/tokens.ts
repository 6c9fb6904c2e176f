/** Splits the command line into words and options with Node's own parser, and corrects what it misreads. */
import { parseArgs } from "node:util";
import { OPTION_NAMES, specOf } from "./options.ts";

export type Token = Word | Option;

interface Word {
  readonly kind: "word";
  readonly text: string;
  /** It stands after `--`, so it is never a command. */
  readonly isAfterEnd: boolean;
}

export interface Option {
  readonly kind: "option";
  /** Without dashes; the long name of an option in the table. */
  readonly name: string;
  /** With dashes, as the command line has it: `--grep`, `-g`, `--no-color`. */
  readonly written: string;
  readonly value: string | undefined;
  /** The whole argument: `-vg=put` for the `-g` in it. */
  readonly argument: string;
}

type NodeToken = ReturnType<typeof parse>[number];
type NodeOption = NodeToken & { readonly kind: "option" };

export function* tokensOf(args: readonly string[]): Generator<Token> {
  let rest = args;
  while (rest.length > 0) rest = yield* firstTokens(rest);
}

/** The tokens up to the first that Node misreads, and that one corrected. Returns the arguments after it. */
function* firstTokens(args: readonly string[]): Generator<Token, readonly string[]> {
  let isAfterEnd = false;
  const tokens = parse(args);
  for (const [at, token] of tokens.entries()) {
    const argument = args[token.index]!;
    if (token.kind === "positional") {
      yield { kind: "word", text: token.value, isAfterEnd };
    } else if (argument === "--") {
      isAfterEnd = true;
    } else {
      const corrected = correct(token, argument, tokens[at + 1]);
      yield corrected ?? toOption(token as NodeOption, argument);
      // Node has misread what follows too.
      if (corrected) return args.slice(token.index + 1);
    }
  }
  return [];
}

/** Without `strict` Node throws nothing. arguments.ts finds the mistakes. */
const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: config(), strict: false, tokens: true, allowNegative: true }).tokens;

const config = () =>
  Object.fromEntries(
    OPTION_NAMES.map((name) => {
      const { kind, alias } = specOf(name);
      const type = kind === "text" ? "string" : "boolean";
      return [name, { type, ...(alias === undefined ? {} : { short: alias }) } as const];
    }),
  );

function toOption({ name, rawName: written, value, inlineValue }: NodeOption, argument: string): Option {
  const isShort = inlineValue === true && !written.startsWith("--");
  return { kind: "option", name, written, value: isShort ? value.replace(/^=/, "") : value, argument };
}

/** An option that Node misreads; undefined where it does not. */
function correct(token: NodeToken, argument: string, next: NodeToken | undefined): Option | undefined {
  // Node takes the second dash in `-q-` for `--`.
  if (token.kind !== "option") return { kind: "option", name: "-", written: argument, value: undefined, argument };
  const option = toOption(token, argument);
  // Node takes the next option for a value. Only a negative number and `-` may be one.
  if (token.inlineValue === false && /^-\D/.test(token.value)) return { ...option, value: undefined };
  // Node takes each character of `=yes` in `-q=yes` for an option.
  if (next?.kind === "option" && next.rawName === "-=" && next.index === token.index)
    return { ...option, value: argument.slice(argument.indexOf("=") + 1) };
  return undefined;
}
