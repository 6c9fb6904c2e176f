import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtins } from "../../src/builtins.ts";
import { plan } from "../../src/plan/plan.ts";
import type { PlannedExample } from "../../src/plan/planned.ts";

const TEXT = `---
target: tcp://127.0.0.1:1
---
# Hello

\`\`\`wire opening
hi
\`\`\`

\`\`\`wire
>>> a
{{a}}
\`\`\`

<!-- wire tags=slow
>>> b
b
-->

## Later

- In a list

  \`\`\`wire
  >>> {{a}}
  c
  \`\`\`

\`\`\`wire skip
>>> d
\`\`\`
The end
`;

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "wiredoc-select-")));
  await writeFile(join(folder, "a.md"), TEXT);
  await writeFile(join(folder, "indented.md"), "---\nblocks: indented\n---\n\n    >>> a\n    b\n\nText\n");
  await writeFile(join(folder, "broken.md"), "```wire\n>>> a\n");
  await writeFile(join(folder, "prose.md"), "# Nothing here\n");
});
afterAll(() => rm(folder, { recursive: true }));

async function planned(...paths: readonly string[]): Promise<readonly PlannedExample[]> {
  const { documents } = await plan({ cwd: folder, paths }, builtins);
  return documents.flatMap(({ examples }) => examples);
}

/** The lines of the examples that are meant. */
const selected = async (...paths: readonly string[]): Promise<readonly number[]> =>
  (await planned(...paths)).flatMap(({ role, line }) => (role === "example" ? [line] : []));

describe("FILE:LINE", () => {
  it.each([
    ["its fence", 10, [10]],
    ["a client line", 11, [10]],
    ["a reply line", 12, [10]],
    ["its closing fence", 13, [10]],
    ["a comment's first line", 15, [15]],
    ["a comment's last line", 18, [15]],
    ["a line within a list", 26, [24]],
    ["one that is skipped", 30, [29]],
  ])("means the example at that line: %s", async (_, line, expected) => {
    expect(await selected(`a.md:${line}`)).toEqual(expected);
  });

  it("takes several lines of one document", async () => {
    expect(await selected("a.md:11", "a.md:30", "a.md:12")).toEqual([10, 29]);
  });

  it("means an indented block too", async () => {
    expect(await selected("indented.md:6")).toEqual([5]);
  });

  it("leaves openings in, and skips what uses a capture of an example left out", async () => {
    const examples = await planned("a.md:24");
    expect(examples.map(({ role }) => role)).toEqual(["opening", "example"]);
    expect(examples[1]?.skip).toBe('it uses {{a}}, which is captured in "Hello" (line 12), and that was not run');
  });

  it.each([
    ["a.md:9", "there is no example at this line; the nearest is a.md:10 (Hello)"],
    ["a.md:19", "there is no example at this line; the nearest are a.md:15 (Hello) and a.md:24 (Hello › Later)"],
    ["a.md:1000", "there is no example at this line; the nearest is a.md:29 (Hello › Later)"],
    ["a.md:0", "there is no example at this line; the nearest is a.md:10 (Hello)"],
    [
      "a.md:7",
      "this example is an opening: it is played with the others of the document, not by itself; the nearest is a.md:10 (Hello)",
    ],
    ["prose.md:1", "there is no example at this line; the document has none"],
    ["indented.md:8", "there is no example at this line; the nearest is indented.md:5 (line 5)"],
  ])("is a mistake where no example is: %s", async (path, message) => {
    await expect(planned(path)).rejects.toMatchObject({ code: "usage", message: `${path}: ${message}` });
  });

  it("does not hide the mistake because of which there is no example", async () => {
    const { documents } = await plan({ cwd: folder, paths: ["broken.md:9"] }, builtins);
    expect(documents[0]?.errors).toMatchObject([{ code: "unclosed-fence" }]);
  });
});
