import { createRequire } from "node:module";
import fc from "fast-check";
import protobufjs from "protobufjs";
import textformat from "protobufjs/ext/textformat.js";
import { describe, expect, it } from "vitest";
import { encodeText, fromBytes, toBytes } from "../../../src/base/bytes.ts";
import { protocolOf } from "../../../src/dialects/protobuf/options.ts";
import { printMessage } from "../../../src/dialects/protobuf/print.ts";
import type { MessageType } from "../../../src/dialects/protobuf/schema.ts";
import { readMessage } from "../../../src/dialects/protobuf/text.ts";
import { hex, protoFile } from "./support.ts";

const schema = protoFile("everything.proto");
const typeNamed = async (request: string): Promise<MessageType> =>
  (await protocolOf({ schema, request, response: request })).request;
const ALL = await typeNamed("All");
const MIX = await typeNamed("Mix");
const print = (bytes: string, type = ALL): string => printMessage(hex(bytes), type, 1_000_000);

describe("a message as a line", () => {
  it.each<[string, string]>([
    ["", "{}"],
    ["1801", "f_int32: 1"],
    // In the order of the numbers, each as often as it comes.
    ["2002 1801 1803", "f_int32: 1 f_int32: 3 f_int64: 2"],
    ["1800 7200 7a00 6800", `f_int32: 0 f_bool: false f_string: "" f_bytes: ""`],
    ["18ffffffffffffffffff01", "f_int32: -1"],
    ["18ffffffff0f", "f_int32: -1"],
    ["188580808010", "f_int32: 5"],
    ["28ffffffffffffffffff01", "f_uint32: 4294967295"],
    ["6802", "f_bool: true"],
    ["20ffffffffffffffff7f 30ffffffffffffffffff01", "f_int64: 9223372036854775807 f_uint64: 18446744073709551615"],
    ["15cdcccc3d", "f_float: 0.1"],
    ["15ffff7f7f", "f_float: 3.4028235e+38"],
    ["1501000000", "f_float: 1e-45"],
    ["15a3db4b4b", "f_float: 13360035"],
    ["09 9a9999999999b93f", "f_double: 0.1"],
    ["09 ffffffffffffef7f", "f_double: 1.7976931348623157e+308"],
    ["09 0000000000000080", "f_double: -0"],
    ["09 000000000000f87f 09 000000000000f0ff", "f_double: nan f_double: -inf"],
    ["800101 8001ffffffffffffffffff01 80014d", "f_enum: UP f_enum: DOWN f_enum: 77"],
    [`7a0b 00097f0a0d225c27c3a961`, String.raw`f_bytes: "\000\t\177\n\r\"\\'\303\251a"`],
    ["7203c3a978", String.raw`f_string: "\303\251x"`],
    ["7201ff", String.raw`f_string: "\377"`],
    ["8a0100", "f_message {}"],
    ["8a0105 1801 8a0100", "f_message { f_int32: 1 f_message {} }"],
    ["9301 13100214 0801 9401", "Pair { left: 1 2 { 2: 2 } }"],
    ["9301 0801 1202 0802 9401", "Pair { left: 1 rights { left: 2 } }"],
    ["a00101 a2010102 a00103", "r_int32: 1 r_int32: 2 r_int32: 3"],
    ["aa0103020104 a80101", "r_packed: 1 r_packed: -1 r_packed: 2 r_packed: -1"],
    ["aa0100", "{}"],
    ["f201050a01611001 f20100", `m_string { key: "a" value: 1 } m_string {}`],
    ["a2060178 a80601", `[every.note]: "x" [every.marks]: 1`],
    ["b2060708 0112 016e 1a00", `[every.Strict.strict] { id: 1 name: "n" inner {} }`],
    // What the schema does not know, or has otherwise.
    ["980605", "99: 5"],
    ["9806ffffffffffffffffff01", "99: 18446744073709551615"],
    ["9d0605000000 990600000000000000ff", "99: 0x00000005 99: 0xff00000000000000"],
    ["9a0600", `99: ""`],
    ["9a0602 6869", `99: "hi"`],
    ["9a0602 0805", "99 { 1: 5 }"],
    ["9b06 0805 9c06", "99 { 1: 5 }"],
    ["9a0604 0a020805", "99 { 1 { 1: 5 } }"],
    ["1a0161", `3: "a"`],
    ["1d01000000", "3: 0x00000001"],
    ["7001", "14: 1"],
    ["8b01 8c01", "17 {}"],
    ["9201 00", `18: ""`],
    ["f8ffffff0f01", "536870911: 1"],
  ])("%s", (bytes, text) => expect(print(bytes)).toBe(text));

  it("shows what is there also where proto3 has defaults", () => {
    expect(print("0800 12020001 1800 2200 2a04 0801 1200", MIX)).toBe(
      `tag: 0 parts: 0 parts: 1 shade: 0 label: "" notes { key: true value: "" }`,
    );
  });

  it.each<[string, RegExp]>([
    ["18", /it ends within a number/],
    ["18ffffffffffffffffffff01", /a number is longer than ten bytes/],
    ["09 00", /it ends within a field/],
    ["15 000000", /it ends within a field/],
    ["7205 6161", /a field of 5 bytes begins where only 2 are left/],
    ["72ffffffffffffffff7f", /a field of 9223372036854775807 bytes/],
    ["0001", /a field has the number 0/],
    ["f8ffffffffffffffff0101", /a field has the number \d+, which none can have/],
    ["0f", /a field is of the wire type 7, which does not exist/],
    ["0e", /wire type 6/],
    ["0c", /a group 1 ends that has not begun/],
    ["9301 08", /it ends within a number/],
    ["9301", /the group 18 has no end/],
    ["9b06 a406", /the end of a group 100 is misplaced/],
    ["8a0103 720561", /a field of 5 bytes begins where only 1 are left/],
    ["aa0102 8080", /it ends within a number/],
    ["9b06".repeat(101) + "9c06".repeat(101), /groups are nested deeper than 100/],
  ])("%s is none", (bytes, message) => expect(() => print(bytes)).toThrow(message));

  it("refuses messages that are nested too deep", () => {
    const nested = (depth: number): Buffer => {
      let bytes = Buffer.alloc(0);
      for (let i = 0; i < depth; i++) {
        const length = bytes.length;
        const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
        bytes = Buffer.concat([Buffer.from([0x8a, 0x01, ...size]), bytes]);
      }
      return bytes;
    };
    expect(printMessage(nested(100), ALL, 1e6)).toContain("f_message {}");
    expect(() => printMessage(nested(101), ALL, 1e6)).toThrow(/messages are nested deeper than 100/);
  });

  it("is never longer than the limit", () => {
    const packed = Buffer.concat([hex("aa01 80897a"), Buffer.alloc(2_000_000)]);
    expect(() => printMessage(packed, ALL, 1_000_000)).toThrow("");
    expect(() => printMessage(hex("7a03 ffffff"), ALL, 20)).toThrow("");
    expect(printMessage(hex("7a03 ffffff"), ALL, 24)).toBe(String.raw`f_bytes: "\377\377\377"`);
  });
});

