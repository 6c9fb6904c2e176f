import { execFileSync } from "node:child_process";

/** The processes of a group that still run; one that only waits to be reaped does not. */
export function runningMembers(group: number): number[] {
  return execFileSync("ps", ["-A", "-o", "pid=,pgid=,stat="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid, state]) => Number(pgid) === group && !state?.startsWith("Z"))
    .map(([pid]) => Number(pid));
}

/** The number after `group `, which the servers of these tests print first. */
export function groupIn(output: string): number {
  const group = Number(/group (\d+)/.exec(output)?.[1]);
  if (!(group > 1)) throw new Error(`no group in: ${output}`);
  return group;
}
