import { afterEach, describe, expect, it } from "vitest";
import { render } from "../support/render.ts";
import { type Replayed, replay } from "../support/replay.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** Plays `lines` in the dialect; the first of them is line 6. */
async function against(
  script: (peer: Peer) => Promise<void> | void,
  lines: string,
  timeout = "60s",
): Promise<Replayed> {
  server = await scriptedServer(script);
  return replay(
    `---\ntarget: ${server.target}\ndialect: hex\n---\n\`\`\`wire timeout=${timeout} settle=50ms\n${lines}\n\`\`\`\n`,
  );
}

/** Answers the first byte that comes. */
const answering =
  (reply: string, way: "write" | "dribble" = "write") =>
  async (peer: Peer) => {
    await peer.bytes(1);
    await peer[way](bytes(reply));
    await peer.stall();
  };

describe("what is sent", () => {
  const sent = async (lines: string): Promise<string> => {
    let came = "";
    await against(async (peer) => {
      came = (await peer.rest()).toString("hex");
    }, lines);
    return came;
  };

  it.each([
    [">>> 00 ff 0a 0d", "00ff0a0d"],
    [">>> 00ff 0A0d", "00ff0a0d"],
    ['>>> 02 "hé" 00', "0268c3a900"],
    ['>>> "a b" "" "c"', "61206263"],
    [">>> 01\n>>> 02 03\n>>>\n>>> 04", "01020304"],
    [">>> 01 (hex)\n>>> 02", "0102"],
    [">>> 01 (hex) (no-eol)", "01"],
    ['>>> "01 (esc)" 02', `${Buffer.from("01 (esc)").toString("hex")}02`],
  ])("%j are those bytes and no others", async (lines, expected) => {
    expect(await sent(lines)).toBe(expected);
  });
});

describe("what is awaited", () => {
  const passing: readonly (readonly [string, string, string])[] = [
    ["one line", "20 02 00 00", "20 02 00 00"],
    ["no spaces, capitals", "20 0a ff 00", "200AFF 00"],
    ["one run in several lines", "20 02 00 00", "20\n02 00\n00"],
    ["line endings among the bytes", "0d 0a 0a 0d 0d 0a", "0d\n0a 0a\n0d 0d 0a"],
    ["texts", "03 77 65 62 00", '03 "web" 00'],
    ["UTF-8", "02 c3 a9", '02 "é"'],
    ["any byte", "20 02 0a 00", "20 02 ?? 00"],
    ["any bytes", "20 02 0a 00 aa ff", "20 ... ff"],
    ["no bytes", "20 ff", "20 ... ff"],
    ["any bytes over lines", "20 02 0a 00 ff", "20\n...\nff"],
    ["any bytes that look like the end", "20 00 ff 00 ff ff", "20 ... 00 ff ff"],
    ["any bytes at the end", "20 02 0a 00 ff", "20 02\n..."],
    ["bytes of a length, twice", "0a 0d 30 0a 0d", "{{id:2 bytes}} 30\n{{id}}"],
    ["a number in a text", "05 34 32 2e", '05 "{{answer:int}}."'],
    ["the suffix, written", "20 02 00 00", "20 02 (hex)\n00 00"],
    ["marked lines", "20 02", "<<< 20\n<<< 02"],
  ];

  for (const way of ["write", "dribble"] as const)
    it.each(passing)(`%s (${way})`, async (_name, reply, lines) => {
      const { exitCode, events } = await against(answering(reply, way), `>>> 01\n${lines}`);
      expect(exitCode, await render(events)).toBe(0);
    });

  it("sends captured bytes back as they came, and as text where they are", async () => {
    let came = "";
    const { exitCode } = await against(async (peer) => {
      await peer.bytes(1);
      peer.write(bytes("40 0a ff 0d 61 62"));
      came = (await peer.bytes(9)).toString("hex");
      peer.write(bytes("0a ff 0d"));
      await peer.stall();
    }, '>>> 01\n40 {{id:3 bytes}} "{{name:/a./}}"\n>>> {{id}} "<{{name}}>" {{name}}\n{{id}}');
    expect(exitCode).toBe(0);
    expect(came).toBe("0aff0d3c61623e6162");
  });

  it("tells replies on two connections apart", async () => {
    let second: Peer | undefined;
    const { exitCode } = await against(async (peer) => {
      const [kind] = await peer.bytes(1);
      if (kind === 2) second = peer;
      else second?.write(bytes("0a 00"));
      peer.write(bytes("00"));
      await peer.stall();
    }, "b>>> 02\n00\na>>> 01\n00\nb<<< 0a 00");
    expect(exitCode).toBe(0);
  });

  it("keeps what came in the same piece for the next reply on the connection", async () => {
    const { exitCode } = await against(
      answering("01 02 0a 03"),
      "a>>> 01\na<<< 01 02\nb>>> 02\nb<<< 01 02 0a\na<<< 0a 03\nb<<< 03",
    );
    expect(exitCode).toBe(0);
  });
});

