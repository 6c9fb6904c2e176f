import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { isLineError, LineError } from "../../../src/dialects/errors.ts";
import { RespReader } from "../../../src/dialects/redis/reader.ts";
import { render } from "../../../src/dialects/redis/render.ts";
import { unrender } from "../../../src/dialects/redis/unrender.ts";
import type { RespValue } from "../../../src/dialects/redis/value.ts";
import { writeValue } from "../../../src/dialects/redis/writer.ts";
import { latin1, outgoing } from "./support.ts";
import { anything, encode, pieces, plain, resp2, type Value } from "./values.ts";

/** A generated value as the reader has it. */
function read(value: Value): RespValue {
  const reader = new RespReader(10_000_000);
  reader.read(latin1(encode(value)));
  return reader.take()[0]!;
}

const linesOf = (value: RespValue): readonly string[] => render(value, Number.POSITIVE_INFINITY);
const unrendered = (lines: readonly string[], hasTexts = true): RespValue => {
  const { value, end } = unrender(outgoing(...lines), 0, hasTexts);
  expect(end).toBe(lines.length);
  return value;
};

test("a value is written as it was read", () => {
  fc.assert(
    fc.property(anything, (value) => {
      const known = read(value);
      const reader = new RespReader(10_000_000);
      reader.read(latin1(writeValue(known, 3)));
      expect(reader.take()).toEqual([known]);
    }),
  );
});

test("a value that no other one looks like is read back", () => {
  fc.assert(
    fc.property(plain, (value) => {
      const known = read(value);
      expect(unrendered(linesOf(known))).toEqual(known);
    }),
    { numRuns: 1000 },
  );
});

/** Whether a line of a text looks like a numbered element, or the first of several like another kind of value. */
function misleads(text: string): boolean {
  const [first, ...rest] = text.split(/\r?\n/);
  const isLabel = (line: string): boolean => / *\d+[)~#|] | => /.test(line);
  return [first!, ...rest].some(isLabel) || (rest.length > 0 && /^["(]/.test(first!));
}

const textsOf = (value: RespValue): readonly string[] =>
  "elements" in value ? value.elements.flatMap(textsOf) : value.kind === "string" ? [] : [value.text];
/** Keys of maps that take several lines, and attributes of texts, are not told from what follows them. */
const isShown = (value: RespValue): boolean =>
  !("elements" in value) ||
  value.elements.every((element, i) => isShown(element) && (value.kind !== "map" || i % 2 === 1 || !isLong(element)));
const isLong = (value: RespValue): boolean => linesOf(value).length > 1;

test("any value is read back to one that is shown with the same lines, or refused where a text in it misleads", () => {
  let refused = 0;
  let count = 0;
  fc.assert(
    fc.property(anything, (value) => {
      const known = read(value);
      const lines = linesOf(known);
      count++;
      try {
        expect(linesOf(unrendered(lines))).toEqual(lines);
      } catch (error) {
        if (!isLineError(error)) throw error;
        refused++;
        if (!textsOf(known).some(misleads) && isShown(known)) throw new Error(error.message);
      }
    }),
    { numRuns: 2000 },
  );
  expect(refused).toBeLessThan(count / 20);
});

test("a value of the second version is read back without texts of several lines", () => {
  fc.assert(
    fc.property(resp2, (value) => {
      const known = read(value);
      fc.pre(!textsOf(known).some(misleads));
      const lines = linesOf(known);
      expect(linesOf(unrendered(lines, false))).toEqual(lines);
    }),
    { numRuns: 1000 },
  );
});

test("a single line is always read", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "grapheme-ascii" }), pieces), (line) => {
      expect(linesOf(unrendered([line]))).toEqual([line]);
    }),
    { numRuns: 2000 },
  );
});

test("any lines are read to what is shown with them, or refused", () => {
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 6 }), fc.boolean(), (lines, hasTexts) => {
      try {
        const { value, end } = unrender(outgoing(...lines), 0, hasTexts);
        expect(linesOf(value)).toEqual(lines.slice(0, end));
      } catch (error) {
        if (!isLineError(error)) throw error;
      }
    }),
    { numRuns: 3000 },
  );
});

const simple = (text: string): RespValue => ({ kind: "simple", text, attributes: undefined });
const array = (...elements: RespValue[]): RespValue => ({ kind: "array", elements, attributes: undefined });
const verbatim = (text: string): RespValue => ({ kind: "verbatim", text, attributes: undefined });

