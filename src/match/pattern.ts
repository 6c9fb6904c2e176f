/**
 * What a written line says: its suffixes, read from the right, and the placeholders in what they leave (format guide,
 * sections 3 and 4). A line is read once, when the run is planned; what its names stand for is looked up when it is matched.
 *
 * Non-goals: it knows neither the line's protocol nor whether its names are bound.
 */
import { type ByteString, encodeText } from "../base/bytes.ts";
import { compileRegex, type Regex } from "../base/regex.ts";
import type { WrittenLine } from "../transcript/model.ts";
import { readBytes } from "./hex.ts";
import { type JsonTemplate, parseJsonTemplate } from "./json-reader.ts";
import { type ByteItem, type Part, PatternError, type Placeholder, readParts, readPlaceholder } from "./parts.ts";

/** `written` is the document's `eol`; the others were written as a suffix. */
export type Ending = "written" | "lf" | "crlf" | "none";

export type Body =
  | { readonly kind: "ellipsis" }
  | { readonly kind: "text"; readonly parts: readonly Part[] }
  | { readonly kind: "regex"; readonly regex: Regex }
  | { readonly kind: "json"; readonly prefix: readonly Part[]; readonly template: JsonTemplate }
  | { readonly kind: "bytes"; readonly items: readonly ByteItem[] };

/** A written line, read. */
export interface LinePattern {
  /** As it is written, without its marker. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly marked: boolean;
  readonly body: Body;
  readonly ending: Ending;
  readonly repeat: "once" | "optional" | "any";
  /** The bytes it stands for where it holds nothing else: the common case, compared as a whole. */
  readonly literal: ByteString | undefined;
  /** Names it uses or binds, in order. */
  readonly placeholders: readonly Placeholder[];
  /** Names that a regular expression's groups bind. */
  readonly groups: readonly string[];
  /** Of JSON: the line that it stands for where what comes is not JSON. */
  readonly otherwise?: LinePattern;
  /** Of a text that stands for the beginning of a line: how much of one it is compared with; undefined: nothing fits. */
  readonly beginning?: (text: ByteString) => ByteString | undefined;
}

/** A line that stands for its own text, as most do. What all of these have in common is not kept with each of them. */
class LiteralLine implements LinePattern {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly marked: boolean;
  readonly literal: ByteString;
  declare readonly ending: "written";
  declare readonly repeat: "once";
  declare readonly placeholders: readonly Placeholder[];
  declare readonly groups: readonly string[];

  static {
    Object.assign(LiteralLine.prototype, { ending: "written", repeat: "once", placeholders: [], groups: [] });
  }

  constructor(text: string, line: number, column: number, marked: boolean) {
    this.source = text;
    this.line = line;
    this.column = column;
    this.marked = marked;
    this.literal = encodeText(text);
  }

  get body(): Body {
    return { kind: "text", parts: [{ kind: "text", bytes: this.literal }] };
  }
}

/** Whether a text stands for itself, without suffixes, placeholders or escapes. */
export const isLiteral = (text: string): boolean =>
  !text.endsWith(")") && !text.includes("{{") && text !== "..." && text !== "\\...";

/** A pattern that differs from another in some ways. */
export const varied = (
  { source, line, column, marked, body, ending, repeat, literal, placeholders, groups }: LinePattern,
  changes: Partial<LinePattern>,
): LinePattern => ({ source, line, column, marked, body, ending, repeat, literal, placeholders, groups, ...changes });

const SUFFIXES = ["re", "esc", "hex", "no-eol", "lf", "crlf", "json", "?", "*"] as const;
type Suffix = (typeof SUFFIXES)[number];
const CLIENT_SUFFIXES: ReadonlySet<Suffix> = new Set<Suffix>(["esc", "hex", "no-eol", "lf", "crlf"]);
const REPLY_SUFFIXES: ReadonlySet<Suffix> = new Set<Suffix>(SUFFIXES);
/** At most one of each group may stand on a line. */
const EXCLUSIVE: readonly (readonly Suffix[])[] = [
  ["re", "esc", "hex"],
  ["re", "json", "hex"],
  ["hex", "lf", "crlf"],
  ["no-eol", "lf", "crlf"],
  ["hex", "?", "*"],
  ["no-eol", "?", "*"],
];

