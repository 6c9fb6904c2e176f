/**
 * One received line against one written line. Linear in the line: text between placeholders is searched for with
 * indexOf, and only where typed placeholders leave a choice does an RE2 expression decide.
 */
import type { ByteString } from "../base/bytes.ts";
import { decodeText, encodeText } from "../base/bytes.ts";
import { compileRegex, lazyRegex, quoteRegex } from "../base/regex.ts";
import type { Eol } from "../base/settings.ts";
import { isDifference, matchJson } from "./json.ts";
import { parseJson } from "./json-reader.ts";
import type { Part, Placeholder } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import { FILTERS, type Scope } from "./variables.ts";

/** What a reply captured so far, the latest first: a list, because several tries of a reply share their beginnings. */
export interface Captured {
  readonly name: string;
  readonly value: ByteString;
  readonly before: Captured | undefined;
}

export const NOTHING_CAPTURED: Captured = { name: "", value: "", before: undefined };

export const capture = (captured: Captured, name: string, value: ByteString): Captured =>
  name === "_" ? captured : { name, value, before: captured };

export function capturedMap(captured: Captured): ReadonlyMap<string, ByteString> {
  const map = new Map<string, ByteString>();
  for (let at: Captured | undefined = captured; at?.before; at = at.before)
    if (!map.has(at.name)) map.set(at.name, at.value);
  return map;
}

function lookUp(name: string, scope: Scope, captured: Captured): ByteString | undefined {
  if (name === "_") return undefined;
  for (let at: Captured | undefined = captured; at?.before; at = at.before) if (at.name === name) return at.value;
  return scope.get(name);
}

/** The bytes a placeholder stands for, its filter applied; undefined where its name is free. */
export function boundValue(placeholder: Placeholder, scope: Scope, captured: Captured): ByteString | undefined {
  const value = lookUp(placeholder.name, scope, captured);
  return value === undefined || placeholder.filter === undefined ? value : FILTERS[placeholder.filter](value);
}

/** Text, and a placeholder after each but the last: `texts` has one more than `free`. */
interface Shape {
  readonly texts: readonly ByteString[];
  readonly free: readonly Placeholder[];
}

/** Undefined where the texts are longer than `most` already: values can be long, and stand on a line often. */
function shapeOf(parts: readonly Part[], scope: Scope, captured: Captured, most: number): Shape | undefined {
  let left = most;
  const texts: ByteString[] = [""];
  const free: Placeholder[] = [];
  for (const part of parts) {
    const bytes = part.kind === "text" ? part.bytes : boundValue(part, scope, captured);
    if (bytes !== undefined) {
      left -= bytes.length;
      if (left < 0) return undefined;
      texts[texts.length - 1] += bytes;
    } else {
      free.push(part as Placeholder);
      texts.push("");
    }
  }
  return { texts, free };
}

/** Matches parts against a whole text; undefined where they do not match. A filter of a free name never matches. */
export function matchParts(
  parts: readonly Part[],
  bytes: ByteString,
  scope: Scope,
  captured: Captured,
): Captured | undefined {
  const shape = shapeOf(parts, scope, captured, bytes.length);
  if (!shape) return undefined;
  const { texts, free } = shape;
  if (free.length === 0) return bytes === texts[0] ? captured : undefined;
  const first = texts[0]!;
  const last = texts.at(-1)!;
  if (bytes.length < first.length + last.length || !bytes.startsWith(first) || !bytes.endsWith(last)) return undefined;
  const values =
    free.length === 1 ? [bytes.slice(first.length, bytes.length - last.length)] : splitAtTexts(bytes, texts, free);
  if (!values) return undefined;
  let result = captured;
  const own = new Map<string, ByteString>();
  for (const [i, placeholder] of free.entries()) {
    const value = values[i]!;
    const bound = own.get(placeholder.name);
    if (placeholder.filter) {
      if (bound === undefined || FILTERS[placeholder.filter](bound) !== value) return undefined;
      continue;
    }
    if (bound === undefined ? free.length === 1 && !fits(placeholder, value) : bound !== value) return undefined;
    if (bound === undefined) {
      result = capture(result, placeholder.name, value);
      if (placeholder.name !== "_") own.set(placeholder.name, value);
    }
  }
  return result;
}

