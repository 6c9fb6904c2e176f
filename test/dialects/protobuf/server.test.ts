import { afterEach, describe, expect, it } from "vitest";
import { type Replayed, replay } from "../../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../../support/scripted-server.ts";
import { hex, protoFile } from "./support.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** The body of the next request, in hexadecimal. */
async function request(peer: Peer): Promise<string> {
  const length = (await peer.bytes(4)).readUInt32BE();
  return length === 0 ? "" : (await peer.bytes(length)).toString("hex");
}

const framed = (body: string): Buffer => {
  const bytes = hex(body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** Replays lines of Doozer's against a script; its first line is line 6. */
async function converse(
  lines: string,
  script: (peer: Peer) => Promise<void> | void,
  settings = "",
  timeout = "60s",
): Promise<Replayed> {
  server = await scriptedServer(script);
  return replay(
    `---\ntarget: doozer://127.0.0.1:${server.port}\ntimeout: ${timeout}\n${settings}---\n\`\`\`wire\n${lines}\n\`\`\`\n`,
  );
}

const told = ({ exchanges }: Replayed): readonly (string | undefined)[] =>
  exchanges.map(({ failure }) => failure && `${failure.kind}:${failure.line}: ${failure.message}`);

describe("a conversation", () => {
  it("captures what later lines use", async () => {
    const sent: string[] = [];
    const result = await converse(
      '>>> SET path: "/a" rev: 0 value: "it\'s\\n"\nrev: {{r:int}}\n>>> GET path: "/a"\nrev: {{r}} value: "{{v}}"\n' +
        '>>> SET path: "/b" rev: {{r}} value: "{{v}}"\nerr_code: REV_MISMATCH\n>>> REV\nrev: {{_:int}} ...',
      async (peer) => {
        sent.push(await request(peer));
        await peer.dribble(framed("0801183b"));
        sent.push(await request(peer));
        await peer.dribble(framed("0801183b320569742773 0a"));
        sent.push(await request(peer));
        peer.write(framed("0801a00605"));
        sent.push(await request(peer));
        peer.write(framed("0801183d320178"));
        await peer.stall();
      },
    );
    expect(told(result)).toEqual([undefined, undefined, undefined, undefined]);
    expect(sent).toEqual([
      "0801100222022f612a05697427730a4800",
      "0801100122022f61",
      "0801100222022f622a05697427730a483b",
      "08011005",
    ]);
  });

  it("leaves a WAIT open while others are answered", async () => {
    const result = await converse(
      '>>> WAIT path: "/a" rev: 5\n=== silence 20ms\n>>> REV\nrev: 4\n>>> REV\nrev: 5\nflags: 4 rev: 5 path: "/a" value: "x"\n>>> REV\nrev: 6',
      async (peer) => {
        expect(await request(peer)).toBe("0801100622022f614805");
        expect(await request(peer)).toBe("08021005");
        peer.write(framed("08021804"));
        expect(await request(peer)).toBe("08021005");
        // First the older request, then the younger.
        peer.write(framed("0801100418052a022f61320178"));
        await peer.wait(20);
        peer.write(framed("08021805"));
        expect(await request(peer)).toBe("08011005");
        peer.write(framed("08011806"));
        await peer.stall();
      },
    );
    expect(told(result)).toEqual(result.exchanges.map(() => undefined));
  });

  it("takes replies to open requests where it sends nothing", async () => {
    const result = await converse(">>> WAIT rev: 1\n\nbob>>> REV\nrev: 1\n<<< rev: 9", async (peer) => {
      const body = await request(peer);
      if (body.includes("1006")) {
        await peer.wait(50);
        peer.write(framed("08011809"));
      } else peer.write(framed("08011801"));
      await peer.stall();
    });
    expect(result.failures).toEqual([]);
  });

  it("waits on the connection that is named", async () => {
    const result = await converse(
      ">>> WAIT rev: 1\nbob>>> REV\nrev: 1\n=== wait 20ms\n>>> NOP\n{}\nrev: 9",
      async (peer) => {
        if ((await request(peer)).includes("1006")) {
          expect(await request(peer)).toBe("08021007");
          peer.write(Buffer.concat([framed("08011809"), framed("0802")]));
        } else peer.write(framed("08011801"));
        await peer.stall();
      },
    );
    expect(result.failures).toEqual([]);
  });

  it("takes what bears no tag beside the replies to its requests", async () => {
    const result = await converse(">>> REV\nrev: 7\nrev: 5\n>>> REV\nrev: 6", async (peer) => {
      await request(peer);
      peer.write(framed("1807"));
      await peer.wait(20);
      peer.write(framed("08011805"));
      await request(peer);
      peer.write(framed("08011806"));
      await peer.stall();
    });
    expect(told(result)).toEqual([undefined, undefined]);
  });

  it("may be unordered", async () => {
    server = await scriptedServer(async (peer) => {
      for (let i = 0; i < 3; i++) await request(peer);
      peer.write(Buffer.concat([framed("08031803"), framed("08011801"), framed("08021802")]));
      await peer.stall();
    });
    const result = await replay(
      `---\ntarget: doozer://127.0.0.1:${server.port}\n---\n\`\`\`wire unordered\n>>> REV\n>>> REV\n>>> REV\nrev: 3\nrev: {{_:int}} ...\nrev: 2\n\`\`\`\n`,
    );
    expect(result.failures).toEqual([]);
  });
});

describe("what a server does wrong", () => {
  it("says which line was awaited where fewer replies come than lines are written", async () => {
    const result = await converse(">>> REV\nrev: 5\nrev: 6", async (peer) => {
      await request(peer);
      peer.write(framed("08011805"));
      await peer.stall();
    });
    expect(told(result)).toEqual(['missing:8: the reply is complete: expected "rev: 6"']);
  });

  it("says that replies to later requests are there already", async () => {
    const script = async (peer: Peer) => {
      await request(peer);
      await request(peer);
      peer.write(framed("08021804"));
      await peer.stall();
    };
    const result = await converse(">>> WAIT rev: 9\n>>> REV\nrev: 4", script, "", "300ms");
    expect(told(result)).toEqual([
      'timeout:8: no reply within 300ms: expected "rev: 4"; a reply to other requests came and waits for this one',
    ]);
  });

  it("says so of replies to requests that were left open, too", async () => {
    const lines = ">>> WAIT rev: 1\n=== wait 20ms\n>>> REV\nrev: 4\n\nbob>>> REV\nrev: 1\n<<< rev: 9\n<<< rev: 9";
    const result = await converse(lines, async (peer) => {
      if ((await request(peer)).includes("1006")) {
        await request(peer);
        peer.write(Buffer.concat([framed("08021804"), framed("08011809")]));
      } else peer.write(framed("08011801"));
      await peer.stall();
    });
    expect(told(result).at(-1)).toEqual('missing:14: the reply is complete: expected "rev: 9"');
  });

  it("shows another reply beside the written one", async () => {
    const result = await converse(">>> REV\nrev: 5 ...\n>>> REV\nrev: 5 ...", async (peer) => {
      await request(peer);
      peer.write(framed("08011806320178"));
      await request(peer);
      peer.write(framed("08011805320178"));
      await peer.stall();
    });
    expect(result.failures).toEqual(["mismatch:7"]);
    expect(result.exchanges[0]?.diff).toEqual([
      { kind: "changed", expected: "rev: 5 ...", received: 'rev: 6 value: "x"', line: 7 },
    ]);
  });

  it.each<[string, string, (peer: Peer) => void | Promise<void>, readonly string[]]>([
    [
      "a reply twice",
      ">>> REV\nrev: 5",
      (peer) => peer.write(Buffer.concat([framed("08011805"), framed("08011805")])),
      [
        "extra:7: unexpected data after the reply: a reply bears the tag 1, which no open request has (none is open): tag: 1 rev: 5",
      ],
    ],
    [
      "a wrong tag",
      ">>> REV\nrev: 5",
      (peer) => peer.write(framed("08071805")),
      ["protocol:7: a reply bears the tag 7, which no open request has (open are 1): tag: 7 rev: 5"],
    ],
    [
      "no tag, but the very line that is written",
      ">>> REV\nrev: 5",
      (peer) => peer.write(framed("1805")),
      ["protocol:7: a message without a tag came; the request with tag 1 has no reply"],
    ],
    [
      "no tag",
      ">>> REV\nrev: 5",
      (peer) => peer.write(framed("a00602")),
      ['mismatch:7: expected "rev: 5", got "err_code: UNKNOWN_VERB"'],
    ],
    [
      "a reply that nobody asked for",
      ">>> REV\nrev: 5",
      (peer) => peer.write(Buffer.concat([framed("08011805"), framed("1807")])),
      ['extra:7: unexpected line: "rev: 7"'],
    ],
    [
      "the beginning of a further reply",
      ">>> REV\nrev: 5\n=== wait 20ms\n=== close",
      (peer) => peer.write(Buffer.concat([framed("08011805"), hex("00000004")])),
      ["extra:7: unexpected: the beginning of another reply, without its end"],
    ],
    [
      "a further reply that ends with its length",
      ">>> REV\nrev: 5\n=== closed",
      (peer) => peer.end(Buffer.concat([framed("08011805"), hex("00000004")])),
      ["extra:7: unexpected: the beginning of another reply, without its end"],
    ],
    [
      "a length beyond the limit",
      ">>> REV\nrev: 5",
      (peer) => peer.write(hex("7fffffff 00")),
      [
        "protocol:7: a message of 2147483647 bytes is announced, more than the limit of 16 MB (the length is 7f ff ff ff)",
      ],
    ],
    [
      "no message",
      ">>> REV\nrev: 5",
      (peer) => peer.write(framed("0801ff")),
      [
        "protocol:7: what came is no message of the type Response: it ends within a number, after 3 of 3 bytes: 08 01 ff",
      ],
    ],
    [
      "an early close",
      ">>> REV\nrev: 5",
      (peer) => peer.end(),
      ['closed:7: the server closed the connection: expected "rev: 5"'],
    ],
    [
      "an early close within a message",
      ">>> REV\nrev: 5",
      (peer) => peer.end(hex("00000004 0801")),
      ['closed:7: the server closed the connection: expected "rev: 5"; an incomplete message came'],
    ],
    ["silence", ">>> REV\nrev: 5", () => {}, ['timeout:7: no reply within 300ms: expected "rev: 5"']],
    [
      "a reply that is kept and never asked for",
      ">>> WAIT rev: 1\n=== wait 50ms\n=== close",
      (peer) => peer.write(framed("08011801")),
      [expect.stringMatching(/^extra:6: .*rev: 1/)],
    ],
  ])("%s", async (_name, lines, answer, messages) => {
    const script = async (peer: Peer) => {
      await request(peer);
      await answer(peer);
      await peer.stall();
    };
    const result = await converse(lines, script, "", `${messages}`.includes("within 300ms") ? "300ms" : "60s");
    expect(told(result)).toEqual(messages);
  });

  it("shows what came of a message that the close cut off", async () => {
    const { exchanges } = await converse(">>> REV\nrev: 5", async (peer) => {
      await request(peer);
      peer.end(hex("00000004 0801"));
    });
    expect(exchanges[0]!.received).toEqual(["00 00 00 04 08 01 (hex)"]);
  });

  it("does not take a late reply for the next one's", async () => {
    const result = await converse(
      ">>> REV\nrev: 1\n\n>>> REV\nrev: 2\n```\n\n```wire\n>>> REV\nrev: 3",
      async (peer) => {
        await request(peer);
        await peer.wait(60_000);
        peer.write(framed("08011803"));
        await peer.stall();
      },
      "",
      "300ms",
    );
    expect(result.failures.slice(0, 1)).toEqual(["timeout:7"]);
    expect(server?.connections).toBe(2);
  });
});

it("speaks any schema behind any length", async () => {
  server = await scriptedServer(async (peer) => {
    expect((await peer.bytes(5)).toString("hex")).toBe("04" + "0801" + "1805");
    peer.write(hex("06 0801 1805 2200 06 0802 1806 2200"));
    await peer.stall();
  });
  const result = await replay(
    `---\ntarget: tcp://127.0.0.1:${server.port}\ndialect: protobuf\nprotobuf:\n  schema: ${protoFile("sub/mix.proto")}\n` +
      `  request: Mix\n  response: paint.Mix\n---\n\`\`\`wire\n>>> tag: 1 shade: 5\ntag: 1 shade: {{s:int}} label: ""\ntag: 2 ...\n\`\`\`\n`,
  );
  expect(result.failures).toEqual([]);
});
