import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { Frames } from "../../src/store/frames.ts";
import { Replies, Request } from "../../src/store/message.ts";
import { decode } from "./client.ts";

const { root } = protobuf.parse(
  `syntax = "proto2"; message Request {
    optional int32 tag = 1; optional int32 verb = 2; optional string path = 4; optional bytes value = 5;
    optional int32 other_tag = 6; optional int32 offset = 7; optional int64 rev = 9; repeated string unknown = 1000;
  }`,
  { keepCase: true },
);
const RequestType = root.lookupType("Request");

function read(body: Uint8Array) {
  const request = new Request();
  const bytes = Buffer.concat([Buffer.of(1, 2, 3), body, Buffer.of(4, 5)]);
  if (!request.read(bytes, 3, 3 + body.length)) return undefined;
  const { tag, verb, path, offset, rev } = request;
  return { tag, verb, path, offset, rev, value: Buffer.from(request.takeValue()).toString("latin1") };
}

const int32 = fc.integer();
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

describe("a request", () => {
  const fields = fc.record({
    tag: maybe(int32),
    verb: int32,
    path: maybe(fc.string({ unit: "grapheme-ascii" })),
    value: maybe(fc.uint8Array()),
    other_tag: maybe(int32),
    offset: maybe(int32),
    rev: maybe(fc.maxSafeInteger()),
    unknown: fc.array(fc.string(), { maxLength: 3 }),
  });

  test("is read as protobuf has it", () => {
    fc.assert(
      fc.property(fields, ({ value, ...rest }) => {
        const present = Object.fromEntries(Object.entries({ ...rest, value }).filter(([, one]) => one !== undefined));
        const { tag, verb, path, offset, rev } = rest;
        expect(read(RequestType.encode(RequestType.create(present)).finish())).toEqual({
          ...{ tag, verb, path, offset, rev },
          value: Buffer.from(value ?? []).toString("latin1"),
        });
      }),
      { numRuns: 2000 },
    );
  });

  test("may be any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64, size: "max" }), (bytes) => {
        read(bytes);
      }),
      { numRuns: 20_000 },
    );
  });

  test("cut short is none, or one with fewer fields", () => {
    const whole = RequestType.encode(
      RequestType.create({ tag: -1, verb: 2, path: "/abc", value: Buffer.from("12345"), offset: 300, rev: 2 ** 40 }),
    ).finish();
    const cuts = whole.length + 1;
    let complete = 0;
    for (let length = 0; length < cuts; length++) if (read(whole.subarray(0, length)) !== undefined) complete++;
    expect(complete).toBe(7);
  });

  test.each([
    ["48ffffffffffffffff7f", Number.MAX_SAFE_INTEGER],
    ["4880808080808080808001", Number.MIN_SAFE_INTEGER],
    ["48ffffffffffffff0f", Number.MAX_SAFE_INTEGER],
    ["4881808080808080f0ff01", -(2 ** 53 - 1)],
    ["48feffffffffffffffff01", -2],
  ])("a revision beyond the safe integers becomes the nearest: %s", (hex, rev) => {
    expect(read(Buffer.from(hex, "hex"))).toMatchObject({ rev });
  });

  test.each([
    ["0a03616263 1005", { tag: undefined, verb: 5 }],
    ["09 0102030405060708 1005", { verb: 5 }],
    ["0d 01020304 1005", { verb: 5 }],
    ["0b 0801 13 0c 1005", undefined],
    ["0b 0801 13 14 120161 0c 1005", { tag: undefined, verb: 5 }],
    ["0b 0801", undefined],
    ["0c", undefined],
    ["09 01020304", undefined],
    ["0e", undefined],
    ["0f", undefined],
    ["00 00", undefined],
    ["08 ffffffffffffffffffff01", undefined],
    ["2a ffffffff0f", undefined],
    ["2a 80808080808080808001", undefined],
  ])("fields of other types are passed over: %s", (hex, expected) => {
    const result = read(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    if (expected === undefined) expect(result).toBe(undefined);
    else expect(result).toMatchObject(expected);
  });

  test("tells the tag at its beginning", () => {
    const request = new Request();
    const tagOf = (hex: string): number | undefined => {
      const bytes = Buffer.from(hex, "hex");
      return request.readTag(bytes, 0, bytes.length);
    };
    expect(tagOf("0807100222")).toBe(7);
    expect(tagOf("08ffffffffffffffffff01")).toBe(-1);
    expect(tagOf("08ff")).toBe(undefined);
    expect(tagOf("1002")).toBe(undefined);
    expect(tagOf("")).toBe(undefined);
  });
});

