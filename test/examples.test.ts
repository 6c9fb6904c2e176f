import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RunEvent } from "../src/play/outcome.ts";
import { run } from "../src/run.ts";
import { describeWith } from "./support/real-servers.ts";
import { render } from "./support/render.ts";

const EXAMPLES = fileURLToPath(new URL("../examples", import.meta.url));
const LIVE = join(EXAMPLES, "live");
/** What each live document needs on the machine. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "beanstalkd.md": "beanstalkd",
  "dns.md": "nsd",
  "irc.md": "ngircd",
  "memcached.md": "memcached",
  "mqtt.md": "mosquitto",
  "nginx.md": "nginx",
  "redis-commands.md": "redis-server",
  "redis.md": "redis-server",
  "smtp.md": "aiosmtpd",
};

const documentsIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");

/** Every reply comes: only what hangs takes so many milliseconds. */
const PATIENCE = 60_000;

/** Runs a document as somebody would who stands in its folder. Fails with the report that they would read. */
async function expectToPass(folder: string, name: string): Promise<void> {
  const events: RunEvent[] = [];
  for await (const event of run({ paths: [name], cwd: folder, timeout: PATIENCE })) events.push(event);
  const end = events.at(-1);
  if (end?.kind !== "run-end" || !end.ok) expect.fail(`\n${await render(events)}`);
  expect(end.counts).toMatchObject({ documents: 1, failed: 0, skipped: 0 });
  expect(end.counts.passed).toBeGreaterThan(0);
  const examples = events.flatMap((event) => (event.kind === "document-end" ? event.document.examples : []));
  expect(examples.every(({ attempts }) => attempts > 0)).toBe(true);
  expect(examples.some(({ exchanges }) => exchanges.some(({ received }) => received.length > 0))).toBe(true);
}

describe("examples that need nothing", () => {
  const documents = documentsIn(EXAMPLES);

  test("are there", () => {
    expect(documents).toEqual(expect.arrayContaining(["http.md", "kv.md", "queue.md"]));
  });

  test.each(documents)("%s passes", (name) => expectToPass(EXAMPLES, name));

  test("a document that differs fails with its report", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wiredoc-examples-"));
    try {
      const text = readFileSync(join(EXAMPLES, "http.md"), "utf8");
      writeFileSync(join(folder, "http.md"), text.replace("\nhello\n", "\ngoodbye\n"));
      await expect(expectToPass(folder, "http.md")).rejects.toThrow("goodbye");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("every live document has its program named", () => {
  expect(documentsIn(LIVE).sort()).toEqual(Object.keys(PROGRAMS));
});

describe("live examples", () => {
  let temporary: string;

  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), "wiredoc-examples-"));
    vi.stubEnv("TMPDIR", temporary);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(temporary, { recursive: true });
  });

  for (const [name, program] of Object.entries(PROGRAMS)) {
    describeWith([program], name, () => {
      test("passes, and its server leaves no file behind", async () => {
        const before = filesIn(LIVE);
        await expectToPass(LIVE, name);
        expect(filesIn(temporary)).toEqual([]);
        expect(filesIn(LIVE)).toEqual(before);
      });
    });
  }
});

const filesIn = (folder: string): string[] => readdirSync(folder, { recursive: true }).map(String).sort();
