import { afterEach, describe, expect, it } from "vitest";
import { type Replayed, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Plays examples, each given as its lines; line numbers: the first line of the first one is 7. */
async function redis(script: (peer: Peer) => Promise<void>, examples: readonly string[]): Promise<Replayed> {
  server = await scriptedServer(script);
  const blocks = examples.map((lines) => `\`\`\`wire\n${lines}\n\`\`\`\n`);
  return replay(`---\ntarget: ${server.target}\ntimeout: 60s\ndialect: redis\n---\n${blocks.join("")}`);
}

/** Answers each command with itself, but BLPOP with what the next RPUSH brings; LATE is answered after a while. */
async function list(peer: Peer): Promise<void> {
  let blocked = 0;
  for (;;) {
    const words: string[] = [];
    const count = Number((await peer.line()).slice(1));
    for (let i = 0; i < count; i++) {
      await peer.line();
      words.push(await peer.line());
    }
    const [name = ""] = words;
    if (name === "BLPOP") blocked++;
    else if (name === "RELEASE") {
      for (; blocked > 0; blocked--) peer.write("$6\r\npopped\r\n");
      peer.write("+OK\r\n");
    } else peer.write(`+${words.join(" ")}\r\n`);
  }
}

describe("a reply that no line is written for", () => {
  it("is extra of the exchange that sent its request, not of a later one", async () => {
    const played = await redis(list, [">>> SET a 1", ">>> GET a\nGET a", ">>> GET b\nGET b"]);
    expect(played.failures).toEqual(["extra:7"]);
    expect(played.statuses).toEqual(["failed", "passed", "passed"]);
    expect(played.exchanges[0]?.received).toEqual(["SET a 1"]);
  });

  it("is extra of its exchange where that has a line for another request", async () => {
    const played = await redis(list, [">>> A\n>>> B\nA", ">>> C\nC"]);
    expect(played.failures).toEqual(["extra:9"]);
    expect(played.statuses).toEqual(["failed", "passed"]);
  });

  it("is shown after the lines of its exchange, also where another exchange used the connection last", async () => {
    server = await scriptedServer(list);
    const text = `---\ntarget: ${server.target}\ndialect: redis\n---\n\`\`\`wire\n>>> A\n>>> B\nA\n>>> C\nC\n\`\`\`\n`;
    const played = await replay(text, { keepReplies: false });
    expect(played.failures).toEqual(["extra:8"]);
    expect(played.exchanges[0]?.diff?.map((row) => [row.kind, "received" in row && row.received])).toEqual([
      ["same", "A"],
      ["received", "B"],
    ]);
  });

  it("belongs to lines that send nothing, after what other connections do", async () => {
    const lines = '>>> BLPOP q 0\nbob>>> PING\nPING\n>>> RELEASE\nOK\n<<< "popped"';
    expect((await redis(list, [lines])).failures).toEqual([]);
  });

  it("belongs to further lines of a later exchange", async () => {
    const lines = '>>> BLPOP q 0\nbob>>> PING\nPING\n>>> RELEASE\nOK\n"popped"';
    expect((await redis(list, [lines])).failures).toEqual([]);
  });

  it("is missing at once where all that is owed has come", async () => {
    const played = await redis(list, [">>> A\nA\nB", ">>> C\nC"]);
    expect(played.failures).toEqual(["missing:9"]);
    expect(played.statuses).toEqual(["failed", "passed"]);
  });

  it("is taken by no other exchange after a mismatch", async () => {
    const played = await redis(list, [">>> A\n>>> B\nX\nY\n>>> C\nC", ">>> D\nD"]);
    expect(played.failures).toEqual(["mismatch:9"]);
    expect(played.statuses).toEqual(["failed", "passed"]);
  });

  it("is excused where the line that awaits it is not tried", async () => {
    let blocked: Peer | undefined;
    const script = async (peer: Peer): Promise<void> => {
      const count = await peer.line();
      if (count === "*3") {
        blocked = peer;
        await peer.rest();
      } else {
        blocked?.write("$6\r\npopped\r\n");
        peer.end();
      }
    };
    const played = await redis(script, ['>>> BLPOP q 0\nbob>>> PING\nbye\n<<< "popped"']);
    expect(played.failures).toEqual(["closed:9"]);
  });
});

it("is taken in the order it comes in, from a subscription on", async () => {
  const script = async (peer: Peer): Promise<void> => {
    for (let i = 0; i < 5; i++) await peer.line();
    peer.write("*3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$2\r\nhi\r\n");
    await peer.rest();
  };
  const lines = '>>> SUBSCRIBE ch\n1) "subscribe"\n2) "ch"\n3) (integer) 1\n1) "message"\n2) "ch"\n3) "hi"';
  expect((await redis(script, [lines])).failures).toEqual([]);
});
