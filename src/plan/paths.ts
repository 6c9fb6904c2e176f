/** Which documents are meant: files as they are, folders as their Markdown files, globs as what they match. */
import { existsSync, promises as files, type Stats, statSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { WiredocError } from "../base/error.ts";
import type { Config } from "./config.ts";

/** What makes a path that does not exist a glob. */
const GLOB = /[*?]|\[.+\]|\{.+\}|[!+@]\(|\(.*\|.*\)/;

/** A path as people see it: from `cwd`, with `/`; one that was given as absolute and lies elsewhere stays so. */
export function displayPath(path: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  const shown = relative(resolve(cwd), absolute) || ".";
  const isElsewhere = shown === ".." || shown.startsWith(`..${sep}`);
  return (isElsewhere && isAbsolute(path) ? absolute : shown).replaceAll(sep, "/");
}

/** What a number follows. */
const NUMBERED = /^(.+):(\d+)$/s;

/** Documents by their paths, and the lines whose examples are meant; undefined: all of them. */
export type ChosenDocuments = ReadonlyMap<string, ReadonlySet<number> | undefined>;

/**
 * The documents of a run, as {@link displayPath} shows them: those of each argument sorted, each document once. Without
 * arguments, those that the config file names; none where folders and globs hold none.
 * @throws {WiredocError} `no-such-file`; `unreadable`; `usage` where nobody says which documents.
 */
export async function resolveDocuments(
  paths: readonly string[],
  cwd: string,
  config: Pick<Config, "documents" | "folder" | "path">,
): Promise<ChosenDocuments> {
  const fromConfig = paths.length === 0;
  if (fromConfig && config.documents.length === 0) {
    const where = config.path === undefined ? "wiredoc.config.yaml" : displayPath(config.path, cwd);
    throw new WiredocError("usage", `which documents? Name files, folders or globs, or set "documents" in ${where}`);
  }
  const start = fromConfig ? config.folder : cwd;
  const documents = new Map<string, Set<number> | undefined>();
  const origin = fromConfig ? ` (in the documents of ${displayPath(config.path ?? config.folder, cwd)})` : "";
  for (const argument of fromConfig ? config.documents : paths) {
    const { path, line } = readPlace(argument, start);
    for (const found of await findDocuments(path, start, origin)) {
      const shown = displayPath(isAbsolute(path) ? resolve(start, found) : relative(cwd, resolve(start, found)), cwd);
      const isKnown = documents.has(shown);
      const lines = documents.get(shown);
      // Who names a document as a whole and one of its lines gets all of it.
      if (line === undefined) documents.set(shown, undefined);
      else if (!isKnown) documents.set(shown, new Set([line]));
      else lines?.add(line);
    }
  }
  return documents;
}

/**
 * `FILE:LINE`, or `FILE:LINE:COLUMN` as messages name places. A file whose name ends in what looks like a line is that
 * file.
 */
function readPlace(argument: string, start: string): { readonly path: string; readonly line: number | undefined } {
  const exists = (path: string): boolean => existsSync(resolve(start, path));
  let path = argument;
  let line: number | undefined;
  for (let most = 2; most > 0 && !exists(path); most--) {
    const [, shorter, number] = NUMBERED.exec(path) ?? [];
    if (shorter === undefined) break;
    path = shorter;
    line = Number(number);
  }
  if (line !== undefined && (exists(path) ? statSync(resolve(start, path)).isDirectory() : GLOB.test(path)))
    throw new WiredocError("usage", `"${argument}": a line can follow the path of one file only, as in docs/a.md:12`);
  return { path, line };
}

/** From `start`, or absolute. `origin` tells who named the path. */
async function findDocuments(path: string, start: string, origin: string): Promise<readonly string[]> {
  const absolute = resolve(start, path);
  if (path !== "" && existsSync(absolute)) {
    let found: Stats;
    try {
      found = statSync(absolute);
    } catch (error) {
      throw new WiredocError("unreadable", `"${path}" cannot be read${origin}: ${(error as Error).message}`);
    }
    return found.isDirectory() ? search("**/*.md", absolute) : [path];
  }
  if (!GLOB.test(path) || path.startsWith("!"))
    throw new WiredocError("no-such-file", `"${path}" does not exist${origin}`);
  return search(path, start);
}

async function search(pattern: string, folder: string): Promise<readonly string[]> {
  const { glob } = await import("tinyglobby");
  const ignore = pattern.includes("node_modules") ? [] : ["**/node_modules/**"];
  const found = await glob(pattern, { cwd: folder, ignore, expandDirectories: false });
  // A link within the folder, or one in a circle, shows the same file under several paths.
  const pathOfFile = new Map<string, string>();
  for (const path of found.map((one) => resolve(folder, one)).sort()) {
    const file = await files.realpath(path).catch(() => path);
    if (path === file || !pathOfFile.has(file)) pathOfFile.set(file, path);
  }
  return [...pathOfFile.values()].sort();
}
