/** Builds dist: the library as modules with their types (tsc), the command as a bundle (bundle.js). */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));

rmSync(`${root}dist`, { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.json"], { cwd: root, stdio: "inherit" });
if (error) throw error;
if (status !== 0) process.exit(1);
await import("./bundle.js");
