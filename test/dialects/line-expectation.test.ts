import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeText } from "../../src/base/bytes.ts";
import { loadRegexEngine } from "../../src/base/regex.ts";
import type { Eol } from "../../src/base/settings.ts";
import type { Expectation } from "../../src/dialects/codec.ts";
import { expectLines } from "../../src/dialects/line-expectation.ts";
import { matchInOrder } from "../../src/match/in-order.ts";
import { patterns, scopeOf } from "../match/support.ts";

await loadRegexEngine();

const LIMIT = 60;
const VARS = { bound: "b1", accent: "é", cr: "x\r" };

const quickWay = (written: readonly string[], eol: Eol = "crlf", unordered = false): Expectation | undefined =>
  expectLines(patterns(written), { eol, unordered, scope: scopeOf(VARS), options: {}, isFollowed: false }, LIMIT);

/** What the full way makes of a reply of which not a byte more comes: its captures; undefined where it does not match. */
function fullWay(written: readonly string[], reply: string, eol: Eol): Record<string, string> | undefined {
  const matcher = matchInOrder(patterns(written), scopeOf(VARS), { eol, endingOptional: false });
  let progress = "more";
  for (const line of reply.split(/(?<=\n)/)) {
    if (progress !== "more") return undefined;
    if (line !== "") progress = matcher.feed(line, "");
  }
  return progress === "done" && reply.endsWith("\n") ? Object.fromEntries(matcher.captures()) : undefined;
}

/** The same where another reply comes with the last piece. */
function followed(expectation: Expectation, [reply, next]: readonly [string, string]): object {
  expect(expectation.read(reply + next, true)).toBe("all");
  return { rest: expectation.rest, captured: Object.fromEntries(expectation.captured), decoded: expectation.decoded() };
}

/** The captures by the quick way, of as many pieces as it takes; undefined where more is to come. */
function quickly(
  written: readonly string[],
  pieces: readonly string[],
  eol: Eol,
): { readonly came: string; readonly captured: Record<string, string> | undefined } | "other" {
  const expectation = quickWay(written, eol);
  let came = "";
  for (const piece of pieces) {
    came += piece;
    const answer = expectation?.read(piece, false) ?? "other";
    if (answer === "other") return "other";
    if (answer === "all") {
      const captured = Object.fromEntries(expectation!.captured);
      expect(followed(quickWay(written, eol)!, [came, "next"])).toEqual({
        rest: 4,
        captured,
        decoded: expectation!.decoded(),
      });
      return { came, captured };
    }
  }
  return { came, captured: undefined };
}

/** The quick way may say `other` of anything; else it says what the full way does. */
function agree(written: readonly string[], eol: Eol, pieces: readonly string[]): void {
  const quick = quickly(written, pieces, eol);
  if (quick === "other") return;
  const captured = fullWay(written, quick.came, eol);
  expect({ written, pieces, eol, ...quick }).toEqual({ written, pieces, eol, came: quick.came, captured });
}

/** A written line, and replies that may answer it. */
const ORDINARY: readonly (readonly [string, string])[] = [
  ["+PONG", "+PONG"],
  ["", ""],
  ["id {{id}}", "id 17"],
  ["{{_:int}}", "-5"],
  ["{{n:int}} items", "12 items"],
  ["{{w:word}}!", "hello!"],
  ["<{{h:hex}}>", "<0aF>"],
  ["{{t:base64}}", "aGk="],
  ["{{u:uuid}}", "01234567-89ab-cdef-0123-456789abcdef"],
  ["[{{rest:any}}]", "[]"],
  ["{{bound}} again", "b1 again"],
  ["é {{x}} é", encodeText("é ü é")],
];
const UNUSUAL: readonly (readonly [string, string])[] = [
  ["{{a}}-{{b}}", "x-y"],
  ["a.* (re)", "abc"],
  ["a (?)", "a"],
  ["...", "anything"],
  ["{{id|length}}", "2"],
  ["a\\x0d (esc)", "a\r"],
  ["a\\nb (esc)", "a\nb"],
  ["{{cr}}", "x\r"],
  ["{{x}}\\xa9 (esc)", encodeText("é")],
  ["{{x}}\\x82\\xac (esc)", encodeText("€")],
  ["a (lf)", "a"],
  ["a (no-eol)", "a"],
  ['{"a": 1} (json)', '{"a":1}'],
  ["{{n:/[0-9]+/}}", "12"],
  ["61 (hex)", "a"],
];

