/** Parses a document once, as the first thing in its process, and prints the milliseconds. Usage: node parse.js FILE */
import { readFileSync } from "node:fs";
import { parseDocument } from "../../dist/transcript/parse.js";

const text = readFileSync(process.argv[2], "utf8");
const started = performance.now();
const { examples } = parseDocument(text, { path: "bench.md", dialects: { names: ["line", "http"], options: {} } });
const ms = performance.now() - started;
if (examples.length === 0) process.exit(1);
process.stdout.write(String(ms));
