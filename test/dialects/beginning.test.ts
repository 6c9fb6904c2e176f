import { describe, expect, it } from "vitest";
import { Frames } from "../../src/dialects/protobuf/frames.ts";
import { RespReader } from "../../src/dialects/redis/reader.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

describe.each([
  [
    "redis",
    () => new RespReader(1e6),
    (one: RespReader, chunk: Uint8Array) => one.read(chunk),
    "$2\r\nok\r\n",
    "*2\r\n$4\r\nab\r",
  ],
  [
    "protobuf",
    () => new Frames("uint32be", 1e6),
    (one: Frames, chunk: Uint8Array) => one.cut(chunk, () => {}),
    "\0\0\0\x01a\0\0\0\0",
    "\0\0\0\x05ab",
  ],
] as const)("what has come of a message in %s", (_name, create, read, whole, part) => {
  // The readers differ, and each is given to its own functions.
  const [make, feed] = [create as () => Frames, read as (one: Frames, chunk: Uint8Array) => void];

  it("is kept whole and byte by byte, and forgotten when the message is complete", () => {
    const all = `${whole}${part}`;
    for (let size = 1; size <= all.length; size++) {
      const one = make();
      for (let at = 0; at < all.length; at += size) feed(one, bytes(all.slice(at, at + size)));
      expect(one.begun).toBe(part);
    }
    const one = make();
    for (let at = 0; at < whole.length; at++) feed(one, bytes(whole[at]!));
    expect(one.begun).toBe("");
  });
});

it("is bounded", () => {
  const one = new RespReader(1e6);
  for (const chunk of ["$5000\r\n", "a".repeat(2000), "b"]) one.read(bytes(chunk));
  expect(one.begun).toBe(`$5000\r\n${"a".repeat(993)}`);
});
