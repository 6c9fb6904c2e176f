/**
 * Where reports go: a standard stream, or a file that appears only when it is whole.
 *
 * A reader that hangs up (`wiredoc | head`) is no failure of the run: what is left is written to nobody.
 */
import { existsSync, promises as files, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { WiredocError } from "../base/error.ts";
import type { ReportOutput } from "./reporter.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The parts of a process's stream that count here. */
export type Stream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/**
 * Whether to color: `--color` or `--no-color`, then FORCE_COLOR (force-color.org; `0` and `false` turn colors off), then
 * NO_COLOR (no-color.org), then whether it is a terminal that can. An empty variable counts as none. The order of the
 * variables is that of Node.
 */
export function usesColor(flag: boolean | undefined, isTerminal: boolean, environment: Environment): boolean {
  if (flag !== undefined) return flag;
  const force = environment.FORCE_COLOR;
  if (force) return force !== "0" && force !== "false";
  if (environment.NO_COLOR) return false;
  return isTerminal && environment.TERM !== "dumb";
}

const HUNG_UP: ReadonlySet<string | undefined> = new Set([
  "EPIPE",
  "ECONNRESET",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
]);
const isHangUp = (error: Error): boolean => HUNG_UP.has((error as NodeJS.ErrnoException).code);

/** A standard stream. `color` is what the command line says. @throws from `write`, what the system says but for a hang-up. */
export function streamOutput(
  stream: Stream,
  color: boolean | undefined,
  environment: Environment = process.env,
): ReportOutput {
  const isTerminal = stream.isTTY === true && environment.TERM !== "dumb";
  let broken: Error | undefined;
  // Stays for good: a hang-up may be told after the last write, and without a listener it would end the process.
  stream.on("error", (error: Error) => {
    broken ??= error;
  });
  return {
    isTerminal,
    color: usesColor(color, stream.isTTY === true, environment),
    get columns() {
      return isTerminal && stream.columns ? stream.columns : undefined;
    },
    get rows() {
      return isTerminal && stream.rows ? stream.rows : undefined;
    },
    write(text) {
      if (broken) return isHangUp(broken) ? undefined : Promise.reject(broken);
      let finish: (error?: Error | null) => void = () => {};
      const written = new Promise<void>((resolve, reject) => {
        finish = (error) => (error && !isHangUp(error) ? reject(error) : resolve());
      });
      // Its callback comes when the system took the text, however long the reader lets it wait, or when it never will.
      const roomLeft = stream.write(text, (error) => finish(error));
      if (!roomLeft) return written;
      written.catch((error: Error) => {
        broken ??= error;
      });
    },
  };
}

/** A file being written. Exactly one of `commit` and `discard` ends it. */
export interface FileOutput extends ReportOutput {
  /** Puts the file in its place. */
  commit(): Promise<void>;
  /** Leaves what stood there before. */
  discard(): Promise<void>;
}

/**
 * A file, written beside its place and renamed when it is whole. Its folder is made. What is no regular file (a pipe,
 * /dev/stdout) is written directly.
 * @throws {WiredocError} `usage` where it cannot be written.
 */
export async function fileOutput(path: string, color = false): Promise<FileOutput> {
  const cannot = (error: unknown): never => {
    throw new WiredocError("usage", `the report "${path}" cannot be written: ${reasonOf(error)}`);
  };
  const draft = new Draft();
  const file = await draft.open(path).catch((error) => {
    draft.remove();
    return cannot(error);
  });
  let hungUp = false;
  return {
    isTerminal: false,
    columns: undefined,
    color,
    async write(text) {
      if (hungUp) return;
      await file.writeFile(text, "utf8").catch((error: Error) => {
        if (!isHangUp(error)) cannot(error);
        hungUp = true;
      });
    },
    async commit() {
      await file.close().catch(cannot);
      await draft.commit().catch(cannot);
    },
    async discard() {
      await file.close().catch(() => {});
      draft.remove();
    },
  };
}

let drafts = 0;
/** What is left to remove where the process exits early, as at a second Ctrl-C. */
const unfinished = new Set<Draft>();
const removeUnfinished = (): void => {
  // The last one first, as it may lie in a folder that was made for an earlier one.
  for (const draft of [...unfinished].reverse()) draft.remove();
};

/** Where a file is written until it is whole, and the folders that were made for it. */
class Draft {
  /** The file that is meant, links followed. */
  #place = "";
  /** Undefined where the place itself is written. */
  #path: string | undefined;
  readonly #folders: string[] = [];

  /** @throws what the system says. */
  async open(path: string): Promise<files.FileHandle> {
    const found = await files.stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw new Error("it is a folder");
    if (found && !found.isFile()) return files.open(path, "w");
    if (unfinished.size === 0) process.once("exit", removeUnfinished);
    unfinished.add(this);
    if (!found) this.#makeFolders(dirname(resolve(path)));
    this.#place = found ? await files.realpath(path) : path;
    const draft = `${this.#place}.${process.pid}-${++drafts}.tmp`;
    const file = await files.open(draft, "wx", found ? found.mode & 0o777 : 0o666);
    this.#path = draft;
    return file;
  }

  /** One by one: Node's recursive mkdir never ends where a folder such as /proc takes none. */
  #makeFolders(folder: string): void {
    const missing: string[] = [];
    for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const one of missing) {
      try {
        mkdirSync(one);
        this.#folders.unshift(one);
      } catch (error) {
        // Another report may have made it.
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  }

  async commit(): Promise<void> {
    if (this.#path !== undefined) await files.rename(this.#path, this.#place);
    this.#forget();
  }

  /** Without waiting, as it is for the moment too in which the process exits. Never throws. */
  remove(): void {
    try {
      if (this.#path !== undefined) rmSync(this.#path, { force: true });
      for (const folder of this.#folders) rmdirSync(folder);
    } catch {
      // Somebody else has put something into the folder.
    }
    this.#forget();
  }

  #forget(): void {
    unfinished.delete(this);
    if (unfinished.size === 0) process.off("exit", removeUnfinished);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "there can be no file of that path",
  ENOTDIR: "a part of its path is a file, not a folder",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its path is a circle of links",
};

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? message;
};
