/** `wiredoc compare`: the same client lines to several servers, and the replies against each other and the page. */
import picocolors from "picocolors";
import { now } from "../base/clock.ts";
import { WiredocError } from "../base/error.ts";
import { schemes } from "../builtins.ts";
import { compareSides } from "../compare/compare.ts";
import { readRecording } from "../compare/recording.ts";
import { reports } from "../compare/reports.ts";
import { playSide, type Side, type Target, unplayedSide } from "../compare/side.ts";
import type { RunOptions } from "../plan/options.ts";
import { checkGivenUrl } from "../plan/places.ts";
import type { RunEvent } from "../play/outcome.ts";
import { type FileOutput, fileOutput, streamOutput } from "../report/output.ts";
import { Progress } from "../report/progress.ts";
import type { ReportOutput } from "../report/reporter.ts";
import { type Command, warningText } from "./command.ts";
import type { Arguments } from "./options.ts";
import { reporterChoices, runOptions } from "./values.ts";

export const compareCommand: Command = async (given, surroundings) => {
  const { stdout, stderr, takeInterrupts } = surroundings;
  const choices = reporterChoices(given, Object.keys(reports));
  const { targets, recordings } = sidesOf(given);
  for (const { url } of targets) if (url !== undefined) checkGivenUrl(url, "--target", Object.keys(schemes));
  const { target: _, ...options } = runOptions(given);
  const started = now();
  const sides: Side[] = recordings.map(({ name, url }) => readRecording(name, url!));
  const files: FileOutput[] = [];
  try {
    const outputs: ReportOutput[] = [];
    for (const { file } of choices) outputs.push(await openOutput(file));
    const signal = takeInterrupts();
    const screen = choices.flatMap(({ name, file }, i) =>
      name === "pretty" && file === undefined ? outputs[i]! : [],
    )[0];
    for (const target of targets)
      sides.push(signal.aborted ? unplayedSide(target) : await play(target, { ...options, signal }, screen));
    const { strict = false } = options;
    const comparison = compareSides(sides, { strict, interrupted: signal.aborted, durationMs: now() - started });
    for (const [i, { name }] of choices.entries())
      await (await reports[name]!())(comparison, outputs[i]!, { quiet: given.flags.quiet ?? false });
    while (files.length > 0) await files.shift()!.commit();
    return comparison.exitCode;
  } finally {
    for (const file of files.reverse()) await file.discard();
  }

  async function openOutput(file: string | undefined): Promise<ReportOutput> {
    if (file === undefined) return streamOutput(stdout, given.flags.color);
    const opened = await fileOutput(file);
    files.push(opened);
    return opened;
  }

  /** Plays one side and shows its progress on a terminal. */
  async function play(target: Target, options: RunOptions, screen: ReportOutput | undefined): Promise<Side> {
    const shows = screen?.isTerminal && !given.flags.quiet;
    const progress = shows ? new Progress(screen, picocolors.createColors(screen.color)) : undefined;
    try {
      return await playSide(target, { ...options, progressEvents: progress !== undefined }, (event) => {
        progress?.observe(event);
        tell(event);
      });
    } finally {
      await progress?.stop();
    }
  }

  /** The warnings of the first run are those of all. */
  function tell(event: RunEvent): void {
    if (event.kind !== "run-start" || sides.length > recordings.length) return;
    for (const { path, line, column, message } of event.warnings)
      stderr.write(warningText({ file: path, line, column }, message));
  }
};

/** The targets and the recordings, named. @throws {WiredocError} where there is nothing to compare, or two have one name. */
function sidesOf({ texts }: Arguments): {
  readonly targets: readonly Target[];
  readonly recordings: readonly Target[];
} {
  const recordings = (texts.against ?? []).map((text) => named(text, "--against"));
  const urls = (texts.target ?? []).map((text) => named(text, "--target"));
  const targets = urls.length > 0 ? urls : recordings.length > 0 ? [{ name: "now", url: undefined }] : [];
  const all = [...recordings, ...targets];
  if (all.length < 2)
    throw usage(
      "name two servers to compare, or a server and a report: --target A --target B, or --against REPORT.json",
    );
  for (const [i, { name }] of all.entries())
    if (all.findIndex((one) => one.name === name) < i)
      throw usage(`two sides are named "${name}": give each a name of its own, for example --target old=URL`);
  return { targets, recordings };
}

/** `NAME=URL`, or a URL that is its own name. A name holds no slash and no colon, which each URL does. */
function named(text: string, option: string): Target {
  const [, name, rest] = /^([^=/:]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) return { name: text, url: text };
  if (name.trim() !== "" && rest !== "") return { name: name.trim(), url: rest };
  throw usage(`${option}: invalid value "${text}": use NAME=${option === "--target" ? "URL" : "FILE"}`);
}

const usage = (message: string): WiredocError => new WiredocError("usage", message);
