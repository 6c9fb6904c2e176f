/** `wiredoc serve`: plays the server of a document for the clients that are to be tested. */
import { displayText } from "../base/bytes.ts";
import { builtins, reporters } from "../builtins.ts";
import type { RunEvent } from "../play/outcome.ts";
import { fanOut } from "../report/fan-out.ts";
import { type FileOutput, fileOutput, streamOutput } from "../report/output.ts";
import type { Address } from "../serve/address.ts";
import { ListenError, type Mode, type ServeOptions, type Service, serve } from "../serve/serve.ts";
import { certificateOf } from "./certificate.ts";
import { type Command, EXIT, outputText, warningText } from "./command.ts";
import { listenProblem, readListen } from "./listening.ts";
import type { Arguments } from "./options.ts";
import { last, optional, reporterChoices, runOptions, usage } from "./values.ts";

export const serveCommand: Command = async (given, { stdout, stderr, takeInterrupts }) => {
  const { color, timings = false, verbose = false, quiet = false } = given.flags;
  if (verbose && quiet) throw usage("--verbose and --quiet contradict each other: use one of them");
  const choices = reporterChoices(
    given,
    reporters.map(({ name }) => name),
  );
  const keepReplies = verbose || choices.some(({ name }) => name === "json");
  let service: Service;
  try {
    service = await serve({ ...serveOptions(given), keepReplies, verbose, signal: takeInterrupts() }, builtins);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    stderr.write(`wiredoc: ${displayText(whyNot(error))}\n`);
    return EXIT.unreachable;
  }
  if (given.texts.mode?.at(-1) === "match") return stub(service);
  // A report for machines has standard output to itself.
  const isMixed = choices.every(({ name, file }) => file !== undefined || name === "pretty" || name === "dot");
  (isMixed ? stdout : stderr).write(`listening on ${displayText(service.url)}\n`);

  const files: FileOutput[] = [];
  let exitCode: number = EXIT.ok;
  try {
    const consumers = [];
    for (const { name, file } of choices) {
      const reporter = await reporters.find((one) => one.name === name)!.load();
      const opened = file === undefined ? streamOutput(stdout, color) : await fileOutput(file, color);
      if ("commit" in opened) files.push(opened as FileOutput);
      consumers.push((events: AsyncIterable<RunEvent>) => reporter.report(events, opened, { timings, verbose, quiet }));
    }
    await fanOut(watch(service.events), consumers);
    while (files.length > 0) await files.shift()!.commit();
    return exitCode;
  } finally {
    for (const file of files.reverse()) await file.discard();
  }

  async function stub({ url, events }: Service): Promise<number> {
    stdout.write(`listening on ${displayText(url)}\n`);
    for await (const event of events)
      if (event.kind === "server-output") stderr.write(outputText(event));
      else if (event.kind === "run-start") warn(event);
    return EXIT.ok;
  }

  function warn({ warnings }: RunEvent & { readonly kind: "run-start" }): void {
    for (const { path, line, column, message } of warnings)
      stderr.write(warningText({ file: path, line, column }, message));
  }

  async function* watch(events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
    for await (const event of events) {
      if (event.kind === "run-end") ({ exitCode } = event);
      yield event;
      if (event.kind === "run-start") warn(event);
    }
  }
};

/** Why an address cannot be listened on, with the remedy. */
function whyNot({ at, cause }: ListenError): string {
  const problem = "path" in at ? undefined : listenProblem(cause, at);
  return problem ?? `cannot listen on ${"path" in at ? `unix:${at.path}` : at.host}: ${(cause as Error).message}`;
}

function readAddress(text: string): Address {
  const [, path] = /^unix:(?:\/\/)?(\/.+)$/.exec(text) ?? [];
  return path === undefined ? readListen(text, "127.0.0.1:8080") : { path };
}

function serveOptions(given: Arguments): ServeOptions {
  const [path, ...others] = given.paths;
  if (path === undefined || others.length > 0)
    throw usage(`"wiredoc serve" takes one document: ${path === undefined ? "add its path" : `remove "${others[0]}"`}`);
  const { paths: _, ...options } = runOptions(given);
  const listen = last(given, "listen");
  return {
    ...options,
    path,
    ...optional("mode", mode(given)),
    ...optional("listen", listen === undefined ? undefined : readAddress(listen)),
    ...optional("certificate", certificateOf(given, process.cwd())),
  };
}

function mode(given: Arguments): Mode | undefined {
  const text = last(given, "mode");
  if (text === undefined || text === "script") return text;
  if (text !== "match") throw usage(`--mode: invalid value "${text}": use script or match`);
  if (given.texts.reporter)
    throw usage("--reporter: there is no report with --mode match, which has no end: remove it");
  return text;
}
