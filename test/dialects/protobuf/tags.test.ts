import { describe, expect, it } from "vitest";
import type { Codec } from "../../../src/dialects/codec.ts";
import { everything, hex, outgoing, receive, send, speakingDoozer } from "./support.ts";

const open = await speakingDoozer();

/** A reply of Doozer's with this tag, whose `rev` is a hundred more. */
const reply = (...tags: number[]): Buffer =>
  Buffer.concat(tags.map((tag) => Buffer.from([0, 0, 0, 4, 0x08, tag, 0x18, 100 + tag])));
const arrive = (codec: Codec, ...tags: number[]): readonly string[] => receive(codec, [reply(...tags)]);
const lines = (...tags: number[]): readonly string[] => tags.map((tag) => `rev: ${100 + tag}`);
/** The numbers of the requests that replies with these tags answer. */
const answered = (codec: Codec, ...tags: number[]): readonly (number | undefined)[] =>
  codec.responses.decode(reply(...tags)).map(({ to }) => to);

describe("tags", () => {
  it("are filled in, unlike those of all open requests", () => {
    const codec = open();
    expect(send(codec, ["REV", "REV", "REV tag: 1", "REV tag: 4", "REV"])).toBe(
      ["08021005", "08031005", "08011005", "08041005", "08051005"].map((body) => `00000004${body}`).join(""),
    );
    expect(arrive(codec, 2, 3, 1, 4)).toEqual(["rev: 102", "rev: 103", "tag: 1 rev: 101", "tag: 4 rev: 104"]);
    expect(send(codec, ["REV", "REV", "REV"])).toBe(
      ["08011005", "08021005", "08031005"].map((body) => `00000004${body}`).join(""),
    );
  });

  it("tell which request a reply answers, whenever it comes", () => {
    const codec = open();
    send(codec, ["WAIT"]);
    const encoded = codec.requests.encode(outgoing(["REV", "REV tag: 9", "REV"]));
    expect(encoded).toHaveProperty("requests", [
      { id: 1, isIdempotent: false, name: "the request with tag 2" },
      { id: 2, isIdempotent: false, name: "the request with tag 9" },
      { id: 3, isIdempotent: false, name: "the request with tag 3" },
    ]);
    expect(codec.owed).toBe(4);
    expect(answered(codec, 3)).toEqual([3]);
    expect(codec.owed).toBe(3);
    expect(answered(codec, 2, 1, 9)).toEqual([1, 0, 2]);
    expect(codec.owed).toBe(0);
    send(codec, ["REV"]);
    expect(answered(codec, 1)).toEqual([4]);
  });

  it("are given out first in, first out where the author writes one twice", () => {
    const codec = open();
    send(codec, ["WAIT tag: 7"]);
    send(codec, ["REV tag: 7"]);
    const twice = [hex("00000004 0807 1801"), hex("00000004 0807 1802")];
    expect(twice.flatMap((bytes) => codec.responses.decode(bytes)).map(({ to }) => to)).toEqual([0, 1]);
  });

  it("that no open request has break the framing", () => {
    const codec = open();
    send(codec, ["REV", "REV"]);
    expect(arrive(codec, 1, 9, 2)).toEqual([
      "rev: 101",
      "! a reply bears the tag 9, which no open request has (open are 2): tag: 9 rev: 109",
    ]);
    const twice = open();
    send(twice, ["REV"]);
    expect(arrive(twice, 1)).toEqual(lines(1));
    expect(arrive(twice, 1)).toEqual([
      "! a reply bears the tag 1, which no open request has (none is open): tag: 1 rev: 101",
    ]);
  });

  it("may be missing in what nobody asked for", () => {
    const codec = open();
    send(codec, ["REV"]);
    expect(codec.responses.decode(hex("00000003 a00602"))).toEqual([
      {
        lines: ["err_code: UNKNOWN_VERB\n"],
        part: "",
        to: undefined,
        ends: "message",
        stray: "a message without a tag",
      },
    ]);
    expect(codec.owed).toBe(1);
    expect(arrive(codec, 1)).toEqual(lines(1));
  });

  it("of 0 are left out in proto3", async () => {
    const codec = (await everything({ request: "paint.Mix", response: "paint.Mix", tag: "tag" }))();
    expect(send(codec, ["tag: 0", `label: "x"`])).toBe("020800" + "05" + "08012201" + "78");
    expect(codec.responses.decode(hex("04 0801 1802 02 1801")).map(({ to }) => to)).toEqual([1, 0]);
    // No request has it any more.
    expect(receive(codec, [hex("02 1803")])).toEqual(["shade: 3"]);
  });

  it("are compared as numbers, however they are written", async () => {
    const options = { request: "All", response: "All", framing: "varint" };
    for (const [tag, sent, back] of [
      ["f_sint32", "023801", "023801"],
      ["f_fixed64", "0951ffffffffffffffff", "0951ffffffffffffffff"],
      ["f_sfixed32", "055dffffffff", "055dffffffff"],
    ] as const) {
      const codec = (await everything({ ...options, tag }))();
      const value = tag === "f_fixed64" ? "18446744073709551615" : "-1";
      expect(send(codec, [`${tag}: ${value}`])).toBe(sent);
      expect(receive(codec, [hex(back)])).toEqual([`${tag}: ${value}`]);
    }
  });
});

it("without tags replies answer requests in their order, and there may be more of them", async () => {
  const codec = (await everything())();
  send(codec, ["f_int32: 1"]);
  expect(codec.owed).toBeUndefined();
  const replies = codec.responses.decode(hex("021801 021802"));
  expect(replies.map(({ to }) => to)).toEqual([0, undefined]);
  // As nobody can tell, it is not called a stray one.
  expect(replies.map(({ stray }) => stray)).toEqual([undefined, undefined]);
});
