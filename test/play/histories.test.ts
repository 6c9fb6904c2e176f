/** Random documents and peers: however the bytes are cut, the verdict is the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cut, type PeerStep, perform, planned } from "./perform.ts";

/** A written line, and what a peer may say in its place. */
const LINES: readonly (readonly [written: string, said: readonly string[]])[] = [
  ["a", ["a\r\n", "b\r\n", "a\n", "a", ""]],
  ["b (?)", ["b\r\n", "", "bb\r\n"]],
  ["c (*)", ["c\r\nc\r\n", "", "c\r\nd\r\n"]],
  ["n {{_:int}}", ["n 17\r\n", "n x\r\n", "n \r\n"]],
  ["{{_}}", ["any\r\n", "\r\n"]],
  ["...", ["one\r\ntwo\r\n", "", "\r\n"]],
  ["d (no-eol)", ["d", "e", "d\r\n"]],
  ["01 .. 03 (hex)", ["\x01\x02\x03", "\x01\n\x03", "\x01\x02"]],
];

interface Exchange {
  readonly written: readonly string[];
  readonly steps: readonly PeerStep[];
}

const line = fc
  .constantFrom(...LINES)
  .chain(([written, said]) => fc.constantFrom(...said).map((bytes) => ({ written, bytes })));

const pause: fc.Arbitrary<readonly PeerStep[]> = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.constant([{ kind: "pass", ms: 30 }] as const) },
  { weight: 1, arbitrary: fc.constant([{ kind: "pass", ms: 400 }] as const) },
);

/** Between a reply and the next client line time passes, so that what is too much has come by then. */
const exchange = fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 4 }), first: pause }).map(
  ({ lines, first }): Exchange => ({
    written: [">>> ask", ...lines.map(({ written }) => written), "=== wait 500ms"],
    steps: [...first, { kind: "send", bytes: lines.map(({ bytes }) => bytes).join("") }],
  }),
);

const ending: fc.Arbitrary<readonly PeerStep[]> = fc.constantFrom(
  [],
  [{ kind: "close" }] as const,
  [{ kind: "break" }] as const,
  [{ kind: "send", bytes: "more\r\n" }] as const,
);

const cut: fc.Arbitrary<Cut> = fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }).map((sizes) => (text) => {
  const pieces: string[] = [];
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]!);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
});

describe("a history", () => {
  it("has one verdict, however its bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(exchange, { minLength: 1, maxLength: 3 }),
        ending,
        fc.boolean(),
        fc.array(cut, { minLength: 3, maxLength: 3 }),
        async (exchanges, last, isUnordered, cuts) => {
          const hasBytes = exchanges.some(({ written }) => written.some((one) => /\((?:hex|no-eol)\)/.test(one)));
          const attribute = isUnordered && !hasBytes ? " unordered" : "";
          const text = `---\ntimeout: 200ms\n---\n\`\`\`wire${attribute}\n${exchanges.flatMap(({ written }) => written).join("\n")}\n\`\`\`\n`;
          const document = await planned(text).catch(() => undefined);
          if (!document) return;
          const steps = exchanges.flatMap(({ steps }): PeerStep[] => [{ kind: "await", bytes: "ask\r\n" }, ...steps]);
          const play = (one?: Cut) => {
            const { ms: _, ...performed } = perform(document, [[...steps, ...last], []], one);
            return performed;
          };
          const whole = play();
          for (const one of cuts) expect(play(one)).toEqual(whole);
        },
      ),
      { numRuns: 300 },
    );
  });
});
