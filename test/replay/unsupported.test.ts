import { afterEach, describe, expect, test } from "vitest";
import { withoutFile } from "../../src/plan/config/config.ts";
import type { RunOptions } from "../../src/plan/options.ts";
import { type Replayed, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Answers `GET` with a value, `JOB` with a number, and knows nothing else. */
async function small(peer: Peer): Promise<void> {
  for (;;) {
    const [word] = (await peer.line()).split(" ");
    peer.write(word === "GET" ? "VALUE\r\n" : word === "JOB" ? "JOB 7\r\n" : `ERR unknown command ${word}\r\n`);
  }
}

/** Plays examples, one a block, where `^ERR unknown` says that something is unsupported. */
async function play(blocks: readonly string[], options: RunOptions = {}): Promise<Replayed> {
  server = await scriptedServer(small);
  const examples = blocks.map((lines, i) => `# ${i + 1}\n\n\`\`\`wire\n${lines}\n\`\`\`\n`);
  const text = `---\ntarget: ${server.target}\ntimeout: 60s\n---\n${examples.join("\n")}`;
  return replay(text, { config: { ...withoutFile("/"), unsupported: ["^ERR unknown"] }, ...options });
}

const exchangesOf = ({ exchanges }: Replayed): readonly string[] => exchanges.map(({ status }) => status);

describe("a reply that is in the list of the config file", () => {
  test("makes its exchange, and its example, unsupported, which fails nothing", async () => {
    const run = await play([">>> GET\nVALUE", ">>> FLY 1\nFLOWN"]);
    expect(run.statuses).toEqual(["passed", "unsupported"]);
    expect(run.documents[0]!.examples[1]).toMatchObject({
      reason: 'the server says "ERR unknown command FLY"',
      exchanges: [{ status: "unsupported", received: ["ERR unknown command FLY"] }],
    });
    expect(run.exitCode).toBe(0);
    expect(run.events.at(-1)).toMatchObject({
      ok: true,
      counts: { examples: 2, passed: 1, failed: 0, unsupported: 1 },
    });
  });

  test("fails the run with --strict", async () => {
    const run = await play([">>> FLY 1\nFLOWN"], { strict: true });
    expect([run.exitCode, run.statuses]).toEqual([1, ["unsupported"]]);
  });

  test("explains what fails in the rest of its example", async () => {
    const run = await play([
      ">>> GET\nVALUE\n>>> FLY\nFLOWN {{far}}\n>>> GET\nVALUE\n>>> GET {{far}}\nFAR\n>>> GET\nFAR",
    ]);
    expect(exchangesOf(run)).toEqual(["passed", "unsupported", "passed", "unsupported", "unsupported"]);
    expect(run.statuses).toEqual(["unsupported"]);
  });

  test("does not explain what failed before", async () => {
    const run = await play([">>> GET\nOTHER\n>>> FLY\nFLOWN"]);
    expect(exchangesOf(run)).toEqual(["failed", "unsupported"]);
    expect([run.statuses, run.exitCode]).toEqual([["failed"], 1]);
  });

  test("says nothing where it was written", async () => {
    const run = await play([
      ">>> FLY\nERR unknown command FLY",
      ">>> FLY\n>>> GET\nERR unknown command {{word}}\nOTHER",
      ">>> FLY\nERR {{_}}",
    ]);
    expect(run.statuses).toEqual(["passed", "failed", "passed"]);
  });

  test("skips later examples that need what was not captured", async () => {
    const run = await play([">>> FLY\nFLOWN {{far}}", ">>> GET {{far}}\nVALUE", ">>> GET\nVALUE"]);
    expect(run.statuses).toEqual(["unsupported", "skipped", "passed"]);
    expect(run.documents[0]!.examples[1]!.reason).toBe(
      "not tried: line 8 binds {{far}}, and that line is not supported",
    );
  });

  test("counts as a failure that is expected", async () => {
    server = await scriptedServer(small);
    const text = `---\ntarget: ${server.target}\n---\n\`\`\`wire xfail="no wings"\n>>> FLY\nFLOWN\n\`\`\`\n`;
    const run = await replay(text, { config: { ...withoutFile("/"), unsupported: ["unknown"] } });
    expect(run.statuses).toEqual(["xfailed"]);
  });

  test("is told in the events of exchanges, in their order", async () => {
    const run = await play([">>> GET\nOTHER\n>>> FLY\nFLOWN\n>>> GET\nOTHER", ">>> GET\nOTHER"]);
    const told = run.events.flatMap((event) => (event.kind === "exchange" ? [event.exchange.status] : []));
    expect(told).toEqual(["failed", "unsupported", "unsupported", "failed"]);
  });
});

test("without a list the same is a failure", async () => {
  const run = await play([">>> FLY\nFLOWN"], { config: withoutFile("/") });
  expect([run.statuses, run.exitCode]).toEqual([["failed"], 1]);
});
