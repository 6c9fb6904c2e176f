/** One received line against one written line. */
import type { ByteString } from "../base/bytes.ts";
import { decodeText, encodeText } from "../base/bytes.ts";
import type { Eol } from "../base/settings.ts";
import { type Captured, capture, lookUp } from "./captures.ts";
import { matchParts } from "./fit.ts";
import { isDifference, matchJson } from "./json.ts";
import { parseJson } from "./json-reader.ts";
import type { Part } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import type { Scope } from "./variables.ts";

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

export const ENDINGS = { crlf: "\r\n", lf: "\n" } as const;

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
