import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDocument } from "../../src/plan/read.ts";
import { planText } from "./plan-text.ts";

const TARGET = "---\ntarget: tcp://127.0.0.1:1\n---\n";
const FENCE = "```wire\n>>> a\nb\n=== wait 1ms\n=== closed\n```\n";

describe("planDocument", () => {
  it("plans a text that is in no file", async () => {
    const { path, examples, errors } = await planText(`${TARGET}# c\n\n${FENCE}`);
    expect(errors).toEqual([]);
    expect(path).toBe("a.md");
    expect(examples).toMatchObject([{ name: "c", line: 6 }]);
    const moves = examples[0]!.moves.map((move) => [move.kind, move.by, move.line]);
    expect(moves).toEqual([
      ["say", "client", 7],
      ["say", "server", 7],
      ["pause", "client", 9],
      ["act", "server", 10],
    ]);
  });

  it.each(["\r\n", "\r", "\n"])("plans the same moves whatever ends its lines: %j", async (eol) => {
    const text = `${TARGET}- ${FENCE.replaceAll("\n", "\n  ").trimEnd()}\n`;
    const [planned, reference] = [await planText(`\ufeff${text.replaceAll("\n", eol)}`), await planText(text)];
    expect(planned.errors).toEqual([]);
    expect(planned.examples.map(({ moves }) => moves)).toEqual(reference.examples.map(({ moves }) => moves));
  });

  it("plans the examples at the lines that are meant", async () => {
    const text = `${TARGET}${FENCE}\n${FENCE}`;
    expect((await planText(text, { lines: [14] })).examples.map(({ line }) => line)).toEqual([11]);
    await expect(planText(text, { lines: [10] })).rejects.toThrow("there is no example at this line");
  });

  it("lists the mistakes in the order of the lines, those of reading among them", async () => {
    const mistakes = readMistakes(Buffer.from(`${TARGET}\nx\n\xff\n`, "latin1"));
    expect(mistakes.map(String)).toEqual([expect.stringMatching(/^a\.md:6:1: this line is not UTF-8/)]);
    const text = `${TARGET}${"```wire ski\n>>> a\n```\n"}\n${"```wire every=1\n>>> a\n```\n"}`;
    const { errors } = await planText(text, { mistakes });
    expect(errors.map(({ span, code }) => [span?.line, code])).toEqual([
      [4, "unknown-attribute"],
      [6, "unreadable"],
      [8, "bad-value"],
    ]);
  });
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wiredoc-read-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function readMistakes(bytes: Uint8Array) {
  writeFileSync(join(folder, "a.md"), bytes);
  return readDocument("a.md", folder).mistakes;
}

describe("readDocument", () => {
  it("gives the text as it is", () => {
    const text = "\ufeffa\r\nb\rc\n";
    writeFileSync(join(folder, "a.md"), text);
    expect(readDocument("a.md", folder)).toEqual({ path: "a.md", text, mistakes: [] });
  });

  it("says which file cannot be read", () => {
    expect(() => readDocument("b.md", folder)).toThrow(/^b\.md cannot be read: ENOENT/);
  });
});
