#!/usr/bin/env node
/**
 * Starts the command: dist/cli.cjs, one bundle, with the code that V8 compiled when it was built. Another version of V8
 * refuses that code and compiles the bundle itself.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const filename = join(dirname(fileURLToPath(import.meta.url)), "../dist/cli.cjs");
let cachedData;
try {
  cachedData = readFileSync(`${filename}.cache`);
} catch {
  // Built without one.
}
const script = new vm.Script(readFileSync(filename, "utf8"), {
  filename,
  cachedData,
});
script.runInThisContext()(createRequire(filename), (url) => import(url), filename);
