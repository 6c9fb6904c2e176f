/**
 * The documentation is kept by wiredoc itself: pages with examples are run, and so is each page that they show as
 * Markdown; commands are run and have to say what stands below them; configuration and code are loaded.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ERROR_CODES, WiredocError } from "../src/base/error.ts";
import { builtins, dialects } from "../src/builtins.ts";
import { readArguments } from "../src/commands/arguments.ts";
import { benchCommand } from "../src/commands/bench.ts";
import { compareCommand } from "../src/commands/compare.ts";
import { runOptions } from "../src/commands/values.ts";
import { loadConfig } from "../src/plan/config/load.ts";
import type { RunOptions } from "../src/plan/options.ts";
import { plan } from "../src/plan/plan.ts";
import { dialectNames } from "../src/plan/registry.ts";
import type { FailureKind, RunEvent } from "../src/play/outcome.ts";
import { importRecording } from "../src/record/import/import.ts";
import { run } from "../src/run.ts";
import type { Block } from "../src/transcript/block.ts";
import { normalize, readBlocks } from "../src/transcript/markdown.ts";
import { describeWith, startRedis } from "./support/real-servers.ts";
import { render } from "./support/render.ts";
import { surroundings } from "./support/surroundings.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "examples/README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
/** Pages that are documents themselves and bring their server along. */
const DOCUMENTS = ["README.md", "docs/format.md", "docs/dialects.md", "docs/protobuf.md"];
/** The schema that the page on protobuf names, and the pages that it shows. */
const SCHEMA = "docs/doozer.proto";

/** A fenced block of a page. */
interface Shown {
  readonly page: string;
  readonly line: number;
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

const textOf = (page: string): string => readFileSync(join(ROOT, page), "utf8");

function blocksIn(page: string): readonly Block[] {
  return [...readBlocks(normalize(textOf(page)).split("\n"), 0)];
}

function blocksOf(page: string): readonly Shown[] {
  const shown: Shown[] = [];
  let heading = "";
  for (const block of blocksIn(page)) {
    if (block.kind === "heading") heading = block.text;
    if (block.kind !== "code" || block.info === undefined) continue;
    const text = block.lines.map((line) => `${line.text}\n`).join("");
    shown.push({ page, line: block.extent.from, heading, language: block.info, text });
  }
  return shown;
}

const all = PAGES.flatMap(blocksOf);
const inLanguage = (language: string, blocks: readonly Shown[] = all): readonly Shown[] =>
  blocks.filter((block) => block.language === language);
/** The target of pages that are shown for a real Redis. */
const REDIS = "redis://127.0.0.1:6379";
const needsRedis = ({ text }: Shown): boolean => text.includes(`target: ${REDIS}`);
const place = ({ page, line }: Shown): string => `${page}:${line}`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wiredoc-docs-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function eventsOf(options: RunOptions): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run(options)) events.push(event);
  return events;
}

async function expectToPass(options: RunOptions): Promise<void> {
  const events = await eventsOf(options);
  const end = events.at(-1);
  if (end?.kind !== "run-end" || !end.ok) expect.fail(`\n${await render(events)}`);
  expect(end.counts).toMatchObject({ documents: 1, failed: 0, skipped: 0 });
  expect(end.counts.passed).toBeGreaterThan(0);
}

/** Runs what is shown as a page of its own. */
async function runShown({ text }: Shown, options: RunOptions = {}): Promise<readonly RunEvent[]> {
  await put("page.md", text);
  return eventsOf({ ...options, cwd: folder, paths: ["page.md"] });
}

/** What follows the first word of a command line as the command reads it. @throws {WiredocError} */
function optionsOf(commandLine: string): RunOptions {
  const [, ...argv] = commandLine.split(" ");
  return { ...runOptions(readArguments(argv)), cwd: folder };
}

