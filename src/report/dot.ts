/** One character for each example, for runs of thousands; then the failures and the summary of the pretty report. */
import picocolors from "picocolors";
import type { DocumentResult, ExampleStatus } from "../play/outcome.ts";
import { isFailed } from "../play/outcome.ts";
import type { Paint } from "./diff.ts";
import { renderProblems } from "./failure.ts";
import type { Reporter } from "./reporter.ts";
import { Tally } from "./summary.ts";
import { DEFAULT_COLUMNS, DEFAULT_ROWS } from "./text.ts";

const WIDEST = 80;

const dotOf = (status: ExampleStatus, paint: Paint): string =>
  ({
    passed: paint.green("."),
    failed: paint.red("F"),
    skipped: paint.yellow("s"),
    unsupported: paint.yellow("u"),
    xfailed: paint.yellow("x"),
    xpassed: paint.red("X"),
  })[status];

export const dot: Reporter = {
  name: "dot",
  async report(events, out, options) {
    const paint = picocolors.createColors(out.color);
    const width = Math.min(WIDEST, out.columns ?? WIDEST);
    const tally = new Tally();
    const failed: DocumentResult[] = [];
    let column = 0;
    let printed = 0;
    for await (const event of events) {
      tally.observe(event);
      if (event.kind === "document-end") {
        const { document } = event;
        if (document.errors.length > 0 || document.examples.some((example) => isFailed(example.status)))
          failed.push(document);
        // The status of an example is final only at the document's end.
        const dots = document.examples.map((example) => dotOf(example.status, paint));
        if (document.errors.length > 0) dots.push(paint.red("E"));
        let text = "";
        for (const character of options.quiet ? [] : dots) {
          text += character;
          column = (column + 1) % width;
          if (column === 0) text += "\n";
        }
        if (text !== "") await out.write(text);
      } else if (event.kind === "server-output" && out.isTerminal && column > 0) {
        // It goes to standard error, often the same terminal, and should begin on a line of its own.
        column = 0;
        await out.write("\n");
      } else if (event.kind === "run-end") {
        if (column > 0) await out.write("\n");
        for (const document of failed) {
          const lines = await renderProblems(document, out.columns ?? DEFAULT_COLUMNS, paint);
          printed += lines.length;
          await out.write(`${["", ...lines.slice(0, -1)].join("\n")}\n`);
        }
        const end = [
          ...(printed > (out.rows ?? DEFAULT_ROWS) ? tally.failed(paint) : []),
          ...tally.summary(event, paint),
        ];
        await out.write(`${end.join("\n")}\n`);
      }
    }
  },
};
