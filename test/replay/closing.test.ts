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
  script: (peer: Peer) => Promise<void> | void,
  examples: readonly string[],
  frontMatter = "timeout: 60s",
): Promise<Replayed> {
  server = await scriptedServer(script);
  const blocks = examples.map((lines) => `\`\`\`wire\n${lines}\n\`\`\`\n`);
  return replay(`---\ntarget: ${server.target}\n${frontMatter}\n---\n${blocks.join("")}`);
}

/** Answers one line with itself, and hangs up. */
const once = async (peer: Peer): Promise<void> => {
  peer.end(`${await peer.line()}\r\n`);
  await peer.rest();
};

const messages = ({ exchanges }: Replayed): readonly (string | undefined)[] =>
  exchanges.map(({ failure }) => failure?.message);

describe("a close that the document does not write", () => {
  it("fails the next exchange, which is not sent", async () => {
    const played = await against(once, [">>> a\na\n=== wait 30ms\n>>> b\nb\n>>> c\nc"]);
    expect(played.failures).toEqual(["closed:9"]);
    expect(played.exchanges.map(({ status }) => status)).toEqual(["passed", "failed", "skipped"]);
    expect(messages(played)[1]).toMatch(/^not sent: .*closed.* after line 7; write === closed there/);
    expect(server?.connections).toBe(1);
  });

  it("fails an exchange of the next example, and the one after that opens a new connection", async () => {
    const played = await against(once, [">>> a\na\n=== wait 30ms", ">>> b\nb", ">>> c\nc"]);
    expect(played.failures).toEqual(["closed:11"]);
    expect(played.statuses).toEqual(["passed", "failed", "passed"]);
    expect(messages(played)[1]).toContain("after line 7");
    expect(server?.connections).toBe(2);
  });

  it("fails an exchange that sends nothing, unless what it awaits is there already", async () => {
    const twice = async (peer: Peer): Promise<void> => {
      await peer.line();
      peer.end("a\r\nb\r\n");
      await peer.rest();
    };
    const lines = ">>> a\na\nbob=== connect\nbob=== close\n=== wait 30ms\n<<< b";
    expect((await against(twice, [lines])).failures).toEqual([]);
    await server?.close();
    const played = await against(once, [lines]);
    expect(played.failures).toEqual(["closed:11"]);
  });

  it("gets the same advice where the exchange was sent before the close was seen", async () => {
    const script = async (peer: Peer): Promise<void> => {
      peer.write(`${await peer.line()}\r\n`);
      await peer.line();
      peer.end();
    };
    const played = await against(script, [">>> a\na\n>>> b\nb"]);
    expect(played.failures).toEqual(["closed:9"]);
    expect(messages(played)[1]).toMatch(/after line 7, write === closed there/);
  });

  it("fails on a named connection, and leaves the others alone", async () => {
    const script = async (peer: Peer): Promise<void> => {
      for (;;) {
        const line = await peer.line();
        peer.write(`${line}\r\n`);
        if (line === "quit") return void peer.end();
      }
    };
    const played = await against(script, ["bob>>> quit\nquit\n=== wait 30ms\n>>> a\na\nbob>>> b\nb", ">>> c\nc"]);
    expect(played.failures).toEqual(["closed:11"]);
    expect(played.statuses).toEqual(["failed", "passed"]);
  });

  it("is no second failure after one on the same connection", async () => {
    const script = async (peer: Peer): Promise<void> => {
      await peer.line();
      peer.end("a\r\nfatal\r\n");
      await peer.rest();
    };
    const played = await against(script, [">>> a\na\n=== wait 30ms\n>>> b\nb", ">>> a\na\nfatal"]);
    expect(played.failures).toEqual(["extra:7"]);
    expect(played.exchanges[1]?.status).toBe("skipped");
    expect(played.statuses).toEqual(["failed", "passed"]);
    await server?.close();
    const next = await against(script, [">>> a\na\n=== wait 30ms", ">>> a\na\nfatal"]);
    expect(next.failures).toEqual(["extra:7"]);
    expect(next.statuses).toEqual(["failed", "passed"]);
  });

  it("is no part of a mismatch: what is written after it is played", async () => {
    const script = async (peer: Peer): Promise<void> => {
      if ((await peer.line()) === "ok") return void peer.write("ok\r\n");
      peer.end("goodbye\r\nmore\r\n");
      await peer.rest();
    };
    const quit = ">>> quit\nbye\n";
    const closed = await against(script, [`${quit}=== closed\nbob>>> ok\nok\n>>> ok\nok`]);
    expect(closed.failures).toEqual(["mismatch:7"]);
    expect(closed.exchanges.map(({ status }) => status)).toEqual(["failed", "passed", "passed"]);
    await server?.close();
    const unwritten = await against(script, [`${quit}bob>>> ok\nok\n>>> ok\nok`, ">>> ok\nok"]);
    expect(unwritten.failures).toEqual(["mismatch:7"]);
    expect(unwritten.exchanges.map(({ status }) => status)).toEqual(["failed", "passed", "skipped", "passed"]);
    expect(unwritten.exchanges[2]?.reason).toBe("not tried: the connection was given up after line 7");
    await server?.close();
    const taken = await against(script, [`${quit}bob=== connect\nbob=== close\n<<< more\n=== closed`]);
    expect(taken.failures).toEqual(["mismatch:7"]);
    expect(taken.exchanges.map(({ status }) => status)).toEqual(["failed", "passed"]);
  });

  it("gets no advice to write it in an opening", async () => {
    const messageOf = async (script: (peer: Peer) => Promise<void> | void, example: string): Promise<unknown> => {
      server = await scriptedServer(script);
      const text = `---\ntarget: ${server.target}\n---\n\`\`\`wire opening\nhi\n\`\`\`\n\`\`\`wire\n${example}\n\`\`\`\n`;
      const played = await replay(text);
      await server.close();
      return played.exchanges.at(-1)?.failure?.message;
    };
    const asked = async (peer: Peer): Promise<void> => {
      peer.write("hi\r\n");
      await peer.line();
      peer.end();
    };
    expect(await messageOf(asked, ">>> a\nb")).toBe('the server closed the connection: expected "b"');
    const atOnce = (peer: Peer): void => peer.end("hi\r\n");
    expect(await messageOf(atOnce, "=== connect\n=== wait 30ms\n>>> a\nb")).toBe(
      "not sent: the server had closed the connection after line 5, the end of the opening",
    );
  });

  it("is fine at the end of the document, and where it is written", async () => {
    expect((await against(once, [">>> a\na\n=== wait 30ms"])).failures).toEqual([]);
    await server?.close();
    expect((await against(once, [">>> a\na\n=== closed\n>>> b\nb"])).failures).toEqual([]);
  });

  it("opens a new connection in HTTP", async () => {
    const script = async (peer: Peer): Promise<void> => {
      await peer.line();
      peer.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
      await peer.rest();
    };
    const get = ">>> GET / HTTP/1.1\nHTTP/1.1 200 OK\n\nhi";
    const played = await against(script, [get, get], "timeout: 60s\ndialect: http");
    expect(played.failures).toEqual([]);
    expect(server?.connections).toBe(2);
  });

  it("opens a new connection after Redis' QUIT", async () => {
    const script = async (peer: Peer): Promise<void> => {
      for (let i = 0; i < 3; i++) await peer.line();
      peer.end("+OK\r\n");
      await peer.rest();
    };
    const lines = ">>> QUIT\nOK\n=== wait 30ms\n>>> QUIT\nOK";
    const played = await against(script, [lines], "timeout: 60s\ndialect: redis");
    expect(played.failures).toEqual([]);
    expect(server?.connections).toBe(2);
  });
});

