/**
 * Cases of matching in plain files (cases/*.txt).
 *
 * A case begins with `== NAME` and the written lines of a reply. `-- given` has a line `NAME = VALUE` for each name that is
 * bound before, `-- rules` one for each of `lf` (the document's line ending), `unordered` and `end known`. `-- came` has
 * what came: escapes as in JSON, `\udcff` for a byte ff that is no UTF-8, line endings written out, `3 * ab` for `ababab`;
 * `-- came and ended` the same, after which the connection ends. `-- verdict` begins with `done`, `open`, `more` or
 * `failed`, the last two with the number of the written line that is awaited, if there is one. Then comes a line
 * `NAME = VALUE` for each capture, or `NAME has 1200 bytes` where it has more than a hundred.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ByteString, decodeText } from "../../src/base/bytes.ts";
import { readSections, unescaped } from "../support/sections.ts";
import { type MatchOptions, match } from "./support.ts";

const CAME = "came";
const ENDED = "came and ended";

const cases = readSections(join(import.meta.dirname, "cases")).map(({ name, written, of }) => ({
  name,
  written: written.trimEnd().split("\n"),
  received: (of(CAME)[0] ?? of(ENDED)[0])!.map(repeated).join(""),
  isEnded: of(ENDED).length > 0,
  options: optionsOf(of("given")[0] ?? [], of("rules")[0] ?? []),
  verdict: of("verdict")[0]!,
}));

function repeated(line: string): string {
  const [, count = "1", text] = /^(?:(\d+) \* )?(.*)$/.exec(line)!;
  return unescaped(text!).repeat(Number(count));
}

function optionsOf(given: readonly string[], rules: readonly string[]): MatchOptions {
  return {
    vars: Object.fromEntries(given.map((line) => line.split(" = "))),
    unordered: rules.includes("unordered"),
    rules: { eol: rules.includes("lf") ? "lf" : "crlf", endKnown: rules.includes("end known") },
  };
}

/** Longer values are told by their size. */
const LONG = 100;

const told = (name: string, value: ByteString): string =>
  value.length > LONG
    ? `${name} has ${value.length} bytes`
    : `${name} = ${JSON.stringify(decodeText(value)).slice(1, -1)}`;

describe.each(cases)("$name", ({ written, received, isEnded, options, verdict }) => {
  it.each(["a line", "a byte"])("has its verdict, fed %s at a time", (piece) => {
    const { progress, matcher } = match(written, received, { ...options, bytewise: piece === "a byte" });
    const last = isEnded && (progress === "more" || progress === "open") ? matcher.end() : progress;
    const isOpen = last === "more" || last === "failed";
    const awaited = isOpen ? matcher.unmatched().pattern?.line : undefined;
    const captures = isOpen ? [] : [...matcher.captures()].map(([name, value]) => told(name, value));
    const first = awaited === undefined ? last : `${last} ${awaited}`;
    expect([first, ...captures.sort()]).toEqual([verdict[0], ...verdict.slice(1).sort()]);
  });
});
