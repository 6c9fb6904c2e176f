/**
 * Runs the command, and writes beside each script of dist that it loaded what V8 compiled on the way:
 * `node code-cache.js ARGUMENTS`. A script keeps the code that an earlier run has left.
 */
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import vm from "node:vm";

const scripts = new Map();
const { Script } = vm;
vm.Script = class extends Script {
  constructor(source, options) {
    super(source, options);
    // The name that bin/wiredoc.js looks for.
    scripts.set(`${options.filename}.${process.versions.v8}-${process.arch}.cache`, this);
  }
};
process.on("exit", () => {
  for (const [file, script] of scripts) if (!existsSync(file)) writeFileSync(file, script.createCachedData());
});
createRequire(import.meta.url)("../bin/wiredoc.js");
