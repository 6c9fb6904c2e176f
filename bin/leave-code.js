/** Leaves the code that V8 compiled in this run for the next ones, where nobody has yet. */
const { renameSync, rmSync, writeFileSync } = require("node:fs");

const OTHERS = new Set(["check", "list", "store", "--help", "-h", "--version"]);

/** Whether this was a run of documents. What other commands compile of the bundle is too little for one. */
exports.isRun = (exitCode, argv) => exitCode <= 1 && !argv.some((word) => OTHERS.has(word));

/** Writes the code of a script into a file, which is whole at any time. */
exports.leave = (file, script) => {
  const unfinished = `${file}.${process.pid}`;
  try {
    // Where the folder takes no file, the code is not worth the time that it takes to be made.
    writeFileSync(unfinished, "", { flag: "wx" });
  } catch {
    return;
  }
  try {
    writeFileSync(unfinished, script.createCachedData());
    renameSync(unfinished, file);
  } catch {
    // The disk is full: the next run compiles again.
    rmSync(unfinished, { force: true });
  }
};