describe("=== silence", () => {
  it("fails where the server closes, and the rest of the example is not tried", async () => {
    const script = async (peer: Peer): Promise<void> => {
      peer.write(`${await peer.line()}\r\n`);
      await peer.wait(30);
      peer.end();
    };
    const played = await against(script, [">>> a\na\n=== silence 600ms\n>>> b\nb"]);
    expect(played.failures).toEqual(["closed:8"]);
    expect(played.exchanges.map(({ status }) => status)).toEqual(["failed", "skipped"]);
  });

  it("fails where the server had closed before", async () => {
    const played = await against(once, [">>> a\na\n=== wait 30ms\n=== silence 10ms"]);
    expect(played.failures).toEqual(["closed:9"]);
  });
});

/** What the events of exchanges tell, as they come. */
const told = ({ events }: Replayed): readonly string[] =>
  events.flatMap((event) => (event.kind === "exchange" ? [`${event.exchange.line} ${event.exchange.status}`] : []));

describe("a control that fails the exchange above it", () => {
  const echo = async (peer: Peer): Promise<void> => {
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) peer.write(`${line}\r\n`);
  };

  it.each([
    ["closed", "=== closed"],
    ["closed of another connection", "bob=== closed"],
    ["starttls", "=== starttls"],
  ])("%s is in what the exchange's event tells", async (_name, control) => {
    const played = await against(echo, [`>>> a\na\n${control}\n=== close\n>>> b\nb`], "timeout: 100ms");
    expect(played.exchanges.map(({ status }) => status)[0]).toBe("failed");
    expect(told(played)[0]).toBe("6 failed");
  });

  it("is in what the event of an exchange tells that sends nothing of its own", async () => {
    const played = await against(echo, [">>> a\na\n>>> b\nb", ">>> c\nc\n=== closed"], "timeout: 100ms");
    expect(told(played)).toEqual(["6 passed", "8 passed", "12 failed"]);
  });

  it("names its connection where the exchange is on another one", async () => {
    const played = await against(echo, [">>> a\na\nbob=== closed\nbob>>> b\nb\n=== closed"], "timeout: 100ms");
    expect(messages(played)).toEqual([
      "on bob: the server did not close the connection within 100ms",
      "the server did not close the connection within 100ms",
    ]);
    await server?.close();
    const peers: Peer[] = [];
    const speaks = async (peer: Peer): Promise<void> => {
      peers.push(peer);
      await peer.line();
      if (peers.length > 1) peers[0]!.write("x\r\n");
      await peer.rest();
    };
    const other = await against(speaks, ["bob>>> b\n>>> c\nbob=== silence 600ms"]);
    expect(messages(other)).toEqual([undefined, 'on bob: unexpected line: "x"']);
  });
});
