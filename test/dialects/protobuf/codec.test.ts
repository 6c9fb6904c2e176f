import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everything, hex, receive, send, singly, speakingDoozer } from "./support.ts";

const LIMIT = 100;
const framings = {
  varint: await everything({ framing: "varint" }, { limit: LIMIT }),
  uint32be: await everything({ framing: "uint32be" }, { limit: LIMIT }),
  uint32le: await everything({ framing: "uint32le" }, { limit: LIMIT }),
};
const doozer = await speakingDoozer({ limit: LIMIT });

describe("what arrives, whole and byte by byte", () => {
  it.each<[keyof typeof framings, string, readonly (string | RegExp)[]]>([
    ["varint", "", []],
    ["varint", "00", ["{}"]],
    ["varint", "021801", ["f_int32: 1"]],
    ["varint", "021801 00 021802", ["f_int32: 1", "{}", "f_int32: 2"]],
    ["varint", "8200 1801", ["f_int32: 1"]],
    ["varint", "82808080808080808000 1801", ["f_int32: 1"]],
    ["varint", "02", []],
    ["varint", "0218", []],
    ["varint", "e400", []],
    [
      "varint",
      "021801 65",
      ["f_int32: 1", /^! a message of 101 bytes is announced, more than the limit of 100 bytes \(the length is 65\)$/],
    ],
    ["varint", "ffffffffffffffffff01", [/^! a message of \d+ bytes is announced/]],
    [
      "varint",
      "ffffffffffffffffffff",
      ["! the length of a message is a varint of more than ten bytes: ff ff ff ff ff ff ff ff ff ff"],
    ],
    ["uint32be", "00000002 1801 00000000", ["f_int32: 1", "{}"]],
    ["uint32be", "00000065", [/^! a message of 101 bytes/]],
    ["uint32be", "80000000", [/^! a message of 2147483648 bytes/]],
    ["uint32be", "ffffffff", [/^! a message of 4294967295 bytes/]],
    ["uint32le", "02000000 1801 00000000", ["f_int32: 1", "{}"]],
    ["uint32le", "00000080", [/^! a message of 2147483648 bytes/]],
    [
      "uint32be",
      "00000002 1801 00000002 1800 00000002 ffff 00000002 1801",
      [
        "f_int32: 1",
        "f_int32: 0",
        "! what came is no message of the type every.All: it ends within a number, after 2 of 2 bytes: ff ff",
      ],
    ],
    [
      "uint32be",
      "00000001 0f",
      [
        "! what came is no message of the type every.All: a field is of the wire type 7, which does not exist, after 0 of 1 bytes: 0f",
      ],
    ],
  ])("%s %s", (framing, bytes, lines) => {
    for (const chunks of [[hex(bytes)], singly(hex(bytes))]) {
      const received = receive(framings[framing](), chunks);
      expect(received).toHaveLength(lines.length);
      for (const [i, line] of received.entries())
        if (typeof lines[i] === "string") expect(line).toBe(lines[i]);
        else expect(line).toMatch(lines[i]!);
    }
  });

  it("is refused from then on", () => {
    const codec = framings.uint32be();
    expect(receive(codec, [hex("ffffffff")])).toHaveLength(1);
    expect(receive(codec, [hex("00000000")])).toEqual([expect.stringMatching(/^! a message of 4294967295/)]);
  });

  it("shows the beginning of a long message that cannot be read", async () => {
    const codec = (await everything())();
    const [line] = receive(codec, [Buffer.concat([hex("c801"), Buffer.alloc(200, 0x0f)])]);
    expect(line).toMatch(/: (?:0f ){64}… \(200 bytes\)$/);
  });

  it("makes no message of what is cut off", () => {
    const { responses } = framings.uint32be();
    const now = (): unknown => [responses.pending, responses.begun, responses.flush("closed")];
    expect(now()).toEqual(["nothing", { bytes: "" }, []]);
    responses.decode(hex("000000"));
    expect(now()).toEqual(["message", { bytes: "\0\0\0" }, []]);
    responses.decode(hex("04 1801"));
    expect(now()).toEqual(["message", { bytes: "\0\0\0\x04\x18\x01" }, []]);
    responses.decode(hex("1802 00"));
    expect(now()).toEqual(["message", { bytes: "\0" }, []]);
  });

  it("keeps no more of a message than came of it", async () => {
    const codec = (await everything({ framing: "uint32be" }, { limit: 2 ** 30 }))();
    const before = process.memoryUsage().arrayBuffers;
    codec.responses.decode(hex("3fffffff"));
    for (let i = 0; i < 10; i++) codec.responses.decode(new Uint8Array(1000));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  it("is refused as text beyond the limit", () => {
    const message = Buffer.concat([hex("00000064 aa0161"), Buffer.alloc(97)]);
    expect(receive(framings.uint32be(), [message])).toEqual([
      "! a message of 100 bytes is longer than the limit of 100 bytes when it is written as text",
    ]);
  });

  it("ends its lines as the document says", async () => {
    for (const [eol, ending] of [
      ["lf", "\n"],
      ["crlf", "\r\n"],
      ["any", "\r\n"],
    ] as const) {
      const codec = (await everything({}, { eol }))();
      expect(codec.responses.decode(hex("00"))).toEqual([
        { lines: [`{}${ending}`], part: "", to: undefined, ends: "message" },
      ]);
      expect(codec.requests.decode(hex("00"))).toEqual([
        { lines: [`{}${ending}`], part: "", to: undefined, ends: "message", request: { id: 0, isIdempotent: false } },
      ]);
    }
  });
});

/** Cuts bytes at some places. */
const cutAt = (bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] => {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...sorted, bytes.length].map((end, i) => bytes.subarray(sorted[i - 1] ?? 0, end));
};

describe("hostile bytes", () => {
  const places = fc.array(fc.nat(200), { maxLength: 10 });

  it.each(Object.entries(framings))("mean the same however they are cut (%s)", (_name, open) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), places, (bytes, cuts) => {
        const whole = receive(open(), [bytes]);
        expect(receive(open(), cutAt(bytes, cuts))).toEqual(whole);
        expect(receive(open(), singly(bytes))).toEqual(whole);
      }),
    );
  });

  it("only ever break the framing, whatever byte of a reply is another one", () => {
    const replies = hex(
      "0000000f 08011004183b2a022f6132036f6e65 00000005 0801a00605 00000019 0801a0067faa06117065726d697373696f6e2064656e696564",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(replies.length - 1), fc.nat(255))), places, (changes, cuts) => {
        const bytes = Buffer.from(replies);
        for (const [at, byte] of changes) bytes[at] = byte;
        const open = (): ReturnType<typeof doozer> => {
          const codec = doozer();
          send(codec, ["WAIT tag: 1", "WAIT tag: 1", "WAIT tag: 1"]);
          return codec;
        };
        expect(receive(open(), cutAt(bytes, cuts))).toEqual(receive(open(), [bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  it("of one message, too, are a line or no message", async () => {
    const open = await everything({ framing: "varint" });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (body) => {
        const [line, ...more] = receive(open(), [Uint8Array.of(body.length, ...body)]);
        expect(line).toMatch(/^[ -~]+$/);
        expect(more).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
