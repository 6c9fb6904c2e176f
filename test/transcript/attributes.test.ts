import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WiredocError } from "../../src/base/error.ts";
import { type PlacedAttributes, readAttributes } from "../../src/transcript/attributes.ts";

const START = { file: "a.md", line: 3, column: 8 };
const dialects = { names: ["line", "http"], options: {} };

function read(info: string): PlacedAttributes & { readonly mistakes: readonly string[] } {
  const errors: WiredocError[] = [];
  const placed = readAttributes(info, START, dialects, (error) => errors.push(error));
  return { ...placed, mistakes: errors.map(({ span, code }) => `${span?.column} ${code}`) };
}

/** A reason, written between quotes of a kind. */
const reason = fc
  .tuple(fc.string({ unit: "grapheme" }), fc.constantFrom('"', "'"))
  .filter(([text, quote]) => !/[\r\n]/.test(text) && (quote === '"' || !text.includes("'")))
  .map(([text, quote]) => ({
    text,
    written: quote === '"' ? `"${text.replaceAll(/[\\"]/g, "\\$&")}"` : `'${text}'`,
  }));

describe("attributes", () => {
  it("are names, names with values, and names with values in quotes", () => {
    expect(read(" fresh timeout=2s  tags=a,b skip='a \"b\"'\tdialect=http").attributes).toEqual({
      fresh: true,
      timeout: 2000,
      tags: ["a", "b"],
      skip: 'a "b"',
      dialect: "http",
    });
  });

  it("keep any reason as it is", () => {
    fc.assert(
      fc.property(reason, reason, (skip, xfail) => {
        const { attributes, mistakes } = read(`skip=${skip.written} fresh xfail=${xfail.written}`);
        expect(mistakes).toEqual([]);
        expect(attributes).toEqual({ skip: skip.text, fresh: true, xfail: xfail.text });
      }),
    );
  });

  it("have the places of their values, or of their names where they have none", () => {
    const { spans } = read(" skip timeout=2s");
    expect(spans).toEqual({ skip: { ...START, column: 9 }, timeout: { ...START, column: 22 } });
  });

  it.each<[string, readonly string[]]>([
    ["fresh=1", ["14 bad-value"]],
    ["timeout", ["8 bad-value"]],
    ["retri=1 every=x", ["8 unknown-attribute", "22 bad-value"]],
    ["fresh fresh skip", ["14 bad-value"]],
    ['skip="a', ["8 bad-value"]],
    ['skip="a"b', ["8 bad-value"]],
    ["skip=a =b fresh=1", ["15 bad-value"]],
    ["dialect=htpp", ["16 bad-value"]],
  ])("%s has mistakes at %j", (info, mistakes) => {
    expect(read(info).mistakes).toEqual(mistakes);
  });

  it("that have a mistake leave the others as they are", () => {
    expect(read("retri=1 retry=2 every=x").attributes).toEqual({ retry: 2 });
  });

  it("are read in linear time, and a hundred mistakes at the most are told", () => {
    const { mistakes } = read("x=1 y z ".repeat(20_000));
    expect(mistakes).toHaveLength(101);
  });
});
