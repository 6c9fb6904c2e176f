/** The help: yargs prints the table of options. It does nothing else, and is loaded for nothing else. */
import yargs, { type Argv } from "yargs";
import { COMMAND_NAMES, COMMANDS, type CommandName, optionsOf, specOf } from "./options.ts";

const EXIT_CODES = [
  "Exit codes: 0 everything passed, 1 a reply differed, 2 a mistake in a document, the config file or the command line,",
  "3 a server could not be reached or started, 4 nothing to run, 130 interrupted.",
].join(" ");

const A_PATH = "A PATH is a file, a folder, a glob, or FILE:LINE for the example at that line.";

/** Command lines that the help of a command shows, and what each one does. */
const EXAMPLES: Readonly<Partial<Record<CommandName, readonly (readonly [line: string, what: string])[]>>> = {
  run: [
    ["wiredoc docs", "replay the documents in docs"],
    ["wiredoc docs/a.md:12 -t tcp://127.0.0.1:7001", "one example, on this server"],
    ["wiredoc docs --repeat 10", "find flaky replies"],
    ["wiredoc docs --update", "rewrite the replies that fail"],
    ["wiredoc new.md --update=all", "let the server write the replies"],
  ],
  bench: [
    ["wiredoc bench cache.md --connections 50", "50 clients for 10 seconds"],
    ["wiredoc bench cache.md --count 10000 --json", "10,000 exchanges, and a report for programs"],
    ["wiredoc bench cache.md --rate 500 --duration 1m", "500 exchanges a second, for a minute"],
  ],
  compare: [
    ["wiredoc compare docs -t old=URL -t new=URL", "compare two servers"],
    ["wiredoc compare docs --against before.json", "compare with a recorded run"],
    ["wiredoc compare docs -t URL -t URL -r html=a.html", "write a page to publish"],
  ],
  record: [
    ["wiredoc record -t tcp://127.0.0.1:25 -o mail.md", "type to the server (Ctrl-D ends)"],
    ["wiredoc record -t tcp://127.0.0.1:25 < lines.txt", "send the lines of a file"],
    ["wiredoc record --listen 127.0.0.1:8000 -t http://127.0.0.1", "record other clients (Ctrl-C ends)"],
    ["wiredoc record --import curl.txt -o web.md", "import the output of curl -v, HAR, and others"],
  ],
  serve: [
    ["wiredoc serve users.md", "play it once, on a free port, and report what the client did"],
    ["wiredoc serve users.md --listen 127.0.0.1:8080", "the same, on this port"],
    ["wiredoc serve users.md --mode match", "a stub that answers in any order, until Ctrl-C"],
  ],
};

/** @types/yargs does not know it yet. */
interface UsageConfiguration {
  usageConfiguration(configuration: { readonly "hide-types": boolean }): Argv;
}

/** The help of one command, or of all where none is named. `columns`: the width of the terminal, if there is one. */
export function helpText(named: CommandName | undefined, columns: number | undefined): Promise<string> {
  const parser = yargs(named === undefined ? [] : [named])
    .scriptName("wiredoc")
    .locale("en")
    .version(false)
    .help(false)
    .epilogue(EXIT_CODES)
    .wrap(Math.min(100, columns || 100));
  if (named === undefined)
    parser.usage(
      `wiredoc [run|check|list|bench|compare] [OPTION…] [PATH…]\nwiredoc record --target URL|--import FILE [OPTION…]\nwiredoc serve [OPTION…] PATH\nwiredoc store [OPTION…]\n\n${A_PATH}`,
    );
  // The description of an option names its value, so its type is not shown.
  (parser as Argv & UsageConfiguration).usageConfiguration({ "hide-types": true });
  for (const command of COMMAND_NAMES) {
    const names = command === "run" ? [command, "$0"] : [command];
    parser.command(names, COMMANDS[command], (builder) => {
      declareOptions(builder, command);
      if (named === undefined) return;
      builder.usage(usageOf(command));
      for (const [line, what] of EXAMPLES[command] ?? []) builder.example(line, what);
    });
  }
  return parser.getHelp();
}

function usageOf(command: CommandName): string {
  if (command === "serve") return `wiredoc serve [OPTION…] PATH\n\n${COMMANDS.serve}`;
  const takesPaths = command !== "store" && command !== "record";
  const target = command === "record" ? " --target URL|--import FILE" : "";
  const paths = takesPaths ? [" [PATH…]", `\n\n${A_PATH}`] : ["", ""];
  return `wiredoc ${command}${target} [OPTION…]${paths[0]}\n\n${COMMANDS[command]}${paths[1]}`;
}

function declareOptions(parser: Argv, command: CommandName): void {
  for (const name of optionsOf(command)) {
    const { kind, alias, value, describe } = specOf(name, command);
    const shared = alias === undefined ? {} : { alias };
    if (kind === "text") parser.option(name, { ...shared, type: "string", describe: `${value}: ${describe}` });
    else parser.option(name, { ...shared, type: "boolean", describe });
  }
}
