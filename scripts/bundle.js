/**
 * The command as one file, dist/cli.cjs, and beside it the code that V8 makes of it (*.cache). One script is read and
 * compiled many times faster than the modules that it is made of; what a run does not need is in it, but not executed.
 * Packages that a plain run does without are in files of their own beside it, each with its code.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Packages that few runs need, and which export of theirs `require` gives; without one it gives all of them. */
const LAZY = {
  yargs: ".default",
  re2js: "",
  diff: "",
  "string-width": "",
  tinyglobby: "",
  yaml: "",
  "markdown-it": ".default",
  protobufjs: "",
  "protobufjs/minimal.js": "",
  "@grpc/grpc-js": "",
};

const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));

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
  define: {
    WIREDOC_VERSION: JSON.stringify(version),
    "import.meta.url": "bundleUrl",
    "import.meta.dirname": "__dirname",
  },
  logLevel: "warning",
};

/** Bundles what begins at `entry` as a script whose value is a function, as Node wraps what `require` loads. */
async function bundle(entry, name, { head = "", exported = "", plugins = [] } = {}) {
  const outfile = `${root}dist/${name}`;
  await build({
    ...settings,
    entryPoints: [entry],
    outfile,
    plugins,
    // bin/wiredoc.js calls it.
    banner: { js: `(function(require,lentImport,__filename,module){${head}` },
    footer: { js: `${exported && `module.exports=module.exports${exported};`}})` },
  });
  // esbuild leaves expressions as they are; so read, the whole script is one byte a character.
  const script = await readFile(outfile, "utf8");
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  await writeFile(outfile, script.replace(/[^\x00-\x7f]/g, escaped));
}

// V8 tells a script from the one that code was made of by its length alone, so that none may stay.
await mkdir(`${root}dist`, { recursive: true });
for (const path of await readdir(`${root}dist`, { recursive: true }))
  if (path.endsWith(".cache")) await rm(`${root}dist/${path}`);

await bundle("src/cli.ts", "cli.cjs", {
  plugins: [
    {
      name: "lazy-files",
      setup({ onResolve }) {
        const filter = new RegExp(`^(?:${Object.keys(LAZY).join("|")})$`);
        onResolve({ filter }, ({ path }) => ({ path: `./lazy/${path}.cjs`, external: true }));
      },
    },
    {
      // The `require` of the sources' modules is that of the script here.
      name: "lazy-packages",
      setup({ onLoad }) {
        onLoad({ filter: /[/\\]base[/\\]packages\.ts$/ }, async ({ path }) => {
          const text = await readFile(path, "utf8");
          return {
            loader: "ts",
            contents: text.replace(/^(?:import .* from "node:module"|const require = .*);$/gm, ""),
          };
        });
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
});
for (const [name, exported] of Object.entries(LAZY)) {
  const head = "const exports=module.exports,bundleUrl=require('node:url').pathToFileURL(__filename).href;";
  await bundle(name, `lazy/${name}.cjs`, { head, exported });
}

/**
 * What a script has compiled when a run ends is written down (bin/wiredoc.js); the first run that loads it decides. That of
 * the bundle is one exchange over TCP and one GET: code that few runs need costs each of them its time to be read.
 */
const folder = await mkdtemp(`${tmpdir()}/wiredoc-build-`);
const server = createServer((socket) => {
  const reply = (request) =>
    request.includes("HTTP/1.1")
      ? "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\na"
      : "+PONG\r\n";
  socket.on("data", (request) => socket.write(reply(request))).on("end", () => socket.end());
}).listen(0, "127.0.0.1");
await once(server, "listening");
const ADDRESS = `127.0.0.1:${server.address().port}`;
const TARGET = `target: tcp://${ADDRESS}`;
const PING = "```wire\n>>> PING\n+PONG\n```\n";
const GET = "```wire\n>>> GET / HTTP/1.1\nHTTP/1.1 200 OK\nContent-Type: {{type}}\n\na\n```\n";
const WARM_UPS = [
  {
    files: {
      "0.md": `---\n${TARGET}\n---\n# A\n\nB\n\n${PING}`,
      "1.md": `---\ntarget: http://${ADDRESS}\n---\n# A\n\nB\n\n${GET}`,
    },
    args: ["0.md", "1.md"],
  },
  {
    // What the lazy packages have to do with a document: YAML, Markdown, an expression, a glob, a difference.
    files: {
      "2.md": `---\n${TARGET}\nvars: {a: 1}\n---\n# \`a\` &amp; *b*\n\n<!-- wire tags=c -->\n\n1. a\n   - b\n\n   ~~~\n   c\n   ~~~\n\n${PING}\n\`\`\`wire\n>>> PING\n{{_:int}}\n\u00e9\n\`\`\`\n`,
    },
    args: ["[2].md"],
    code: 1,
  },
  { files: {}, args: ["--help"] },
];
try {
  for (const { files, args, code = 0 } of WARM_UPS) {
    for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}`, text);
    const child = spawn(process.execPath, [`${root}bin/wiredoc.js`, ...args], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [status] = await once(child, "exit");
    if (status !== code) throw new Error(`wiredoc ${args.join(" ")} ended with ${status}, not ${code}`);
  }
} finally {
  server.close();
  await rm(folder, { recursive: true });
}