describe("mistakes are found before anything is sent", () => {
  it.each([
    [">>> 0", 5, '"0" stands alone'],
    [">>> 01 0g", 8, '"0" stands alone'],
    [">>> 01 zz", 8, '"z" is no hexadecimal digit'],
    [">>> 01 é", 8, '"é" is no hexadecimal digit'],
    ['>>> 01 "ab', 8, "no closing"],
    [">>> 01 ??", 8, "what is sent has to be known"],
    [">>> 01 ...", 8, "what is sent has to be known"],
    [">>> 01 {{nobody}}", 8, "{{nobody}}"],
    [">>> 01 {{}}", 8, "begins no placeholder"],
    [">>> 01 (esc)", 8, "(esc) and (hex) do not go together"],
    [">>> 01 (hex) (hex)", 8, "written twice"],
    ["b>>> 01\n01 x", 4, '"x" is no hexadecimal digit'],
    ["b>>> 01\nb<<< 01 x", 9, '"x" is no hexadecimal digit'],
    [">>> 01\n{{id:two bytes}}", 1, '"two bytes" is no type'],
    ['>>> 01\n01 "a{{id:two bytes}}"', 6, '"two bytes" is no type'],
    [">>> 01\n{{id:0 bytes}}", 1, "at least one byte"],
    [">>> 01\nOK", 1, '"O" is no hexadecimal digit; a text goes in quotes'],
    [">>> 01\n01 (re)", 4, "(re) and (hex) do not go together"],
    [">>> 01\n01 (?)", 4, "(?) and (hex) do not go together"],
  ])("%j", async (lines, column, message) => {
    const { documents, exitCode } = await against(() => {}, lines);
    const [error] = documents[0]?.errors ?? [];
    expect(error?.message).toContain(message);
    expect(error).toMatchObject({ line: 5 + lines.split("\n").length, column });
    expect(exitCode).toBe(2);
    expect(server?.connections).toBe(0);
  });
});

describe("what bytes have no lines for", () => {
  it.each(["unordered", "anytime"])("%s", async (attribute) => {
    const { documents } = await replay(
      `---\ntarget: tcp://127.0.0.1:1\ndialect: hex\n---\n\`\`\`wire ${attribute}\n01 02\n>>> 03\n\`\`\`\n`,
    );
    expect(documents[0]?.errors).toEqual([
      expect.objectContaining({ line: 6, column: 1, message: expect.stringContaining(`do not go with ${attribute}`) }),
    ]);
  });
});

describe("a reply that is not as written", () => {
  it.each([
    ["another byte", "20 02 01 00", "20 02\n00 00", "mismatch:8", "expected 00 00, got 01 00, at offset 2"],
    ["another line ending", "20 0d 0a", "20 0a", "mismatch:7", "expected 20 0a, got 20 0d 0a, at offset 1"],
    ["too few", "20 02", "20 02\n00", "timeout:8", "no further bytes within 300ms after 2 bytes: expected 00"],
    ["none", "", "20 02", "timeout:7", "no reply within 300ms: expected 20 02"],
    ["too many", "20 02 0a", "20 02", "extra:7", "unexpected byte: 0a"],
    ["too many for no line", "20 02 0a", "", "extra:6", "unexpected bytes: 20 02 0a"],
    [
      "another value",
      "01 02 00 01 03",
      "{{id:2 bytes}} 00 {{id}}",
      "mismatch:7",
      "expected 0102 00 01 02, got 0102 00 01 03, at offset 4",
    ],
  ])("%s", async (_name, reply, lines, failure, message) => {
    const timeout = message.includes("within 300ms") ? "300ms" : "60s";
    const { failures, exchanges, exitCode } = await against(answering(reply), `>>> 01\n${lines}`, timeout);
    expect(failures).toEqual([failure]);
    expect(exchanges[0]?.failure?.message).toBe(message);
    expect(exchanges[0]?.received).toEqual(reply === "" ? [] : [reply]);
    expect(exitCode).toBe(1);
  });

  it("counts bytes up to a hang-up", async () => {
    const script = async (peer: Peer) => {
      await peer.bytes(1);
      peer.end(bytes("20 02"));
    };
    const { failures, exchanges } = await against(script, ">>> 01\n20 02 00");
    expect(failures).toEqual(["closed:7"]);
    expect(exchanges[0]?.failure?.message).toBe("the server closed the connection after 2 bytes: expected 20 02 00");
  });

  it("ends at the limit", async () => {
    server = await scriptedServer((peer) => peer.flood(new Uint8Array(4096)));
    const { failures } = await replay(
      `---\ntarget: ${server.target}\ndialect: hex\nlimit: 64KB\n---\n\`\`\`wire\n>>> 01\n00 ... 01\n\`\`\`\n`,
    );
    expect(failures).toEqual(["protocol:8"]);
  });

  it("is laid out as the author laid it out, only what differs marked", async () => {
    const reply = "00 32 12 34 84 00 03 77 69 62 00 00 01 07 ff 00 00 0e 10 c0 00 02 51";
    const { events } = await against(
      answering(reply),
      '>>> 01\n00 32\n{{id:2 bytes}}  84 ??\n03 "web" 00  00 01\n??  ...  00 00 0e 10\nc0 00 02 50  01',
    );
    const report = await render(events);
    expect(
      report.slice(report.indexOf("1.md:9"), report.indexOf("documents")),
    ).toBe(`1.md:9: expected 03 "web" 00  00 01, got 03 "wib" 00  00 01, at offset 8

      >>> 01

         │   00 32
         │   12 34  84 00
       9 │ - 03 "web" 00  00 01
         │ + 03 "wib" 00  00 01
         │       ^^^
         │   07  ff  00 00 0e 10
      11 │ - c0 00 02 50  01
         │            ^^^^^^
         │ + c0 00 02 51
         │            ^^

`);
  });

  it("shows what was sent in place of a name", async () => {
    const { exchanges } = await against(answering("12 0a"), ">>> 01\n{{id:2 bytes}}\n>>> 40 {{id}}\n00", "300ms");
    expect(exchanges[1]?.sent).toEqual(["40 12 0a"]);
  });
});
