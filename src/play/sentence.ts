/**
 * The words of a failure: what was expected and what came, in a sentence that makes sense alone.
 */
import { type ByteString, decodeText, escapeAccents, escapeInvisible } from "../base/bytes.ts";
import { writeDump } from "../base/dump.ts";
import { commonPrefix, excerpt } from "../base/excerpt.ts";
import { type Captured, NOTHING_CAPTURED } from "../match/captures.ts";
import type { Difference } from "../match/diff.ts";
import { type LinePattern, lineThatBinds } from "../match/pattern.ts";
import { spell } from "../match/spelling.ts";
import type { Scope } from "../match/variables.ts";

/** UTF-16 units of a text that a sentence quotes. */
const LONGEST_QUOTE = 100;
const SUFFIXES = /(?: \((?:re|esc|hex|no-eol|lf|crlf|json|\?|\*|!)\))+$/;
const ENDING = /\r?\n$/;

/** A text in quotes, around `at` where it is long. What does not show is written as ` (esc)` writes it. */
export function quote(text: string, at = 0, write: (text: string) => string = escapeInvisible): string {
  const cut = excerpt(text, at, LONGEST_QUOTE);
  const escaped = write(cut.text);
  const shown = escaped === cut.text ? cut.text : write(cut.text.replaceAll("\\", "\\\\"));
  return `"${cut.before > 0 ? "…" : ""}${shown}${cut.after > 0 ? "…" : ""}"${shown === cut.text ? "" : " (esc)"}`;
}

/** Whether two different texts look the same: spaces of another kind, accents composed or not. */
const looksLike = (one: string, other: string): boolean => one !== other && inLooks(one) === inLooks(other);

const inLooks = (text: string): string => text.normalize("NFKC").replace(/\s/g, " ");

/** The text of a line that came, without its ending. */
export const textOf = (line: ByteString): string => decodeText(line).replace(ENDING, "");

/** A line that came: its text, and that it has no ending where it has none. */
export function quoteLine(line: ByteString, at = 0): string {
  const text = textOf(line);
  if (text === "") return line === "" ? "nothing" : "an empty line";
  return quote(text, at);
}

/** What sentences look up. */
export interface Context {
  readonly scope: Scope;
  /** The written lines of the reply. */
  readonly expects: readonly LinePattern[];
}

/** What a written line asks for, with the values of its placeholders and where they come from. */
export function expectation(
  pattern: LinePattern,
  context: Context,
  captured: Captured = NOTHING_CAPTURED,
  received?: ByteString,
): string {
  const { body, source } = pattern;
  const plain = source.slice(0, source.length - (SUFFIXES.exec(source)?.[0].length ?? 0));
  switch (body.kind) {
    case "ellipsis":
      return "further lines";
    case "bytes":
      return cut(plain) + origins(pattern, context, captured);
    case "regex":
      return `a match of /${cut(plain)}/`;
    case "json":
      return `${cut(plain)} as JSON`;
    case "text": {
      const came = received === undefined ? undefined : textOf(received);
      const { plain: text } = spell(pattern, came, context.scope, captured);
      if (text === "") return pattern.ending === "none" ? "nothing" : "an empty line";
      const at = came === undefined ? 0 : commonPrefix(text, came);
      return quote(text, at) + ENDING_WORDS[pattern.ending] + origins(pattern, context, captured);
    }
    default:
      return body satisfies never;
  }
}

const cut = (text: string): string => {
  const { text: shown, after } = excerpt(text, 0, LONGEST_QUOTE);
  return after > 0 ? `${shown}…` : shown;
};

const ENDING_WORDS = { written: "", none: " without a line ending", lf: " with LF", crlf: " with CRLF" } as const;

/**
 * ` ({{n}}, bound at line 13)` for the placeholders that have a value. `line` is that of a pattern whose own captures are
 * among `captured`: those say nothing of where a value comes from.
 */