interface Suffixed {
  readonly text: string;
  readonly suffixes: ReadonlySet<Suffix>;
}

const NO_SUFFIXES: ReadonlySet<Suffix> = new Set();
const HEX_ALONE: ReadonlySet<Suffix> = new Set<Suffix>(["hex"]);

/** The suffixes of a line; `implied` is one that every line of its dialect has, written or not. */
function splitSuffixes(line: string, known: ReadonlySet<Suffix>, implied: "hex" | undefined): Suffixed {
  if (!line.endsWith(")")) return { text: line, suffixes: implied ? HEX_ALONE : NO_SUFFIXES };
  const suffixes = new Set<Suffix>(implied && HEX_ALONE);
  let mayRepeat = implied;
  let text = line;
  for (;;) {
    const match = / (\\?)\(([a-z-]+|\?|\*)\)$/.exec(text);
    const name = match?.[2] as Suffix | undefined;
    if (!match || !name || !known.has(name)) break;
    if (match[1]) {
      text = `${text.slice(0, match.index + 1)}(${name})`;
      break;
    }
    if (suffixes.has(name) && name !== mayRepeat)
      throw new PatternError("bad-suffix", `(${name}) is written twice`, match.index + 1);
    for (const group of EXCLUSIVE) {
      const other = group.find((one) => one !== name && suffixes.has(one));
      if (other !== undefined && group.includes(name)) {
        throw new PatternError(
          "bad-suffix",
          `(${name}) and (${other}) do not go together on one line`,
          match.index + 1,
        );
      }
    }
    suffixes.add(name);
    if (name === mayRepeat) mayRepeat = undefined;
    text = text.slice(0, match.index);
  }
  return { text, suffixes };
}

const NO_PLACEHOLDERS: readonly Placeholder[] = [];
const NO_GROUPS: readonly string[] = [];

const placeholdersIn = (items: readonly ByteItem[]): readonly Placeholder[] =>
  items.some(isPlaceholder) ? items.filter(isPlaceholder) : NO_PLACEHOLDERS;

const isPlaceholder = (item: ByteItem): item is Placeholder => item.kind === "placeholder";

function joinedText(parts: readonly ByteItem[]): ByteString | undefined {
  let bytes = "";
  for (const part of parts) {
    if (part.kind !== "text") return undefined;
    bytes += part.bytes;
  }
  return bytes;
}

function endingOf(suffixes: ReadonlySet<Suffix>): Ending {
  if (suffixes.has("lf")) return "lf";
  if (suffixes.has("crlf")) return "crlf";
  return suffixes.has("no-eol") || suffixes.has("hex") ? "none" : "written";
}

/** Reads a reply line; `implied` is a suffix that it has without being written. @throws {PatternError} */
export function parseReplyLine(written: WrittenLine, implied?: "hex"): LinePattern {
  if (implied === undefined && isLiteral(written.text))
    return new LiteralLine(written.text, written.line, written.column, written.marked);
  const { text, suffixes } = splitSuffixes(written.text, REPLY_SUFFIXES, implied);
  const repeat = suffixes.has("?") ? "optional" : suffixes.has("*") ? "any" : "once";
  const body = readBody(text, suffixes, written.column);
  const placeholders = placeholdersOf(body);
  if (body.kind !== "bytes") {
    const sized = placeholders.find((one) => one.type.kind === "bytes");
    if (sized) {
      throw new PatternError(
        "bad-placeholder",
        `{{${sized.name}:N bytes}} counts bytes; it stands in (hex) lines`,
        sized.column - written.column,
      );
    }
  }
  return {
    source: written.text,
    line: written.line,
    column: written.column,
    marked: written.marked,
    body,
    ending: body.kind === "bytes" ? "none" : endingOf(suffixes),
    repeat,
    literal:
      body.kind === "text" || body.kind === "bytes"
        ? joinedText(body.kind === "text" ? body.parts : body.items)
        : undefined,
    placeholders,
    groups: body.kind === "regex" ? body.regex.names : NO_GROUPS,
  };
}

