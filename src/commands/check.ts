/** `wiredoc check`: reads documents and reports their mistakes, without connections and servers. */
import picocolors from "picocolors";
import { displayText } from "../base/bytes.ts";
import type { WiredocError } from "../base/error.ts";
import { formatSpan } from "../base/span.ts";
import { builtins } from "../builtins.ts";
import { plan } from "../plan/plan.ts";
import { streamOutput } from "../report/output.ts";
import { plural } from "../report/text.ts";
import { type Command, EXIT, warningText } from "./command.ts";
import { planOptions } from "./values.ts";

export const checkCommand: Command = async (given, surroundings) => {
  const { stdout } = surroundings;
  const { documents } = await plan(planOptions(given), builtins);
  const out = streamOutput(stdout, given.flags.color);
  const paint = picocolors.createColors(out.color);
  const errors = documents.flatMap((document) => document.errors);
  const examples = documents.reduce(
    (sum, document) => sum + document.examples.filter(({ role }) => role === "example").length,
    0,
  );
  const warnings = documents.flatMap((document) => document.warnings);
  for (const { span, message, code } of warnings)
    if (span) surroundings.stderr.write(warningText(span, `${message} [${code}]`));
  for (const error of errors) await out.write(`${describe(error, paint)}\n`);
  const mistakes = errors.length === 0 ? paint.green("no mistakes") : paint.red(plural(errors.length, "mistake"));
  const found = warnings.length === 0 ? mistakes : `${mistakes}, ${paint.yellow(plural(warnings.length, "warning"))}`;
  const isNothing = errors.length === 0 && examples === 0;
  if (!given.flags.quiet || errors.length > 0 || isNothing) {
    await out.write(`${plural(documents.length, "document")}, ${plural(examples, "example")}, ${found}\n`);
  }
  if (errors.length > 0) return EXIT.mistake;
  return isNothing ? EXIT.nothing : EXIT.ok;
};

const describe = ({ span, message, code }: WiredocError, paint: ReturnType<typeof picocolors.createColors>): string =>
  `${span === undefined ? "" : `${paint.cyan(displayText(formatSpan(span)))}: `}${displayText(message)} ${paint.dim(`[${code}]`)}`;