function origins(
  { placeholders, line }: Pick<LinePattern, "placeholders"> & { readonly line?: number },
  { scope, expects }: Context,
  captured: Captured,
): string {
  const told = new Set<string>();
  for (const { name, filter } of placeholders) {
    let isBound = scope.get(name) !== undefined;
    let origin = isBound ? scope.origin?.(name) : undefined;
    for (let one: Captured | undefined = captured; !isBound && one?.before; one = one.before) {
      if (one.name !== name) continue;
      isBound = true;
      const at = lineThatBinds(expects, name);
      origin = at === undefined || at === line ? undefined : `bound at line ${at}`;
    }
    if (isBound && origin !== undefined) told.add(`{{${name}${filter ? `|${filter}` : ""}}}, ${origin}`);
  }
  return told.size === 0 ? "" : ` (${[...told].join("; ")})`;
}

/** `expected "OK 7" ({{n}}, bound at line 13), got "OK 8"`. `detail` says what the texts do not. */
export function mismatch(difference: Difference, context: Context, detail: string): string {
  const { pattern, received, captured, json } = difference;
  if (json) return jsonMismatch(json, context, captured);
  if (pattern.body.kind === "bytes" && received) return byteMismatch(difference, context);
  const expected = expectation(pattern, context, captured, received?.bytes);
  if (!received) return `expected ${expected}`;
  const came = textOf(received.bytes);
  const { plain } = spell(pattern, came, context.scope, captured);
  const at = pattern.body.kind === "text" ? commonPrefix(plain, came) : 0;
  const got = looksLike(plain, came) ? quote(came, at, escapeAccents) : quoteLine(received.bytes, at);
  const noEnding = !ENDING.test(received.bytes) && pattern.ending !== "none" && detail.includes("no line ending");
  const isEnded = pattern.ending === "none" && ENDING.test(received.bytes);
  const why = noEnding ? " without a line ending" : isEnded ? " with one" : aside(detail);
  return `expected ${expected}, got ${got}${why}${spaceHint(pattern, plain, came)}`;
}

function byteMismatch({ pattern, received, captured, expected, offset }: Difference, context: Context): string {
  const plain = (text: string): string => cut(text.replace(SUFFIXES, ""));
  const got = received!.bytes === "" ? "nothing" : plain(received!.shown);
  const written = plain(expected ?? pattern.source) + origins(pattern, context, captured);
  return `expected ${written}, got ${got}${offset === undefined ? "" : `, at offset ${offset}`}`;
}

/** What a matcher says of a line beyond that it differs. */
export const aside = (detail: string): string =>
  detail === "" ? "" : detail.startsWith("is ") ? `, which ${detail}` : ` (${detail})`;

/** A suffix takes the space in front of it, which is what nobody sees. */
export function spaceHint({ source }: LinePattern, expected: string, received: string): string {
  const more = received.slice(expected.length);
  if (!received.startsWith(expected) || more === "" || more.trim() !== "" || !SUFFIXES.test(source)) return "";
  const suffix = / (\([^ ]*\))$/.exec(source)?.[1] ?? "";
  return `; the space before ${suffix} belongs to the suffix: write one more for the text`;
}

function jsonMismatch(json: NonNullable<Difference["json"]>, context: Context, captured: Captured): string {
  const { path, expected, received } = json;
  if (expected === undefined) return `unexpected ${path} in the JSON: ${cut(received ?? "")}`;
  const written = cut(expected) + origins(json, context, captured);
  if (received === undefined) return `${path} is missing in the JSON: expected ${written}`;
  const got = looksLike(expected, received) ? received.replace(/[^\x00-\x7f]/g, escapeUnit) : received;
  return `expected ${written} at ${path}, got ${cut(got)}`;
}

/** As JSON writes a character that ASCII does not have. */
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A sentence on lines, or bytes, that no written line stands for. */
export function unexpected(extra: readonly ByteString[], isBytes: boolean): string {
  const all = extra.join("");
  if (isBytes) {
    const count = all.length === 1 ? "byte" : all.length > 8 ? `${all.length} bytes` : "bytes";
    return `unexpected ${count}: ${cut(writeDump(all.slice(0, LONGEST_QUOTE)))}`;
  }
  const lines = all.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const first = quoteLine(lines[0] ?? "");
  if (lines.length > 1) return `${lines.length} unexpected lines, the first: ${first}`;
  return all.endsWith("\n") ? `unexpected line: ${first}` : `unexpected text without a line ending: ${first}`;
}
