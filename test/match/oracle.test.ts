import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeText } from "../../src/base/bytes.ts";
import { elementsOf, endsOpen } from "../../src/match/elements.ts";
import { matchInOrder } from "../../src/match/in-order.ts";
import type { Progress } from "../../src/match/matcher.ts";
import type { LinePattern } from "../../src/match/pattern.ts";
import type { EndingRules } from "../../src/match/text.ts";
import { EXPRESSIONS, type LinedUp, lineUp } from "./oracle.ts";
import { patterns, scopeOf } from "./support.ts";

const VARS = { v: "a" };
const SCOPE = scopeOf(VARS);

/** Feeds pieces as a dialect of lines would, and hears the end. */
function play(
  expects: readonly LinePattern[],
  pieces: readonly string[],
  rules: EndingRules,
  whole: boolean,
): LinedUp | undefined {
  const matcher = matchInOrder(expects, SCOPE, rules);
  let progress: Progress = matcher.mayBeEmpty ? "open" : "more";
  if (matcher.mayBeEmpty && !whole) return { taken: 0, captures: Object.fromEntries(matcher.captures()) };
  let fed = 0;
  for (const piece of expects.length > 0 ? pieces : []) {
    progress = matcher.feed(piece, "");
    fed += piece.length;
    if (progress === "done" || progress === "failed") break;
  }
  const isCut = progress === "done";
  if (progress === "more" || progress === "open") progress = matcher.end();
  if (progress === "failed" || progress === "more") return undefined;
  const taken = isCut ? fed - matcher.rest.length : fed;
  if (whole && taken < pieces.join("").length) return undefined;
  return { taken, captures: Object.fromEntries(matcher.captures()) };
}

const linesOf = (bytes: string): readonly string[] => bytes.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const NAMES = ["x", "y", "z", "v", "_"];
const TYPES = ["", "", ":any", ":int", ":word", ":hex", ":base64"];
const EXPRESSION_TYPES = Object.keys(EXPRESSIONS).map((source) => `:/${source}/`);
const placeholder = (more: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...TYPES, ...EXPRESSION_TYPES, ...more))
    .map(([name, type]) => `{{${name}${type}}}`);
const text = fc
  .array(fc.oneof(placeholder([]), fc.constantFrom("a", "b", "1", "é", " ", "")), { maxLength: 4 })
  .map((parts) => parts.join(""));
const suffixed = fc
  .tuple(text, fc.constantFrom("", "", "", " (?)", " (*)", " (lf)", " (crlf)"))
  .map(([line, suffix]) => line + suffix);
const textLine = fc.oneof({ weight: 4, arbitrary: suffixed }, { weight: 1, arbitrary: fc.constant("...") });
const word = fc.oneof(
  placeholder([":1 bytes", ":2 bytes", ":3 bytes"]),
  fc.constantFrom('"a"', '"b"', "00", "c3", "a9", '"é"', "??", "0a"),
);
const run = fc
  .tuple(
    fc.array(
      fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: placeholder([]).map((one) => `"a${one}"`) }),
      { minLength: 1, maxLength: 4 },
    ),
    fc.nat(5),
  )
  .map(
    ([words, dots]) => `${(dots === 0 ? ["...", ...words] : dots === 1 ? [...words, "..."] : words).join(" ")} (hex)`,
  );
/**
 * A run in which names of open length are used again, and bytes that may be it. None of its expressions prefers a longer
 * text: such a run may match at an earlier byte, where it is not known yet what the preferred text would have been.
 */
const again = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        ...[
          "{{x}}",
          "{{x}}",
          "{{y}}",
          "{{x:any}}",
          "{{y:/a|ab/}}",
          "{{x:word}}",
          "{{_:int}}",
          "{{_:2 bytes}}",
          "{{z}}",
        ],
        ...['"a"', '"a"', '"b"', '"1"', "??", "..."],
      ),
      { minLength: 3, maxLength: 6 },
    ),
    fc.tuple(fc.constantFrom("a", "b", "ab", "ba1"), fc.constantFrom("a", "ab", "1a"), fc.constantFrom("1b", "aa")),
    fc.array(fc.constantFrom("", "", "", "", "a", "b", "1", "ab"), { minLength: 7, maxLength: 7 }),
  )
  .map(([words, [x, y, z], between]) => {
    const run = ["{{x}}", ...words];
    const values = run.map((word) => (word.startsWith('"') ? word.slice(1, -1) : ({ x, y, z }[word[2]!] ?? "1")));
    return { line: `${run.join(" ")} (hex)`, bytes: values.map((value, i) => value + between[i]).join("") };
  });
