/** `wiredoc run`: replays documents and passes the events to each reporter. */
import { WiredocError } from "../base/error.ts";
import { reporters } from "../builtins.ts";
import type { RunEvent } from "../play/outcome.ts";
import { fanOut } from "../report/fan-out.ts";
import { type FileOutput, fileOutput, streamOutput, usesColor } from "../report/output.ts";
import type { ReporterOptions, ReportOutput } from "../report/reporter.ts";
import { run } from "../run.ts";
import type { Asking } from "./ask.ts";
import { type Command, outputText, warningText } from "./command.ts";
import { prepareForLongRun } from "./long-run.ts";
import { checkForMistypedCommand, reporterChoices, runOptions, updateChoice } from "./values.ts";

export const runCommand: Command = async (given, surroundings) => {
  const { stdout, takeInterrupts } = surroundings;
  const { color, timings = false, verbose = false, quiet = false } = given.flags;
  if (verbose && quiet) throw new WiredocError("usage", "--verbose and --quiet contradict each other: use one of them");
  checkForMistypedCommand(given);
  const choices = reporterChoices(
    given,
    reporters.map(({ name }) => name),
  );
  const options = runOptions(given);
  const choice = updateChoice(given);
  for (const other of ["pipeline", "repeat"] as const)
    if (choice && options[other] !== undefined)
      throw new WiredocError("usage", `--update and --${other} do not go together: use one of them`);
  const isRefused = choice !== undefined && !choice.isWritten && isSet(process.env.CI);
  if (isRefused) surroundings.stderr.write(NOT_IN_CI);
  const update = isRefused ? undefined : choice?.choice;
  prepareForLongRun(options.paths ?? []);
  // Only these show the replies that passed, or what is not over. For others they need not be kept.
  const keepReplies = verbose || (options.repeat ?? 1) > 1 || choices.some(({ name }) => name === "json");
  const progressEvents = verbose || stdout.isTTY === true;

  const shown: ReporterOptions = { timings, verbose, quiet };
  const files: FileOutput[] = [];
  let asking: Asking | undefined;
  let exitCode: number | undefined;
  try {
    // Files are opened last, so that an interrupt meanwhile leaves none behind.
    const loaded = await Promise.all(choices.map(({ name }) => reporters.find((one) => one.name === name)!.load()));
    const consumers = [];
    for (const [index, { file }] of choices.entries()) {
      const out = await openOutput(file);
      consumers.push((events: AsyncIterable<RunEvent>) => loaded[index]!.report(events, out, shown));
    }
    const signal = takeInterrupts();
    if (update === "ask") asking = await createQuestions(signal);
    const updates = update && { update: { which: update === "all" ? update : "failed", ...asking } as const };
    // Questions about one document must not mix with the reports of others.
    const jobs = update === "ask" && { jobs: options.jobs ?? 1 };
    await fanOut(watch(run({ ...options, ...jobs, ...updates, keepReplies, progressEvents, signal })), consumers);
    if (exitCode === undefined) throw new Error("the run ended without its last event");
    while (files.length > 0) await files.shift()!.commit();
    return exitCode;
  } finally {
    asking?.close();
    for (const file of files.reverse()) await file.discard();
  }

  async function openOutput(file: string | undefined): Promise<ReportOutput> {
    if (file === undefined) {
      const output = streamOutput(stdout, color);
      // Between questions there is no room for a line that moves.
      return update === "ask" ? { ...output, isTerminal: false } : output;
    }
    const opened = await fileOutput(file, color);
    files.push(opened);
    return opened;
  }

  async function createQuestions(signal: AbortSignal): Promise<Asking> {
    const { createAsking } = await import("./ask.ts");
    const { stdin: input, stderr: output } = surroundings;
    return createAsking({ input, output, color: usesColor(color, output.isTTY === true, process.env), signal });
  }

  /** Writes to standard error what belongs there, after the reporters have finished their lines. */
  function tell(event: RunEvent): void {
    if (event.kind === "server-output") surroundings.stderr.write(outputText(event));
    if (event.kind !== "run-start") return;
    for (const { path, line, column, message } of event.warnings)
      surroundings.stderr.write(warningText({ file: path, line, column }, message));
  }

  async function* watch(events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
    for await (const event of events) {
      if (event.kind === "run-end") exitCode = event.exitCode;
      yield event;
      tell(event);
    }
  }
};

/** Whether an environment variable says yes. */
const isSet = (value: string | undefined): boolean => value !== undefined && value !== "" && value !== "false";

const NOT_IN_CI =
  "warning: documents are not updated, as CI is set in the environment: write --update=failed to update them all the same\n";
