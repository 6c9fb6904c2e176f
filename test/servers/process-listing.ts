import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The processes of a group that still run; one that only waits to be reaped does not. */
export function runningMembers(group: number): number[] {
  return listProcesses()
    .filter((one) => one.group === group && !/^[ZX]/.test(one.state))
    .map(({ pid }) => pid);
}

interface Process {
  readonly pid: number;
  readonly group: number;
  readonly state: string;
}

/** From /proc on Linux, where `ps` may not be installed (proc(5): the name in parentheses, state, parent, group). */
function listProcesses(): readonly Process[] {
  if (existsSync("/proc/self/stat")) return readdirSync("/proc").flatMap(readStat);
  return execFileSync("ps", ["-A", "-o", "pid=,pgid=,stat="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => {
      const [pid, group, state = ""] = line.trim().split(/\s+/);
      return { pid: Number(pid), group: Number(group), state };
    });
}

function readStat(pid: string): readonly Process[] {
  if (!/^\d+$/.test(pid)) return [];
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state = "", , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [{ pid: Number(pid), group: Number(group), state }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

/** The number after `group `, which the servers of these tests print first. */
export function groupIn(output: string): number {
  const group = Number(/group (\d+)/.exec(output)?.[1]);
  if (!(group > 1)) throw new Error(`no group in: ${output}`);
  return group;
}
