import { protobuf } from "../../../src/dialects/protobuf/protobuf.ts";
import type { Broken, DialectSamples } from "../../contract/dialect-samples.ts";
import { protoFile } from "../protobuf/support.ts";

const inBothWays = (one: Omit<Broken, "way">): readonly Broken[] => [
  { ...one, way: "requests", name: `${one.name}, asked` },
  { ...one, way: "responses", name: `${one.name}, answered` },
];

const pieces = ["\x02\x18\x01", "\0", "\x80", "\xff", "\x1a\x01a"];
const lines = ["f_int32", ": ", "1", '"', "{", "}", "[", "# ", "99: 0x00000005"];

export const protobufSamples: DialectSamples = {
  dialect: protobuf,
  options: { schema: protoFile("everything.proto"), request: "All", response: "All" },
  keeps: "lines",
  conversations: [
    {
      name: "one message",
      turns: [
        { by: "client", lines: ["f_int32: 1"] },
        { by: "server", lines: ['f_string: "\\303\\251" f_message { f_int32: 1 }'] },
      ],
    },
    {
      name: "none of its fields, and more replies than requests",
      turns: [
        { by: "client", lines: ["", "{}"], decoded: ["{}", "{}"] },
        { by: "server", lines: ["{}", "f_int32: 1", "{}"] },
      ],
    },
    {
      name: "a long length",
      turns: [
        { by: "client", lines: [`f_bytes: "${"a".repeat(300)}"`] },
        {
          by: "server",
          bytes: `\x82\x80\0\x18\x01\x80\x02${"\x18\x01".repeat(128)}`,
          lines: ["f_int32: 1", `${"f_int32: 1 ".repeat(128).trim()}`],
        },
      ],
    },
    {
      name: "fields without a name",
      turns: [
        { by: "client", lines: ['9999: 5 9999: "a"'] },
        { by: "server", lines: ["9999 { 1: 0x00000005 }"] },
      ],
    },
    {
      name: "fields in another order",
      turns: [{ by: "client", lines: ["f_int64: 2, f_int32: 1"], decoded: ["f_int32: 1 f_int64: 2"] }],
    },
  ],
  broken: [
    ...inBothWays({
      name: "too long",
      bytes: "\x02\x18\x01\x15",
      message: /^a message of 21 bytes is announced, more than the limit of 20 bytes/,
      limit: 20,
    }),
    ...inBothWays({
      name: "too long as text",
      bytes: "\x05\x7a\x03\xff\xff\xff",
      message: /^a message of 5 bytes is longer than the limit of 20 bytes when it is written as text/,
      limit: 20,
    }),
    ...inBothWays({
      name: "no length",
      bytes: "\xff".repeat(10),
      message: /^the length of a message is a varint of more/,
    }),
    ...inBothWays({
      name: "no message",
      bytes: "\x02\x18\x01\x01\x0f",
      message: /^what came is no message of the type every.All/,
    }),
  ],
  pieces: { requests: pieces, responses: pieces, lines: { requests: lines, responses: lines } },
  hasMistakes: true,
};
