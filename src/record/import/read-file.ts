import { createReadStream } from "node:fs";
import { addAbortSignal } from "node:stream";
import { WiredocError } from "../../base/error.ts";
import { formatSize } from "../../base/size.ts";

/** A text of this size still fits into a string with what is made of it. */
const LARGEST = 256e6;

/**
 * All bytes of a file, which may be a pipe.
 * @param path undefined: standard input. @param file as messages name it.
 * @throws {WiredocError} `no-such-file`, `unreadable`
 */
export async function readWhole(path: string | undefined, file: string, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    const stream = addAbortSignal(signal, path === undefined ? process.stdin : createReadStream(path));
    for await (const piece of stream) {
      pieces.push(piece as Buffer);
      size += (piece as Buffer).length;
      if (size > LARGEST) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw new WiredocError("no-such-file", `"${file}" does not exist`);
    throw new WiredocError("unreadable", `"${file}" cannot be read: ${REASONS[code ?? ""] ?? message}`);
  }
  if (size > LARGEST)
    throw new WiredocError(
      "unreadable",
      `"${file}" is larger than ${formatSize(LARGEST)}: record less, or filter it with the program that recorded it`,
    );
  return Buffer.concat(pieces);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder, not a file",
};
