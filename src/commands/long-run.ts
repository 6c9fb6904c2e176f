/** What V8 is told before a run of thousands of exchanges; a short one would pay more for it than it gains. */
import { statSync } from "node:fs";

/** Bytes of a document from which it pays. */
const LARGE = 65_536;

/**
 * A run of a second is short for the V8 of Node 20: most of what its optimising compiler does comes too late, and takes a
 * third of the processor's time on threads of its own. So it begins later, and young objects get their room in one step
 * instead of five. That is 20 % of the time of 10,000 exchanges. Later versions of V8 do better without: in Node 22 the run
 * takes 5 % longer with these flags, and Node 24 does not know the first one.
 */
export function prepareForLongRun(paths: readonly string[]): void {
  if (!process.versions.node.startsWith("20.") || !paths.some(isLarge)) return;
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--interrupt-budget=1000000");
  setFlagsFromString("--semi-space-growth-factor=16");
}

function isLarge(path: string): boolean {
  try {
    return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= LARGE;
  } catch {
    // What is wrong with it is told by who reads it (plan/paths.ts).
    return false;
  }
}
