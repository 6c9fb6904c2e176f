import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemes } from "../../src/builtins.ts";
import type { RunOptions } from "../../src/plan/options.ts";
import type { DocumentResult, ExchangeResult, RunEvent } from "../../src/play/outcome.ts";
import { run } from "../../src/run.ts";

// What is loaded first would take its time from the first connection, which has that of its example.
await Promise.all(Object.values(schemes).map(({ load }) => load()));

export interface Replayed {
  readonly documents: readonly DocumentResult[];
  readonly events: readonly RunEvent[];
  readonly exitCode: number;
  /** Of the first document: every exchange, in order. */
  readonly exchanges: readonly ExchangeResult[];
  /** `kind:line` of each failed exchange of the first document, in order. */
  readonly failures: readonly string[];
  readonly statuses: readonly string[];
}

/** Runs documents given as texts, each in a file `N.md` of a folder that is removed again. */
export async function replay(texts: string | readonly string[], options: RunOptions = {}): Promise<Replayed> {
  const cwd = await mkdtemp(join(tmpdir(), "wiredoc-test-"));
  try {
    const paths: string[] = [];
    for (const [i, text] of [texts].flat().entries()) {
      paths.push(`${i + 1}.md`);
      await writeFile(join(cwd, `${i + 1}.md`), text);
    }
    const events: RunEvent[] = [];
    for await (const event of run({ cwd, paths, ...options })) events.push(event);
    const documents = events.flatMap((event) => (event.kind === "document-end" ? [event.document] : []));
    documents.sort((a, b) => a.path.localeCompare(b.path));
    const end = events.at(-1);
    const exchanges = documents[0]?.examples.flatMap((example) => example.exchanges) ?? [];
    return {
      documents,
      events,
      exitCode: end?.kind === "run-end" ? end.exitCode : -1,
      exchanges,
      failures: exchanges.flatMap(({ failure }) => (failure ? [`${failure.kind}:${failure.line}`] : [])),
      statuses: documents[0]?.examples.map(({ status }) => status) ?? [],
    };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

/** A document of one example at the target; its first line is line 5. */
export const example = (target: string, lines: string, attributes = ""): string =>
  `---\ntarget: ${target}\n---\n\`\`\`wire${attributes === "" ? "" : ` ${attributes}`}\n${lines}\n\`\`\`\n`;
