import MarkdownIt from "markdown-it";
import { describe, expect, test } from "vitest";
import type { Cell, Comparison, Reply } from "../../src/compare/comparison.ts";
import type { CompareReport } from "../../src/compare/report.ts";
import { reports } from "../../src/compare/reports.ts";

/** What a server, a heading or a name could bring along. */
const HOSTILE = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "[link](https://wire.example) ![](https://wire.example/a.png)",
  "| a | b |",
  "```\n# Heading",
  "````` ~~~~",
  "&lt;b&gt; &#60;",
  "\u001b[31mred\u0007 \u202eback",
  "`code` *bold* _it_ ~~no~~ <https://wire.example> www.wire.example",
  "\\| \\` \\<",
].join(" ");

const reply = (received: string, differs: boolean): Reply => ({
  status: differs ? "failed" : "passed",
  sent: [`get ${HOSTILE}`],
  received: [received],
  failure: differs ? { kind: "mismatch", line: 4, message: `got "${received}"` } : undefined,
  diff: differs ? [{ kind: "changed", expected: HOSTILE, received, line: 4 }] : undefined,
  ms: 1,
  sameAs: differs ? 1 : 0,
  compared: [],
  differs,
});

const cell = (status: Cell["status"], reason?: string): Cell => ({ status, reason });

const comparison: Comparison = {
  sides: [
    { name: "a", source: "tcp://127.0.0.1:1", isRecorded: false },
    { name: HOSTILE, source: "tcp://127.0.0.1:2", isRecorded: false },
  ],
  documents: [
    {
      path: `${HOSTILE}.md`,
      errors: [[], [{ kind: "connect", line: 1, column: 1, message: HOSTILE, details: [] }]],
      examples: [
        {
          name: HOSTILE,
          headings: [],
          line: 2,
          cells: [cell("passed"), cell("differs")],
          exchanges: [
            {
              line: 3,
              connection: "bob",
              expected: [HOSTILE],
              replies: [reply("ok", false), reply(`no ${HOSTILE}`, true)],
            },
          ],
        },
        {
          name: "Unalike",
          headings: [],
          line: 9,
          cells: [cell("passed"), cell("unsupported", HOSTILE)],
          exchanges: [],
        },
      ],
    },
  ],
  exitCode: 1,
  durationMs: 5,
};

async function write(name: string, quiet = false, shown = comparison): Promise<string> {
  const parts: string[] = [];
  const out = { write: (part: string) => void parts.push(part), isTerminal: false, columns: undefined, color: false };
  const report: CompareReport = await reports[name]!();
  await report(shown, out, { quiet });
  return parts.join("");
}

describe.each(["pretty", "markdown", "html"])("the %s report", (name) => {
  test("holds nothing that acts on a terminal, hides or turns around", async () => {
    expect(await write(name)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test("leaves out what does not differ, if it is quiet", async () => {
    expect(await write(name)).toContain("Unalike");
    expect(await write(name, true)).not.toContain("Unalike");
  });
});

describe("the HTML page", () => {
  test("holds no tags but its own, no script, and no address", async () => {
    const text = await write("html");
    const tags = new Set([...text.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag!.toLowerCase()));
    const own =
      "a article body div h1 h2 h3 head html main meta p pre section small span style table tbody td th thead title tr";
    expect([...tags].filter((tag) => !own.split(" ").includes(tag))).toEqual([]);
    expect(text).not.toMatch(/\s(?:on\w+|src|style)=(?!x onerror|alert)/);
    expect([...text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(["#e0-2"]);
    expect(text).toContain('id="e0-2"');
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/url\(|@import/);
  });
});

describe("the Markdown page", () => {
  const rendered = async (): Promise<string> =>
    new MarkdownIt({ html: true, linkify: true }).render(await write("markdown"));

  test("is read as tables, headings, text and code only", async () => {
    const html = await rendered();
    const tags = new Set([...html.matchAll(/<([a-z0-9]+)/g)].map(([, tag]) => tag));
    expect([...tags].sort()).toEqual([
      "code",
      "h1",
      "h2",
      "h3",
      "p",
      "pre",
      "table",
      "tbody",
      "td",
      "th",
      "thead",
      "tr",
    ]);
  });

  test("has a cell for each server in each row", async () => {
    const rows = [...(await rendered()).matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(
      ([, row]) => row!.match(/<t[hd]/g)!.length,
    );
    expect(rows).toEqual([3, 3, 3, 3, 3, 3, 3]);
  });
});

test("the JSON report has a stable schema", async () => {
  expect(JSON.parse(await write("json"))).toMatchObject({
    version: 1,
    ok: false,
    durationMs: 5,
    targets: [
      {
        name: "a",
        url: "tcp://127.0.0.1:1",
        counts: { passed: 2, differs: 0, unsupported: 0, skipped: 0, missing: 0 },
      },
      {
        name: HOSTILE,
        url: "tcp://127.0.0.1:2",
        counts: { passed: 0, differs: 1, unsupported: 1, skipped: 0, missing: 0 },
      },
    ],
    counts: { documents: 1, examples: 2 },
    documents: [
      {
        path: `${HOSTILE}.md`,
        errors: [{ target: HOSTILE, kind: "connect", line: 1, column: 1, message: HOSTILE }],
        examples: [
          {
            name: HOSTILE,
            line: 2,
            results: [
              { target: "a", status: "passed", reason: null },
              { target: HOSTILE, status: "differs", reason: null },
            ],
            exchanges: [
              {
                line: 3,
                connection: "bob",
                expected: [HOSTILE],
                replies: [
                  {
                    target: "a",
                    received: ["ok"],
                    status: "passed",
                    differs: false,
                    sameAs: null,
                    failure: null,
                    ms: 1,
                  },
                  {
                    target: HOSTILE,
                    received: [`no ${HOSTILE}`],
                    differs: true,
                    failure: { kind: "mismatch", line: 4 },
                  },
                ],
              },
            ],
          },
          { name: "Unalike" },
        ],
      },
    ],
  });
});

test("a comparison of nothing says so", async () => {
  const empty = { ...comparison, documents: [], exitCode: 4 };
  expect(await write("pretty", false, empty)).toBe("Nothing to compare: no example was found.\n");
  expect(await write("markdown", false, empty)).toContain("No example was found.");
  expect(await write("html", false, empty)).toContain("No example was found.");
  expect(JSON.parse(await write("json", false, empty))).toMatchObject({ documents: [], counts: { examples: 0 } });
});
