#!/usr/bin/env node
/**
 * Starts the command: dist/cli.cjs, one bundle, with the code that V8 compiled when it was built. Another version of V8
 * refuses that code and compiles the bundle itself. Packages that few runs need are loaded from beside it in the same
 * way. This file is CommonJS (package.json beside it), because loading it as a module would take as long as a tenth of a
 * short run.
 */
const { readFileSync } = require("node:fs");
const { setFlagsFromString } = require("node:v8");
const vm = require("node:vm");

// A run is short: what V8's optimising compiler does to its code rarely pays, and takes a third of the processor on a
// thread of its own. It begins later so, and young objects get their room in one step instead of five.
setFlagsFromString("--interrupt-budget=1000000");
setFlagsFromString("--semi-space-growth-factor=16");

const DIST = `${__dirname}/../dist/`;
const loaded = {};

/** Runs a script of dist as Node runs a CommonJS module; what it exports. */
function load(name) {
  if (loaded[name]) return loaded[name].exports;
  const filename = DIST + name;
  let cachedData;
  try {
    cachedData = readFileSync(`${filename}.cache`);
  } catch {
    // Built without one.
  }
  const script = new vm.Script(readFileSync(filename, "latin1"), { filename, cachedData });
  const module = { exports: {} };
  loaded[name] = module;
  script.runInThisContext()(requireFrom, (url) => import(url), filename, module);
  return module.exports;
}

function requireFrom(id) {
  return id.startsWith("./lazy/") ? load(id.slice(2)) : require(id);
}

load("cli.cjs");
