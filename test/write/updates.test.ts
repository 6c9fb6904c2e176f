/**
 * Updates in plain files (updates/*.txt).
 *
 * A case begins with `== NAME` and a document, in a fence of its own where it has none. `-- peer` begins what the peer of a
 * connection does (see play/cases.ts), `-- after` the document as it is to be afterwards; without it, it stays as it is.
 * `-- refused` has a line for each exchange that cannot be written anew: its line and a text that the reason holds. With
 * `(all)` in its name it is `--update=all`, with `(crlf)` its lines end in CRLF, with `(bom)` it has a byte order mark.
 * `→` is a tab and `·` a space at the end of a line.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stepOf } from "../play/cases.ts";
import { failures, updateText } from "./update-text.ts";

const FOLDER = join(import.meta.dirname, "updates");
const CASES = readdirSync(FOLDER).flatMap((file) =>
  readFileSync(join(FOLDER, file), "utf8")
    .split(/^== /m)
    .slice(1)
    .map((text) => readCase(file.replace(".txt", ""), text)),
);

function readCase(file: string, text: string) {
  const [head = "", ...sections] = text.split(/^-- (?=(?:peer|after|refused)$)/m);
  const name = head.slice(0, head.indexOf("\n"));
  const of = (kind: string) =>
    sections.filter((one) => one.startsWith(`${kind}\n`)).map((one) => one.slice(kind.length + 1));
  const read = (written: string): string => {
    const body = `${written.replace(/\n+$/, "")}\n`
      .replaceAll("→", "\t")
      .replace(/·+$/gm, (dots) => " ".repeat(dots.length));
    const document = /^ *(?:> *)?(?:[-*]\s|\d+\. )?(?:`{3}|~{3})|<!-- wire|^blocks:/m.test(body)
      ? body
      : `\`\`\`wire\n${body}\`\`\`\n`;
    const lines = name.includes("(crlf)") ? document.replaceAll("\n", "\r\n") : document;
    return name.includes("(bom)") ? `\ufeff${lines}` : lines;
  };
  const before = read(head.slice(name.length + 1));
  const [after] = of("after");
  return {
    name: `${file}: ${name}`,
    before,
    after: after === undefined ? before : read(after),
    peers: of("peer").map((steps) => steps.split("\n").filter(Boolean).map(stepOf)),
    refused: (of("refused")[0] ?? "").split("\n").filter(Boolean),
    which: name.includes("(all)") ? ("all" as const) : ("failed" as const),
  };
}

describe.each(CASES)("$name", ({ before, after, peers, refused, which }) => {
  it("is as it should be, passes, and stays as it is", async () => {
    const updated = await updateText(before, peers, which);
    expect(updated.text).toBe(after);
    expect(updated.refused).toHaveLength(refused.length);
    for (const [i, why] of refused.entries())
      for (const part of why.split(": ")) expect(updated.refused[i]).toContain(part);
    if (refused.length > 0) return;
    expect(await failures(updated.text, peers)).toEqual([]);
    expect((await updateText(updated.text, peers, which)).text).toBe(updated.text);
  });
});
