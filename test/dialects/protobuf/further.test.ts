import { describe, expect, it } from "vitest";
import { encodeText } from "../../../src/base/bytes.ts";
import { loadRegexEngine } from "../../../src/base/regex.ts";
import { readFurtherFields } from "../../../src/dialects/protobuf/further.ts";
import { capturedMap, NOTHING_CAPTURED } from "../../../src/match/captures.ts";
import { parseReplyLine } from "../../../src/match/pattern.ts";
import { matchText } from "../../../src/match/text.ts";
import { startWork } from "../../support/work.ts";

await loadRegexEngine();

/** What a written line captures of a received one; undefined where it does not match. */
function match(written: string, received: string): Record<string, string> | undefined {
  const pattern = readFurtherFields(parseReplyLine({ text: written, line: 1, column: 1, marked: false }));
  const captured = matchText(pattern, encodeText(received), { get: () => undefined }, NOTHING_CAPTURED);
  return captured && Object.fromEntries(capturedMap(captured));
}

describe("... behind the fields of a reply line", () => {
  it.each<[string, string, Record<string, string> | undefined]>([
    ["rev: 5 ...", "rev: 5", {}],
    ["rev: 5 ...", `rev: 5 value: "x"`, {}],
    ["rev: 5 ...", "rev: 55", undefined],
    ["rev: 5 ...", "rev: 6 rev: 5", undefined],
    ["rev: 5 ...", "flags: 4 rev: 5", undefined],
    ["rev: 5 ...", "{}", undefined],
    ["rev: 5 ...", "", undefined],
    ["rev: {{r:int}} ...", `rev: 62 value: "a b"`, { r: "62" }],
    ["rev: {{r}} ...", `rev: 62 value: "a b"`, { r: "62" }],
    [`rev: {{r:int}} value: {{v}} ...`, `rev: 62 value: "a b" len: 3`, { r: "62", v: `"a b"` }],
    [`value: "{{v}}" ...`, String.raw`value: "a\" b: c" len: 3`, { v: String.raw`a\" b: c` }],
    [`value: "{{v}}" ...`, String.raw`value: "a\\" len: 3`, { v: String.raw`a\\` }],
    ["m { a: 1 } ...", "m { a: 1 } b: 2", {}],
    ["m { a: 1 } ...", "m { a: 1 b: 2 } b: 2", undefined],
    ["m {{m}} ...", `m { a: "}" b { c: 1 } } b: 2`, { m: `{ a: "}" b { c: 1 } }` }],
    ["m {} ...", "m {} n {}", {}],
    ["{{_}} ...", `rev: 62 value: "x"`, {}],
    ["{{first}} ...", `rev: 62 value: "x"`, { first: "rev: 62" }],
    ["{{_}} ...", "{}", {}],
    [`path: "..." ...`, `path: "..."`, {}],
    // Where it ends otherwise, it is text.
    ["rev: 5...", "rev: 5 value: 1", undefined],
    [`value: "a ..."`, `value: "a ..."`, {}],
    [`value: "a ..."`, `value: "a b"`, undefined],
  ])("%s against %s", (written, received, captures) => expect(match(written, received)).toEqual(captures));

  it("goes with other suffixes", () => {
    const [optional, regex] = ["rev: 5 ... (?)", "rev: 5 ... (re)"].map((text) =>
      readFurtherFields(parseReplyLine({ text, line: 1, column: 1, marked: false })),
    );
    expect(optional?.repeat).toBe("optional");
    expect(optional?.beginning?.("rev: 5 len: 2")).toBe("rev: 5");
    expect(regex?.beginning).toBeUndefined();
  });

  it("is found in a long line at once", () => {
    const received = `rev: 5${` path: "${"x y ".repeat(100)}"`.repeat(20_000)}`;
    const work = startWork();
    for (const written of ["rev: 6 ...", "{{_:int}} ...", "rev: {{r:int}} path: {{p}} ..."]) match(written, received);
    expect(work()).toBeLessThan(1000);
  });
});