describe("replies", () => {
  const reply = fc.record({
    tag: maybe(int32),
    flags: maybe(fc.constantFrom(0, 4, 8)),
    rev: maybe(fc.maxSafeInteger()),
    path: maybe(fc.string({ unit: "grapheme-ascii" })),
    value: maybe(fc.uint8Array({ maxLength: 300 })),
    len: maybe(fc.nat()),
  });

  test("are what protobuf reads", () => {
    const replies = new Replies();
    fc.assert(
      fc.property(fc.array(reply, { minLength: 1, maxLength: 5 }), (list) => {
        for (const { tag, flags, rev, path, value, len } of list) {
          replies.begin(tag);
          if (flags !== undefined) replies.flags(flags);
          if (rev !== undefined) replies.rev(rev);
          if (path !== undefined) replies.path(path);
          if (value !== undefined) replies.value(value);
          if (len !== undefined) replies.len(len);
          replies.end();
        }
        const frames = new Frames(2 ** 20);
        frames.push(replies.take());
        for (const { value, ...rest } of list) {
          expect(frames.next()).toBe("message");
          const present = Object.entries({ ...rest, ...(value && { value: Buffer.from(value).toString() }) });
          expect(decode(frames.bytes.subarray(frames.start, frames.end))).toEqual(
            Object.fromEntries(present.filter(([, one]) => one !== undefined)),
          );
        }
        expect(frames.next()).toBe(undefined);
        expect(replies.size).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  test("grow with what they hold, and what was taken stays as it is", () => {
    const replies = new Replies();
    const large = Buffer.alloc(200_000, 1);
    replies.begin(1).value(large).end();
    replies.begin(2).value(large).end();
    const taken = replies.take();
    const copy = Buffer.from(taken);
    replies.begin(3).value(Buffer.alloc(60_000, 9)).end();
    replies.take();
    expect(taken.equals(copy)).toBe(true);
    expect(taken.length).toBe(2 * (4 + 2 + 4 + large.length));
  });
});

describe("frames", () => {
  test("are the same however the bytes are cut", () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (list, sizes) => {
        const bytes = Buffer.concat(list.flatMap((body) => [Buffer.of(0, 0, 0, body.length), body]));
        const frames = new Frames(20);
        const found: (string | undefined)[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const chunk = bytes.subarray(at, at + sizes[i % sizes.length]!);
          at += chunk.length;
          frames.push(Buffer.from(chunk));
          for (;;) {
            const frame = frames.next();
            if (frame === undefined || frame === "too-long-header") break;
            found.push(frame === "message" ? frames.bytes.toString("hex", frames.start, frames.end) : frame);
          }
        }
        expect(found).toEqual(list.map((body) => (body.length > 20 ? "too-long" : Buffer.from(body).toString("hex"))));
        expect(frames.isInside).toBe(false);
        expect(frames.size).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  test("with a length below zero are a violation", () => {
    for (const length of ["80000000", "ffffffff"]) {
      const frames = new Frames(100);
      frames.push(Buffer.from(length, "hex"));
      expect(frames.next()).toBe("violation");
    }
  });

  test("keep nothing of what is too long", () => {
    const frames = new Frames(100);
    frames.push(Buffer.from("40000000", "hex"));
    expect(frames.next()).toBe("too-long-header");
    frames.push(Buffer.alloc(50, 1));
    expect(frames.next()).toBe("too-long");
    for (let i = 0; i < 100; i++) {
      frames.push(Buffer.alloc(65_536));
      expect(frames.next()).toBe(undefined);
      expect(frames.size).toBe(0);
      expect(frames.isInside).toBe(true);
    }
  });
});