function readBody(text: string, suffixes: ReadonlySet<Suffix>, column: number): Body {
  if (suffixes.size === 0 && text === "...") return { kind: "ellipsis" };
  if (suffixes.has("hex")) return { kind: "bytes", items: readBytes(text, column, true) };
  if (suffixes.has("re")) {
    try {
      return { kind: "regex", regex: compileRegex(text) };
    } catch (error) {
      throw new PatternError("bad-regex", `not a regular expression: ${(error as Error).message}`, 0);
    }
  }
  if (suffixes.has("json")) {
    const from = jsonStart(text);
    if (from < 0) throw new PatternError("bad-json", "(json) needs a { or a [ on the line", 0);
    const template = parseJsonTemplate(text.slice(from), column + from);
    return {
      kind: "json",
      prefix: from === 0 ? [] : readParts(text.slice(0, from), column, suffixes.has("esc")),
      template,
    };
  }
  const unescaped = text === "\\..." ? "..." : text;
  return { kind: "text", parts: readParts(unescaped, column, suffixes.has("esc")) };
}

/** Where the JSON of a line begins: at its first `{` or `[` that is not part of a placeholder. */
function jsonStart(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "[") return at;
    if (text[at] !== "{") continue;
    const placeholder = text[at + 1] === "{" ? readPlaceholder(text, at, 0) : undefined;
    if (!placeholder) return at;
    at = placeholder.end - 1;
  }
  return -1;
}

function placeholdersOf(body: Body): readonly Placeholder[] {
  switch (body.kind) {
    case "ellipsis":
    case "regex":
      return NO_PLACEHOLDERS;
    case "text":
      return placeholdersIn(body.parts);
    case "bytes":
      return placeholdersIn(body.items);
    case "json":
      return [...body.prefix.filter(isPlaceholder), ...body.template.placeholders];
    default:
      return body satisfies never;
  }
}

/** Of the lines of a reply, the one that is the first to use a name. */
export const lineThatBinds = (patterns: readonly LinePattern[], name: string): number | undefined =>
  patterns.find(
    ({ placeholders, groups }) => groups.includes(name) || placeholders.some((one) => one.name === name && !one.filter),
  )?.line;

/** Reads a client line, which leaves nothing open but names; `implied` as for {@link parseReplyLine}. @throws {PatternError} */
export function parseClientLine(written: WrittenLine, implied?: "hex"): LinePattern {
  if (implied === undefined && isLiteral(written.text))
    return new LiteralLine(written.text, written.line, written.column, true);
  const { text, suffixes } = splitSuffixes(written.text, CLIENT_SUFFIXES, implied);
  const isBytes = suffixes.has("hex");
  const body: Body = isBytes
    ? { kind: "bytes", items: readBytes(text, written.column, false) }
    : { kind: "text", parts: readParts(text, written.column, suffixes.has("esc")) };
  const placeholders = placeholdersOf(body);
  for (const { name, type, column } of placeholders) {
    if (name === "_")
      throw new PatternError("bad-placeholder", "{{_}} has no value to send; give it a name", column - written.column);
    if (type.kind !== "text")
      throw new PatternError(
        "bad-placeholder",
        `{{${name}:…}} is sent as it is; a type belongs to a reply line`,
        column - written.column,
      );
  }
  return {
    source: written.text,
    line: written.line,
    column: written.column,
    marked: true,
    body,
    ending: isBytes ? "none" : endingOf(suffixes),
    repeat: "once",
    literal: joinedText(body.kind === "text" ? body.parts : body.items),
    placeholders,
    groups: NO_GROUPS,
  };
}
