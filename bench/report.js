/** What was measured, as tables. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { isPinned, median } from "./measure.js";

const digits = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** Columns as wide as they need to be; the first one to the left, the others to the right. */
export function table(head, rows) {
  const cells = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)]
    .map((text) => text.trimEnd())
    .join("\n");
}

/** The median over the rounds of what `of` makes of each, with the quarter and three-quarter marks. */
export function spread(rounds, of) {
  const values = rounds
    .map(of)
    .filter((value) => Number.isFinite(value))
    .sort((a, b) => a - b);
  if (values.length === 0) return undefined;
  const at = (share) => values[Math.min(values.length - 1, Math.floor(share * values.length))];
  return { middle: median(values), low: at(0.25), high: at(0.75) };
}

/** A row of the goals' table: how it stands to its goal and to its limit, which may be a least (`atLeast`). */
export function verdict({ name, unit = "", goal, limit, atLeast = false }, measured) {
  const bound = (value) => (value === undefined ? "" : `${atLeast ? "≥" : "≤"} ${value}${unit}`);
  if (!measured) return [name, "skipped", "", bound(goal), bound(limit), ""];
  const { middle, low, high } = measured;
  const keeps = (value) => (atLeast ? middle >= value : middle <= value);
  const says = keeps(goal) ? "good" : limit === undefined || keeps(limit) ? "above goal" : "ABOVE LIMIT";
  return [
    name,
    `${digits(middle)}${unit}`,
    `${digits(low)}–${digits(high)}`,
    bound(goal),
    bound(limit),
    atLeast ? says.replace("above", "below").replace("ABOVE", "BELOW") : says,
  ];
}

export const milliseconds = (measured) => (measured ? `${digits(measured.middle)} ms` : "");
export const times = (measured) => (measured ? `${digits(measured.middle)} ×` : "");

function firstLine(command, ...args) {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return error ? undefined : (`${stdout}${stderr}`.trim().split("\n")[0] ?? "");
}

const VERSIONS = [
  ["redis-server", "--version"],
  ["nginx", "-v"],
  ["etcd", "--version"],
  ["cc", "--version"],
  ["expect", "-v"],
  ["cram3", "--version"],
  ["hurl", "--version"],
];

export function machine() {
  const [cpu] = cpus();
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const found = VERSIONS.map(([command, flag]) => [command, firstLine(command, flag)]);
  const missing = found.filter(([, text]) => text === undefined).map(([command]) => command);
  return [
    `wiredoc ${version}, Node ${process.version}, ${new Date().toISOString()}`,
    `${cpus().length} × ${cpu?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB, ${type()} ${release()}, load ${loadavg()[0].toFixed(2)}`,
    isPinned
      ? "throughput: clients and servers on core 0 (taskset)"
      : "NOT PINNED, as there is no taskset: the ratios of throughput mean little",
    ...found.filter(([, text]) => text !== undefined).map(([command, text]) => `${command}: ${text}`),
    ...(missing.length > 0 ? [`not installed, left out: ${missing.join(", ")}`] : []),
  ].join("\n");
}
