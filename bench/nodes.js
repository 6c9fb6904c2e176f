/** Further versions of Node whose start-up is measured: BENCH_NODES names their binaries, separated as in PATH. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { delimiter } from "node:path";
import { here } from "./stage.js";

const scripts = () => readdirSync(here("../dist"));

function nodeAt(path) {
  const [version, v8] = execFileSync(path, ["-p", 'process.version + " " + process.versions.v8'], { encoding: "utf8" })
    .trim()
    .split(" ");
  const hasCode = scripts().some((file) => file.includes(`.${v8}-`) && file.endsWith(".cache"));
  return { path, name: `Node ${version}${hasCode ? "" : " (dist has no code for its V8)"}` };
}

export const furtherNodes = () =>
  (process.env.BENCH_NODES ?? "")
    .split(delimiter)
    .filter((path) => path !== "")
    .map(nodeAt);
