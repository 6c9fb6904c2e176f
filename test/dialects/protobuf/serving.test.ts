/** The server's side: what clients send becomes the lines of a document, and what a document answers becomes replies. */
import { describe, expect, it } from "vitest";
import type { Codec } from "../../../src/dialects/codec.ts";
import { decode, encode, everything, hex, receive, send, singly, speakingDoozer, textOf } from "./support.ts";

const open = await speakingDoozer();
const asked = (codec: Codec, ...bodies: string[]): readonly string[] =>
  decode(
    codec.requests,
    bodies.map((body) => hex(`${(body.length / 2).toString(16).padStart(8, "0")}${body}`)),
  );
const answer = ({ responses }: Codec, lines: readonly string[], to?: number): string => encode(responses, lines, to);

describe("a request", () => {
  it.each<[string, string]>([
    ["08011005", "REV"],
    ["0801", "{}"],
    ["08011064", "verb: 100"],
    ["0801100222022f612a003800", 'SET path: "/a" value: "" offset: 0'],
    ["080110016a0161", 'GET 13: "a"'],
    ["08071005", "REV tag: 7"],
    ["08001005", "REV tag: 0"],
    ["08ffffffffffffffffff011005", "REV tag: -1"],
    // A verb that comes twice is no verb that a line can have.
    ["080110051002", "verb: REV verb: SET"],
    ["0801120161", '2: "a"'],
    // The line has another tag filled in: no line sends none.
    ["1005", "REV"],
  ])("%s is %s", (body, line) => {
    expect(asked(open(), body)).toEqual([line]);
    const framed = hex(`${(body.length / 2).toString(16).padStart(8, "0")}${body}`);
    expect(decode(open().requests, singly(framed))).toEqual([line]);
  });

  it("shows its tag where another one would be filled in", () => {
    const codec = open();
    expect(asked(codec, "08011005", "08021005", "08041005", "08031005")).toEqual(["REV", "REV", "REV tag: 4", "REV"]);
    expect(codec.owed).toBe(4);
    answer(codec, ["rev: 1"]);
    // The lowest free tag is 1 again.
    expect(asked(codec, "08051005", "08011005", "08011005")).toEqual(["REV tag: 5", "REV", "REV tag: 1"]);
  });

  it("has a number and a name", () => {
    const { requests } = open();
    const [first] = requests.decode(hex("00000004 08011005"));
    expect(first).toEqual({
      lines: ["REV\n"],
      part: "",
      to: undefined,
      ends: "message",
      request: { id: 0, isIdempotent: false, name: "the request with tag 1" },
    });
    const [second] = requests.decode(hex("00000002 1005"));
    expect(second?.request).toEqual({ id: 1, isIdempotent: false, name: "the request without a tag" });
  });

  it("that is none breaks the framing, for good", () => {
    const codec = open();
    expect(asked(codec, "08011005", "0f", "08021005")).toEqual([
      "REV",
      "! what came is no message of the type Request: a field is of the wire type 7, which does not exist, after 0 of 1 bytes: 0f",
    ]);
    expect(asked(codec, "08021005")).toEqual([expect.stringMatching(/^! what came is no message of the type Request/)]);
    expect(receive(codec, [hex("00000002 0801")])).toEqual(["{}"]);
  });

  it("with a tag of 0, left out in proto3, shows it", async () => {
    const codec = (await everything({ request: "paint.Mix", response: "paint.Mix", tag: "tag" }))();
    expect(decode(codec.requests, [hex("02 1801 04 0801 1802")])).toEqual(["tag: 0 shade: 1", "shade: 2"]);
    expect(answer(codec, ["shade: 2", "shade: 3"])).toBe("021802" + "0408011803");
  });

  it("without tags is numbered, and nothing is owed", async () => {
    const codec = (await everything())();
    expect(codec.requests.decode(hex("00 00")).map(({ request }) => request?.id)).toEqual([0, 1]);
    expect(codec.owed).toBeUndefined();
    expect(answer(codec, ["f_int32: 1"])).toBe("021801");
    expect(codec.responses.decode(hex("00 00")).map(({ to }) => to)).toEqual([1, undefined]);
  });
});

describe("a reply", () => {
  /** A connection on which these tags were asked with. */
  const having = (...tags: number[]): Codec => {
    const codec = open();
    asked(codec, ...tags.map((tag) => `${Buffer.from([0x08, tag]).toString("hex")}1005`));
    return codec;
  };
  const framed = (...bodies: string[]): string =>
    bodies.map((body) => `${(body.length / 2).toString(16).padStart(8, "0")}${body}`).join("");

  it("gets the tag of the oldest request, or of the one that it answers", () => {
    const codec = having(1, 2, 9);
    expect(answer(codec, ["rev: 5"], 1)).toBe(framed("08021805"));
    expect(answer(codec, ["rev: 5", "{}"])).toBe(framed("08011805", "0809"));
    expect(codec.owed).toBe(0);
  });

  it("of several goes on from the one that it answers", () => {
    expect(answer(having(1, 2, 3), ["rev: 1", "rev: 2", "rev: 3"], 1)).toBe(framed("08021801", "08031802", "08011803"));
  });

  it("may say its tag, and then the others have other ones", () => {
    const codec = having(1, 2);
    expect(answer(codec, ["rev: 1", "tag: 1 rev: 2"])).toBe(framed("08021801", "08011802"));
    expect(codec.owed).toBe(0);
  });

  it("that answers nothing has no tag, or the one that is written", () => {
    const codec = having(1);
    expect(answer(codec, ["tag: 8 rev: 1", "rev: 2", "rev: 3"])).toBe(framed("08081801", "08011802", "1803"));
    expect(codec.owed).toBe(0);
  });

  it("has no tag where its request had none, and a proxy tells that", () => {
    const codec = open();
    asked(codec, "1005");
    expect(codec.owed).toBe(1);
    expect(answer(codec, ["rev: 5"])).toBe(framed("1805"));
    const proxy = open();
    asked(proxy, "08011005", "1005");
    expect(proxy.responses.decode(hex(framed("1805", "08011805"))).map(({ to }) => to)).toEqual([1, 0]);
  });

  it("is refused with its column, and then answers nothing", () => {
    const codec = having(1);
    expect(() => answer(codec, ["rev: 1", "rev: x"])).toThrow(
      expect.objectContaining({ name: "LineError", column: 6, message: expect.stringContaining("an integer is due") }),
    );
    expect(codec.owed).toBe(1);
  });

  it("is what the client reads", () => {
    const [client, server] = [open(), open()];
    const lines = ["REV", 'SET path: "/a" value: "\\303\\251"', "REV tag: 7"];
    expect(textOf(server.requests.decode(hex(send(client, lines))))).toEqual(lines);
    const replies = ["rev: 1", "err_code: REV_MISMATCH", "tag: 7 rev: 2"];
    expect(receive(client, [hex(answer(server, replies))])).toEqual(replies);
    expect([client.owed, server.owed]).toEqual([0, 0]);
  });
});
