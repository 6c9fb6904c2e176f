import { WiredocError } from "../../base/error.ts";

/** A recording that cannot be read. `line` counts from 1. */
export const badRecording = (file: string, line: number, message: string): WiredocError =>
  new WiredocError("bad-recording", message, { file, line, column: 1 });
