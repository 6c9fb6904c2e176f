/** Runs a document with a bundle, and writes beside it what V8 compiled on the way: `node code-cache.js BUNDLE`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import vm from "node:vm";

const filename = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), "wiredoc-build-"));
const document = join(folder, "warm-up.md");
writeFileSync(document, "---\nserver: builtin:kv\n---\n```wire\nKV {{_}} ready\n>>> GET a\nNONE\n```\n");

const script = new vm.Script(readFileSync(filename, "latin1"), {
  filename,
});
process.on("exit", () => {
  writeFileSync(`${filename}.cache`, script.createCachedData());
  rmSync(folder, { recursive: true });
});
process.argv = [process.execPath, "wiredoc", "--quiet", document];
script.runInThisContext()(createRequire(filename), (url) => import(url), filename);
