import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RunEvent } from "../../src/play/outcome.ts";
import { dot } from "../../src/report/dot.ts";
import { pretty } from "../../src/report/pretty.ts";
import { changed, document, eventsOf, failed, failedExample, PLAIN, reportOf } from "./sample.ts";

/** What a terminal of so many columns shows after these bytes, and where its cursor stands. */
function screenOf(text: string, columns: number): { lines: string[]; column: number } {
  const lines = [""];
  let row = 0;
  let column = 0;
  for (const token of text.replace(/\x1b\[\d+m/g, "").match(/\x1b\[\d*[A-Z]|[\s\S]/g) ?? []) {
    if (token === "\r") column = 0;
    else if (token === "\x1b[1A") row = Math.max(0, row - 1);
    else if (token === "\x1b[J") lines.splice(row, Number.POSITIVE_INFINITY, (lines[row] ?? "").slice(0, column));
    else if (token === "\n" || column === columns) {
      row++;
      column = 0;
      lines[row] ??= "";
    }
    if (token.length === 1 && token >= " ") {
      lines[row] = lines[row]!.slice(0, column).padEnd(column) + token;
      column++;
    }
  }
  return { lines, column };
}

describe("progress on a terminal", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  const documents = ["docs/a.md", "docs/b.md"].map((path) =>
    document({ path, examples: [failedExample([failed([changed(15, "a", "b")])])] }),
  );

  /** Runs the report with a pause after each event; hands over what was written up to then. */
  async function watch(
    columns: () => number,
    pause: number,
    look: (written: string, event: RunEvent) => void,
  ): Promise<string> {
    let written = "";
    const out = {
      isTerminal: true,
      color: true,
      get columns() {
        return columns();
      },
      write(text: string) {
        written += text;
      },
    };
    async function* slowly(): AsyncGenerator<RunEvent> {
      for (const event of eventsOf(documents, { sideBySide: true })) {
        yield event;
        await vi.advanceTimersByTimeAsync(pause);
        look(written, event);
      }
    }
    await pretty.report(slowly(), out, PLAIN);
    return written;
  }

  test("tells what runs, and is gone at the end", async () => {
    const seen: string[] = [];
    const written = await watch(
      () => 80,
      100,
      (text) => void seen.push(screenOf(text, 80).lines.at(-1)!),
    );
    expect(seen).toContain("0/2 documents, 0 examples  docs/a.md, docs/b.md");
    expect(seen).toContain("0/2 documents, 2 examples, 2 failed  docs/a.md, docs/b.md");
    expect(seen).toContain("1/2 documents, 2 examples, 2 failed  docs/b.md");
    const plain = await reportOf(pretty, eventsOf(documents), { columns: 80, color: true });
    expect(screenOf(written, 80)).toEqual({ lines: screenOf(plain, 80).lines, column: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("fits in one row", async () => {
    const seen: string[] = [];
    await watch(
      () => 48,
      100,
      (text) => void seen.push(screenOf(text, 200).lines.at(-1)!),
    );
    expect(seen).toContain("0/2 documents, 2 examples, 2 failed  docs/a.md…");
    for (const line of seen.filter((line) => /^\d\/2/.test(line))) expect(line.length).toBeLessThan(48);
  });

  test("leaves no rest where the terminal becomes narrower", async () => {
    let columns = 60;
    const seen: string[][] = [];
    const written = await watch(
      () => columns,
      100,
      (text, event) => {
        seen.push(screenOf(text, 20).lines);
        if (event.kind === "run-start") columns = 20;
      },
    );
    expect(seen.some((lines) => lines.length === 2)).toBe(true);
    expect(screenOf(written, 20).lines[0]).toBe("✗ docs/a.md     1 ex");
  });

  test("is not drawn in a run that is over at once, nor more often than it can be read", async () => {
    expect(
      await watch(
        () => 80,
        1,
        () => {},
      ),
    ).not.toContain("\x1b[J");
    const written = await watch(
      () => 80,
      10,
      () => {},
    );
    expect(written.split("\x1b[J").length).toBeLessThan(5);
  });

  test("leaves no line and no timer behind where the run breaks", async () => {
    let written = "";
    async function* broken(): AsyncGenerator<RunEvent> {
      yield* eventsOf(documents).slice(0, 2);
      await vi.advanceTimersByTimeAsync(100);
      expect(written).toContain("0/2 documents");
      yield eventsOf(documents)[2]!;
      throw new Error("a bug");
    }
    const write = (text: string) => {
      written += text;
    };
    await expect(
      pretty.report(broken(), { isTerminal: true, color: false, columns: 80, write }, PLAIN),
    ).rejects.toThrow("a bug");
    expect(screenOf(written, 80)).toEqual({ lines: [""], column: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([pretty, dot])("makes room for what a server prints: $name", async (reporter) => {
    let written = "";
    const columns: number[] = [];
    async function* printing(): AsyncGenerator<RunEvent> {
      for (const event of eventsOf(documents, { sideBySide: true })) {
        yield event;
        await vi.advanceTimersByTimeAsync(100);
        if (event.kind === "run-end") return;
        yield { kind: "server-output", server: "a", line: "text" };
        columns.push(screenOf(written, 80).column);
      }
    }
    const write = (text: string) => {
      written += text;
    };
    await reporter.report(printing(), { isTerminal: true, color: false, columns: 80, write }, PLAIN);
    expect(columns.length).toBeGreaterThan(5);
    expect(new Set(columns)).toEqual(new Set([0]));
  });

  test.each(["verbose", "quiet"] as const)("is not drawn with --%s", async (option) => {
    const text = await reportOf(pretty, eventsOf(documents), { isTerminal: true, columns: 80 }, { [option]: true });
    expect(text).not.toContain("\x1b[J");
  });
});
