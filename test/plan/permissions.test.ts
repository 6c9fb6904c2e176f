import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../src/plan/config/config.ts";
import type { RunOptions } from "../../src/plan/options.ts";
import { replay } from "../support/replay.ts";

let folder: string;
let socket: string;
let server: Server;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "wiredoc-permissions-"));
  socket = join(folder, "echo.sock");
  server = createServer((peer) => peer.pipe(peer));
  await new Promise<void>((listening) => server.listen(socket, listening));
  process.env.WIREDOC_TEST_WORD = "word";
});
afterEach(() => {
  server.close();
  delete process.env.WIREDOC_TEST_WORD;
  rmSync(folder, { recursive: true });
});

const config = (more: Partial<Config> = {}): Config => ({
  path: undefined,
  folder,
  documents: [],
  defaults: {},
  servers: {},
  vars: {},
  dialects: [],
  ...more,
});
const wire = (lines: string): string => `\`\`\`wire\n${lines}\n\`\`\`\n`;

/** The mistakes of a document, or what became of its examples. */
async function outcome(text: string, options: RunOptions = {}): Promise<readonly string[]> {
  const { documents, statuses } = await replay(text, { config: config(), ...options });
  const errors = documents[0]?.errors ?? [];
  return errors.length > 0 ? errors.map(({ line, column, message }) => `${line}:${column}: ${message}`) : statuses;
}

describe("a Unix socket that a document names", () => {
  const named = (): string => `---\ntarget: unix:${socket}\n---\n${wire(">>> a\na")}`;

  it("is a mistake that says how it is allowed", async () => {
    expect(await outcome(named())).toEqual([
      `2:9: a document may not use the Unix socket ${socket} unless you allow it: --allow-unix ${socket}, or "allow: {unix: [${socket}]}" in the config file [not-allowed]`,
    ]);
    expect(await outcome(wire(">>> a\na").replace("wire", `wire target=unix:${socket}`))).toEqual([
      expect.stringMatching(/^1:16: .*\[not-allowed\]$/),
    ]);
    expect(await outcome(named(), { allow: { unix: [`${socket}2`, folder] } })).toEqual([
      expect.stringContaining("[not-allowed]"),
    ]);
  });

  it("is used where the command line or the config file allows it", async () => {
    expect(await outcome(named(), { allow: { unix: [socket] } })).toEqual(["passed"]);
    expect(await outcome(named(), { config: config({ allow: { unix: ["x", "./echo.sock"] } }) })).toEqual(["passed"]);
  });

  it("needs no permission where who runs the document names it", async () => {
    const text = wire(">>> a\na");
    expect(await outcome(text, { target: `unix:${socket}` })).toEqual(["passed"]);
    expect(await outcome(text, { config: config({ defaults: { target: `unix:${socket}` } }) })).toEqual(["passed"]);
    const echo = { name: "echo", command: undefined, target: `unix:${socket}`, ready: { kind: "tcp" } } as const;
    const rest = { scope: "document", environment: {}, stop: "SIGTERM", startup: 1000, span: undefined } as const;
    const servers = { echo: { ...echo, ...rest } };
    expect(await outcome(`---\nserver: echo\n---\n${text}`, { config: config({ servers }) })).toEqual(["passed"]);
  });

  it("is refused in a control, also where only the run knows it", async () => {
    const first = "---\nserver: builtin:kv\n---\n";
    expect(await outcome(first + wire(`KV 1.0 ready\n=== connect unix:${socket}\n>>> a\na`))).toEqual([
      expect.stringMatching(/^6:13: .*\[not-allowed\]$/),
    ]);
    const later = first + wire(`KV 1.0 {{x}}\n>>> GET a\nNONE\n=== connect unix:${folder}/{{x}}\n>>> a\na`);
    const { exchanges } = await replay(later, { config: config() });
    expect(exchanges.find(({ failure }) => failure)?.failure).toMatchObject({
      kind: "connect",
      message: expect.stringContaining(`--allow-unix ${folder}/ready`),
    });
  });
});

