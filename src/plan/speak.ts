import type { ByteString } from "../base/bytes.ts";
import type { Eol } from "../base/settings.ts";
import type { OutgoingLine } from "../dialects/codec.ts";
import type { ByteItem } from "../match/parts.ts";
import type { LinePattern } from "../match/pattern.ts";
import { FILTERS, type Scope } from "../match/variables.ts";

export const LONGEST_LINE = 64e6;

function encodePart(part: ByteItem, scope: Scope): ByteString | undefined {
  if (part.kind === "text") return part.bytes;
  if (part.kind !== "placeholder") return undefined;
  const value = scope.get(part.name);
  return value !== undefined && part.filter ? FILTERS[part.filter](value) : value;
}

function bytesOf({ literal, body }: LinePattern, scope: Scope): ByteString | undefined {
  if (literal !== undefined) return literal;
  if (body.kind !== "text" && body.kind !== "bytes") return undefined;
  let bytes = "";
  for (const part of body.kind === "text" ? body.parts : body.items) {
    const value = encodePart(part, scope);
    if (value === undefined || bytes.length + value.length > LONGEST_LINE) return undefined;
    bytes += value;
  }
  return bytes;
}

export function speak(patterns: readonly LinePattern[], eol: Eol, scope: Scope): readonly OutgoingLine[] | undefined {
  const lines: OutgoingLine[] = [];
  for (const pattern of patterns) {
    const bytes = bytesOf(pattern, scope);
    if (bytes === undefined) return undefined;
    const { ending, line, column } = pattern;
    const end =
      ending === "written" ? (eol === "lf" ? "\n" : "\r\n") : ending === "lf" ? "\n" : ending === "crlf" ? "\r\n" : "";
    lines.push({ bytes, ending: end, endingWritten: ending !== "written", line, column });
  }
  return lines;
}
