import { afterEach, describe, expect, it } from "vitest";
import { type Replayed, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Sends each piece after a while, and then answers lines with themselves. */
const inPieces =
  (...pieces: readonly string[]) =>
  async (peer: Peer): Promise<void> => {
    await peer.line();
    for (const piece of pieces) {
      peer.write(piece);
      await peer.wait(100);
    }
    for (;;) peer.write(`${await peer.line()}\r\n`);
  };

async function against(script: (peer: Peer) => Promise<void>, lines: string, attributes = ""): Promise<Replayed> {
  server = await scriptedServer(script);
  return replay(`---\ntarget: ${server.target}\ntimeout: 60s\n---\n\`\`\`wire ${attributes}\n${lines}\n\`\`\`\n`);
}

describe("a line without an LF after a reply that may go on", () => {
  it.each([
    ["a line that may come once", "A\nB (?)", ""],
    ["a line that may be repeated", "A\nB (*)", ""],
    ["lines in any order", "A\nB (?)", "unordered"],
  ])("is too much after %s", async (_, reply, attributes) => {
    for (const text of ["ZZZ", "B"]) {
      const { failures, exchanges } = await against(inPieces(`A\r\n${text}`), `>>> go\n${reply}`, attributes);
      expect(failures).toEqual(["extra:7"]);
      expect(exchanges[0]?.received).toEqual(["A", `${text} (no-eol)`]);
      expect(exchanges[0]?.failure?.message).toContain(`"${text}"`);
      await server?.close();
    }
  });

  it.each([
    ["at once", ["\x01B"], ""],
    ["by itself", ["\x01", "B"], "settle=500ms"],
  ])("is too much after bytes that are compared as they come, %s", async (_, pieces, attributes) => {
    const { failures, exchanges } = await against(inPieces(...pieces), ">>> go\n01 (hex)\nB (?)", attributes);
    expect(failures).toEqual(["extra:7"]);
    expect(exchanges[0]?.failure?.message).toBe('unexpected text without a line ending: "B"');
  });

  it("is too much where it comes later, and where the server closes after it", async () => {
    const later = await against(inPieces("A\r\n", "ZZZ"), ">>> go\nA\nB (?)\n=== wait 1s\n>>> b\nb");
    expect(later.failures).toEqual(["extra:7"]);
    expect(later.exchanges[1]?.status).toBe("passed");
    await server?.close();
    const closing = async (peer: Peer): Promise<void> => {
      await peer.line();
      peer.end("A\r\nZZZ");
      await peer.rest();
    };
    const closed = await against(closing, ">>> go\nA\nB (*)\n=== closed");
    expect(closed.failures).toEqual(["extra:7"]);
  });

  it("belongs to `...`, and so does the rest of it", async () => {
    const played = await against(inPieces("A\r\nx", "y\r\nz"), ">>> go\nA\n...\n=== wait 1s\n>>> b\nb");
    expect(played.failures).toEqual([]);
  });

  it("belongs to a run of bytes that goes on, whatever it is cut to", async () => {
    const played = await against(inPieces("\x01\x02", "\x03", "\n\x04"), ">>> go\n01 ... (hex)\n=== wait 1s\n>>> b\nb");
    expect(played.failures).toEqual([]);
  });

  it("is a prompt where that is written", async () => {
    const right = await against(inPieces("A\r\nlogin:"), ">>> go\nA\nB (?)\nlogin: (no-eol)\n>>> b\nb");
    expect(right.failures).toEqual([]);
  });
});