/** Whether a whole value is of a placeholder's type. */
export function fits({ type }: Placeholder, value: ByteString): boolean {
  switch (type.kind) {
    case "text":
      return value !== "";
    case "any":
      return true;
    case "class":
      return type.native.test(value);
    case "regex":
      return type.regex.match(decodeText(value)) !== undefined;
    case "bytes":
      return value.length === type.count;
    default:
      return type satisfies never;
  }
}

function splitAtTexts(
  bytes: ByteString,
  texts: readonly ByteString[],
  free: readonly Placeholder[],
): readonly ByteString[] | undefined {
  const plain = free.every(({ type }) => type.kind === "text" || type.kind === "any");
  return plain ? splitLeftmost(bytes, texts, free) : splitByRegex(bytes, texts, free);
}

/** Each text at its first possible place: the shortest for every placeholder, and the most room for what follows. */
function splitLeftmost(
  bytes: ByteString,
  texts: readonly ByteString[],
  free: readonly Placeholder[],
): readonly ByteString[] | undefined {
  const values: ByteString[] = [];
  const end = bytes.length - texts.at(-1)!.length;
  let from = texts[0]!.length;
  for (const [i, { type }] of free.entries()) {
    const least = from + (type.kind === "any" ? 0 : 1);
    const text = texts[i + 1]!;
    const at = i === free.length - 1 ? end : bytes.indexOf(text, least);
    if (at < least || at + (i === free.length - 1 ? 0 : text.length) > end) return undefined;
    values.push(bytes.slice(from, at));
    from = at + text.length;
  }
  return values;
}

function splitByRegex(
  bytes: ByteString,
  texts: readonly ByteString[],
  free: readonly Placeholder[],
): readonly ByteString[] | undefined {
  // The expressions of a document are about characters; without them, bytes as they are spare the decoding.
  const asText = free.some(({ type }) => type.kind === "regex");
  const read = asText ? decodeText : (same: ByteString): string => same;
  let source = "";
  const groups: number[] = [];
  let group = 1;
  for (const [i, text] of texts.entries()) {
    source += quoteRegex(read(text));
    const type = free[i]?.type;
    if (!type) continue;
    groups.push(group);
    group += 1 + (type.kind === "regex" ? type.regex.groupCount : 0);
    const inner =
      type.kind === "regex"
        ? `(?:${type.source})`
        : type.kind === "class"
          ? type.re2
          : type.kind === "any"
            ? ".*"
            : ".+";
    source += `(${lazyRegex(inner)})`;
  }
  const match = compileRegex(source).match(read(bytes));
  return match && groups.map((at) => (asText ? encodeText(match[at] ?? "") : (match[at] ?? "")));
}

/** What is compared besides the text of a line. */
export interface EndingRules {
  readonly eol: Eol;
  /** Whether a line without an ending matches one that should have it: the last line of an HTTP body. */
  readonly endingOptional: boolean;
  /**
   * Whether the end of the reply will be told, as that of an HTTP body is. All that comes is compared then, so that `...`
   * can take more for the last line to match, and a matcher is `done` only at the end.
   */
  readonly endKnown?: boolean;
}

const ENDINGS = { crlf: "\r\n", lf: "\n" } as const;

/** A line's text and its ending. Under `eol: lf` a CR belongs to the text, but where ` (crlf)` is written. */
export function splitEnding(
  line: ByteString,
  eol: Eol,
  pattern?: LinePattern,
): { text: ByteString; ending: "" | "\n" | "\r\n" } {
  if (!line.endsWith("\n")) return { text: line, ending: "" };
  const crIsText = eol === "lf" && pattern?.ending !== "crlf";
  const ending = !crIsText && line.endsWith("\r\n") ? "\r\n" : "\n";
  return { text: line.slice(0, -ending.length), ending };
}

function endingFits(pattern: LinePattern, ending: "" | "\n" | "\r\n", rules: EndingRules): boolean {
  if (pattern.ending === "none") return ending === "";
  if (ending === "") return rules.endingOptional && pattern.ending === "written";
  const wanted = pattern.ending === "written" ? rules.eol : pattern.ending;
  return wanted === "any" || ending === ENDINGS[wanted];
}

