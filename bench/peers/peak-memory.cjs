/**
 * Preloaded (`node --require`): writes the peak of the process' resident memory in KiB to the file that PEAK_MEMORY_FILE
 * names, as the process exits. VmHWM rather than getrusage where there is one: the latter begins with what the parent had.
 */
const { readFileSync, writeFileSync } = require("node:fs");

function peak() {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

process.on("exit", () => writeFileSync(process.env.PEAK_MEMORY_FILE, String(peak())));
