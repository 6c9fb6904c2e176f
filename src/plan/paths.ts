/** Which documents are meant: files as they are, folders as their Markdown files, globs as what they match. */
import { existsSync, promises as files, readdir, realpath, type Stats, stat, statSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { FileSystemAdapter } from "tinyglobby";
import { DocumentErrors, WiredocError } from "../base/error.ts";
import type { Config } from "./config/config.ts";
import { displayPath } from "./display-path.ts";

/** What makes a path that does not exist a glob. */
const GLOB = /[*?]|\[.+\]|\{.+\}|[!+@]\(|\(.*\|.*\)/;

/** What a number follows. */
const NUMBERED = /^(.+):(\d+)$/s;

/** Documents by their paths, and the lines whose examples are meant; undefined: all of them. */
export type ChosenDocuments = ReadonlyMap<string, ReadonlySet<number> | undefined>;

/**
 * The documents of a run, as {@link displayPath} shows them: those of each argument sorted, each document once. Without
 * arguments, those that the config file names; none where folders and globs hold none.
 * @throws {WiredocError} `no-such-file`; `unreadable`; `usage` where no documents are named.
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
    for (const found of await findDocuments(path, start, origin, cwd)) {
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
async function findDocuments(path: string, start: string, origin: string, cwd: string): Promise<readonly string[]> {
  const absolute = resolve(start, path);
  const found = path === "" ? undefined : statOf(absolute, (why) => unreadable(path, origin, why));
  if (found) return found.isDirectory() ? search("**/*.md", absolute, origin, cwd) : [path];
  if (!GLOB.test(path) || path.startsWith("!"))
    throw new WiredocError("no-such-file", `"${path}" does not exist${origin}`);
  return search(path, start, origin, cwd);
}

/** Error codes of the system for files that do not exist. */
const ABSENT: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);
const isAbsent = (error: unknown): boolean => ABSENT.has((error as NodeJS.ErrnoException).code);

/** What is at a path; undefined where nothing is. @throws what `fail` returns, for other errors. */
function statOf(path: string, fail: (why: Error) => WiredocError): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw fail(error as Error);
  }
}

const unreadable = (path: string, origin: string, { message }: Error): WiredocError =>
  new WiredocError("unreadable", `"${path}" cannot be read${origin}: ${message}`);

/** @throws {WiredocError} {@link DocumentErrors} for folders that cannot be read: their documents would be left out without a word. */
async function search(pattern: string, folder: string, origin: string, cwd: string): Promise<readonly string[]> {
  const { glob } = await import("tinyglobby");
  const ignore = pattern.includes("node_modules") ? [] : ["**/node_modules/**"];
  const mistakes = new Map<string, WiredocError>();
  const fs = noting((path, error) => {
    const shown = displayPath(path, cwd);
    if (!isAbsent(error)) mistakes.set(shown, unreadable(shown, origin, error));
  });
  const found = await glob(pattern, { cwd: folder, ignore, expandDirectories: false, fs });
  if (mistakes.size > 0) throw new DocumentErrors([...mistakes.values()]);
  // A link within the folder, or one in a circle, shows the same file under several paths.
  const pathOfFile = new Map<string, string>();
  for (const path of found.map((one) => resolve(folder, one)).sort()) {
    const file = await files.realpath(path).catch(() => path);
    // Only who names a pipe or a device means to read it.
    if (statOf(path, (why) => unreadable(path, origin, why))?.isFile() === false) continue;
    if (path === file || !pathOfFile.has(file)) pathOfFile.set(file, path);
  }
  return [...pathOfFile.values()].sort();
}

/** The functions of the file system that a search calls, which tell of each failure: the library passes over them. */
function noting(note: (path: string, error: Error) => void): FileSystemAdapter {
  type Callback = (error: Error | null, result: never) => void;
  const noted =
    (call: (path: string, ...rest: never[]) => void) =>
    (path: string, ...rest: never[]): void => {
      const callback = rest.pop() as unknown as Callback;
      const done: Callback = (error, result) => {
        if (error) note(path, error);
        callback(error, result);
      };
      call(path, ...rest, done as never);
    };
  return {
    readdir: noted(readdir as never),
    realpath: noted(realpath as never),
    stat: noted(stat as never),
  } as unknown as FileSystemAdapter;
}
