/**
 * Files that a document or the config file names: certificates, schemas. Only regular files of a bounded size are read. A
 * device, a pipe or a folder is a mistake at once, and nothing waits for it.
 */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, type Stats } from "node:fs";
import { relative, sep } from "node:path";
import { formatSize } from "./size.ts";

const LARGEST = 16e6;

/** Why a file cannot be read: a sentence without the file's name. */
export class NamedFileError extends Error {
  override readonly name = "NamedFileError";
}

/**
 * The text of a file. `within` is the folder that it has to be in, after links are followed; undefined: anywhere.
 * @throws {NamedFileError}
 */
export function readNamedFile(path: string, within: string | undefined): string {
  try {
    const real = realpathSync(path);
    if (within !== undefined && !isWithin(real, realpathSync(within)))
      throw new NamedFileError(
        `a document may only name files in ${within}; move it there, or name it under "defaults" in the config file`,
      );
    // Without O_NONBLOCK, opening a pipe waits for its writer.
    const file = openSync(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return readRegular(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw error instanceof NamedFileError ? error : new NamedFileError(reasonOf(error as NodeJS.ErrnoException));
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && way !== path;
}

function readRegular(file: number): string {
  const stats = fstatSync(file);
  if (!stats.isFile()) throw new NamedFileError(`it is ${kindOf(stats)}, not a file`);
  if (stats.size > LARGEST) throw tooLarge();
  const pieces: Buffer[] = [];
  // Files below /proc and the like have a size of 0, so the size is only a hint.
  for (let left = LARGEST + 1; left > 0; ) {
    const piece = Buffer.alloc(Math.min(left, Math.max(4096, stats.size + 1)));
    const length = readSync(file, piece, 0, piece.length, null);
    if (length === 0) return Buffer.concat(pieces).toString("utf8");
    pieces.push(piece.subarray(0, length));
    left -= length;
  }
  throw tooLarge();
}

const tooLarge = (): NamedFileError => new NamedFileError(`it is larger than ${formatSize(LARGEST)}`);

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a pipe";
  return stats.isSocket() ? "a socket" : "a device";
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "it is a folder, not a file";
  // Opening a socket, or a device without a driver, ends with one of these.
  if (code === "ENXIO" || code === "ENODEV") return "it is a socket or a device, not a file";
  if (code === "ELOOP") return "its links lead in a circle";
  return code === "EACCES" ? "permission denied" : message;
}
