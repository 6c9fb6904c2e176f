import { displayText } from "../base/bytes.ts";
import { formatSpan, type Span } from "../base/span.ts";
import type { Stream } from "../report/output.ts";
import type { Arguments } from "./options.ts";

/** What a command has of the process that it runs in. */
export interface Surroundings {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** From this call on the first interrupt (SIGINT, SIGTERM) aborts the signal, and only the second one ends the process. */
  takeInterrupts(): AbortSignal;
}

/** A command of the command line. Resolves with the exit code. @throws {WiredocError}, {DocumentErrors} */
export type Command = (given: Arguments, surroundings: Surroundings) => Promise<number>;

/** The exit codes that a command decides on itself; those of a run come with its last event. */
export const EXIT = { ok: 0, mistake: 2, unreachable: 3, nothing: 4 } as const;

/** A warning as a line of standard error. */
export const warningText = (span: Span, message: string): string =>
  `${displayText(`${formatSpan(span)}: warning: ${message}`)}\n`;
