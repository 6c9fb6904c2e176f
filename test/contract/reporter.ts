/** What every reporter must stand: hostile text, an empty run, an interrupted one, documents side by side. */
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/play/outcome.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import {
  changed,
  document,
  eventsOf,
  example,
  exchange,
  failed,
  failedExample,
  PLAIN,
  reportOf,
  same,
  sink,
  stream,
} from "../report/sample.ts";

export interface ReporterDeviations {
  /** It keeps replies whole, however long: its schema says so. */
  readonly keepsReplies?: string;
  /** It has no word for an interruption. */
  readonly silentInterruption?: string;
}

/** Text that would take over a terminal, break XML, YAML or JSON, or end a line early. */
const HOSTILE =
  "\x1b[2J\x1b]0;title\x07\x9b31m\r\n\0 # SKIP \\ ]]> <b a=\"'&amp; \u202eevil\u2028\ufeff \ufffe\uffff \udcff \ud83d \t\u{e0041} \u00a0 ";

const hostileDocument = document({
  path: `docs/${HOSTILE}.md`,
  errors: [{ kind: "server", line: 2, column: 1, message: HOSTILE, details: [HOSTILE, "\x1b[31mred\x1b[0m"] }],
  examples: [
    failedExample(
      [
        failed(
          [
            same(HOSTILE),
            changed(15, HOSTILE, `${HOSTILE}.`),
            { kind: "received", received: HOSTILE },
            { kind: "expected", expected: HOSTILE, line: 16 },
          ],
          { sent: [HOSTILE, ""], connection: "bob", failure: { kind: "mismatch", line: 15, message: HOSTILE } },
        ),
      ],
      { name: HOSTILE, headings: [HOSTILE], reason: HOSTILE },
    ),
    example({ name: HOSTILE, status: "skipped", reason: HOSTILE, attempts: 0, exchanges: [] }),
    example({ name: HOSTILE, status: "unsupported", reason: HOSTILE }),
    example({ name: HOSTILE, status: "xpassed", reason: HOSTILE }),
    example({ name: HOSTILE, status: "xfailed", reason: HOSTILE, exchanges: [failed([changed(15, "a", HOSTILE)])] }),
  ],
});

/** Whatever acts on a terminal or is no character, but line feeds and tabs. */
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]/u;
const STYLES = /\x1b\[\d+m/g;

/** Runs the suite against a reporter. */
export function reporterContract(reporter: Reporter, deviations: ReporterDeviations = {}): void {
  describe(`${reporter.name} as a reporter`, () => {
    test.each([
      ["plain", {}],
      ["in colour", { color: true, columns: 80 }],
    ])("writes nothing hostile, %s", async (_, over) => {
      for (const verbose of [false, true]) {
        const text = await reportOf(reporter, eventsOf([hostileDocument]), over, { verbose, timings: true });
        expect(text).toContain("evil");
        expect(UNSAFE.exec(text.replace(STYLES, ""))).toBeNull();
        expect(text.endsWith("\n")).toBe(true);
      }
    });

    test("colours only where the output is coloured", async () => {
      const text = await reportOf(reporter, eventsOf([hostileDocument, document()]));
      expect(text).not.toContain("\x1b");
    });

    test.skipIf(deviations.keepsReplies)("prints a huge reply in few words", async () => {
      const rows = Array.from({ length: 100_000 }, (_, index) => changed(15 + index, `row ${index}`, `line ${index}`));
      const huge = "z".repeat(16_000_000);
      const examples = [
        failedExample([failed(rows)]),
        failedExample([failed([changed(15, "short", huge), { kind: "received", received: huge }], { sent: [huge] })]),
        example({ name: "n".repeat(1_000_000) }),
        failedExample(Array.from({ length: 3000 }, () => failed([changed(15, "short", "other")]))),
      ];
      const text = await reportOf(reporter, eventsOf([document({ examples })]));
      expect(text.length).toBeLessThan(60_000);
    });

    test("tells of a run in which nothing was found", async () => {
      const text = await reportOf(reporter, eventsOf([]));
      expect(text.trim()).not.toBe("");
      expect(text.endsWith("\n")).toBe(true);
    });

    test("tells of a document without examples", async () => {
      const text = await reportOf(reporter, eventsOf([document({ examples: [] })]));
      expect(text.endsWith("\n")).toBe(true);
    });

    test.skipIf(deviations.silentInterruption)(
      "says that a run was interrupted, and reports what had finished",
      async () => {
        const bad = document({
          path: "docs/bad.md",
          examples: [failedExample([failed([changed(15, "a", "b")])])],
          interrupted: true,
        });
        const text = await reportOf(reporter, eventsOf([bad], { interrupted: true, neverBegun: ["docs/later.md"] }));
        expect(text).toMatch(/interrupted/i);
        expect(text).toContain("docs/bad.md");
        expect(text).toContain("too long");
      },
    );

    test("reports documents that run side by side as it reports them one by one", async () => {
      const documents = ["a", "b", "c"].map((name) =>
        document({ path: `docs/${name}.md`, examples: [example(), failedExample([failed([changed(15, name, "z")])])] }),
      );
      const turns = await reportOf(reporter, eventsOf(documents, { sideBySide: true }));
      expect(turns).toBe(await reportOf(reporter, eventsOf(documents)));
    });

    test("believes the document's end", async () => {
      const late = document({
        examples: [
          failedExample([failed([{ kind: "received", received: "late" }], {}, "extra")], { name: "put › a job" }),
        ],
      });
      const events = eventsOf([document()]).map(
        (event): RunEvent => (event.kind === "document-end" ? { ...event, document: late } : event),
      );
      const text = await reportOf(reporter, events);
      expect(text).toBe(
        await reportOf(
          reporter,
          events.filter(({ kind }) => kind !== "exchange" && kind !== "example"),
        ),
      );
      expect(text).toContain("the reply differs");
    });

    test("waits for each write", async () => {
      const out = sink();
      await reporter.report(stream(eventsOf([hostileDocument, document()])), out, PLAIN);
      expect(out.mostAtOnce).toBe(1);
    });

    test("passes on the exception of a run that broke", async () => {
      async function* broken(): AsyncGenerator<RunEvent> {
        yield* eventsOf([document()]).slice(0, -1);
        throw new Error("a bug");
      }
      const out = sink({ isTerminal: true, columns: 80 });
      await expect(reporter.report(broken(), out, PLAIN)).rejects.toThrow("a bug");
    });

    test("reports every state of an example", async () => {
      const examples = [
        example({ name: "one" }),
        example({ name: "two", status: "skipped", reason: "slow", attempts: 0, exchanges: [] }),
        example({ name: "three", status: "xfailed", reason: "bug 1", exchanges: [failed([changed(15, "a", "b")])] }),
        example({ name: "four", status: "xpassed", reason: "bug 2" }),
        failedExample([exchange(), failed([changed(15, "a", "b")]), exchange({ status: "skipped" })], { name: "five" }),
      ];
      const text = await reportOf(reporter, eventsOf([document({ examples })]));
      expect(text).toContain("four");
      expect(text).toContain("five");
    });
  });
}
