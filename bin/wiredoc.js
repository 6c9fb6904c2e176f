#!/usr/bin/env node
/**
 * Starts the command: dist/cli.cjs, one bundle, with the code that V8 compiled in an earlier run. The build leaves that of
 * its own Node; where V8 is another one, the first run of documents does. Packages that few runs need are loaded from beside
 * the bundle in the same way. This file is CommonJS (package.json beside it), because loading it as a module would take as
 * long as a tenth of a short run.
 */
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const DIST = `${__dirname}/../dist/`;
/**
 * Code has the name of the V8 that made it, as V8 looks at no more than its own version when it takes code: Node's
 * patches, which `-node.N` counts, and the processor are the same to it.
 */
const CODE = `.${process.versions.v8}-${process.arch}.cache`;
const loaded = {};
/** Scripts that V8 had to compile. */
const compiled = [];

/** Runs a script of dist as Node runs a CommonJS module; what it exports. */
function load(name) {
  if (loaded[name]) return loaded[name].exports;
  const filename = DIST + name;
  let cachedData;
  try {
    cachedData = readFileSync(filename + CODE);
  } catch {
    // No run of this V8 has left one.
  }
  const script = new vm.Script(readFileSync(filename, "latin1"), { filename, cachedData });
  if (!cachedData || script.cachedDataRejected) {
    if (compiled.length === 0) process.on("exit", leaveCode);
    compiled.push({ name, script });
  }
  const module = { exports: {} };
  loaded[name] = module;
  script.runInThisContext()(requireFrom, (url) => import(url), filename, module);
  return module.exports;
}

function requireFrom(id) {
  return id.startsWith("./lazy/") ? load(id.slice(2)) : require(id);
}

function leaveCode(exitCode) {
  const { leave, isRun } = require("./leave-code.js");
  const keepsAll = isRun(exitCode, process.argv);
  for (const { name, script } of compiled) if (keepsAll || name !== "cli.cjs") leave(DIST + name + CODE, script);
}

load("cli.cjs");