const prompt = fc.constantFrom("a (no-eol)", "é (no-eol)");
const byteLine = fc.oneof(
  { weight: 3, arbitrary: run },
  { weight: 2, arbitrary: textLine },
  { weight: 1, arbitrary: prompt },
);
const tail = text.map((line) => `${line} (no-eol)`);

/** What comes: anything, mostly of what is written. */
const received = fc
  .array(
    fc.constantFrom("a", "b", "ab", "1", "12", "é", "\u{dcc3}", "\u{dca9}", " ", "\0", "\r\n", "\r\n", "\n", "\r"),
    { maxLength: 9 },
  )
  .map((parts) => encodeText(parts.join("")));

const bound = new Set(["_", "v"]);
/**
 * Whether wildcards of a line may leave it empty: after a run of bytes the matcher does not see where such a line begins,
 * and whether a CR before its LF belongs to it.
 */
const mayBeEmpty = ({ body, ending, literal }: LinePattern): boolean =>
  body.kind === "text" &&
  ending !== "none" &&
  literal === undefined &&
  body.parts.every(
    (part) =>
      part.kind === "placeholder" && (part.type.kind === "any" || part.type.kind === "regex" || part.name === "v"),
  );

/** Whether the document could say so: what may be absent uses only what is bound. */
function isAllowed(expects: readonly LinePattern[]): boolean {
  const known = new Set(bound);
  const firstBytes = expects.findIndex(({ ending }) => ending === "none");
  if (firstBytes >= 0 && expects.slice(firstBytes).some(mayBeEmpty)) return false;
  for (const { repeat, placeholders } of expects)
    for (const { name } of placeholders) {
      if (repeat !== "once" && !known.has(name)) return false;
      known.add(name);
    }
  return true;
}

const RULES: readonly EndingRules[] = [
  { eol: "crlf", endingOptional: false },
  { eol: "lf", endingOptional: false },
  { eol: "any", endingOptional: false },
  { eol: "any", endingOptional: true, endKnown: true },
];
/**
 * The rounds of a test: fewer where one costs more. Each run of the tests has a seed of its own, which a failure tells.
 * With ORACLE=50 there are 50 times as many.
 */
const rounds = (count: number): { readonly numRuns: number } => ({ numRuns: count * Number(process.env.ORACLE ?? 1) });

function compare(lines: readonly string[], bytes: string, rules: EndingRules): void {
  const expects = patterns(lines);
  fc.pre(isAllowed(expects));
  const last = elementsOf(expects, SCOPE).at(-1);
  const endsInText = last?.kind === "bytes" && expects.at(-1)!.body.kind === "text";
  const isOpen = rules.endKnown === true || endsInText || endsOpen(elementsOf(expects, SCOPE));
  const wanted = lineUp(expects, bytes, VARS, rules, isOpen);
  const seen = (pieces: readonly string[]): unknown => play(expects, pieces, rules, isOpen);
  expect(seen(linesOf(bytes)), "line by line").toEqual(wanted);
  const isBytewise = expects.some(({ ending }) => ending === "none");
  if (isBytewise) {
    expect(seen([bytes]), "at once").toEqual(wanted);
    for (let cut = 1; cut < bytes.length; cut++)
      expect(seen([bytes.slice(0, cut), bytes.slice(cut)]), `cut at ${cut}`).toEqual(wanted);
  }
  expect(seen([...bytes]), "byte by byte").toEqual(wanted);
}

describe("against all the ways to line up", () => {
  const rules = fc.constantFrom(...RULES);
  it("one line", () => {
    fc.assert(
      fc.property(text, received, rules, (line, bytes, rule) =>
        compare([line], `${bytes.replaceAll("\n", "")}\r\n`, rule),
      ),
      rounds(800),
    );
  });
  it("lines", () => {
    fc.assert(fc.property(fc.array(textLine, { maxLength: 4 }), received, rules, compare), rounds(800));
  });
  it("runs of bytes", () => {
    fc.assert(fc.property(fc.array(run, { minLength: 1, maxLength: 2 }), received, rules, compare), rounds(350));
  });
  it("names that a run of bytes uses again", () => {
    fc.assert(
      fc.property(again, rules, ({ line, bytes }, rule) => compare([line], bytes, rule)),
      rounds(500),
    );
  });
  it("runs of bytes among lines", () => {
    fc.assert(fc.property(fc.array(byteLine, { minLength: 1, maxLength: 4 }), received, rules, compare), rounds(400));
  });
  it("a last line without an ending", () => {
    fc.assert(
      fc.property(fc.array(textLine, { maxLength: 2 }), tail, received, rules, (lines, last, bytes, rule) =>
        compare([...lines, last], bytes, rule),
      ),
      rounds(500),
    );
  });
});
