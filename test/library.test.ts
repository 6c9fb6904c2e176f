import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Decoded,
  type Dialect,
  type Direction,
  DocumentErrors,
  FramingError,
  LineError,
  parseDocument,
  run,
} from "../src/index.ts";
import { replay } from "./support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "./support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Netstrings: `5:hello,`. A line is one, in either direction. */
function netstrings(): Direction {
  let rest = "";
  return {
    encode(lines) {
      for (const line of lines) if (line.bytes === "") throw new LineError(line, "a netstring is not empty here");
      const text = lines.map(({ bytes }) => `${bytes.length}:${bytes},`).join("");
      return { bytes: Buffer.from(text, "latin1"), requests: [] };
    },
    decode(chunk) {
      rest += Buffer.from(chunk).toString("latin1");
      const messages: Decoded[] = [];
      for (;;) {
        const colon = rest.indexOf(":");
        if (colon < 0) return messages;
        const length = Number(rest.slice(0, colon));
        if (!Number.isInteger(length)) throw new FramingError("a netstring begins with its length", messages);
        const end = colon + 1 + length;
        if (rest.length <= end) return messages;
        messages.push({ lines: [`${rest.slice(colon + 1, end)}\r\n`], part: "", to: undefined, ends: "message" });
        rest = rest.slice(end + 1);
      }
    },
    flush: () => [],
    get pending() {
      return rest === "" ? "nothing" : "message";
    },
    get begun() {
      return { bytes: rest };
    },
  };
}

const netstring: Dialect = {
  name: "netstring",
  createCodec: () => ({ requests: netstrings(), responses: netstrings(), owed: undefined }),
};

const echoNetstrings = async (peer: Peer) => {
  for (;;) peer.write(await peer.bytes(8));
};

describe("the library", () => {
  it("parses a document", () => {
    const document = parseDocument("# A\n\n```wire\n>>> a\nb\n```\n");
    expect(document.examples).toMatchObject([
      { headings: ["A"], steps: [{ sends: [{ text: "a" }], expects: [{ text: "b" }] }] },
    ]);
    expect(() => parseDocument("---\ntaget: x\n---\n")).toThrow(DocumentErrors);
  });

  it("takes dialects of others", async () => {
    server = await scriptedServer(echoNetstrings);
    const text = (lines: string) =>
      `---\ntarget: ${server!.target}\ndialect: netstring\n---\n\`\`\`wire\n${lines}\n\`\`\`\n`;
    const { failures, exchanges } = await replay(text(">>> hello\nhello\n>>> world\n{{x}}"), { dialects: [netstring] });
    expect(failures).toEqual([]);
    expect(exchanges).toHaveLength(2);
    const { documents } = await replay(text(">>>"), { dialects: [netstring] });
    expect(documents[0]?.errors[0]).toMatchObject({
      line: 6,
      message: expect.stringContaining("a netstring is not empty here"),
    });
  });

  it("says which framing a server broke", async () => {
    server = await scriptedServer(async (peer) => {
      await peer.bytes(4);
      peer.write("x:y");
      await peer.rest();
    });
    const text = `---\ntarget: ${server.target}\ndialect: netstring\n---\n\`\`\`wire\n>>> a\na\n\`\`\`\n`;
    const { exchanges } = await replay(text, { dialects: [netstring] });
    expect(exchanges[0]?.failure).toMatchObject({ kind: "protocol", message: "a netstring begins with its length" });
  });

  it("ends the run when its events are left, and stops what it started", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "wiredoc-test-"));
    try {
      const lines = "KV 1.0 ready\nbob<<< KV 1.0 ready\nnever";
      await writeFile(join(cwd, "a.md"), `---\nserver: builtin:kv\ntimeout: 1m\n---\n\`\`\`wire\n${lines}\n\`\`\`\n`);
      const listening = () => process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
      const before = listening();
      for await (const event of run({ cwd, paths: ["a.md"] })) if (event.kind === "exchange") break;
      // Left while a line is awaited for a minute, which ended with the loop.
      await expect.poll(listening, { timeout: 30_000 }).toBeLessThanOrEqual(before);
    } finally {
      await rm(cwd, { recursive: true });
    }
  });
});

