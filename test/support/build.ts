/** Bundles the command once before the tests, so that those which start it see the sources as they are. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export function setup(): void {
  const bundle = fileURLToPath(new URL("../../scripts/bundle.js", import.meta.url));
  execFileSync(process.execPath, [bundle], { stdio: ["ignore", "inherit", "inherit"] });
}
