/** A reply line that differs from round to round, as one line with placeholders that all of them match. */
import { encodeText } from "../base/bytes.ts";
import { NOTHING_CAPTURED } from "../match/captures.ts";
import { PatternError } from "../match/parts.ts";
import { parseReplyLine } from "../match/pattern.ts";
import { matchLine } from "../match/text.ts";

/** A placeholder; a text without white space and without what usually stands around values; any other character. */
const TOKEN = /\{\{[^{}]*\}\}|(?:\d:(?=\d)|[^\s"'`,;:=(){}[\]<>|&?])+|[\s\S]/gu;
/** Of longer lines, and of more of them, nothing is proposed: it would take too long. */
const LONGEST = 2000;
const MOST_LINES = 100;
const SUFFIX = / \((?:esc|hex|re|no-eol|lf|crlf)\)$/;
/** Suffixes that the proposal has where the written line has them. */
const KEPT = /(?: \((?:json|[?*])\))+$/;

/**
 * The line to write in place of `written`, where these lines came; undefined where there is none. Its placeholders have no
 * names, so that it does not depend on what else the document captures.
 * @param isRight whether what came was as it is written, too.
 */
export function proposeLine(written: string, received: readonly string[], isRight: boolean): string | undefined {
  const suffix = KEPT.exec(written)?.[0] ?? "";
  const plain = written.slice(0, written.length - suffix.length);
  const lines = [...(isRight ? [plain] : []), ...received].slice(0, MOST_LINES);
  if (lines.length < 2 || lines.some((line) => line.length > LONGEST || SUFFIX.test(line))) return undefined;
  const tokens = lines.map((line) => line.match(TOKEN) ?? []);
  const proposal = tokens.every(({ length }) => length === tokens[0]!.length)
    ? inColumns(tokens)
    : aroundMiddle(tokens);
  return received.every((line) => matches(proposal, line)) ? proposal + suffix : undefined;
}

const isPlaceholder = (token: string): boolean => token.startsWith("{{") && token.endsWith("}}");

const inColumns = (lines: readonly (readonly string[])[]): string =>
  lines[0]!.map((_, i) => joinColumn(lines.map((tokens) => tokens[i]!))).join("");

function joinColumn(values: readonly string[]): string {
  const first = values[0]!;
  if (isPlaceholder(first) || values.every((value) => value === first)) return first;
  const type = TYPES.find(([, test]) => values.every((value) => test.test(value)));
  return type ? `{{_:${type[0]}}}` : "{{_}}";
}

const TYPES: readonly (readonly [type: string, test: RegExp])[] = [
  ["int", /^[+-]?\d+$/],
  ["uuid", /^[\dA-Fa-f]{8}(?:-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}$/],
  ["hex", /^[\dA-Fa-f]{6,}$/],
  ["word", /^\S+$/],
];

/** What all of them begin and end with, and a placeholder for the rest. */
function aroundMiddle(lines: readonly (readonly string[])[]): string {
  const first = lines[0]!;
  const shortest = Math.min(...lines.map(({ length }) => length));
  let start = 0;
  while (start < shortest && lines.every((tokens) => tokens[start] === first[start])) start++;
  let end = 0;
  while (end < shortest - start && lines.every((tokens) => tokens.at(-1 - end) === first.at(-1 - end))) end++;
  return `${first.slice(0, start).join("")}{{_}}${first.slice(first.length - end).join("")}`;
}

function matches(proposal: string, line: string): boolean {
  try {
    const pattern = parseReplyLine({ text: proposal, line: 1, column: 1, marked: false });
    const rules = { eol: "any", endingOptional: true } as const;
    return matchLine(pattern, encodeText(line), rules, { get: () => undefined }, NOTHING_CAPTURED) !== undefined;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}
