/** The shortest text that a regular expression matches as a whole. */
import { type ByteString, decodeText } from "../base/bytes.ts";
import { lazySteps, type RegexStep } from "../base/regex.ts";
import { holdsAt } from "./assertions.ts";

/** More tries than this, and a text counts as not found: only assertions that contradict each other take so many. */
const MOST_TRIES = 200_000;

/** A place in the expression, with the text up to it. Assertions wait for the character after them. */
interface Try {
  readonly at: number;
  readonly text: string;
  readonly assertions: number;
}

/** Undefined where no text is found. @throws {SyntaxError} */
export function sampleRegex(source: string): string | undefined {
  const { start, steps } = lazySteps(source);
  const seen = new Set<string>();
  // The tries of one length, and those that are one character longer.
  let now: Try[] = [{ at: start, text: "", assertions: 0 }];
  for (let tries = 0; now.length > 0; ) {
    const longer: Try[] = [];
    for (let one = now.pop(); one; one = now.pop()) {
      const before = one.text.at(-1)?.codePointAt(0);
      const key = `${one.at} ${before} ${one.assertions}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (++tries > MOST_TRIES) return undefined;
      const step = steps[one.at]!;
      if (step.kind === "match") {
        if (holdsAt(one.assertions, before, undefined) !== false) return one.text;
      } else if (step.kind === "fork") {
        // The last one is tried first.
        for (const at of step.ways.toReversed()) now.push({ ...one, at });
      } else if (step.kind === "assertion") {
        now.push({ ...one, at: step.next, assertions: one.assertions | step.assertion });
      } else
        for (const character of charactersOf(step))
          if (holdsAt(one.assertions, before, character.codePointAt(0)) === true)
            longer.push({ at: step.next, text: one.text + character, assertions: 0 });
    }
    now = longer.toReversed();
  }
  return undefined;
}

const known = new WeakMap<RegexStep, readonly string[]>();

/** Characters that a step takes: a plain one, and one of each kind that assertions tell apart. */
function charactersOf(step: RegexStep & { readonly kind: "character" }): readonly string[] {
  let characters = known.get(step);
  if (!characters) {
    const first = (texts: Iterable<string>): string[] => {
      for (const text of texts) if (step.test(text.codePointAt(0)!)) return [text];
      return [];
    };
    characters = [...first(WORDLIKE), ...first(OTHERS), ...first("\n")];
    if (characters.length === 0) characters = first(beyondAscii());
    known.set(step, characters);
  }
  return characters;
}

const ascii = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => String.fromCharCode(from + i));
const isWord = (text: string): boolean => /\w/.test(text);
const PRINTABLE = ascii(0x21, 0x7f);
const WORDLIKE: readonly string[] = ["a", "1", ...PRINTABLE.filter(isWord)];
const OTHERS: readonly string[] = [
  " ",
  ...PRINTABLE.filter((text) => !isWord(text)),
  ...ascii(1, 0x20).filter((text) => text !== "\n"),
  "\x7f",
  "\0",
];

function* beyondAscii(): Iterable<string> {
  for (let code = 0x80; code <= 0x10ffff; code++) if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
}

/** A quotation, an escape, a class, the beginning of a group (with its name), the end of one. */
const PIECE = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]|\((?:\?P?<(\w+)>)?|\)/g;

/** An expression in which each group whose name has a value stands for that value. */
export function withValues(source: string, find: (name: string) => ByteString | undefined): string {
  let text = "";
  let from = 0;
  let depth = 0;
  /** How deep the group is that a value takes the place of. */
  let replaced = 0;
  for (const { 0: piece, 1: name, index } of source.matchAll(PIECE)) {
    if (piece === ")" && depth-- === replaced && replaced > 0) {
      replaced = 0;
      from = index;
    }
    if (!piece.startsWith("(")) continue;
    depth++;
    const value = replaced > 0 || name === undefined ? undefined : find(name);
    if (value === undefined) continue;
    text += `${source.slice(from, index)}(?:${decodeText(value).replace(/[\\.+*?()|[\]{}^$]/g, "\\$&")}`;
    replaced = depth;
  }
  return text + source.slice(from);
}
