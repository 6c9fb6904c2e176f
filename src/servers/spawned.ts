import { promises as files } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "../base/duration.ts";
import { freePort } from "./free-port.ts";
import { OutputLines } from "./output-lines.ts";
import { type Ending, ProcessGroup } from "./process-group.ts";
import {
  type Address,
  addressOf,
  answersHttp,
  describeReadiness,
  formatAddress,
  outputMatches,
  type Readiness,
  takesConnections,
  until,
} from "./readiness.ts";
import { type RunningServer, type Server, ServerError } from "./server.ts";

/** A server that a command starts. `{{port}}` in command, target and environment is one free port of 127.0.0.1. */
export interface SpawnedDefinition {
  readonly name: string;
  /** A command line for the shell (`/bin/sh`). */
  readonly command: string;
  readonly target: string;
  readonly ready: Readiness;
  /** On top of this process's own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: NodeJS.Signals;
  /** How long it may take until it is ready, in milliseconds. */
  readonly startup: number;
  readonly cwd: string;
  /** Told of each line that it prints, as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export function spawnedServer(definition: SpawnedDefinition): Server {
  return { name: definition.name, start: (signal) => start(definition, signal) };
}

const PORT = "{{port}}";

async function start(definition: SpawnedDefinition, signal: AbortSignal): Promise<RunningServer> {
  signal.throwIfAborted();
  const { name, ready, startup } = definition;
  const port = String(await freePort());
  const withPort = (text: string): string => text.replaceAll(PORT, port);
  const target = withPort(definition.target);
  const address = addressOf(target);
  await expectNothingInTheWay(definition, address, signal);

  const group = startGroup(definition, withPort);
  if (definition.onLine) tellLines(group, definition.onLine);
  const attempts = new AbortController();
  const outcome = await Promise.race([
    becomesReady(group, ready, address, attempts.signal),
    group.ended,
    sleep(startup, "late" as const, { signal: attempts.signal }),
    aborted(signal, attempts.signal),
  ])
    .catch((error: Error) => error)
    .finally(() => attempts.abort());

  if (outcome === "ready") {
    return {
      target,
      output: () => group.output.toString(),
      ended: async (within) => {
        const ending = await group.goneBy(within);
        return ending && describeEnding(ending);
      },
      stop: () => group.stop(),
    };
  }
  await group.stop();
  if (outcome === "aborted") throw signal.reason;
  const what =
    outcome instanceof Error
      ? `cannot be waited for: ${outcome.message}`
      : outcome === "late"
        ? `was not ready within ${formatDuration(startup)} (waiting for ${describeReadiness(ready, address)})`
        : describeEarlyEnding(outcome);
  throw new ServerError(`server "${name}" ${what}`, group.output.toString());
}

/**
 * What would look like a server that is ready, or never is, is said before one is started.
 * @throws {ServerError}
 */
async function expectNothingInTheWay(
  { name, target, ready, cwd }: SpawnedDefinition,
  address: Address | undefined,
  signal: AbortSignal,
): Promise<void> {
  const folder = await files.stat(cwd).catch(() => undefined);
  if (!folder?.isDirectory()) throw new ServerError(`server "${name}" could not be started: no folder "${cwd}"`, "");
  if (ready.kind === "output") return;
  if (address === undefined) {
    const remedy = "say what it prints when it is ready (`ready: {output: …}`)";
    throw new ServerError(`server "${name}": no connection can be made to "${target}"; ${remedy}`, "");
  }
  // Without a port of its own, one that is left over from elsewhere would be taken for it.
  if (target.includes(PORT) || !(await takesConnections(address, signal))) return;
  throw new ServerError(`server "${name}" was not started: something listens on ${formatAddress(address)} already`, "");
}

function startGroup(definition: SpawnedDefinition, withPort: (text: string) => string): ProcessGroup {
  const environment = Object.entries(definition.environment).map(([key, value]) => [key, withPort(value)]);
  try {
    return new ProcessGroup({
      command: withPort(definition.command),
      cwd: definition.cwd,
      environment: Object.fromEntries(environment),
      stop: definition.stop,
    });
  } catch (error) {
    throw new ServerError(`server "${definition.name}" could not be started: ${(error as Error).message}`, "");
  }
}

function tellLines(group: ProcessGroup, tell: (line: string) => void): void {
  const lines = { stdout: new OutputLines(tell), stderr: new OutputLines(tell) };
  group.onOutput((chunk, stream) => lines[stream].append(chunk));
  void group.closed.then(() => {
    lines.stdout.end();
    lines.stderr.end();
  });
}

async function becomesReady(
  group: ProcessGroup,
  ready: Readiness,
  address: Address | undefined,
  signal: AbortSignal,
): Promise<"ready"> {
  if (ready.kind === "output") await outputMatches(group, ready.regex);
  else {
    const attempt = ready.kind === "tcp" ? takesConnections : httpAttempt(ready.path);
    await until((within) => attempt(address!, within), signal);
  }
  return "ready";
}

const httpAttempt =
  (path: string) =>
  (address: Address, signal: AbortSignal): Promise<boolean> =>
    answersHttp(address, path, signal);

function aborted(signal: AbortSignal, over: AbortSignal): Promise<"aborted"> {
  return new Promise((resolve) => {
    const tell = (): void => resolve("aborted");
    signal.addEventListener("abort", tell, { once: true, signal: over });
    if (signal.aborted) tell();
  });
}

function describeEarlyEnding(ending: Ending): string {
  if (ending.kind === "error") return describeEnding(ending);
  const remedy = ending.kind === "code" && ending.code === 0 ? " (its command has to stay in the foreground)" : "";
  return `${describeEnding(ending)} before it was ready${remedy}`;
}

function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case "error":
      return `could not be started: ${ending.error.message}`;
    case "signal":
      return `was killed by ${ending.signal}`;
    case "code":
      return `exited with code ${ending.code}`;
  }
}