const line = fc.constantFrom(...ORDINARY, ...UNUSUAL);
const cut = fc.array(fc.nat(80), { maxLength: 4 });
const mutation = fc.record({
  at: fc.nat(60),
  drop: fc.nat(2),
  put: fc.constantFrom("", "x", "\r", "\n", "\r\n", "1", "\xa9"),
});

const cutAt = (reply: string, places: readonly number[]): readonly string[] => {
  const sorted = [0, ...places.filter((at) => at > 0 && at < reply.length).sort((a, b) => a - b), reply.length];
  return sorted.slice(1).flatMap((to, i) => (to > sorted[i]! ? [reply.slice(sorted[i]!, to)] : []));
};

describe("the quick way for lines", () => {
  it.each(ORDINARY)("takes %s", (written, reply) => {
    for (const [eol, ending] of [
      ["crlf", "\r\n"],
      ["lf", "\n"],
    ] as const) {
      const full = fullWay([written], reply + ending, eol);
      expect(full).toBeDefined();
      expect(quickly([written], [reply + ending], eol)).toEqual({ came: reply + ending, captured: full });
    }
  });

  it("takes several lines, cut at every byte", () => {
    const written = ["+OK {{id}}", "id {{id}}", "{{name}} of 9"];
    const reply = "+OK 12\r\nid 12\r\ncats of 9\r\n";
    const captured = { id: "12", name: "cats" };
    for (let at = 1; at < reply.length; at++)
      expect(quickly(written, [reply.slice(0, at), reply.slice(at)], "crlf")).toEqual({ came: reply, captured });
    expect(quickly(written, [...reply], "crlf")).toEqual({ came: reply, captured });
  });

  it("decodes to the lines with their endings", () => {
    const expectation = quickWay(["a", "{{b}}"])!;
    expect([expectation.read("a\r", false), expectation.read("\nb", false), expectation.read("\r\n", false)]).toEqual([
      "more",
      "more",
      "all",
    ]);
    expect(expectation.decoded()).toEqual([{ lines: ["a\r\n", "b\r\n"], part: "", to: undefined, ends: undefined }]);
  });

  it.each(["+PONG\r\n\r", "+PONG\r\n+PONG\r\n", "+PONG\n", "+PONG \r\n", "+PON\r\n"])(
    "leaves %j to the full way",
    (reply) => {
      expect(quickWay(["+PONG"])!.read(reply, false)).toBe("other");
    },
  );

  it("leaves a line that is longer than the limit to the full way", () => {
    expect(quickWay(["{{x}}"])!.read("y".repeat(LIMIT + 1), false)).toBe("other");
    expect(quickWay(["{{x}}"])!.read(`${"y".repeat(LIMIT)}\r\n`, false)).toBe("other");
    expect(quickWay(["{{x}}"])!.read(`${"y".repeat(LIMIT - 1)}\r\n`, false)).toBe("all");
  });

  it("leaves what lets more than one reply come to the full way", () => {
    expect(quickWay([])).toBeUndefined();
    expect(quickWay(["a"], "any")).toBeUndefined();
    expect(quickWay(["a"], "crlf", true)).toBeUndefined();
    expect(quickWay(["a", "..."])).toBeUndefined();
  });

  it("says what the full way says of right and wrong replies, however they are cut", () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 3 }),
        fc.constantFrom<Eol>("crlf", "lf"),
        fc.array(mutation, { maxLength: 2 }),
        cut,
        (lines, eol, mutations, places) => {
          const ending = eol === "crlf" ? "\r\n" : "\n";
          let reply = lines.map(([, text]) => text + ending).join("");
          for (const { at, drop, put } of mutations) reply = reply.slice(0, at) + put + reply.slice(at + drop);
          if (reply === "") return;
          const written = lines.map(([text]) => text);
          agree(written, eol, cutAt(reply, places));
          agree(written, eol, [reply]);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
