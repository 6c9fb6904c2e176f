import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadResult } from "../../src/bench/load.ts";
import { type BenchOptions, bench, planBench } from "../../src/bench.ts";

/** Plays documents given as texts, each in a file `N.md`, under load. */
export async function benchTexts(
  texts: string | readonly string[],
  options: Partial<BenchOptions>,
): Promise<LoadResult> {
  const cwd = await mkdtemp(join(tmpdir(), "wiredoc-bench-"));
  try {
    const paths: string[] = [];
    for (const [i, text] of [texts].flat().entries()) {
      paths.push(`${i + 1}.md`);
      await writeFile(join(cwd, `${i + 1}.md`), text);
    }
    const all: BenchOptions = { connections: 1, signal: new AbortController().signal, ...options, cwd, paths };
    return await bench(await planBench(all), all);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