describe("pages that are documents", () => {
  test.each(DOCUMENTS)("%s passes", (page) => expectToPass({ cwd: ROOT, paths: [page] }));

  test("none of the project's own has a mistake, or anything to warn of", async () => {
    const { documents } = await plan({ cwd: ROOT }, builtins);
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings].map(String))).toEqual([]);
  });

  describeWith(["redis-server"], "that speak to Redis", () => {
    test("docs/redis.md passes", () => expectToPass({ cwd: join(ROOT, "docs"), paths: ["redis.md"] }));

    test("what the README writes to Redis is right", async () => {
      const [block, another] = inLanguage("markdown", blocksOf("README.md")).filter(needsRedis);
      expect(another).toBeUndefined();
      const redis = await startRedis();
      try {
        await put("page.md", block!.text.replace(REDIS, redis.target));
        await expectToPass({ cwd: folder, paths: ["page.md"] });
      } finally {
        await redis.stop();
      }
    });
  });

  test.each(PAGES.filter((page) => ![...DOCUMENTS, "docs/redis.md"].includes(page)))(
    "%s holds no example",
    async (page) => {
      const end = (await eventsOf({ cwd: ROOT, paths: [page] })).at(-1);
      expect(end).toMatchObject({ kind: "run-end", counts: { examples: 0 }, exitCode: 4 });
    },
  );

  test("one that is wrong fails with its report", async () => {
    await put("page.md", textOf("README.md").replaceAll("hello {{whom}}", "goodbye {{whom}}"));
    await expect(expectToPass({ cwd: folder, paths: ["page.md"] })).rejects.toThrow("goodbye there");
  });
});

describe("pages shown as Markdown pass", () => {
  const isMeantToFail = ({ page, line }: Shown): boolean =>
    page === "docs/errors.md" ||
    inLanguage("console").some((command) => command.page === page && command === nextOf(page, line));
  const passing = inLanguage("markdown").filter((block) => !isMeantToFail(block) && !needsRedis(block));

  test.each(passing.map((block) => [place(block), block] as const))("%s", async (_, block) => {
    await put("page.md", block.text);
    await put(basename(SCHEMA), textOf(SCHEMA));
    await expectToPass({ cwd: folder, paths: ["page.md"] });
  });
});

const nextOf = (page: string, line: number): Shown | undefined =>
  all.find((block) => block.page === page && block.line > line);

/** Times are never the same, and a document's is only there where it is long. */
const withoutTimes = (text: string): string => text.replaceAll(/ +\d+(?:\.\d+)?m?s$/gm, "");

describe("commands say what stands below them", () => {
  const commands = inLanguage("console").filter(
    ({ text, page }) => text.trimEnd().includes("\n") && !["docs/compare.md", "docs/serve.md"].includes(page),
  );
  const isBench = ({ text }: Shown): boolean => text.startsWith("$ wiredoc bench ");
  const placed = (blocks: readonly Shown[]) => blocks.map((block) => [place(block), block] as const);

  test.each(placed(commands.filter(isBench)))("%s, but for the numbers", async (_, block) => {
    const [, commandLine = "", output = ""] = /^\$ ([^\n]*)\n(.*)$/s.exec(block.text) ?? [];
    const given = readArguments(commandLine.split(" ").slice(1));
    const shown = inLanguage("markdown").filter(({ page, line }) => page === block.page && line < block.line);
    const [path = ""] = given.paths;
    await put(path, shown.at(-1)?.text ?? "");
    let told = "";
    const stream = new Writable({
      write(text, _encoding, done) {
        told += text;
        done();
      },
    });
    const paths = [join(folder, path)];
    const { given: around } = surroundings();
    await benchCommand({ ...given, paths }, { ...around, stdout: stream, stderr: stream });
    const withoutNumbers = (text: string): string => text.replaceAll(/\d[\d,.]*(?:ms|s\b)?/g, "0");
    expect(withoutNumbers(told.replaceAll(/\S*(?=wrong\.md)/g, ""))).toBe(withoutNumbers(output));
  });

  test.each(placed(commands.filter((block) => !isBench(block))))("%s", async (_, block) => {
    const [, commandLine = "", output = ""] = /^\$ ([^\n]*)\n(.*)$/s.exec(block.text) ?? [];
    const options = optionsOf(commandLine);
    const shown = inLanguage("markdown").filter(({ page, line }) => page === block.page && line < block.line);
    await put(options.paths?.[0] ?? "", shown.at(-1)?.text ?? "");
    expect(withoutTimes(await render(await eventsOf(options)))).toBe(withoutTimes(output));
  });

  test("there is a failing one in the README", () => {
    expect(commands.some(({ page, text }) => page === "README.md" && text.includes("1 failed"))).toBe(true);
  });
});

test("docs/update.md shows a page before and after", async () => {
  const [before, after, empty, filled] = inLanguage("markdown", blocksOf("docs/update.md"));
  expect((await runShown(before!, { update: { which: "failed" } })).at(-1)).toMatchObject({ ok: true });
  expect(readFileSync(join(folder, "page.md"), "utf8")).toBe(after!.text);
  expect((await runShown(empty!, { update: { which: "all" } })).at(-1)).toMatchObject({ ok: true });
  expect(readFileSync(join(folder, "page.md"), "utf8")).toBe(filled!.text);
});

