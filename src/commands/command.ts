import { stripVTControlCharacters } from "node:util";
import { displayText } from "../base/bytes.ts";
import { formatSpan, type Span } from "../base/span.ts";
import type { RunEvent } from "../play/outcome.ts";
import type { Stream } from "../report/output.ts";
import type { Arguments } from "./options.ts";

/** The parts of the process that a command may use. */
export interface Surroundings {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** After this call the first interrupt (SIGINT, SIGTERM) aborts the signal, and the second one ends the process. */
  takeInterrupts(): AbortSignal;
}

/** A command of the command line. Resolves with the exit code. @throws {WiredocError}, {DocumentErrors} */
export type Command = (given: Arguments, surroundings: Surroundings) => Promise<number>;

/**
 * The exit codes that a command chooses itself. Those of a run come with its last event. `interrupted` is 128 + SIGINT, as
 * shells give it.
 */
export const EXIT = { ok: 0, failed: 1, mistake: 2, unreachable: 3, nothing: 4, interrupted: 130 } as const;

/** A warning as a line of standard error. */
export const warningText = (span: Span, message: string): string =>
  `${displayText(`${formatSpan(span)}: warning: ${message}`)}\n`;

/** A line that a server printed, without colors and with invisible characters as escapes. */
export const outputText = ({ server, line }: RunEvent & { readonly kind: "server-output" }): string =>
  `${displayText(server)} | ${displayText(stripVTControlCharacters(line))}\n`;
