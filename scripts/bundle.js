/**
 * The command as one file, dist/cli.cjs, and the code that V8 makes of it, dist/cli.cjs.cache. One script is read and
 * compiled many times faster than the modules that it is made of; what a run does not need is in it, but not executed.
 */
import { spawnSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outfile = `${root}dist/cli.cjs`;

const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
await rm(`${outfile}.cache`, { force: true });

/** Packages that few runs need, each in a file of its own beside the bundle. */
const LAZY = ["yargs", "re2js", "diff", "tinyglobby", "protobufjs/minimal.js"];

const settings = {
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  // One character beyond ASCII would double the size of the whole script in memory.
  charset: "ascii",
  minifySyntax: true,
  minifyWhitespace: true,
  supported: { "dynamic-import": false },
  legalComments: "linked",
  alias: {
    // Its build for Node is CommonJS, of which nothing can be left out.
    yaml: "./node_modules/yaml/browser/index.js",
    entities: "./scripts/shims/entities.js",
    "linkify-it": "./scripts/shims/unused.js",
    "punycode.js": "./scripts/shims/unused.js",
  },
  logLevel: "warning",
};

await build({
  ...settings,
  entryPoints: ["src/cli.ts"],
  outfile,
  plugins: [
    {
      name: "lazy-files",
      setup({ onResolve }) {
        const filter = new RegExp(`^(?:${LAZY.join("|")})$`);
        onResolve({ filter }, ({ path }) => ({ path: `./lazy/${path}.cjs`, external: true }));
      },
    },
    {
      // A script has no `import` of its own for the modules of a config file: bin/wiredoc.js lends it one.
      name: "lend-import",
      setup({ onLoad }) {
        onLoad({ filter: /[/\\]import-module\.ts$/ }, () => ({ contents: "export const importModule = lentImport;" }));
      },
    },
  ],
  define: {
    WIREDOC_VERSION: JSON.stringify(version),
    "import.meta.url": "bundleUrl",
    "import.meta.dirname": "__dirname",
  },
  // bin/wiredoc.js calls the script's value: a function, as Node wraps what `require` loads.
  banner: {
    js: "(function(require,lentImport,__filename){const module={exports:{}},bundleUrl=require('node:url').pathToFileURL(__filename).href;",
  },
  footer: { js: "})" },
});
// esbuild leaves expressions as they are; so read, the whole script is one byte a character.
const script = await readFile(outfile, "utf8");
const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
await writeFile(outfile, script.replace(/[^\x00-\x7f]/g, escaped));
for (const name of LAZY) {
  await build({
    ...settings,
    entryPoints: [name],
    outfile: `${root}dist/lazy/${name}.cjs`,
    banner: { js: "const bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    define: { "import.meta.url": "bundleUrl", "import.meta.dirname": "__dirname" },
    // Node's modules take all that a CommonJS file exports for its default export.
    ...(name === "yargs" && { footer: { js: "module.exports=module.exports.default;" } }),
  });
}
const { status } = spawnSync(process.execPath, [`${root}scripts/code-cache.js`, outfile], {
  stdio: ["ignore", "ignore", "inherit"],
});
process.exitCode = status ?? 1;
