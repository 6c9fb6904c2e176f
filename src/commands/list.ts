/** `wiredoc list`: the examples of documents, one a line. */
import picocolors from "picocolors";
import { displayText } from "../base/bytes.ts";
import { DocumentErrors } from "../base/error.ts";
import { builtins } from "../builtins.ts";
import { plan } from "../plan/plan.ts";
import { streamOutput } from "../report/output.ts";
import { type Command, EXIT } from "./command.ts";
import { planOptions } from "./values.ts";

export const listCommand: Command = async (given, { stdout }) => {
  const { documents } = await plan(planOptions(given), builtins);
  const out = streamOutput(stdout, given.flags.color);
  const paint = picocolors.createColors(out.color);
  let listed = 0;
  for (const { path, examples } of documents) {
    for (const example of examples) {
      // Openings and `anytime` examples only support the others.
      if (example.role !== "example") continue;
      listed++;
      await out.write(`${paint.cyan(displayText(`${path}:${example.line}`))}  ${displayText(example.name)}\n`);
    }
  }
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0) throw new DocumentErrors(errors);
  return listed > 0 ? EXIT.ok : EXIT.nothing;
};
