/**
 * The command as few files: what a plain run needs in dist/cli.js, what it loads only at need (yargs, yaml, ...) in
 * dist/chunks. One file for all would have to be read and compiled whole at every start.
 */
import { readdir, readFile, rm } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { cli: "src/cli.ts" },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  // Its build for Node is CommonJS, which a bundle of modules can neither load lazily nor shake.
  alias: { yaml: "./node_modules/yaml/browser/index.js" },
  metafile: true,
  define: { WIREDOC_VERSION: JSON.stringify(version) },
  logLevel: "warning",
});
const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
const chunks = `${root}dist/chunks`;
for (const name of await readdir(chunks)) if (!made.has(name)) await rm(`${chunks}/${name}`);
