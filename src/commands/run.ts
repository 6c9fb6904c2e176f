/** `wiredoc run`: replays documents, each reporter told what happens. */
import { WiredocError } from "../base/error.ts";
import { reporters } from "../builtins.ts";
import type { RunEvent } from "../replay/outcome.ts";
import { fanOut } from "../report/fan-out.ts";
import { type FileOutput, fileOutput, streamOutput } from "../report/output.ts";
import type { ReporterOptions, ReportOutput } from "../report/reporter.ts";
import { run } from "../run.ts";
import { type Command, warningText } from "./command.ts";
import { prepareForLongRun } from "./long-run.ts";
import { checkForMistypedCommand, type ReporterChoice, reporterChoices, runOptions } from "./values.ts";

export const runCommand: Command = async (given, surroundings) => {
  const { stdout, takeInterrupts } = surroundings;
  const { color, timings = false, verbose = false, quiet = false } = given.flags;
  if (verbose && quiet) throw new WiredocError("usage", "--verbose and --quiet ask for opposites; give one of them");
  checkForMistypedCommand(given);
  const choices = reporterChoices(
    given,
    reporters.map(({ name }) => name),
  );
  const options = runOptions(given);
  prepareForLongRun(options.paths ?? []);
  // What a passed reply said is shown by these only; otherwise it need not be kept.
  const keepReplies = verbose || choices.some(({ name }) => name === "json");
  const exchangeEvents = verbose || stdout.isTTY === true;

  const files: FileOutput[] = [];
  try {
    const consumers = [];
    for (const choice of choices) consumers.push(await openReporter(choice, { timings, verbose, quiet }));
    let exitCode: number | undefined;
    const events = watch(run({ ...options, keepReplies, exchangeEvents, signal: takeInterrupts() }), (event) => {
      if (event.kind === "run-end") exitCode = event.exitCode;
      if (event.kind !== "run-start") return;
      for (const { path, line, column, message } of event.warnings)
        surroundings.stderr.write(warningText({ file: path, line, column }, message));
    });
    await fanOut(events, consumers);
    if (exitCode === undefined) throw new Error("the run ended without its last event");
    while (files.length > 0) await files.shift()!.commit();
    return exitCode;
  } finally {
    for (const file of files) await file.discard();
  }

  async function openReporter({ name, file }: ReporterChoice, shown: ReporterOptions) {
    const reporter = await reporters.find((one) => one.name === name)!.load();
    let out: ReportOutput;
    if (file === undefined) out = streamOutput(stdout, color);
    else {
      const opened = await fileOutput(file, color);
      files.push(opened);
      out = opened;
    }
    return (events: AsyncIterable<RunEvent>): Promise<void> => reporter.report(events, out, shown);
  }
};

async function* watch<T>(events: AsyncIterable<T>, see: (event: T) => void): AsyncGenerator<T, void, undefined> {
  for await (const event of events) {
    see(event);
    yield event;
  }
}