describe("an environment variable that a document reads", () => {
  it.each<[string, string, string]>([
    ["in a client line", wire(">>> {{env.WIREDOC_TEST_WORD}}\nword"), "2:5"],
    ["in a reply line", wire(">>> word\n{{env.WIREDOC_TEST_WORD}}"), "3:1"],
    ["in a control", wire(">>> word\nword\n=== wait {{env.WIREDOC_TEST_WORD}}"), "4:10"],
    ["through a variable", `---\nvars: {w: "{{env.WIREDOC_TEST_WORD}}"}\n---\n${wire(">>> {{w}}\nword")}`, "5:5"],
    ["in a target", `---\ntarget: "unix:{{env.WIREDOC_TEST_WORD}}"\n---\n${wire(">>> a\na")}`, "2:9"],
  ])("is a mistake that says how it is allowed: %s", async (_, text, place) => {
    expect(await outcome(text, text.includes("target") ? {} : { target: `unix:${socket}` })).toEqual([
      `${place}: a document may not read the environment variable WIREDOC_TEST_WORD unless you allow it: --allow-env WIREDOC_TEST_WORD, or "allow: {env: [WIREDOC_TEST_WORD]}" in the config file [not-allowed]`,
    ]);
  });

  it("is read where the command line or the config file allows it, or the config file reads it itself", async () => {
    const target = `unix:${socket}`;
    const text = wire(">>> {{env.WIREDOC_TEST_WORD}}\nword");
    const env = ["WIREDOC_TEST_WORD"];
    expect(await outcome(text, { target, allow: { env } })).toEqual(["passed"]);
    expect(await outcome(text, { target, config: config({ allow: { env } }) })).toEqual(["passed"]);
    const vars = { w: "{{env.WIREDOC_TEST_WORD}}" };
    expect(await outcome(wire(">>> {{w}}\nword"), { target, config: config({ vars }) })).toEqual(["passed"]);
  });

  it("has to be set", async () => {
    const allow = { env: ["WIREDOC_NOT_SET"] };
    expect(await outcome(wire(">>> {{env.WIREDOC_NOT_SET}}"), { target: `unix:${socket}`, allow })).toEqual([
      "2:5: the environment variable WIREDOC_NOT_SET is not set [unset-variable]",
    ]);
    expect(
      await outcome(`---\ntarget: "tcp://127.0.0.1:{{env.WIREDOC_NOT_SET}}"\n---\n${wire(">>> a")}`, { allow }),
    ).toEqual(["2:9: the environment variable WIREDOC_NOT_SET is not set [unset-variable]"]);
  });
});

describe("a file that a document names", () => {
  const CA = "---\ntarget: tls://127.0.0.1:9\ntls: {ca: PATH}\n---\n";
  const mistake = async (path: string, options: RunOptions = {}): Promise<string> =>
    (await outcome(CA.replace("PATH", path), options)).join("\n");

  it("is a regular file in the document's folder, or in that of the config file", async () => {
    writeFileSync(join(folder, "ca.pem"), "-----BEGIN CERTIFICATE-----\n");
    expect(await mistake(join(folder, "ca.pem"))).toMatch(
      /^3:7: tls.ca: .* a document may only name files in .*\[bad-ca\]$/,
    );
    expect(await mistake(join(folder, "ca.pem"), { config: config({ path: join(folder, "c.yaml") }) })).toBe("");
    expect(await mistake("/dev/zero")).toMatch(/^3:7: tls.ca: \/dev\/zero cannot be read: a document may only name/);
    expect(await mistake(".")).toMatch(/^3:7: tls.ca: \. cannot be read: it is a folder, not a file/);
  });

  it("needs no permission where the config file names it, and is a regular file all the same", async () => {
    writeFileSync(join(folder, "ca.pem"), "-----BEGIN CERTIFICATE-----\n");
    const text = "---\ntarget: tls://127.0.0.1:9\n---\n";
    const ca = (path: string): RunOptions => ({ config: config({ defaults: { tls: { ca: path } } }) });
    expect(await outcome(text, ca(join(folder, "ca.pem")))).toEqual([]);
    expect((await outcome(text, ca("/dev/zero"))).join()).toContain("it is a device, not a file");
  });
});
