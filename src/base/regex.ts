import type { RE2JS } from "re2js";
import { loadRe2 } from "./packages.ts";

/**
 * Regular expressions in RE2's syntax, matched in linear time by re2js. The engine takes 10 ms to load, so it is loaded only
 * if a document needs it: by {@link loadRegexEngine} where {@link needsRegexEngine} says so, else on first use.
 */
let engine: typeof RE2JS | undefined;

/** Whether a document's text may need the engine: it holds a regular expression. */
export const needsRegexEngine = (text: string): boolean => /\(re\)|\{\{[\w.-]*:\//.test(text);

export async function loadRegexEngine(): Promise<void> {
  engine ??= (await import("re2js")).RE2JS;
}

export interface Regex {
  readonly source: string;
  /** The named groups, in the order of the expression. */
  readonly names: readonly string[];
  readonly groupCount: number;
  /** The text of every group, the whole match first; undefined where the expression does not match the whole text. */
  match(text: string): readonly (string | undefined)[] | undefined;
  readonly groupOf: Readonly<Record<string, number>>;
}

/**
 * A step of an expression as an automaton, which takes one character after the other. A fork prefers its earlier ways.
 */
export type RegexStep =
  | { readonly kind: "character"; readonly test: (code: number) => boolean; readonly next: number }
  | { readonly kind: "fork"; readonly ways: readonly number[] }
  | { readonly kind: "assertion"; readonly assertion: Assertion; readonly next: number }
  | { readonly kind: "match" };

export interface RegexSteps {
  readonly start: number;
  readonly steps: readonly RegexStep[];
}

/** Assertions about a place between two characters, one bit each. */
export const ASSERTIONS = { lineStart: 1, lineEnd: 2, start: 4, end: 8, wordBoundary: 16, noWordBoundary: 32 } as const;
/** One or more of these bits. */
export type Assertion = number;

/** Compiled expressions by their sources, at most CACHED_REGEXES of them. */
const cache = new Map<string, Regex>();
const stepsCache = new Map<string, RegexSteps>();
const CACHED_REGEXES = 1000;

/** Compiles an expression that has to match a whole text; `.` is any character there. @throws {SyntaxError} */
export function compileRegex(source: string): Regex {
  const known = cache.get(source);
  if (known) return known;
  const compiled = compile(source);
  const groupOf = compiled.namedGroups() as Record<string, number>;
  const regex: Regex = {
    source,
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

/** Whether an expression matches a part of a text, in linear time. */
export type Search = (text: string) => boolean;

/** @throws {SyntaxError} */
export function compileSearch(source: string): Search {
  const compiled = compile(source);
  return (text) => compiled.test(text);
}

function compile(source: string): RE2JS {
  // Not loaded in advance: the document is only parsed.
  engine ??= loadRe2();
  try {
    return engine.compile(source, engine.DOTALL);
  } catch (error) {
    throw new SyntaxError((error as Error).message.replace(/^error parsing regexp: /, "").replace("`(?s)", "`"));
  }
}

/** The codes of re2js' own instructions (its class Inst). */
const OP = { alt: 1, altMatch: 2, capture: 3, assertion: 4, match: 6, nop: 7, rune: 8, rune1: 9, any: 10 } as const;
const ANY_BUT_LF = 11;
interface Re2Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  matchRune(code: number): boolean;
}

const NOWHERE: readonly number[] = [];

function stepOf(instruction: Re2Instruction): RegexStep {
  const { op, out: next, arg } = instruction;
  switch (op) {
    case OP.alt:
    case OP.altMatch:
      return { kind: "fork", ways: [next, arg] };
    case OP.capture:
    case OP.nop:
      return { kind: "fork", ways: [next] };
    case OP.assertion:
      return { kind: "assertion", assertion: arg, next };
    case OP.match:
      return { kind: "match" };
    case OP.rune:
    case OP.rune1:
      return { kind: "character", test: (code) => instruction.matchRune(code), next };
    case OP.any:
      return { kind: "character", test: () => true, next };
    case ANY_BUT_LF:
      return { kind: "character", test: (code) => code !== 10, next };
    default:
      return { kind: "fork", ways: NOWHERE };
  }
}

/** An expression as an automaton with lazy repetitions, as a placeholder takes the shortest text. */
export function lazySteps(source: string): RegexSteps {
  const known = stepsCache.get(source);
  if (known) return known;
  const { start, inst } = compile(lazyRegex(source)).re2().prog as { start: number; inst: readonly Re2Instruction[] };
  const steps = { start, steps: inst.map(stepOf) };
  if (stepsCache.size >= CACHED_REGEXES) stepsCache.clear();
  stepsCache.set(source, steps);
  return steps;
}

/**
 * The parts of an expression: a quotation, an escape with its argument, a class, the beginning of a group with its flags,
 * a repetition.
 */
const PIECE =
  /\\Q[\s\S]*?(?:\\E|$)|\\[xpP]\{[^}]*\}|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]|\(\?([A-Za-z]*)(-[A-Za-z]+)?([:)])|(\(\?)|([*+?]|\{\d+(?:,\d*)?\})\??/g;

/** The same expression with every repetition lazy. The flag U, which swaps lazy and greedy, is removed. */
function lazyRegex(source: string): string {
  return source.replace(PIECE, (whole, on: string, off: string | undefined, end: string, group, repeat) => {
    if (end) {
      const flags = on.replaceAll("U", "") + (off ?? "").replaceAll("U", "").replace(/^-$/, "");
      return flags === "" && end === ")" ? "" : `(?${flags}${end}`;
    }
    return group || !repeat ? whole : `${repeat}?`;
  });
}