describe("docs/errors.md", () => {
  const blocks = blocksOf("docs/errors.md");
  const headings = blocksIn("docs/errors.md").flatMap((block) =>
    block.kind === "heading" && block.level === 3 ? [block.text] : [],
  );
  const KINDS: Readonly<Record<FailureKind, true>> = {
    mismatch: true,
    missing: true,
    extra: true,
    timeout: true,
    closed: true,
    "not-closed": true,
    unbound: true,
    connect: true,
    protocol: true,
  };
  const kinds = Object.keys(KINDS);
  const codes: readonly string[] = ERROR_CODES;

  test("has a paragraph for each failure and each mistake, and for nothing else", () => {
    expect([...headings].sort()).toEqual([...kinds, ...codes].sort());
  });

  test("shows all of them but those that take more than a page", () => {
    const shown = new Set(blocks.map(({ heading }) => heading));
    expect(headings.filter((heading) => !shown.has(heading))).toEqual(["unreadable", "unwritable", "changed"]);
  });

  test.each(blocks.filter(({ heading }) => kinds.includes(heading)).map((block) => [block.heading, block] as const))(
    "%s is what its example fails with",
    async (kind, block) => {
      const events = await runShown(block);
      const failures = events.flatMap((event) =>
        event.kind === "document-end"
          ? event.document.examples.flatMap(({ exchanges }) => exchanges.flatMap(({ failure }) => failure?.kind ?? []))
          : [],
      );
      // A value that is unbound has been missed by an exchange before.
      expect(failures, await render(events)).toEqual(kind === "unbound" ? ["mismatch", kind] : [kind]);
    },
  );

  test.each(blocks.filter(({ heading }) => codes.includes(heading)).map((block) => [block.heading, block] as const))(
    "%s is the mistake of its example",
    async (code, block) => expect(await mistakesOf(block)).toEqual([code]),
  );

  async function mistakesOf(block: Shown): Promise<readonly string[]> {
    if (block.language === "markdown") {
      const errors = (await runShown(block, { strict: true, allow: { env: ["WIREDOC_NO_SUCH_VARIABLE"] } })).flatMap(
        (event) => (event.kind === "document-end" ? event.document.errors : []),
      );
      return errors.map(({ message }) => /\[([a-z-]+)\]$/.exec(message)?.[1] ?? message);
    }
    try {
      if (block.language === "yaml") await loadShown(block);
      else if (block.language === "text") await importShown(block);
      else await perform(block.text.trimEnd().replace(/^\$ /, ""));
    } catch (error) {
      if (error instanceof WiredocError) return [error.code];
      throw error;
    }
    return [];
  }
});

/** Imports what another program recorded. */
async function importShown({ text }: Shown): Promise<string> {
  await put("recording.txt", text);
  const none = { target: undefined, dialect: undefined, timeout: undefined, settle: undefined, limit: undefined };
  return importRecording(
    { ...none, config: undefined, cwd: folder, file: "recording.txt" },
    { registry: builtins, signal: new AbortController().signal, warn: (message) => expect.fail(message) },
  );
}

/** Runs a command line. @throws {WiredocError} */
async function perform(commandLine: string): Promise<void> {
  const given = readArguments(commandLine.split(" ").slice(1));
  if (given.command === "compare") await compareCommand(given, surroundings().given);
  else await eventsOf(optionsOf(commandLine));
}

