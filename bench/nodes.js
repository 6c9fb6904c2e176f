/** Further versions of Node whose start-up is measured: BENCH_NODES names their binaries, separated as in PATH. */
import { execFileSync } from "node:child_process";
import { delimiter } from "node:path";

const nodeAt = (path) => ({ path, name: `Node ${execFileSync(path, ["--version"], { encoding: "utf8" }).trim()}` });

export const furtherNodes = () =>
  (process.env.BENCH_NODES ?? "")
    .split(delimiter)
    .filter((path) => path !== "")
    .map(nodeAt);
