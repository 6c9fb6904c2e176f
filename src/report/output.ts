/**
 * Where reports go: a standard stream, or a file that appears only when it is whole.
 *
 * A reader that hangs up (`wiredoc | head`) is no failure of the run: what is left is written to nobody.
 */
import { promises as files } from "node:fs";
import { dirname } from "node:path";
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
    throw new WiredocError("usage", `the report "${path}" cannot be written: ${(error as Error).message}`);
  };
  const { place, draft, mode } = await choosePlace(path).catch(cannot);
  const file = await files.open(draft, draft === place ? "w" : "wx", mode).catch(cannot);
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
      if (draft !== place) await files.rename(draft, place).catch(cannot);
    },
    async discard() {
      await file.close().catch(() => {});
      if (draft !== place) await files.rm(draft, { force: true });
    },
  };
}

let drafts = 0;

/** The file that is meant, links followed, and where it is written until it is whole. */
async function choosePlace(path: string): Promise<{ place: string; draft: string; mode: number }> {
  const found = await files.stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new Error("it is a folder");
  if (found && !found.isFile()) return { place: path, draft: path, mode: 0o666 };
  if (!found) await files.mkdir(dirname(path), { recursive: true });
  const place = found ? await files.realpath(path) : path;
  return { place, draft: `${place}.${process.pid}-${++drafts}.tmp`, mode: found ? found.mode & 0o777 : 0o666 };
}
