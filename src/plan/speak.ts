/** Written lines to the lines that are sent: names replaced by their values, line endings decided. */
import { type ByteString, decodeText } from "../base/bytes.ts";
import type { Eol } from "../base/settings.ts";
import type { OutgoingLine } from "../dialects/codec.ts";
import type { ByteItem } from "../match/parts.ts";
import type { LinePattern } from "../match/pattern.ts";
import { FILTERS, type Scope } from "../match/variables.ts";

/** The longest line that is sent, in bytes, with its values: one line may use a long value many times. */
export const LONGEST_LINE = 64e6;

/** The parts of a line that can be sent. */
const partsOf = ({ body }: LinePattern): readonly ByteItem[] | undefined =>
  body.kind === "text" ? body.parts : body.kind === "bytes" ? body.items : undefined;

/** The bytes that a part stands for; undefined where nothing binds its name, or it leaves open what comes. */
function bytesOfPart(part: ByteItem, scope: Scope): ByteString | undefined {
  if (part.kind === "text") return part.bytes;
  if (part.kind !== "placeholder") return undefined;
  const value = scope.get(part.name);
  return value !== undefined && part.filter ? FILTERS[part.filter](value) : value;
}

function bytesOf(pattern: LinePattern, scope: Scope): ByteString | undefined {
  if (pattern.literal !== undefined) return pattern.literal;
  const parts = partsOf(pattern);
  if (!parts) return undefined;
  let bytes = "";
  for (const part of parts) {
    const value = bytesOfPart(part, scope);
    if (value === undefined || bytes.length + value.length > LONGEST_LINE) return undefined;
    bytes += value;
  }
  return bytes;
}

function endingOf({ ending }: LinePattern, eol: Eol): string {
  switch (ending) {
    case "written":
      return eol === "lf" ? "\n" : "\r\n";
    case "lf":
      return "\n";
    case "crlf":
      return "\r\n";
    case "none":
      return "";
    default:
      return ending satisfies never;
  }
}

/** A line with a text to send. */
export function outgoing(pattern: LinePattern, bytes: ByteString, eol: Eol): OutgoingLine {
  const { line, column } = pattern;
  return { bytes, ending: endingOf(pattern, eol), endingWritten: pattern.ending !== "written", line, column };
}

/** The lines that a say sends; undefined where nothing binds a name in one of them, or one is too long. */
export function speak(patterns: readonly LinePattern[], eol: Eol, scope: Scope): readonly OutgoingLine[] | undefined {
  const lines: OutgoingLine[] = [];
  for (let i = 0; i < patterns.length; i++) {
    const pattern = patterns[i]!;
    const bytes = bytesOf(pattern, scope);
    if (bytes === undefined) return undefined;
    lines.push(outgoing(pattern, bytes, eol));
  }
  return lines;
}

/**
 * The column in the document of a {@link LineError}, whose column is in the text that is sent. A place in a value is that
 * of its placeholder; ` (hex)` is one place. Within ` (esc)` it is too low by what the escapes are longer.
 */
export function writtenColumn(pattern: LinePattern, at: number, scope: Scope): number {
  const { column, source, body } = pattern;
  if (body.kind !== "text") return column;
  let left = at - 1;
  let from = column;
  for (const part of body.parts) {
    const { length } = decodeText(bytesOfPart(part, scope) ?? "");
    if (part.kind === "text") {
      if (left < length) break;
      from += length;
    } else {
      if (left < length) return part.column;
      from = column + source.indexOf("}}", part.column - column) + 2;
    }
    left -= length;
  }
  return from + left;
}
