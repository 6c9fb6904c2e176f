import { type ByteString, decodeText } from "../base/bytes.ts";
import type { Eol } from "../base/settings.ts";
import type { Part } from "../match/parts.ts";
import type { LinePattern, LineTemplate } from "../match/pattern.ts";
import { FILTERS, type Scope } from "../match/variables.ts";
import { LineError, type NextSends, type OutgoingExchange, type OutgoingLine } from "./dialect.ts";

/** The bytes that a part of a client line stands for; undefined where nothing binds its name. */
function encodePart(part: Part, scope: Scope): ByteString | undefined {
  if (part.kind === "text") return part.bytes;
  const value = scope.get(part.name);
  return value !== undefined && part.filter ? FILTERS[part.filter](value) : value;
}

/** The longest client line, in bytes, with its values: a long one may stand on a line often. */
export const LONGEST_LINE = 64e6;

/** The bytes that a client line stands for; undefined where nothing binds a name in it, or where they are too many. */
function encodeLine({ parts }: LineTemplate, scope: Scope): ByteString | undefined {
  let bytes = "";
  for (const part of parts) {
    const value = encodePart(part, scope);
    if (value === undefined || bytes.length + value.length > LONGEST_LINE) return undefined;
    bytes += value;
  }
  return bytes;
}

/**
 * The column in the document of what a {@link LineError} says of the text that a client line stands for. What is in a
 * value is where its placeholder is; ` (hex)` is one place. Within ` (esc)` it is too low by what the escapes are longer.
 */
export function writtenColumn({ column, source, parts, isBytes }: LineTemplate, at: number, scope: Scope): number {
  if (isBytes) return column;
  let left = at - 1;
  let from = column;
  for (const part of parts) {
    const { length } = decodeText(encodePart(part, scope) ?? "");
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

interface Lines {
  readonly kind: string;
  readonly connection: string;
  readonly sends?: readonly LineTemplate[];
}

/** What a codec is told of the lines behind a step: those of the next exchange that its connection sends. */
export const nextSends =
  (steps: readonly Lines[], step: Lines, eol: Eol, scope: Scope): NextSends =>
  () => {
    const next = steps
      .slice(steps.indexOf(step) + 1)
      .find(({ connection, sends = [] }) => connection === step.connection && sends.length > 0);
    return next?.sends && encodeExchange(next.sends, [], eol, scope)?.sends;
  };

/** Client lines with their names replaced, ready for a codec; undefined where nothing binds one of the names. */
export function encodeExchange(
  sends: readonly LineTemplate[],
  expects: readonly LinePattern[],
  eol: Eol,
  scope: Scope,
): OutgoingExchange | undefined {
  const lines: OutgoingLine[] = [];
  for (const template of sends) {
    const bytes = encodeLine(template, scope);
    if (bytes === undefined) return undefined;
    const { ending, line, column } = template;
    const end =
      ending === "written" ? (eol === "lf" ? "\n" : "\r\n") : ending === "lf" ? "\n" : ending === "crlf" ? "\r\n" : "";
    lines.push({ bytes, ending: end, endingWritten: ending !== "written", line, column });
  }
  return { sends: lines, expects };
}

/** Reads client lines that stand each by itself. @throws {LineError} the first mistake, with those of further lines. */
export function readEach<T>(lines: readonly OutgoingLine[], read: (line: OutgoingLine) => T): readonly T[] {
  const mistakes: LineError[] = [];
  const results = lines.flatMap((line) => {
    try {
      return [read(line)];
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      mistakes.push(error);
      return [];
    }
  });
  const [first, ...further] = mistakes;
  if (!first) return results;
  first.further = further;
  throw first;
}
