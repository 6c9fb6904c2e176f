/**
 * The files as of one revision. A change makes another tree, which shares with the first all that is beside its path, so
 * that every revision of the history stays readable and costs only what it changed.
 */
import type { File } from "./engine.ts";
import { entriesOf, find, insert, remove, type SortedMap, sizeOf } from "./sorted-map.ts";

export interface Directory {
  readonly entries: SortedMap<Node> | undefined;
}

/** A file is told from a directory by its revision. */
export type Node = File | Directory;

export const EMPTY: Directory = { entries: undefined };

export const isFile = (node: Node): node is File => "revision" in node;

/** What a path leads to; undefined where there is nothing, `below-file` where a file stands in its way. */
export function lookUp(root: Directory, path: string): Node | "below-file" | undefined {
  if (path === "/") return root;
  let node: Node | undefined = root;
  for (let start = 1; start <= path.length && node !== undefined; ) {
    if (isFile(node)) return "below-file";
    const end = endOfName(path, start);
    node = find(node.entries, path.slice(start, end));
    start = end + 1;
  }
  return node;
}

/** The tree with a file at its path, where {@link lookUp} finds a file or nothing; directories on the way are made. */
export const withFile = (root: Directory, file: File): Directory => put(root, file, 1);

function put(directory: Directory, file: File, start: number): Directory {
  const { path } = file;
  const end = endOfName(path, start);
  const name = path.slice(start, end);
  if (end === path.length) return { entries: insert(directory.entries, name, file) };
  const child = find(directory.entries, name) ?? EMPTY;
  if (isFile(child)) throw new Error(`${path} leads through a file`);
  return { entries: insert(directory.entries, name, put(child, file, end + 1)) };
}

/**
 * The tree without the file at a path, or without the file that stands in the path's way. Directories that become empty
 * go with it. The same tree where there is none.
 */
export const withoutFile = (root: Directory, path: string): Directory => take(root, path, 1);

function take(directory: Directory, path: string, start: number): Directory {
  const end = endOfName(path, start);
  const name = path.slice(start, end);
  const child = find(directory.entries, name);
  if (child === undefined) return directory;
  if (isFile(child)) return { entries: remove(directory.entries, name) };
  if (end === path.length) throw new Error(`${path} is a directory`);
  const rest = take(child, path, end + 1);
  if (rest === child) return directory;
  return {
    entries: rest.entries === undefined ? remove(directory.entries, name) : insert(directory.entries, name, rest),
  };
}

/** All files, ordered by path, name by name. */
export function* filesOf(directory: Directory): Generator<File, void, undefined> {
  for (const { value } of entriesOf(directory.entries)) {
    if (isFile(value)) yield value;
    else yield* filesOf(value);
  }
}

export const countOf = (directory: Directory): number => sizeOf(directory.entries);

function endOfName(path: string, start: number): number {
  const slash = path.indexOf("/", start);
  return slash < 0 ? path.length : slash;
}
