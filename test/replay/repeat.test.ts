import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { RunOptions } from "../../src/plan/options.ts";
import { render } from "../support/render.ts";
import { type Replayed, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Plays one example; `answer` is asked with a count of all that it answered. */
async function play(
  lines: string,
  answer: (n: number, said: string) => string,
  options: RunOptions = {},
): Promise<Replayed> {
  let n = 0;
  server = await scriptedServer(async (peer: Peer) => {
    for (;;) {
      const said = await peer.line();
      peer.write(answer(++n, said));
    }
  });
  const text = `---\ntarget: ${server.target}\ntimeout: 60s\nsettle: 20ms\n---\n# Example\n\n\`\`\`wire\n${lines}\n\`\`\`\n`;
  return replay(text, { repeat: 4, ...options });
}

const varyingOf = ({ exchanges }: Replayed) => exchanges.map(({ varying }) => varying);

describe("a document that is played in rounds", () => {
  test("passes where each round passes", async () => {
    const run = await play(">>> A\nONE {{id:int}}", (n) => `ONE ${n}\r\n`);
    expect([run.exitCode, run.statuses, varyingOf(run)]).toEqual([0, ["passed"], [undefined]]);
    expect(run.documents[0]).toMatchObject({ rounds: 4, examples: [{ rounds: { count: 4, failed: 0 } }] });
    expect(await render(run.events)).toContain("4 rounds");
  });

  test("is counted once", async () => {
    const run = await play(">>> A\nONE", () => "ONE\r\n");
    expect(run.events.at(-1)).toMatchObject({ counts: { documents: 1, examples: 1, exchanges: 1, passed: 1 } });
  });

  test("fails where one round fails, and shows that one", async () => {
    const run = await play(">>> A\nONE", (n) => (n === 3 ? "TWO\r\n" : "ONE\r\n"));
    expect([run.exitCode, run.statuses, run.failures]).toEqual([1, ["failed"], ["mismatch:10"]]);
    expect(run.documents[0]!.examples[0]!.rounds).toEqual({ count: 4, failed: 1 });
    expect(varyingOf(run)).toEqual([[{ line: 10, received: ["ONE", "TWO"], missing: 0, proposal: "{{_:word}}" }]]);
  });

  test("stops where it cannot be played", async () => {
    const run = await replay("---\ntarget: tcp://127.0.0.1:1\n---\n```wire\n>>> A\nONE\n```\n", { repeat: 4 });
    expect(run.documents[0]).toMatchObject({ rounds: 1, errors: [{ kind: "connect" }] });
    expect(run.exitCode).toBe(3);
  });

  test("shows the rounds that were finished before an interruption", async () => {
    const interruption = new AbortController();
    const answer = (n: number): string => {
      if (n === 3) interruption.abort();
      return n === 3 ? "" : `ID ${n}\r\n`;
    };
    const run = await play(">>> A\nID 1", answer, { signal: interruption.signal });
    expect(run.exitCode).toBe(130);
    expect(run.documents[0]).toMatchObject({ interrupted: true, examples: [{ rounds: { count: 2, failed: 1 } }] });
    expect(varyingOf(run)[0]).toMatchObject([{ proposal: "ID {{_:int}}" }]);
  });

  test("stops with --bail", async () => {
    const run = await play(">>> A\nONE", () => "TWO\r\n", { bail: 2 });
    expect(run.documents[0]).toMatchObject({ rounds: 2 });
  });
});

describe("reply lines that are not the same in each round", () => {
  test("of a counter get a number for a proposal", async () => {
    const run = await play(">>> A\nINSERTED 1 now", (n) => `INSERTED ${n} now\r\n`);
    expect(varyingOf(run)[0]).toMatchObject([
      { line: 10, received: ["INSERTED 1 now", "INSERTED 2 now", "INSERTED 3 now", "INSERTED 4 now"] },
    ]);
    expect(varyingOf(run)[0]![0]!.proposal).toBe("INSERTED {{_:int}} now");
    const shown = await render(run.events);
    expect(shown).toContain("failed in 3 of 4 rounds");
    expect(shown).toContain("write INSERTED {{_:int}} now");
  });

  test("of a uuid get one for a proposal, and the proposal passes", async () => {
    const answer = () => `{"id": "${randomUUID()}", "ok": true}\r\n`;
    const run = await play('>>> A\n{"id": "none", "ok": true} (json)', answer);
    const { proposal } = varyingOf(run)[0]![0]!;
    expect(proposal).toBe('{"id": "{{_:uuid}}", "ok": true} (json)');
    await server!.close();
    expect((await play(`>>> A\n${proposal}`, answer)).exitCode).toBe(0);
  });

  test("that come in another order get an attribute", async () => {
    const run = await play(">>> A\na\nb\nc", (n) => (n % 2 === 0 ? "a\r\nc\r\nb\r\n" : "a\r\nb\r\nc\r\n"));
    expect(varyingOf(run)).toEqual([[{ line: undefined, received: [], missing: 0, proposal: "unordered" }]]);
    expect(await render(run.events)).toContain("write unordered after the language of the block");
  });

  test("that do not always come become optional", async () => {
    const further = await play(">>> A\na\nend", (n) => (n === 2 ? "a\r\nsome\r\nend\r\n" : "a\r\nend\r\n"));
    expect(varyingOf(further)).toEqual([[{ line: undefined, received: ["some"], missing: 3, proposal: "some (?)" }]]);
    await server!.close();
    const missing = await play(">>> A\na\nsome\nend", (n) => (n === 2 ? "a\r\nend\r\n" : "a\r\nsome\r\nend\r\n"));
    expect(varyingOf(missing)).toEqual([[{ line: 11, received: ["some"], missing: 1, proposal: "some (?)" }]]);
  });

  test("that are written nowhere and change are one line", async () => {
    const counted = await play(">>> A\na", (n) => `a\r\ntotal ${n} of 9\r\n`);
    const received = [1, 2, 3, 4].map((n) => `total ${n} of 9`);
    const proposal = "total {{_:int}} of 9";
    expect(varyingOf(counted)).toEqual([[{ line: undefined, received, missing: 0, proposal }]]);
    await server!.close();
    const other = await play(">>> A\na", (n) => (n < 3 ? `a\r\n${n === 1 ? "some" : "other words"}\r\n` : "a\r\n"));
    expect(varyingOf(other)[0]).toMatchObject([{ proposal: "some (?)" }, { proposal: "other words (?)" }]);
  });

  test("are not those that are always wrong in the same way", async () => {
    const run = await play(">>> A\nONE\n>>> B\nB 1", (n, said) => (said === "A" ? "TWO\r\n" : `B ${n / 2}\r\n`));
    expect(varyingOf(run)[0]).toBeUndefined();
    expect(varyingOf(run)[1]).toMatchObject([{ line: 12, proposal: "B {{_:int}}" }]);
  });
});
