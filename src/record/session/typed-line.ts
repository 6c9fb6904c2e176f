/** What a user types: a line for the server as a document writes it, or a control. */
import type { WiredocError } from "../../base/error.ts";
import type { Eol } from "../../base/settings.ts";
import type { OutgoingLine } from "../../dialects/codec.ts";
import type { Dialect } from "../../dialects/dialect.ts";
import { PatternError } from "../../match/parts.ts";
import { parseClientLine } from "../../match/pattern.ts";
import { speak } from "../../plan/speak.ts";
import { Variables } from "../../plan/variables.ts";
import { readControl } from "../../transcript/controls.ts";
import { readMarker } from "../../transcript/markers.ts";
import type { Control } from "../../transcript/model.ts";

/** Something that cannot be done. Its message is for the user. */
export class SessionError extends Error {
  override readonly name = "SessionError";
}

export type Typed =
  | { readonly kind: "line"; readonly on: string; readonly line: OutgoingLine }
  | { readonly kind: "control"; readonly control: Control };

const MARKERS = { client: undefined, reply: undefined } as const;

/**
 * Reads a typed line. Without a marker it is said on the connection `on`.
 * @param number the line's number, for mistakes that are told later.
 * @throws {SessionError}
 */
export function readTyped(text: string, on: string, number: number, dialect: Dialect, eol: Eol): Typed {
  const read = readMarker(text, MARKERS);
  switch (read.kind) {
    case "client":
      return { kind: "line", on: read.connection, line: outgoing(read.text, number, dialect, eol) };
    case "control":
      return { kind: "control", control: controlOf(read.text, read.connection || on, number) };
    case "reply":
      throw new SessionError(`"${text}" is a reply line, which the server says: to send it, type >>> ${text}`);
    case "malformed":
      throw new SessionError(`"${read.marker}" needs a space after it: to send this line, type >>> ${text}`);
    case "blank":
    case "plain":
      return { kind: "line", on, line: outgoing(text, number, dialect, eol) };
    default:
      return read satisfies never;
  }
}

function controlOf(text: string, on: string, line: number): Control {
  const mistakes: WiredocError[] = [];
  const control = readControl(text, on, { file: "", line, column: 1 }, (mistake) => mistakes.push(mistake));
  if (!control) throw new SessionError(mistakes[0]!.message);
  return control;
}

function outgoing(text: string, line: number, { suffix }: Dialect, eol: Eol): OutgoingLine {
  try {
    const pattern = parseClientLine({ text, line, column: 1, marked: true }, suffix);
    const spoken = speak([pattern], eol, new Variables(new Map()));
    if (spoken) return spoken[0]!;
    const [name] = pattern.placeholders.map((one) => one.name);
    throw new SessionError(
      `{{${name}}} has no value in a session: type the value; where it came from a reply, the document captures it`,
    );
  } catch (error) {
    if (error instanceof PatternError) throw new SessionError(error.message);
    throw error;
  }
}