/** A message of every kind of field as protobufjs takes it, with numbers of 64 bits as texts. */
const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const int32 = int(-(2 ** 31), 2 ** 31 - 1);
const uint32 = int(0, 2 ** 32 - 1);
const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String);
const uint64 = fc.bigInt(0n, 2n ** 64n - 1n).map(String);
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(value, { minLength: 1, maxLength: 3 });
const text = fc.string({ unit: "grapheme", maxLength: 10 });
const few = { nil: undefined, maxDepth: 2, depthIdentifier: "messages", freq: 1 };
const message = fc.letrec<{ all: object }>((tie) => ({
  all: fc.record(
    {
      f_double: fc.double(),
      f_float: int(-(2 ** 20), 2 ** 20).map((n) => n / 4),
      f_int32: int32,
      f_int64: int64,
      f_uint32: uint32,
      f_uint64: uint64,
      f_sint32: int32,
      f_sint64: int64,
      f_fixed32: uint32,
      f_fixed64: uint64,
      f_sfixed32: int32,
      f_sfixed64: int64,
      f_bool: fc.boolean(),
      f_string: text,
      f_bytes: fc.uint8Array({ maxLength: 10 }).map((bytes) => Buffer.from(bytes)),
      f_enum: fc.constantFrom(1, -1),
      f_message: fc.option(tie("all"), few),
      pair: fc.record({ left: int32 }, { requiredKeys: [] }),
      r_int32: some(int32),
      r_packed: some(int64),
      r_string: some(text),
      r_message: fc.option(some(tie("all")), few),
      r_enum: some(fc.constantFrom(1, -1)),
      r_double: some(fc.double()),
      m_string: fc
        .tuple(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 5 }), int64)
        .map(([key, value]) => Object.fromEntries([[key, value]])),
      by_number: int32,
    },
    { requiredKeys: [] },
  ),
})).all;

const shipped = createRequire(import.meta.url)("protobufjs/google/protobuf/descriptor.json");
protobufjs.common("google/protobuf/descriptor.proto", shipped);
const Type = (await new protobufjs.Root().load(schema, { keepCase: true })).lookupType("every.All");

describe("any message", () => {
  it("is printed as protobufjs prints it, and read back as it was", () => {
    fc.assert(
      fc.property(message, (object) => {
        const bytes = Type.encode(Type.fromObject(object)).finish();
        const printed = printMessage(bytes, ALL, 1e7);
        const theirs = textformat.toText(Type, Type.decode(bytes)).replace(/\n */g, " ").replaceAll("{ }", "{}");
        expect(printed).toBe(theirs === "" ? "{}" : theirs);
        const line = printed === "{}" ? "" : printed;
        const again = toBytes(readMessage(line, ALL).encode());
        expect(fromBytes(again)).toBe(fromBytes(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it("keeps its floats", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        const bytes = Type.encode(Type.fromObject({ f_float: value })).finish();
        const line = printMessage(bytes, ALL, 1e7);
        const again = readMessage(line, ALL).encode();
        expect(again).toBe(fromBytes(bytes));
      }),
    );
  });

  it("of fields without a schema is printed and read back", () => {
    const number = fc.integer({ min: 200, max: 2 ** 29 - 1 });
    const value = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        uint64,
        fc.bigInt(0n, 2n ** 32n - 1n).map((n) => `0x${n.toString(16).padStart(8, "0")}`),
        fc.bigInt(0n, 2n ** 64n - 1n).map((n) => `0x${n.toString(16).padStart(16, "0")}`),
        fc.tuple(number, tie("value")).map(([n, inner]) => `{ ${n}${inner.startsWith("{") ? "" : ":"} ${inner} }`),
      ),
    })).value;
    fc.assert(
      fc.property(fc.array(fc.tuple(number, value)), (fields) => {
        const line = fields
          .sort(([a], [b]) => a - b)
          .map(([n, one]) => `${n}${one.startsWith("{") ? "" : ":"} ${one}`)
          .join(" ");
        const bytes = toBytes(readMessage(encodeText(line), MIX).encode());
        expect(printMessage(bytes, MIX, 1e7)).toBe(line || "{}");
      }),
    );
  });
});