/** Loads a config file whose name stands in its first line. */
async function loadShown({ text }: Shown): ReturnType<typeof loadConfig> {
  const name = /^(?:#|\/\/) (\S+)\n/.exec(text)?.[1] ?? "";
  await put(name, text);
  return loadConfig(name, folder, dialectNames({ dialects }), Object.keys(builtins.schemes));
}

test("docs/record.md imports what it shows", async () => {
  const [recording, document, another] = inLanguage("text", blocksOf("docs/record.md"));
  expect(another).toBeUndefined();
  expect(await importShown(recording!)).toBe(document!.text);
});

test("the config file of the README is right", async () => {
  const [block, another] = inLanguage("yaml", blocksOf("README.md"));
  expect(another).toBeUndefined();
  const config = await loadShown(block!);
  expect(config).toMatchObject({ documents: ["README.md", "docs/**/*.md"], vars: { version: "2.1" } });
  expect(Object.keys(config.servers)).toEqual(["store", "staging"]);
});

describeWith(["redis-server"], "docs/compare.md", () => {
  test("shows what the command says", async () => {
    const [block] = inLanguage("markdown", blocksOf("docs/compare.md"));
    const [command] = inLanguage("console", blocksOf("docs/compare.md"));
    const [old, recent] = await Promise.all([
      startRedis(),
      startRedis("--databases", "4", "--rename-command", "OBJECT", ""),
    ]);
    try {
      await put("redis.md", block!.text);
      await put("wiredoc.config.yaml", inLanguage("yaml", blocksOf("docs/compare.md"))[0]!.text);
      const [line = "", ...shown] = command!.text.split("\n");
      const argv = line
        .split(" ")
        .slice(2)
        .map((word) =>
          word
            .replace(REDIS, old.target)
            .replace("redis://127.0.0.1:6380", recent.target)
            .replace("redis.md", join(folder, "redis.md")),
        );
      const { given, out } = surroundings();
      expect(
        await compareCommand(readArguments([...argv, "--config", join(folder, "wiredoc.config.yaml")]), given),
      ).toBe(1);
      const said = out()
        .replaceAll(`${folder}/`, "")
        .replaceAll(/, \d+(?:\.\d+)?m?s$/gm, "");
      expect(said).toBe(shown.join("\n").replaceAll(/, \d+(?:\.\d+)?m?s$/gm, ""));
    } finally {
      await Promise.all([old.stop(), recent.stop()]);
    }
  });
});

describeWith(["redis-server"], "docs/compare.md, on flaky replies,", () => {
  test("shows what the command says", async () => {
    const block = inLanguage("markdown", blocksOf("docs/compare.md"))[1]!;
    const command = inLanguage("console", blocksOf("docs/compare.md"))[1]!;
    const redis = await startRedis();
    try {
      await put("visits.md", block.text.replace(REDIS, redis.target));
      const [line = "", ...shown] = command.text.split("\n");
      const said = await render(await eventsOf({ ...optionsOf(line.replace("$ ", "")), keepReplies: true }));
      expect(withoutTimes(said)).toBe(withoutTimes(shown.join("\n")));
    } finally {
      await redis.stop();
    }
  });
});

test("the README's program runs", async () => {
  const [block] = inLanguage("js", blocksOf("README.md"));
  await put("docs/a.md", "---\nserver: builtin:queue\n---\n# Nothing to do\n```wire\n>>> TAKE 0\nEMPTY\n```\n");
  const program = join(folder, "program.mjs");
  await build({
    stdin: { contents: block!.text, resolveDir: ROOT },
    alias: { wiredoc: join(ROOT, "src/index.ts"), yaml: join(ROOT, "node_modules/yaml/browser/index.js") },
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
  });
  const child = spawn(process.execPath, [program], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  const code = await new Promise((done) => child.once("close", done));
  expect({ output, code }).toEqual({ output: "passed: Nothing to do\n", code: 0 });
});

test("the dialect of docs/dialects.md works", async () => {
  const [block] = inLanguage("js", blocksOf("docs/dialects.md"));
  const echo = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((listening) => echo.listen(0, "127.0.0.1", listening));
  try {
    const { port } = echo.address() as { port: number };
    await put("wiredoc.config.mjs", block!.text);
    const page = ["---", `target: tcp://127.0.0.1:${port}`, "---", "```framed", ">>> a", ">>> ü {{env.PATH}}", "a"];
    await put("page.md", [...page, "ü {{env.PATH}}", "```", ""].join("\n"));
    await expectToPass({ cwd: folder, paths: ["page.md"], allow: { env: ["PATH"] } });
  } finally {
    echo.close();
  }
});

describe("links lead somewhere", () => {
  /** As GitHub makes anchors of headings. */
  const anchorsOf = (page: string): readonly string[] =>
    blocksIn(page).flatMap((block) =>
      block.kind === "heading"
        ? [
            block.text
              .toLowerCase()
              .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
              .replaceAll(" ", "-"),
          ]
        : [],
    );
  const prose = (page: string): string => textOf(page).replaceAll(/^(`{3,}).*?^\1$/gms, "");

  test.each(PAGES)("in %s", (page) => {
    const targets = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const broken = targets.filter((target) => {
      if (/^https:/.test(target)) return false;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      if (!existsSync(resolve(ROOT, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

test("the README has the two lines for a fresh clone, and only options that there are", () => {
  const readme = textOf("README.md");
  for (const line of ["npm ci && node bin/wiredoc.js examples/*.md", "npm ci && npm test"])
    expect(inLanguage("sh", blocksOf("README.md")).map(({ text }) => text)).toContain(`${line}\n`);
  for (const [, option = ""] of readme.matchAll(/`--([a-z]+)[^`]*`/g))
    expect(() => optionsOf(`wiredoc --${option}=1 README.md`), option).not.toThrow(/unknown option/);
});
