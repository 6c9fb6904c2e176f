#!/usr/bin/env node
/**
 * Starts the command: dist/cli.cjs, one bundle, with the code that V8 compiled when it was built. Another version of V8
 * refuses that code and compiles the bundle itself. This file is CommonJS (package.json beside it), because loading it
 * as a module would take as long as a tenth of a short run.
 */
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const vm = require("node:vm");

const filename = join(__dirname, "../dist/cli.cjs");
let cachedData;
try {
  cachedData = readFileSync(`${filename}.cache`);
} catch {
  // Built without one.
}
const script = new vm.Script(readFileSync(filename, "latin1"), {
  filename,
  cachedData,
});
script.runInThisContext()(createRequire(filename), (url) => import(url), filename);
