import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { replay } from "../support/replay.ts";
import { type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

const JOBS = 100;
const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
let server: ScriptedServer | undefined;
afterEach(async () => {
  process.off("warning", note);
  warnings.length = 0;
  await server?.close();
  server = undefined;
});

/** Replays so many documents side by side; `whenAllAsk` runs when each of them waits for its reply. */
async function replayTogether(whenAllAsk: () => void, signal: AbortSignal): ReturnType<typeof replay> {
  process.on("warning", note);
  let asked = 0;
  let open = (): void => {};
  const allAsk = new Promise<void>((resolve) => {
    open = resolve;
  });
  server = await scriptedServer(async (peer) => {
    await peer.line();
    if (++asked === JOBS) {
      whenAllAsk();
      open();
    }
    await allAsk;
    peer.write("first\r\n");
    await peer.rest();
  });
  const text = `---\ntarget: ${server.target}\ntimeout: 1m\n---\n\`\`\`wire\n>>> one\nfirst\n\`\`\`\n`;
  const replayed = await replay(
    Array.from({ length: JOBS }, () => text),
    { jobs: JOBS, signal },
  );
  // Node tells of warnings a turn later.
  await nextTurn();
  return replayed;
}

it("plays a hundred documents side by side without a warning of Node's", async () => {
  const { exitCode, documents } = await replayTogether(() => {}, new AbortController().signal);
  expect(exitCode).toBe(0);
  expect(documents).toHaveLength(JOBS);
  expect(warnings).toEqual([]);
});

it("ends all of them when the run is interrupted", async () => {
  const interruption = new AbortController();
  const { exitCode, documents } = await replayTogether(() => interruption.abort(), interruption.signal);
  expect(exitCode).toBe(130);
  expect(documents.map(({ interrupted }) => interrupted)).toEqual(Array.from({ length: JOBS }, () => true));
  expect(warnings).toEqual([]);
});

it("plays the next document while the ends of connections are awaited, and tells the ends in order", async () => {
  let opened = 0;
  let onSecond = (): void => {};
  const second = new Promise<void>((resolve) => {
    onSecond = resolve;
  });
  server = await scriptedServer(async (peer) => {
    if (++opened === 2) onSecond();
    await peer.line();
    peer.write("first\r\n");
    await second;
  });
  // Without the server's close each of them ends with a minute of silence.
  const text = `---\ntarget: ${server.target}\nsettle: 1m\n---\n\`\`\`wire\n>>> one\nfirst\n\`\`\`\n`;
  const { exitCode, events } = await replay([text, text]);
  expect(exitCode).toBe(0);
  expect(events.flatMap((event) => (event.kind === "document-end" ? [event.path] : []))).toEqual(["1.md", "2.md"]);
});
