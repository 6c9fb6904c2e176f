import { encodeText } from "../../src/base/bytes.ts";
import { loadRegexEngine } from "../../src/base/regex.ts";
import { matchInOrder } from "../../src/match/in-order.ts";
import type { Matcher, Progress } from "../../src/match/matcher.ts";
import { type LinePattern, parseReplyLine } from "../../src/match/pattern.ts";
import type { EndingRules } from "../../src/match/text.ts";
import { UnorderedMatcher } from "../../src/match/unordered.ts";

await loadRegexEngine();

export const patterns = (lines: readonly string[]): readonly LinePattern[] =>
  lines.map((text, i) => parseReplyLine({ text, line: i + 1, column: 1, marked: false }));

export const scopeOf = (values: Readonly<Record<string, string>>) => ({
  get: (name: string) => (Object.hasOwn(values, name) ? encodeText(values[name]!) : undefined),
});

export interface MatchOptions {
  readonly vars?: Readonly<Record<string, string>>;
  readonly unordered?: boolean;
  readonly rules?: Partial<EndingRules>;
  /** Feed a byte at a time. */
  readonly bytewise?: boolean;
  /** Feed so many bytes at a time. */
  readonly chunk?: number;
}

export interface Matched {
  readonly progress: Progress;
  readonly captures: Readonly<Record<string, string>>;
  readonly matcher: Matcher;
}

/** Feeds received text to written lines; each line of `received` ends as given. */
export function match(expected: readonly string[], received: string, options: MatchOptions = {}): Matched {
  const rules: EndingRules = { eol: "crlf", endingOptional: false, ...options.rules };
  const scope = scopeOf(options.vars ?? {});
  const matcher = options.unordered
    ? new UnorderedMatcher(patterns(expected), scope, rules)
    : matchInOrder(patterns(expected), scope, rules);
  const bytes = encodeText(received);
  const chunk = options.bytewise ? 1 : options.chunk;
  const pieces = bytes.match(chunk ? new RegExp(`[^]{1,${chunk}}`, "g") : /[^\n]*\n|[^\n]+$/g) ?? [];
  let progress: Progress = matcher.mayBeEmpty ? "open" : "more";
  for (const piece of pieces) {
    progress = matcher.feed(piece, "");
    if (progress === "done" || progress === "failed") break;
  }
  return { progress, captures: Object.fromEntries(matcher.captures()), matcher };
}

/** The same for one line, its ending added. */
export const matchOne = (expected: string, received: string, options: MatchOptions = {}): Matched =>
  match([expected], `${received}\r\n`, options);
