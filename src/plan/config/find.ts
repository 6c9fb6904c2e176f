/** Where the config file is that a run uses without being told. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { oneOf, WiredocError } from "../../base/error.ts";
import { displayPath } from "../display-path.ts";

const FILE_NAMES = ["yaml", "yml", "json", "js", "mjs"].map((ending) => `wiredoc.config.${ending}`);

/** What the root of a project holds. Config files above it belong to something else. */
const ROOT_ENTRIES = [".git", "package.json"];

/**
 * The config file of the nearest folder that has one, from `cwd` upwards to the root of the project.
 * @throws {WiredocError} where a folder has two, or where it belongs to another user.
 */
export function findConfig(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const [found, second] = FILE_NAMES.map((name) => join(folder, name)).filter((path) => existsSync(path));
    if (second !== undefined) {
      const both = oneOf([displayPath(found!, cwd), displayPath(second, cwd)]);
      throw new WiredocError("bad-config", `there are two config files; keep either ${both}`);
    }
    if (found !== undefined) checkOwner(found, cwd);
    const isRoot = folder === dirname(folder) || ROOT_ENTRIES.some((name) => existsSync(join(folder, name)));
    if (found !== undefined || isRoot) return found;
  }
}

/** A config file can start commands, so one of another user is refused unless it is named. @throws {WiredocError} */
function checkOwner(path: string, cwd: string): void {
  const user = process.getuid?.();
  if (user === undefined) return;
  const { uid } = statSync(path);
  if (uid === user || uid === 0) return;
  const file = displayPath(path, cwd);
  throw new WiredocError(
    "bad-config",
    `the config file ${file} belongs to another user (uid ${uid}), and it may start commands; if you trust it, name it: --config ${file}`,
  );
}
