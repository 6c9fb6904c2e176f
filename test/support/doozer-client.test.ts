import { afterEach, describe, expect, it } from "vitest";
import { DoozerClient, Lost, Refused, Unreachable } from "./doozer-client.ts";
import { type Peer, type ScriptedServer, scriptedServer } from "./scripted-server.ts";

let server: ScriptedServer | undefined;
let client: DoozerClient | undefined;
afterEach(async () => {
  client?.close();
  await server?.close();
});

/** A client of a server that answers as a script says, in hexadecimal as the real server was recorded. */
async function connected(script: (peer: Peer) => Promise<void>): Promise<DoozerClient> {
  server = await scriptedServer(script);
  client = await DoozerClient.connect(server.port);
  return client;
}
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const text = (value: Uint8Array): string => Buffer.from(value).toString();

describe("the client", () => {
  it("asks as the real server was asked, and understands its answers", async () => {
    const sent: string[] = [];
    const asked = await connected(async (peer) => {
      for (const [length, reply] of [
        [0x11, "00000004 0801183c"],
        [0x17, "00000002 0802"],
        [0x0a, "0000000f 0803 1004 183b 2a022f61 32036f6e65"],
        [0x0b, "00000005 0804 a00608"],
      ] as const) {
        sent.push((await peer.bytes(4 + length)).toString("hex"));
        await peer.dribble(hex(reply));
      }
      await peer.stall();
    });
    const request = asked.request.bind(asked);
    expect(await request({ verb: "SET", path: "/a", rev: 0, value: Buffer.from("hello") })).toMatchObject({ rev: 60 });
    await request({ verb: "DEL", path: "/added", rev: -1 });
    const change = await request({ verb: "WAIT", path: "/a", rev: 60 });
    expect({ ...change, value: text(change.value) }).toEqual({
      flags: 4,
      rev: 59,
      path: "/a",
      value: "one",
      length: 0,
    });
    await expect(request({ verb: "GETDIR", path: "/gd", offset: 9 })).rejects.toThrow(new Refused("RANGE", ""));
    expect(sent).toEqual([
      "000000110801100222022f612a0568656c6c6f4800",
      "000000170802100322062f616464656448ffffffffffffffffff01",
      "0000000a0803100622022f61483c",
      "0000000b0804100e22032f67643809",
    ]);
  });

  it("tells answers apart by their tags, several in one piece", async () => {
    const it = await connected(async (peer) => {
      await peer.bytes(3 * 8);
      peer.write(
        hex("00000004 08031803 00000004 08011801 00000019 0802a0067faa06117065726d697373696f6e2064656e696564"),
      );
      await peer.stall();
    });
    const asked = [1, 2, 3].map(() => it.request({ verb: "REV" }));
    expect((await asked[2])!.rev).toBe(3);
    expect((await asked[0])!.rev).toBe(1);
    await expect(asked[1]).rejects.toThrow(new Refused("OTHER", "permission denied"));
  });

  it("says that what had no answer is lost, and that the next was not sent", async () => {
    const it = await connected(async (peer) => {
      await peer.bytes(4);
    });
    await expect(it.request({ verb: "REV" })).rejects.toThrow(Lost);
    expect(it.isOpen).toBe(false);
    await expect(it.request({ verb: "REV" })).rejects.toThrow(Unreachable);
  });

  it("gives a connection up where the answer takes too long", async () => {
    const it = await connected((peer) => peer.stall());
    const waiting = it.request({ verb: "WAIT", path: "/a", rev: 1 });
    await expect(it.request({ verb: "REV" }, 20)).rejects.toThrow(Lost);
    await expect(waiting).rejects.toThrow(Lost);
  });

  it("gives a connection up on which something is answered that nobody asked", async () => {
    const it = await connected(async (peer) => {
      await peer.bytes(4);
      peer.write(hex("00000004 08091801"));
      await peer.stall();
    });
    await expect(it.request({ verb: "REV" })).rejects.toThrow(Lost);
  });

  it("cannot reach who does not listen", async () => {
    const closed = await scriptedServer(() => {});
    await closed.close();
    await expect(DoozerClient.connect(closed.port)).rejects.toThrow(Unreachable);
  });
});
