/** What is wrong in a line, in an option, or in what a peer sends. */
import type { Decoded, OutgoingLine } from "./codec.ts";

/** A peer broke the dialect's framing or a limit. Its message is shown as the failure's message. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  /** What was decoded of the same bytes before the error. */
  readonly messages: readonly Decoded[];
  constructor(message: string, messages: readonly Decoded[] = []) {
    super(message);
    this.messages = messages;
  }
}

/** A mistake in a line that a codec found; `column` counts from 1 within the line's text. */
export class LineError extends Error {
  override readonly name = "LineError";
  readonly line: OutgoingLine;
  readonly column: number;
  /** Mistakes in further lines of the same exchange. */
  further: readonly LineError[] = [];
  constructor(line: OutgoingLine, message: string, column = 1) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** A mistake in the options that a document gives a dialect. `option` names the one it is in. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly option: string;
  constructor(option: string, message: string) {
    super(message);
    this.option = option;
  }
}

// A dialect of a config file may have these classes from another copy of this module, so the name decides, not the class.
export const isFramingError = (error: unknown): error is FramingError => (error as Error)?.name === "FramingError";
export const isOptionError = (error: unknown): error is OptionError => (error as Error)?.name === "OptionError";
export const isLineError = (error: unknown): error is LineError => (error as Error)?.name === "LineError";