describe("lines that could stand for several values", () => {
  it.each<[name: string, lines: string[], value: RespValue]>([
    ["a status", ["OK"], simple("OK")],
    ["an empty line", [""], simple("")],
    ["a quote that is not closed", ['"abc'], simple('"abc')],
    ["a string that redis-cli escapes", ['"\xe9"'], simple('"\xe9"')],
    ["a number that is none", ["(integer) 1O"], simple("(integer) 1O")],
    ["a number that does not fit", ["(integer) 9223372036854775808"], simple("(integer) 9223372036854775808")],
    ["a number in another form", ["(integer) +1"], simple("(integer) +1")],
    ["the name of a property", ["constructor"], simple("constructor")],
    ["a number alone", ["1)"], simple("1)")],
    ["an element that is not the first", ["2) a"], simple("2) a")],
    ["an element of a longer aggregate", [" 1) a"], simple(" 1) a")],
    ["one within an array", ["1)  1) a", "2) b"], array(simple(" 1) a"), simple("b"))],
    ["a pair without an arrow", ["1) 1# a", "2) b"], array(simple("1# a"), simple("b"))],
    ["an empty push", ["(empty push)"], simple("(empty push)")],
    ["a CR", ["a\rb"], verbatim("a\rb")],
    ["a text of several lines", ["a", "", "b"], verbatim("a\n\nb")],
    ["one with a CR at an end", ["a\r", "b"], verbatim("a\r\r\nb")],
    ["one within an array", ["1) a", "b", "2) c"], array(verbatim("a\nb"), simple("c"))],
    ["an error of several lines", ["(error) ERR a", "b"], { kind: "error", text: "ERR a\nb", attributes: undefined }],
    [
      "an arrow in a key and in a value",
      ['1# "a => b" => c => d'],
      {
        kind: "map",
        elements: [{ kind: "string", text: "a => b", attributes: undefined }, simple("c => d")],
        attributes: undefined,
      },
    ],
    [
      "attributes of an element",
      ["1) 1| a => b", "   c"],
      array({ kind: "simple", text: "c", attributes: [simple("a"), simple("b")] }),
    ],
    [
      "attributes of a map's value",
      ["1# k => ", "   1| a => b", "   c"],
      {
        kind: "map",
        elements: [simple("k"), { kind: "simple", text: "c", attributes: [simple("a"), simple("b")] }],
        attributes: undefined,
      },
    ],
    [
      "a key of several lines",
      ["1# 1) a", "   2) b => c"],
      { kind: "map", elements: [array(simple("a"), simple("b")), simple("c")], attributes: undefined },
    ],
  ])("%s", (_name, lines, value) => {
    expect(unrendered(lines)).toEqual(value);
    expect(linesOf(value)).toEqual(lines);
  });
});

describe("lines that are no reply", () => {
  it.each<[name: string, lines: string[], line: number, message: string]>([
    [
      "a number that is left out",
      ['1) "a"', '3) "b"'],
      2,
      "no element 3) can follow here; the line above ends its reply",
    ],
    ["another type", ['1) "a"', '2~ "b"'], 2, "no element 2~ can follow here; the line above ends its reply"],
    [
      "another indentation",
      ['1) 1) "a"', '  2) "b"'],
      2,
      "no element 2) can follow here; the line above ends its reply",
    ],
    [
      "a number that is too narrow",
      Array.from({ length: 10 }, (_, i) => `${i + 1}) a`),
      10,
      "no element 10) can follow here; the line above ends its reply",
    ],
    ["numbers that are too wide", [" 1) a", " 2) b"], 1, "redis-cli writes this line as: 1) a"],
    [
      "a value that has to stand below its key",
      ["1# k => 1) a", "   2) b"],
      1,
      "redis-cli writes this line as: 1# k => ",
    ],
    ["a key without a value", ["1# 1) a", "2# b => c"], 1, 'a key has no value: " => " is missing'],
    ["attributes of nothing", ["1| a => b", "2| c => d"], 1, "the value that these attributes are about has to follow"],
  ])("%s", (_name, lines, line, message) => {
    const error: unknown = (() => {
      try {
        return unrender(outgoing(...lines), 0, true);
      } catch (error) {
        return error;
      }
    })();
    expect(error).toBeInstanceOf(LineError);
    expect(error).toMatchObject({ message, line: { line } });
  });

  test("nor is endless nesting, and it is told soon", () => {
    const deep = "1) ".repeat(100_000);
    expect(linesOf(unrendered([deep]))).toEqual([deep]);
    const attributes = Array.from({ length: 50_000 }, () => "1| a => b");
    expect(() => unrendered(attributes)).toThrow(LineError);
  });
});
