import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

/** The stages in their order (docs/architecture.md): each may import those above it and its own folder. */
const STAGES = [
  "base",
  "transcript",
  "match",
  "dialects",
  "transports",
  "servers",
  "store",
  "plan",
  "play",
  "replay",
  "report",
  "update",
  "builtins.ts",
  "run.ts",
  "index.ts",
  "commands",
  "cli.ts",
];
/** They stand beside each other; what one has to know of another it is told. */
const SIBLINGS = new Set(["transcript", "dialects", "transports", "servers", "store"]);

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s*"(\.[^"]+)"|import\(\s*"(\.[^"]+)"\s*\)|(?:^|\n)\s*import\s*"(\.[^"]+)"/g;

async function upwardImports(src: string): Promise<readonly string[]> {
  const found: string[] = [];
  const files = (await readdir(src, { recursive: true })).filter((file) => file.endsWith(".ts"));
  for (const file of files) {
    const own = file.split("/")[0]!;
    if (!STAGES.includes(own)) found.push(`${file} stands in no stage`);
    const text = await readFile(join(src, file), "utf8");
    for (const match of text.matchAll(IMPORT)) {
      const target = relative(src, resolve(src, dirname(file), (match[1] ?? match[2] ?? match[3])!));
      const stage = target.split("/")[0]!;
      if (stage === own) continue;
      const isUpward = STAGES.indexOf(stage) > STAGES.indexOf(own) || !STAGES.includes(stage);
      const isSideways = SIBLINGS.has(stage) && SIBLINGS.has(own);
      if (isUpward || isSideways) found.push(`${file} imports ${target}`);
    }
  }
  return found;
}

const planted = await mkdtemp(join(tmpdir(), "wiredoc-layers-"));
afterAll(() => rm(planted, { recursive: true, force: true }));

describe("the stages", () => {
  it("import only those above them", async () => {
    expect(await upwardImports(resolve(import.meta.dirname, "../src"))).toEqual([]);
  });

  it.each([
    ["an upward import", "match/a.ts", 'import { x } from "../plan/b.ts";', "match/a.ts imports plan/b.ts"],
    ["of a type", "match/a.ts", 'import type { X } from "../replay/b.ts";', "match/a.ts imports replay/b.ts"],
    [
      "over several lines",
      "match/a.ts",
      'import {\n  x,\n  y,\n} from "../report/b.ts";',
      "match/a.ts imports report/b.ts",
    ],
    ["when it runs", "match/a.ts", 'const x = await import("../run.ts");', "match/a.ts imports run.ts"],
    ["passed on", "base/a.ts", 'export { x } from "../match/b.ts";', "base/a.ts imports match/b.ts"],
    [
      "between siblings",
      "dialects/a.ts",
      'import { x } from "../transports/b.ts";',
      "dialects/a.ts imports transports/b.ts",
    ],
    ["of no stage", "utils/a.ts", "export {};", "utils/a.ts stands in no stage"],
  ])("are seen to: %s", async (_name, file, text, complaint) => {
    await rm(planted, { recursive: true, force: true });
    await mkdir(join(planted, dirname(file)), { recursive: true });
    await writeFile(join(planted, file), text);
    expect(await upwardImports(planted)).toEqual([complaint]);
  });
});
