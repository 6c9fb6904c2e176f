/** Documents as files: their text, and what keeps it from being read. */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { WiredocError } from "../base/error.ts";

/** A document before it is planned. */
export interface DocumentText {
  /** As reports show it. Files that the document names are looked for from its folder. */
  readonly path: string;
  readonly text: string;
  /** What reading the text has shown to be wrong. */
  readonly mistakes: readonly WiredocError[];
}

/** Reads the file of a document, from `cwd`. @throws {WiredocError} `unreadable` */
export function readDocument(path: string, cwd: string): DocumentText {
  let bytes: Buffer;
  try {
    bytes = readFileSync(resolve(cwd, path));
  } catch (error) {
    throw new WiredocError("unreadable", `${path} cannot be read: ${(error as Error).message}`);
  }
  const text = bytes.toString("utf8");
  return { path, text, mistakes: isUtf8(bytes) ? [] : [notUtf8(path, text)] };
}

function notUtf8(file: string, text: string): WiredocError {
  const line = text.slice(0, text.indexOf("\ufffd")).split("\n").length;
  const message = "this line is not UTF-8; bytes are written as \\xHH with (esc), or in (hex)";
  return new WiredocError("unreadable", message, { file, line, column: 1 });
}
