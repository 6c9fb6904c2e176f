/** The file that a document grows in. At each moment it holds a whole document, so that a crash costs nothing that was told. */
import { closeSync, fstatSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { WiredocError } from "../base/error.ts";
import { CLOSING_FENCE, type Sink } from "./page.ts";

/** More than this is written beside the file and put in its place: one write of it could be interrupted half-way. */
const MOST_IN_PLACE = 1024 * 1024;

export class DocumentFile implements Sink {
  readonly waits = false;
  readonly #path: string;
  readonly #isNew: boolean;
  #file: number;
  #size = 0;
  /** The document, as far as its closing fence, in pieces. */
  #pieces: string[] = [];

  /** @throws {WiredocError} `usage` if it cannot be written, or holds something. */
  constructor(path: string) {
    this.#path = path;
    const found = this.#attempt(() => statSync(path, { throwIfNoEntry: false }));
    this.#isNew = found === undefined;
    this.#file = this.#attempt(() => {
      if (found && !found.isFile()) throw new Error("it is not a file");
      if (found && found.size > 0) throw new Error("it exists already: delete it first, or choose another name");
      return openSync(path, found ? "r+" : "wx+");
    });
  }

  append(text: string): void {
    const bytes = Buffer.from(text + CLOSING_FENCE);
    this.#pieces.push(text);
    if (bytes.length > MOST_IN_PLACE) return this.#putInPlace();
    this.#attempt(() => writeWhole(this.#file, bytes, this.#size - CLOSING_FENCE.length));
    this.#size += bytes.length - CLOSING_FENCE.length;
  }

  replace(text: string): void {
    const isOpen = text.endsWith(CLOSING_FENCE);
    this.#pieces = [isOpen ? text.slice(0, -CLOSING_FENCE.length) : text];
    this.#putInPlace(isOpen ? CLOSING_FENCE : "");
  }

  /** Writes all of it beside the file, and then in its place. */
  #putInPlace(end: string = CLOSING_FENCE): void {
    const bytes = Buffer.from(this.#pieces.join("") + end);
    const draft = `${this.#path}.${process.pid}.tmp`;
    this.#attempt(() => {
      try {
        const file = openSync(draft, "wx+", fstatSync(this.#file).mode & 0o777);
        try {
          writeWhole(file, bytes, 0);
          renameSync(draft, this.#path);
        } catch (error) {
          closeSync(file);
          throw error;
        }
        closeSync(this.#file);
        this.#file = file;
      } catch (error) {
        rmSync(draft, { force: true });
        throw error;
      }
    });
    this.#size = bytes.length;
  }

  /** A file that nothing was written to is removed, if it was not there before. */
  close(): void {
    closeSync(this.#file);
    if (this.#isNew && this.#size === 0) rmSync(this.#path, { force: true });
  }

  #attempt<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new WiredocError(
        "usage",
        `the document "${this.#path}" cannot be written: ${REASONS[code ?? ""] ?? message}`,
      );
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "there is no such folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
};

function writeWhole(file: number, bytes: Uint8Array, at: number): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from, bytes.length - from, at + from);
}

/** A document that is not kept in a file: it is written when it is complete. */
export class DocumentText implements Sink {
  readonly waits: boolean;
  #pieces: string[] = [];
  #end = "";

  constructor(waits = false) {
    this.waits = waits;
  }

  append(text: string): void {
    this.#pieces.push(text);
  }

  replace(text: string): void {
    const isOpen = text.endsWith(CLOSING_FENCE);
    this.#end = isOpen ? CLOSING_FENCE : "";
    this.#pieces = [isOpen ? text.slice(0, -CLOSING_FENCE.length) : text];
  }

  get text(): string {
    return this.#pieces.join("") + this.#end;
  }
}
