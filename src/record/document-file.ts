/** The file that a document grows in. At each moment it holds a whole document, so that a crash costs nothing that was told. */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { WiredocError } from "../base/error.ts";
import { CLOSING_FENCE, type Sink } from "./page.ts";

/** More bytes than this are written beside the file and put in its place: one write of them could be interrupted half-way. */
const MOST_IN_PLACE = 64 * 1024;

export class DocumentFile implements Sink {
  readonly waits = false;
  readonly #path: string;
  /** Its path as messages name it. */
  readonly #named: string;
  readonly #isNew: boolean;
  #file: number;
  #size = 0;
  /** What the file holds: the text, and what closes its last block. */
  #body = "";
  #end = "";

  /** @throws {WiredocError} `usage` if it cannot be written, or holds something. */
  constructor(path: string) {
    this.#named = path;
    const found = this.#attempt(() => statSync(path, { throwIfNoEntry: false }));
    this.#isNew = found === undefined;
    // What is put in its place must not replace a link.
    this.#path = found ? this.#attempt(() => realpathSync(path)) : path;
    this.#file = this.#attempt(() => {
      if (found && !found.isFile()) throw new Error("it is not a file");
      if (found && found.size > 0) throw new Error("it exists already: delete it first, or choose another name");
      return openSync(path, found ? "r+" : "wx+");
    });
  }

  append(text: string): void {
    this.#write(this.#size - this.#end.length, text, this.#body + text, CLOSING_FENCE);
  }

  replace(text: string): void {
    const { body, end } = divided(text);
    const common = commonLength(body, this.#body);
    const at = this.#size - this.#end.length - Buffer.byteLength(this.#body.slice(common));
    this.#write(at, body.slice(common), body, end);
  }

  /** Writes what is new from an offset on, in bytes. The text before it stays. */
  #write(at: number, text: string, body: string, end: string): void {
    const bytes = Buffer.from(text + end);
    const size = at + bytes.length;
    if (Math.max(size, this.#size) - at > MOST_IN_PLACE) this.#putInPlace(Buffer.from(body + end));
    else
      this.#attempt(() => {
        writeWhole(this.#file, bytes, at);
        if (size < this.#size) ftruncateSync(this.#file, size);
      });
    this.#body = body;
    this.#end = end;
    this.#size = size;
  }

  /** Writes all of it beside the file, and then in its place. */
  #putInPlace(bytes: Uint8Array): void {
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
        `the document "${this.#named}" cannot be written: ${REASONS[code ?? ""] ?? message}`,
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
  #body = "";
  #end = "";

  constructor(waits = false) {
    this.waits = waits;
  }

  append(text: string): void {
    this.#body += text;
  }

  replace(text: string): void {
    ({ body: this.#body, end: this.#end } = divided(text));
  }

  get text(): string {
    return this.#body + this.#end;
  }
}

function divided(text: string): { readonly body: string; readonly end: string } {
  const end = text.endsWith(CLOSING_FENCE) ? CLOSING_FENCE : "";
  return { body: text.slice(0, text.length - end.length), end };
}

/** How many characters both texts begin with; no pair of surrogates is divided. */
function commonLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  return (one.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at;
}
