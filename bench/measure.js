/** Whole processes, measured one after another, and what their times say. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter } from "node:path";

/**
 * Without what makes every Node start slower, and so the share of a start that is wiredoc's look smaller: reading
 * further certificates alone may take longer than all of `node -e 0`.
 */
const ENVIRONMENT = { ...process.env };
for (const name of ["NODE_OPTIONS", "NODE_EXTRA_CA_CERTS", "NODE_V8_COVERAGE", "NODE_DEBUG", "FORCE_COLOR"])
  delete ENVIRONMENT[name];

/** Where a program is on the PATH; undefined where it is not. */
export function which(program) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      accessSync(`${folder}/${program}`, constants.X_OK);
      return `${folder}/${program}`;
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

const TASKSET = which("taskset");
export const isPinned = TASKSET !== undefined;

/** The command on the first core alone, where the system can do that. */
export const pin = (command) => (TASKSET ? [TASKSET, "-c", "0", ...command] : command);

/**
 * Runs a command to its end; milliseconds. What it prints goes nowhere, or to `stdout` of the result.
 * @throws where it does not exit with the expected code: a wrong run has no time.
 */
export function time(command, { code = 0, cwd, env } = {}) {
  const [file, ...args] = command;
  const started = process.hrtime.bigint();
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    maxBuffer: 1 << 26,
  });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (error) throw error;
  if (status !== code) {
    const said = `${stdout}${stderr}`.slice(-2000);
    throw new Error(`${command.join(" ")} ended with ${signal ?? status}, not ${code}:\n${said}`);
  }
  return { ms, stdout };
}

const MEMORY_PROBE = new URL("peers/peak-memory.cjs", import.meta.url).pathname;

/** The most memory that a run of Node had resident, in MiB. */
export function peakMemory(args, folder) {
  const file = `${folder}/peak-memory`;
  time(pin([process.execPath, "--require", MEMORY_PROBE, ...args]), { cwd: folder, env: { PEAK_MEMORY_FILE: file } });
  return Number(readFileSync(file, "utf8")) / 1024;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs all contestants in turn, round for round, so that what disturbs the machine disturbs them all; the first round only
 * warms it up. A contestant with `every: n` takes part in every nth round.
 * @returns for each round what each contestant that took part measured, by name.
 */
export function interleave(contestants, rounds, progress) {
  const results = [];
  for (let round = 0; round <= rounds; round++) {
    progress(round, rounds);
    const result = {};
    for (const { name, every = 1, run } of contestants) if (round % every === 0) result[name] = run();
    if (round > 0) results.push(result);
  }
  return results;
}
