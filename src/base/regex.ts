import type { RE2JS } from "re2js";
import { loadRe2 } from "./packages.ts";

/**
 * Regular expressions in RE2's syntax, matched in linear time by re2js. The engine is loaded only where a document needs
 * it (10 ms); {@link loadRegexEngine} is awaited where that can be foreseen.
 */
let engine: typeof RE2JS | undefined;

/** Whether a document's text may need the engine: a regular expression, or a typed placeholder. */
export const needsRegexEngine = (text: string): boolean => /\(re\)|\{\{[\w.-]*:/.test(text);

export async function loadRegexEngine(): Promise<void> {
  engine ??= (await import("re2js")).RE2JS;
}

export interface Regex {
  /** The named groups, in the order of the expression. */
  readonly names: readonly string[];
  readonly groupCount: number;
  /** The text of every group, the whole match first; undefined where the expression does not match the whole text. */
  match(text: string): readonly (string | undefined)[] | undefined;
  readonly groupOf: Readonly<Record<string, number>>;
}

const cache = new Map<string, Regex>();
const CACHED_REGEXES = 1000;

/** Compiles an expression that has to match a whole text; `.` is any character there. @throws {SyntaxError} */
export function compileRegex(source: string): Regex {
  const known = cache.get(source);
  if (known) return known;
  // Nobody could foresee it: a marker of a document that is only parsed.
  engine ??= loadRe2();
  let compiled: RE2JS;
  try {
    compiled = engine.compile(source, engine.DOTALL);
  } catch (error) {
    throw new SyntaxError((error as Error).message.replace(/^error parsing regexp: /, "").replace("`(?s)", "`"));
  }
  const groupOf = compiled.namedGroups() as Record<string, number>;
  const regex: Regex = {
    names: Object.keys(groupOf),
    groupCount: compiled.groupCount(),
    groupOf,
    match(text) {
      // The automaton without captures is many times faster: most long lines end here.
      if (!compiled.testExact(text)) return undefined;
      const matcher = compiled.matcher(text);
      if (!matcher.matches()) return undefined;
      return Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined);
    },
  };
  if (cache.size >= CACHED_REGEXES) cache.clear();
  cache.set(source, regex);
  return regex;
}

/** A text as an expression that matches just it. */
export const quoteRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** The same expression with every repetition taking as little as it can: a placeholder takes the shortest text. */
export function lazyRegex(source: string): string {
  return source.replace(
    /\\Q[\s\S]*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|(\(\?)|([*+?]|\{\d+(?:,\d*)?\})\??/g,
    (whole, group, repeat) => (group || !repeat ? whole : `${repeat}?`),
  );
}
