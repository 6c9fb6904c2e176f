/** One written line that differs, made to match the line that came in its place, with what of it still fits. */
import { type ByteString, decodeText, encodeText } from "../base/bytes.ts";
import { boundValue, type Captured } from "../match/captures.ts";
import { parseJson } from "../match/json-reader.ts";
import type { Part, Placeholder, PlaceholderType } from "../match/parts.ts";
import type { LinePattern } from "../match/pattern.ts";
import { placesOf } from "../match/spelling.ts";
import { matchText, splitEnding } from "../match/text.ts";
import type { Scope } from "../match/variables.ts";
import { endingSuffix, eolOf, spellings, type TextPiece } from "./line-text.ts";
import { renewJson } from "./renew-json.ts";
import { type ReplyLine, type ReplyStyle, standsIn, writeReplyLine } from "./reply.ts";

/** A line, and what is captured once it is matched. */
export interface Renewed {
  readonly line: ReplyLine;
  readonly captured: Captured;
}

/** @param read how the dialect reads the text of a line; undefined where it cannot. */
export function renewLine(
  pattern: LinePattern,
  line: ByteString,
  style: ReplyStyle,
  read: (text: string) => LinePattern | undefined,
  scope: Scope,
  captured: Captured,
): Renewed {
  const { text: whole, ending } = splitEnding(line, eolOf(style.ending), pattern);
  const { body, source } = pattern;
  // Of a line that ends in "...", what stands before that is compared.
  const text = (source.endsWith(FURTHER) && pattern.beginning?.(whole)) || whole;
  const isNamed = ending === NAMED_ENDINGS[pattern.ending];
  const suffix = (text === whole ? "" : FURTHER) + endingSuffix(ending, isNamed ? "named" : style.ending);
  const texts =
    body.kind === "json"
      ? renewedJson(pattern, text, suffix, scope, captured)
      : body.kind === "text" && pattern.placeholders.length > 0
        ? renewedText(pattern, body.parts, text, suffix, scope, captured)
        : text === whole && !isNamed
          ? []
          : spellings([{ kind: "text", text: decodeText(text) }], suffix);
  for (const one of texts) {
    const placed = standsIn(one, style);
    const renewed = placed && read(one);
    // What came may look like a suffix.
    const isMeant =
      renewed?.body.kind === (body.kind === "json" ? "json" : "text") && renewed.repeat === pattern.repeat;
    const after = isMeant && matchText(renewed, whole, scope, captured);
    if (placed && after) return { line: placed, captured: after };
  }
  return { line: writeReplyLine(line, style), captured };
}

const FURTHER = " ...";
const NAMED_ENDINGS = { none: "", lf: "\n", crlf: "\r\n", written: undefined } as const;
const ENDING_SUFFIX = / \((?:lf|crlf|no-eol)\)/;

/** Placeholders where what they stand for is, and the text that came between them. */
function renewedText(
  { source, column }: LinePattern,
  parts: readonly Part[],
  text: ByteString,
  suffix: string,
  scope: Scope,
  captured: Captured,
): readonly string[] {
  const came = decodeText(text);
  const known = (one: Placeholder): string | undefined => {
    const value = boundValue(one, scope, captured);
    return value === undefined ? undefined : decodeText(value);
  };
  // A name stays although its value is of another type now.
  const variants = [parts, loosen(parts, TEXT), loosen(parts, ANY)].map((variant) => {
    const places = placesOf(variant, came, known);
    const pieces: TextPiece[] = [];
    const taken = new Map<string, string>();
    let names = 0;
    let from = 0;
    for (const [i, part] of variant.entries()) {
      const place = part.kind === "placeholder" ? places.get(part) : undefined;
      if (part.kind !== "placeholder" || !place) continue;
      const value = came.slice(place.from, place.to);
      // A name stands for the same everywhere on the line.
      if (part.name !== "_" && !part.filter && (taken.get(part.name) ?? value) !== value) continue;
      taken.set(part.name, value);
      const written = parts[i] as Placeholder;
      pieces.push({ kind: "text", text: came.slice(from, place.from) });
      pieces.push({ kind: "source", source: sourceOf(source, column, written, part) });
      if (part.name !== "_") names++;
      from = place.to;
    }
    pieces.push({ kind: "text", text: came.slice(from) });
    return { names, texts: spellings(pieces, suffix) };
  });
  return variants.toSorted((a, b) => b.names - a.names).flatMap(({ texts }) => texts);
}

const TEXT: PlaceholderType = { kind: "text" };
const ANY: PlaceholderType = { kind: "any" };

const loosen = (parts: readonly Part[], type: PlaceholderType): readonly Part[] =>
  parts.map((part) => (part.kind === "placeholder" && part.name !== "_" ? { ...part, type } : part));

/** A placeholder as it is written, or without its type where that is another one now. */
function sourceOf(source: string, column: number, written: Placeholder, { name, type, filter }: Placeholder): string {
  if (type === TEXT && written.type.kind !== "text") return `{{${name}}}`;
  if (type === ANY && written.type.kind !== "any" && !filter) return `{{${name}:any}}`;
  const at = written.column - column;
  return source.slice(
    at,
    source.indexOf("}}", source.startsWith(":/", at + 2 + name.length) ? source.indexOf("/}}", at) : at) + 2,
  );
}

/** JSON in the layout of the written one. */
function renewedJson(
  { body, source, column }: LinePattern,
  text: ByteString,
  suffix: string,
  scope: Scope,
  captured: Captured,
): readonly string[] {
  if (body.kind !== "json") return [];
  const came = decodeText(text);
  const from = came.search(/[{[]/);
  const json = from < 0 ? undefined : parseJson(came.slice(from));
  const at = source.indexOf(body.template.source);
  if (!json || at < 0) return [];
  const renewed = renewJson(body.template, json, scope, captured).text;
  const end = source.slice(at + body.template.source.length);
  // A suffix that the author wrote stays where it is.
  const ends = suffix !== "" && end.includes(suffix) ? [end] : [end.replace(ENDING_SUFFIX, "") + suffix];
  const prefix = came.slice(0, from);
  const pieces = { source, column } as LinePattern;
  return ends.flatMap((one) => [
    source.slice(0, at) + renewed + one,
    ...(body.prefix.length > 0
      ? renewedText(pieces, body.prefix, encodeText(prefix), renewed + one, scope, captured)
      : [prefix + renewed + one]),
  ]);
}
