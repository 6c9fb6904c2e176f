/**
 * Where reports go: a standard stream, or a file that appears only when it is complete.
 *
 * If the reader hangs up (`wiredoc | head`), the run continues and the rest of the report is dropped.
 */
import { existsSync, promises as files, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { WiredocError } from "../base/error.ts";
import type { ReportOutput } from "./reporter.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The parts of a standard stream that are used here. */
export type Stream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/**
 * Whether to use colors: `--color` or `--no-color` decides, then FORCE_COLOR (force-color.org; `0` and `false` turn colors
 * off), then NO_COLOR (no-color.org), then whether the terminal has colors. An empty variable counts as unset. Node has the
 * same order.
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

/** A standard stream. `color` is the option of the command line. `write` rejects with the system's error, but for a hang-up. */
export function streamOutput(
  stream: Stream,
  color: boolean | undefined,
  environment: Environment = process.env,
): ReportOutput {
  const isTerminal = stream.isTTY === true && environment.TERM !== "dumb";
  let broken: Error | undefined;
  // Never removed: a hang-up may be reported after the last write, and without a listener it would end the process.
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
      // The callback comes when the system has taken the text or never will, which may depend on a slow reader.
      const roomLeft = stream.write(text, (error) => finish(error));
      if (!roomLeft) return written;
      written.catch((error: Error) => {
        broken ??= error;
      });
    },
  };
}

/** A file being written, until either `commit` or `discard` is called. */
export interface FileOutput extends ReportOutput {
  /** Puts the file in its place. */
  commit(): Promise<void>;
  /** Leaves the place as it was. */
  discard(): Promise<void>;
}

/**
 * A file, written beside its place and renamed when it is complete. Missing folders are created. A pipe, /dev/stdout and the
 * like are written directly.
 * @throws {WiredocError} `usage` if it cannot be written.
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
/** To remove if the process exits early, as at a second Ctrl-C. */
const unfinished = new Set<Draft>();
const removeUnfinished = (): void => {
  // The last one first, as it may lie in a folder that was created for an earlier one.
  for (const draft of [...unfinished].reverse()) draft.remove();
};

/** Where a file is written until it is complete, and the folders that were created for it. */
class Draft {
  /** The final path, after links are followed. */
  #place = "";
  /** The path of the draft; undefined if the final path itself is written. */
  #path: string | undefined;
  readonly #folders: string[] = [];

  /** @throws the system's error. */
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

  /** One by one: Node's recursive mkdir never ends in a folder that takes none, such as /proc. */
  #makeFolders(folder: string): void {
    const missing: string[] = [];
    for (let at = folder; !existsSync(at); at = dirname(at)) missing.unshift(at);
    for (const one of missing) {
      try {
        mkdirSync(one);
        this.#folders.unshift(one);
      } catch (error) {
        // Another report may have created it.
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  }

  async commit(): Promise<void> {
    if (this.#path !== undefined) await files.rename(this.#path, this.#place);
    this.#forget();
  }

  /** Synchronous, as it also runs while the process exits. Never throws. */
  remove(): void {
    try {
      if (this.#path !== undefined) rmSync(this.#path, { force: true });
      for (const folder of this.#folders) rmdirSync(folder);
    } catch {
      // The folder is no longer empty.
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
