import type { RunEvent } from "../../src/play/outcome.ts";
import { pretty } from "../../src/report/pretty.ts";

/** What the pretty reporter makes of events, without colour. */
export async function render(events: readonly RunEvent[]): Promise<string> {
  let report = "";
  const out = {
    write(text: string): void {
      report += text;
    },
    isTerminal: false,
    columns: undefined,
    color: false,
  };
  const replay = async function* (): AsyncGenerator<RunEvent> {
    yield* events;
  };
  await pretty.report(replay(), out, { timings: false, verbose: false, quiet: false });
  return report;
}
