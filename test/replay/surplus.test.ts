import { afterEach, describe, expect, it } from "vitest";
import { type Replayed, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Plays examples, each given as its lines; line numbers: the first line of the first one is 6. */
async function against(
  script: (peer: Peer) => Promise<void>,
  ...examples: readonly (string | readonly [lines: string, attributes: string])[]
): Promise<Replayed> {
  server = await scriptedServer(script);
  const blocks = examples
    .map((one) => [one].flat())
    .map(([lines, attributes = ""]) => `\`\`\`wire ${attributes}\n${lines}\n\`\`\`\n`);
  return replay(`---\ntarget: ${server.target}\ntimeout: 60s\n---\n${blocks.join("")}`);
}

/** Answers a line with the reply that has its name, and other lines with themselves. */
const answering =
  (replies: Readonly<Record<string, string>>) =>
  async (peer: Peer): Promise<void> => {
    for (;;) {
      const line = await peer.line();
      peer.write(replies[line] ?? `${line}\r\n`);
    }
  };

describe("lines beyond a reply that differs", () => {
  const get = answering({ GET: "150 12 bytes\r\n226 done\r\n" });

  it("stay for an exchange that sends nothing", async () => {
    const played = await against(get, ">>> GET\n150 13 bytes\nbob>>> a\na\n<<< 226 done\n>>> b\nb");
    expect(played.failures).toEqual(["mismatch:7"]);
    expect(played.exchanges[0]?.received).toEqual(["150 12 bytes"]);
    expect(server?.connections).toBe(2);
  });

  it("stay until the next client line, across examples", async () => {
    const played = await against(get, ">>> GET\n150 13 bytes", "<<< 226 done\n>>> b\nb");
    expect(played.failures).toEqual(["mismatch:7"]);
    expect(played.statuses).toEqual(["failed", "passed"]);
  });

  it("are shown with the failure where nobody takes them, and are no second one", async () => {
    const played = await against(get, ">>> GET\n150 13 bytes\n>>> b\nb", ">>> c\nc");
    expect(played.failures).toEqual(["mismatch:7"]);
    expect(played.exchanges[0]?.received).toEqual(["150 12 bytes", "226 done"]);
    expect(played.statuses).toEqual(["failed", "passed"]);
  });

  it("are shown at the end of the connection, too", async () => {
    const played = await against(get, ">>> GET\n150 13 bytes");
    expect(played.failures).toEqual(["mismatch:7"]);
    expect(played.exchanges[0]?.received).toEqual(["150 12 bytes", "226 done"]);
    expect(played.exchanges[0]?.diff?.at(-1)).toMatchObject({ kind: "received", received: "226 done" });
  });

  it("are shown whole, also where the next client line is due while they come", async () => {
    const script = async (peer: Peer): Promise<void> => {
      await peer.line();
      peer.write("1\r\n2");
      await peer.wait(10);
      peer.write("3\r\n4\r\n");
      await answering({})(peer);
    };
    const played = await against(script, [">>> GET\n1\n>>> b\nb", "settle=500ms"]);
    expect(played.failures).toEqual(["extra:7"]);
    expect(played.exchanges.map(({ received }) => received)).toEqual([["1", "23", "4"], ["b"]]);
    expect(played.exchanges[0]?.failure?.message).toBe('2 unexpected lines, the first: "23"');
  });

  it("are marked as received where no reply is written", async () => {
    const played = await against(get, ">>> GET");
    expect(played.failures).toEqual(["extra:6"]);
    expect(played.exchanges[0]?.diff).toEqual([
      { kind: "received", received: "150 12 bytes" },
      { kind: "received", received: "226 done" },
    ]);
  });

  it("are what is left of them, where an exchange takes some", async () => {
    const script = answering({ GET: "1\r\n2\r\n3\r\n4\r\n" });
    const played = await against(script, ">>> GET\nX\nbob>>> a\na\n<<< 2\n>>> b\nb");
    expect(played.failures).toEqual(["mismatch:7"]);
    expect(played.exchanges[0]?.received).toEqual(["1", "3", "4"]);
  });

  it.each([
    ["...", "X\n..."],
    ["(?)", "X\n2 (?)"],
    ["(*)", "X\n2 (*)"],
  ])("belong to it where %s is written", async (_, reply) => {
    const script = answering({ GET: "1\r\n2\r\n3\r\n" });
    const played = await against(script, `>>> GET\n${reply}\n>>> b\nb`);
    expect(played.failures).toEqual(["mismatch:7"]);
    expect(played.exchanges[0]?.received).toEqual(["1", "2", "3"]);
  });

  it("that come late are shown, too", async () => {
    const script = async (peer: Peer): Promise<void> => {
      await peer.line();
      peer.write("1\r\n");
      await peer.wait(150);
      peer.write("late\r\n");
      await answering({})(peer);
    };
    const played = await against(script, ">>> GET\nX\n=== wait 1s\n>>> b\nb");
    expect(played.failures).toEqual(["mismatch:7"]);
    expect(played.exchanges[0]?.received).toEqual(["1", "late"]);
  });

  it("are shown without a line ending, too, and may be the beginning of a line that is awaited", async () => {
    const prompt = answering({ GET: "1\r\n> " });
    const shown = await against(prompt, ">>> GET\nX", ">>> b\nb");
    expect(shown.failures).toEqual(["mismatch:7"]);
    expect(shown.exchanges[0]?.received).toEqual(["1", ">\\x20 (esc) (no-eol)"]);
    await server?.close();
    const script = async (peer: Peer): Promise<void> => {
      await peer.line();
      peer.write("1\r\n226 do");
      await peer.wait(150);
      peer.write("ne\r\n");
      await peer.rest();
    };
    const played = await against(script, ">>> GET\nX\nbob=== connect\nbob=== close\n<<< 226 done");
    expect(played.failures).toEqual(["mismatch:7"]);
  });

  it("of a framed reply are all its own", async () => {
    const script = async (peer: Peer): Promise<void> => {
      for (let i = 0; i < 3; i++) await peer.line();
      peer.write("*2\r\n:1\r\n:2\r\n");
      for (let i = 0; i < 3; i++) await peer.line();
      peer.write("+OK\r\n");
      await peer.rest();
    };
    server = await scriptedServer(script);
    const lines = ">>> GET\n1) (integer) 9\n>>> GET\nOK";
    const played = await replay(
      `---\ntarget: ${server.target}\ntimeout: 60s\ndialect: redis\n---\n\`\`\`wire\n${lines}\n\`\`\`\n`,
    );
    expect(played.failures).toEqual(["mismatch:8"]);
    expect(played.exchanges[0]?.received).toEqual(["1) (integer) 1", "2) (integer) 2"]);
  });
});

describe("what fails only because of a failure before it", () => {
  const silent = answering({ slow: "" });

  it("is not tried, and says which line cost the connection", async () => {
    const played = await against(silent, [">>> slow\nOK {{n}}\n>>> a\na", "timeout=400ms"]);
    expect(played.failures).toEqual(["timeout:7"]);
    expect(played.exchanges[1]).toMatchObject({
      status: "skipped",
      reason: "not tried: the connection was given up after line 7",
    });
  });

  it("is an example that uses a name of a line that was not tried", async () => {
    const played = await against(
      silent,
      [">>> slow\nOK\n>>> id\n{{id}}", "timeout=400ms"],
      ">>> {{id}}\nx",
      ">>> a\na",
      ">>> id\n{{id}}\n>>> {{id}}\nid",
    );
    expect(played.failures).toEqual(["timeout:7"]);
    expect(played.statuses).toEqual(["failed", "skipped", "passed", "passed"]);
    expect(played.documents[0]?.examples[1]?.reason).toMatch(/^not tried: line 8 binds \{\{id\}\}/);
  });

  it("is an opening that fails as it did before: it fails each example, and is shown once", async () => {
    let count = 0;
    server = await scriptedServer(async (peer) => {
      peer.write(`hi ${++count}\r\n`);
      await answering({})(peer);
    });
    const block = (name: string): string => `\`\`\`wire\n${name}>>> a\na\n\`\`\`\n`;
    const played = await replay(
      `---\ntarget: ${server.target}\n---\n\`\`\`wire opening\nhello\n\`\`\`\n${block("ann")}${block("bob")}`,
    );
    expect(played.failures).toEqual(["mismatch:5", "mismatch:5"]);
    expect(played.statuses).toEqual(["failed", "failed"]);
    const [first, second] = played.exchanges.filter(({ failure }) => failure);
    expect(first?.diff).not.toEqual([]);
    expect(second?.diff).toEqual([]);
    expect(second?.failure?.message).toBe('the opening failed again: expected "hello", got "hi 2"');
    expect(second?.received).toEqual(["hi 2"]);
  });
});
