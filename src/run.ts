/**
 * The whole of wiredoc on one screen: plan the documents, replay them, tell what happened.
 */
import { decodeText } from "./base/bytes.ts";
import { now } from "./base/clock.ts";
import { builtins, plugIns, schemes } from "./builtins.ts";
import { displayPath } from "./plan/display-path.ts";
import type { RunOptions } from "./plan/options.ts";
import { checkGivenUrl } from "./plan/places.ts";
import { type Plan, plan } from "./plan/plan.ts";
import { Variables } from "./plan/variables.ts";
import type { Counts, DocumentResult, RunEvent } from "./play/outcome.ts";
import { EventQueue } from "./replay/events.ts";
import { SecretMask } from "./replay/mask.ts";
import { schedule } from "./replay/schedule.ts";
import { countResults, exitCode } from "./replay/tally.ts";

/**
 * Replays documents and tells what happens, event by event; `run-end` comes last. Leaving the loop early, or the signal,
 * ends the run: servers that it started are stopped.
 * @throws {WiredocError} where options, config file or paths are wrong.
 */
export async function* run(options: RunOptions = {}): AsyncGenerator<RunEvent, void, undefined> {
  const started = now();
  yield* runPlanned(await planRun(options), options, started);
}

/** The plan of a run. @throws {WiredocError} where options, config file or paths are wrong. */
export async function planRun(options: RunOptions): Promise<Plan> {
  checkGivenUrls(options);
  return plan(options, builtins, true);
}

/** The same as {@link run} for what is planned already. @param started the time of its start, in milliseconds. */
export async function* runPlanned(
  planned: Plan,
  options: RunOptions,
  started: number = now(),
): AsyncGenerator<RunEvent, void, undefined> {
  const documents = planned.documents.filter(
    ({ examples, errors }) => errors.length > 0 || examples.some(({ role }) => role === "example"),
  );
  yield {
    kind: "run-start",
    documents: documents.map(({ path, examples }) => ({
      path,
      examples: examples.filter(({ role }) => role === "example").length,
    })),
    config: planned.config.path && displayPath(planned.config.path, options.cwd ?? process.cwd()),
    warnings: planned.documents.flatMap(({ path, warnings }) =>
      warnings.map(({ message, code, span }) => {
        const { line = 1, column = 1 } = span ?? {};
        return { path, line, column, message: `${message} [${code}]` };
      }),
    ),
  };

  const queue = new EventQueue<RunEvent>();
  let isOver = false;
  const left = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
  const mask = secretMask(options, planned);
  const results = replayAll({ ...planned, documents }, options, signal, (event) => queue.push(mask.hide(event)), mask);
  results.then(
    () => {
      isOver = true;
      queue.end();
    },
    (error) => queue.end(error),
  );
  try {
    yield* queue;
  } finally {
    if (!isOver) left.abort();
    await results.catch(() => {});
  }
  yield runEnd(await results, options, now() - started);
}

/** @throws {WiredocError} where a URL of the command line is wrong. */
export function checkGivenUrls({ target, servers: named = {} }: RunOptions): void {
  const known = Object.keys(schemes);
  if (target !== undefined) checkGivenUrl(target, "--target", known);
  for (const [name, url] of Object.entries(named)) checkGivenUrl(url, `--server ${name}`, known);
}

function replayAll(
  { documents, config, registry, permissions }: Plan,
  options: RunOptions,
  signal: AbortSignal,
  emit: (event: RunEvent) => void,
  mask: SecretMask,
): Promise<readonly DocumentResult[]> {
  return schedule(documents, {
    options,
    config,
    registry,
    permissions,
    signal,
    emit,
    onCapture: (name, value) => {
      if (options.secrets?.includes(name)) mask.add(decodeText(value));
    },
    ...plugIns(options.serverOutput ? (server, line) => emit({ kind: "server-output", server, line }) : undefined),
  });
}

/** Hides the values that the secrets of the options have in documents. */
export function secretMask({ secrets = [] }: RunOptions, { documents }: Pick<Plan, "documents">): SecretMask {
  const mask = new SecretMask();
  for (const name of secrets) {
    for (const { variables } of documents) {
      const value = new Variables(variables).get(name);
      if (value !== undefined) mask.add(decodeText(value));
    }
  }
  return mask;
}

function runEnd(
  results: readonly DocumentResult[],
  { signal, strict = false }: RunOptions,
  durationMs: number,
): RunEvent {
  const interrupted = signal?.aborted ?? false;
  const counts: Counts = countResults(results);
  const code = exitCode(results, interrupted, strict);
  return { kind: "run-end", ok: code === 0, interrupted, exitCode: code, durationMs, counts };
}