it("says what the codec of another's dialect lacks", async () => {
  // As dialects were before they had two directions.
  const before = { name: "before", createCodec: () => ({ begin: () => "", decode: () => [] }) } as unknown as Dialect;
  const text = "---\ntarget: tcp://127.0.0.1:1\ndialect: before\n---\n```wire\n>>> a\nb\n```\n";
  const { documents, exitCode } = await replay(text, { dialects: [before] });
  expect(documents[0]?.errors).toMatchObject([{ line: 3, message: expect.stringContaining("requests.encode") }]);
  expect(exitCode).toBe(2);
});

/** Fails at the first byte that comes. */
const broken: Dialect = {
  name: "broken",
  createCodec() {
    const decode = (): never => {
      throw new TypeError("a mistake of the dialect");
    };
    return { requests: netstrings(), responses: { ...netstrings(), decode }, owed: undefined };
  },
};

it("fails with the mistake of another's dialect, and does not end the process", async () => {
  server = await scriptedServer(echoNetstrings);
  const text = `---\ntarget: ${server.target}\ndialect: broken\n---\n\`\`\`wire\n>>> hello\nhello\n\`\`\`\n`;
  await expect(replay(text, { dialects: [broken] })).rejects.toThrow("a mistake of the dialect");
});

it("ends the other documents with such a mistake", async () => {
  let onOther = (): void => {};
  const isOtherOpen = new Promise<void>((resolve) => {
    onOther = resolve;
  });
  let onHungUp = (): void => {};
  const hasHungUp = new Promise<void>((resolve) => {
    onHungUp = resolve;
  });
  server = await scriptedServer(async (peer) => {
    if ((await peer.bytes(6)).toString() === "other\r") {
      onOther();
      await peer.stall();
      return onHungUp();
    }
    await isOtherOpen;
    peer.write("5:hello,");
    await peer.stall();
  });
  const document = (lines: string, settings: string) =>
    `---\ntarget: ${server!.target}\n${settings}\n---\n\`\`\`wire\n${lines}\n\`\`\`\n`;
  const texts = [document(">>> hello\nhello", "dialect: broken"), document(">>> other\nreply", "timeout: 10m")];
  await expect(replay(texts, { dialects: [broken], jobs: 2 })).rejects.toThrow("a mistake of the dialect");
  await hasHungUp;
});

describe("a config file in JavaScript", () => {
  it("adds a dialect to the command", async () => {
    server = await scriptedServer(echoNetstrings);
    const cwd = await mkdtemp(join(tmpdir(), "wiredoc-test-"));
    try {
      const config = `
        class FramingError extends Error { name = "FramingError"; messages = []; }
        const direction = () => { let rest = ""; return {
          encode: (lines) => ({
            bytes: Buffer.from(lines.map(({ bytes }) => bytes.length + ":" + bytes + ",").join("")),
            requests: [],
          }),
          decode(chunk) {
            rest += Buffer.from(chunk).toString("latin1");
            const match = /^(\\d+):(.*),$/.exec(rest);
            if (!match) return [];
            rest = "";
            if (match[2] === "break") throw new FramingError("broken on purpose");
            return [{ lines: [match[2] + "\\r\\n"], part: "", ends: "message" }];
          },
          flush: () => [],
          get pending() { return rest === "" ? "nothing" : "message"; },
          get begun() { return { bytes: rest }; } }; };
        const createCodec = () => ({ requests: direction(), responses: direction() });
        export default { dialects: [{ name: "netstring", createCodec }] };`;
      await writeFile(join(cwd, "wiredoc.config.mjs"), config);
      const text = `---\ntarget: ${server.target}\n---\n\`\`\`netstring\n>>> hello\nhello\n>>> break\n...\n\`\`\`\n`;
      await writeFile(join(cwd, "a.md"), text);
      const bin = resolve(import.meta.dirname, "../bin/wiredoc.js");
      const { stdout } = await promisify(execFile)(process.execPath, [bin, "-r", "json", "a.md"], { cwd }).catch(
        (error) => error as { stdout: string },
      );
      const { documents } = JSON.parse(stdout);
      const failures = documents[0].examples[0].exchanges.map(
        ({ failure }: { failure: { kind: string; message: string } | null }) =>
          failure && `${failure.kind}: ${failure.message}`,
      );
      expect(failures).toEqual([null, "protocol: broken on purpose"]);
    } finally {
      await rm(cwd, { recursive: true });
    }
  });
});
