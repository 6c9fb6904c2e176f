/** Puts a text in the place of a file, all of it or nothing (format guide, section 7). */
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { WiredocError } from "../base/error.ts";

let drafts = 0;

/**
 * Replaces the text of a file if it still is `before`; links are followed, and the file's permissions stay.
 * @throws {WiredocError} `changed` where the file holds something else by now; `unwritable`.
 */
export function replaceFile(path: string, before: string, after: string): void {
  try {
    const place = realpathSync(path);
    const { mode } = statSync(place);
    accessSync(place, constants.W_OK);
    // Whoever runs as root may write everything.
    if ((mode & 0o222) === 0) throw Object.assign(new Error("it is read-only"), { code: "EACCES" });
    const draft = `${place}.${process.pid}-${++drafts}.tmp`;
    try {
      writeDraft(draft, after, mode & 0o7777);
      if (!readFileSync(place).equals(Buffer.from(before)))
        throw new WiredocError("changed", "the file changed while it was played, so it is not updated: run it again");
      renameSync(draft, place);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  } catch (error) {
    if (error instanceof WiredocError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new WiredocError("unwritable", `the file cannot be updated: ${REASONS[code ?? ""] ?? message}`);
  }
}

function writeDraft(path: string, text: string, mode: number): void {
  const file = openSync(path, "wx", mode);
  try {
    // The process's mask does not count: the file stays as open or as closed as it is.
    fchmodSync(file, mode);
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied; make it writable first",
  EPERM: "permission denied; make it writable first",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  ENOENT: "it is not there any more",
};