/** What a line captures if a written one matches it; undefined if it does not. Not for `...` and ` (hex)`. */
export function matchLine(
  pattern: LinePattern,
  line: ByteString,
  rules: EndingRules,
  scope: Scope,
  captured: Captured,
): Captured | undefined {
  if (pattern.literal !== undefined && pattern.ending === "written" && rules.eol !== "any" && line.endsWith("\n")) {
    const ending = ENDINGS[rules.eol];
    const isSame =
      line.length === pattern.literal.length + ending.length &&
      line.startsWith(pattern.literal) &&
      line.endsWith(ending);
    return isSame ? captured : undefined;
  }
  const { text, ending } = splitEnding(line, rules.eol, pattern);
  return endingFits(pattern, ending, rules) ? matchText(pattern, text, scope, captured) : undefined;
}

/** The same for a line's text alone. */
export function matchText(
  pattern: LinePattern,
  text: ByteString,
  scope: Scope,
  captured: Captured,
): Captured | undefined {
  if (pattern.literal !== undefined) return text === pattern.literal ? captured : undefined;
  const { body } = pattern;
  switch (body.kind) {
    case "text": {
      const compared = pattern.beginning ? pattern.beginning(text) : text;
      return compared === undefined ? undefined : matchParts(body.parts, compared, scope, captured);
    }
    case "regex": {
      const match = body.regex.match(decodeText(text));
      if (!match) return undefined;
      let result = captured;
      for (const name of body.regex.names) {
        const value = encodeText(match[body.regex.groupOf[name]!] ?? "");
        const bound = lookUp(name, scope, result);
        if (bound !== undefined && bound !== value) return undefined;
        if (bound === undefined) result = capture(result, name, value);
      }
      return result;
    }
    case "json": {
      const from = text.search(/[{[]/);
      const prefix =
        from < 0
          ? undefined
          : matchParts(body.prefix.length > 0 ? body.prefix : NO_PREFIX, text.slice(0, from), scope, captured);
      const json = prefix && parseJson(decodeText(text.slice(from)));
      if (!json) return pattern.otherwise && matchText(pattern.otherwise, text, scope, captured);
      const result = matchJson(body.template, json, scope, prefix);
      return isDifference(result) ? undefined : result;
    }
    case "ellipsis":
    case "bytes":
      return undefined;
    default:
      return body satisfies never;
  }
}

const NO_PREFIX: readonly Part[] = [{ kind: "text", bytes: "" }];

const ENDING_NAMES = { "": "no line ending", "\n": "LF", "\r\n": "CRLF" } as const;

/** Why a line that looks alike does not match: its ending, or where its JSON differs. Empty where the texts tell. */
export function explain(
  pattern: LinePattern,
  line: ByteString,
  rules: EndingRules,
  scope: Scope,
  captured: Captured,
): string {
  const { text, ending } = splitEnding(line, rules.eol, pattern);
  if (
    matchText(pattern, text, scope, captured) ||
    (rules.eol === "lf" && text.endsWith("\r") && matchText(pattern, text.slice(0, -1), scope, captured))
  ) {
    const wanted = pattern.ending === "written" ? rules.eol : pattern.ending;
    const name = wanted === "none" ? "no line ending" : wanted === "any" ? "LF or CRLF" : wanted.toUpperCase();
    const found = rules.eol === "lf" && line.endsWith("\r\n") ? "CRLF" : ENDING_NAMES[ending];
    return found === "no line ending" ? `has no line ending, expected ${name}` : `ends with ${found}, expected ${name}`;
  }
  if (pattern.body.kind !== "json") return "";
  const from = text.search(/[{[]/);
  const json = from < 0 ? undefined : parseJson(decodeText(text.slice(from)));
  if (!json) return pattern.otherwise ? "" : "is not JSON";
  const result = matchJson(pattern.body.template, json, scope, captured);
  return isDifference(result) ? `differs at ${result.path}: ${result.message}` : "";
}
