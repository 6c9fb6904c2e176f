/**
 * Updates of generated documents to generated replies: the updated document passes, a second update changes nothing, and no
 * byte outside of the failed replies changes.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeText } from "../../src/base/bytes.ts";
import { loadRegexEngine } from "../../src/base/regex.ts";
import type { PeerStep } from "../play/perform.ts";
import { failures, updateText } from "./update-text.ts";

beforeAll(loadRegexEngine);

/** What a written line may be, and texts that match it; the number makes its names its own. */
interface Written {
  readonly source: (n: number) => string;
  readonly matching: readonly string[];
  /** How many such lines may come. */
  readonly counts: readonly number[];
}
const once = (source: (n: number) => string, ...matching: readonly string[]): Written => ({
  source,
  matching,
  counts: [1],
});
const WRITTEN: readonly Written[] = [
  ...["OK", "one two", "  indented", "{}", "\tx", "a  b", "10"].map((text) => once(() => text, text)),
  once((n) => `id {{a${n}:int}} ok`, "id 17 ok", "id 4 ok"),
  once((n) => `{{b${n}}}`, "anything", "x"),
  once((n) => `v={{c${n}:word}} w={{_}}`, "v=1 w=2", "v=x w=y z"),
  once(() => "[a-c]+ (re)", "abc", "b"),
  once(() => "a\\tb (esc)", "a\tb"),
  once((n) => `{"n": {{d${n}:int}}, "s": "x", ...} (json)`, '{"s":"x","n":1}', '{"n":2,"s":"x","t":[1]}'),
  once(() => '{"list": [1,  2], "o": {"p": null}} (json)', '{"o":{"p":null},"list":[1,2]}'),
  { source: () => "may be (?)", matching: ["may be"], counts: [0, 1] },
  { source: () => "x{{_:int}} (*)", matching: ["x1", "x22"], counts: [0, 1, 3] },
  { source: () => "...", matching: ["whatever", "OK", "", ">>> C1"], counts: [0, 1, 2] },
];

/** Lines that come instead of others, or between them. */
const OTHERS = [
  ...["OK", "NO", "one", "one three", "id x ok", "id 18 fine", "", " ", "...", ">>> C1", "<<< x", "=== close", "```"],
  ...["~~~", "-->", "{{x}}", "x (re)", "x (json)", "a\\", "\u00e9", "tail ", "\u0007", '{"n":"x","s":"y","t":1}'],
  ...['{"list":[1,3],"o":{}}', "{", "[]", "x7", "may", "{{{", "\\{{a}}", "v=1", "a\tc", "\u{1f600}", "zzz zz z"],
];

type Change =
  | { readonly kind: "replace" | "insert"; readonly at: number; readonly by: string }
  | { readonly kind: "delete"; readonly at: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("replace" as const, "insert" as const),
    at: fc.nat(8),
    by: fc.oneof(
      fc.constantFrom(...OTHERS),
      fc.string({ maxLength: 6 }).filter((text) => !/[\r\n]/.test(text)),
    ),
  }),
  fc.record({ kind: fc.constant("delete" as const), at: fc.nat(8) }),
);

interface Exchange {
  readonly written: readonly string[];
  readonly received: readonly string[];
  readonly isChanged: boolean;
}

const line = fc.constantFrom(...WRITTEN).chain((written) =>
  fc.record({
    written: fc.constant(written),
    matching: fc
      .constantFrom(...written.counts)
      .chain((count) => fc.array(fc.constantFrom(...written.matching), { minLength: count, maxLength: count })),
  }),
);

const exchange: fc.Arbitrary<(n: number) => Exchange> = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 5 }), fc.array(change, { maxLength: 3 }))
  .map(([lines, changes]) => (n) => {
    const received = lines.flatMap(({ matching }) => matching);
    for (const one of changes) {
      const at = Math.min(one.at, received.length);
      if (one.kind === "insert") received.splice(at, 0, one.by);
      else if (one.kind === "replace") received.splice(at, 1, one.by);
      else received.splice(at, 1);
    }
    return {
      written: lines.map(({ written }, i) => written.source(n * 10 + i)),
      received: received.length > 0 ? received : ["nothing"],
      isChanged: changes.length > 0,
    };
  });

interface Frame {
  readonly open: string;
  readonly prefix: string;
  readonly close: string;
}
const FRAMES: readonly Frame[] = [
  { open: "```wire", prefix: "", close: "```" },
  { open: "> ~~~~wire", prefix: "> ", close: "> ~~~~" },
  { open: "> 1. ```wire", prefix: ">    ", close: ">    ```" },
  { open: "-\t```wire", prefix: "\t", close: "\t```" },
  { open: "<!-- wire", prefix: "", close: "-->" },
];

const EXCHANGES = fc.array(exchange, { minLength: 1, maxLength: 4 });

describe("an update of a generated document", () => {
  it("passes, stays as it is, and touches nothing but failed replies", async () => {
    await fc.assert(
      fc.asyncProperty(
        EXCHANGES,
        fc.constantFrom(...FRAMES),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.boolean(),
        async (make, { open, prefix, close }, eol, hasMark, isUnordered) => {
          const exchanges = make.map((one, n) => one(n));
          const peer: PeerStep[] = exchanges.flatMap(({ received }, n) => [
            { kind: "await", bytes: `C${n}\r\n` },
            { kind: "send", bytes: received.map((text) => `${encodeText(text)}\r\n`).join("") },
          ]);
          const fixed = [
            `${hasMark ? "\ufeff" : ""}# Title  \n\n${open}${isUnordered ? " unordered" : ""}`,
            ...exchanges.map((_, n) => `${prefix}>>> C${n}`),
          ];
          const replies = exchanges.map(({ written }) => written.map((text) => prefix + text));
          const before = [fixed[0]!, ...replies.flatMap((reply, n) => [fixed[n + 1]!, ...reply]), close, "end\t", ""]
            .join("\n")
            .replaceAll("\n", eol);
          const { text, refused } = await updateText(before, [peer]);
          expect(refused).toEqual([]);
          expect(await failures(text, [peer])).toEqual([]);
          expect((await updateText(text, [peer])).text).toBe(text);
          const wrong = await failures(before, [peer]);
          const rows = text.split(eol);
          const first = fixed[0]!.split("\n").length;
          let at = 0;
          for (const row of fixed[0]!.split("\n")) expect(rows[at++]).toBe(row);
          let line = first + 1;
          for (const [n, reply] of replies.entries()) {
            expect(rows[at++]).toBe(fixed[n + 1]);
            const isWrong = wrong.some((one) => one.startsWith(`${line}: `));
            if (!isWrong) for (const row of reply) expect(rows[at++]).toBe(row);
            else {
              const next = n + 1 < replies.length ? rows.indexOf(fixed[n + 2]!, at) : rows.lastIndexOf(close);
              at = next;
            }
            line += reply.length + 1;
          }
          expect(rows.slice(at)).toEqual([close, "end\t", ""]);
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 150) },
    );
  }, 60_000);
});
