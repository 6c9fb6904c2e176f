/** What every benchmark stands on: its command line, a folder of its own, and the servers that it starts; all gone in the end. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { which } from "./measure.js";

export const here = (path) => fileURLToPath(new URL(path, import.meta.url));
export const WIREDOC = here("../bin/wiredoc.js");
export const isQuick = process.argv.includes("--quick");
export const ROUNDS = isQuick ? 3 : 9;

/** Ends the process where something is wrong; `programs` are those without which nothing can be measured. */
export function checkSurroundings(programs = []) {
  const stray = process.argv.slice(2).find((argument) => argument !== "--quick");
  const missing = programs.filter((program) => !which(program));
  const mistake =
    stray !== undefined
      ? `there is no "${stray}"; there is --quick`
      : !existsSync(here("../dist/cli.cjs"))
        ? "there is no dist/cli.cjs; run npm run build"
        : missing.length > 0
          ? `not installed: ${missing.join(", ")}`
          : undefined;
  if (mistake === undefined) return;
  console.error(`bench: ${mistake}`);
  process.exit(2);
}

/** Runs a benchmark with a folder and a list for the servers that it starts. */
export async function perform(benchmark) {
  const folder = mkdtempSync(`${tmpdir()}/wiredoc-bench-`);
  const servers = [];
  const cleanUp = async () => {
    // What stands on another one goes first.
    for (const { stop } of servers.splice(0).reverse()) await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])
    process.on(signal, () => cleanUp().then(() => process.exit(code)));
  try {
    await benchmark(folder, servers);
  } finally {
    await cleanUp();
  }
}

export function progress(round, rounds) {
  if (process.stderr.isTTY) process.stderr.write(round === rounds ? "\r\x1b[K" : `\rround ${round} of ${rounds}`);
}
