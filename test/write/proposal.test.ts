import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeText } from "../../src/base/bytes.ts";
import { NOTHING_CAPTURED } from "../../src/match/captures.ts";
import { parseReplyLine } from "../../src/match/pattern.ts";
import { matchLine } from "../../src/match/text.ts";
import { proposeLine } from "../../src/write/proposal.ts";

const [one, other] = ["0b7e0f1c-1111-4111-8111-111111111111", "bdead07e-f6e6-4840-befb-55dd8de389e3"];

describe("a line that all that came match", () => {
  test.each([
    ["INSERTED 1", ["INSERTED 2", "INSERTED 30"], "INSERTED {{_:int}}"],
    [`{"id": "${one}"} (json)`, [`{"id": "${other}"}`], '{"id": "{{_:uuid}}"} (json)'],
    ["(integer) 1", ["(integer) -2"], "(integer) {{_:int}}"],
    ["etag abcdef01", ["etag abcdef02"], "etag {{_:hex}}"],
    ["at 12:30:01 UTC", ["at 12:30:02 UTC"], "at {{_:word}} UTC"],
    ["user=ann id=1", ["user=bob id=22"], "user={{_:word}} id={{_:int}}"],
    ["INSERTED {{id:int}} at 5", ["INSERTED 7 at 6"], "INSERTED {{id:int}} at {{_:int}}"],
    ["hello there END", ["hello you all END"], "hello {{_}} END"],
    ["A 1 (?)", ["A 2"], "A {{_:int}} (?)"],
  ])("for %s and %j is %s", (written, received, expected) => {
    expect(proposeLine(written, received, true)).toBe(expected);
  });

  test("does not hold what was never right", () => {
    expect(proposeLine("JOB x", ["JOB 1", "JOB 2"], false)).toBe("JOB {{_:int}}");
  });

  test.each([
    ["one text only", "A 1", ["A 2"], false],
    ["an expression", "A \\d (re)", ["A 10"], true],
    ["bytes", "41 (hex)", ["A"], true],
    ["an endless line", "A 1", [`A ${"1".repeat(3000)}`], true],
  ])("is not there for %s", (_, written, received, isRight) => {
    expect(proposeLine(written, received, isRight)).toBeUndefined();
  });

  test("matches them, whatever they are", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "7", " ", '"', "{", "}", ":", "-", "(", "re)", "\\", "é", "."),
    });
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1, maxLength: 4 }), (written, received) => {
        const proposal = proposeLine(written, received, false);
        if (proposal === undefined) return;
        const suffix = / \((?:json|[?*])\)$/.exec(proposal)?.[0] ?? "";
        const plain = proposal.slice(0, proposal.length - suffix.length);
        const pattern = parseReplyLine({ text: plain, line: 1, column: 1, marked: false });
        for (const line of received) {
          const rules = { eol: "any", endingOptional: true } as const;
          expect(matchLine(pattern, encodeText(line), rules, { get: () => undefined }, NOTHING_CAPTURED)).toBeDefined();
        }
      }),
    );
  });
});
