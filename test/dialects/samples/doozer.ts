import { doozer } from "../../../src/dialects/protobuf/protobuf.ts";
import type { DialectSamples } from "../../contract/dialect-samples.ts";

export const doozerSamples: DialectSamples = {
  dialect: doozer,
  keeps: "lines",
  conversations: [
    {
      name: "a reply",
      turns: [
        { by: "client", lines: ['GET path: "/a"'] },
        { by: "server", lines: ['rev: 0 value: ""'] },
        { by: "client", lines: ["verb: 100", "{}"] },
        { by: "server", lines: ["err_code: UNKNOWN_VERB", "err_code: 9"] },
      ],
    },
    {
      name: "replies in another order, and one without a tag",
      turns: [
        { by: "client", lines: ["REV", "NOP", "REV tag: 7"] },
        { by: "server", lines: ["{}"], to: 1 },
        { by: "server", lines: ["tag: 7 rev: 5"] },
        { by: "server", lines: ["err_code: RANGE"], bytes: "\0\0\0\x03\xa0\x06\x08" },
        { by: "client", lines: ["NOP"] },
        { by: "server", lines: ["rev: 5", "{}"] },
      ],
    },
    {
      name: "a request that waits",
      turns: [
        { by: "client", lines: ['WAIT path: "/a" rev: 1'] },
        { by: "client", lines: ["REV"] },
        { by: "server", lines: ["rev: 5"], to: 1 },
        { by: "server", lines: ['flags: 4 rev: 6 path: "/a" value: "x"'] },
        { by: "server", lines: ["rev: 7"] },
      ],
    },
  ],
  broken: [
    {
      name: "a tag that no request has",
      way: "responses",
      after: [{ by: "client", lines: ["NOP"] }],
      bytes: "\0\0\0\x02\x08\x09",
      message: /^a reply bears the tag 9, which no open request has \(open are 1\): tag: 9$/,
    },
    {
      name: "a length below zero",
      way: "requests",
      bytes: "\xff\xff\xff\xff",
      message: /^a message of 4294967295 bytes is announced/,
    },
    {
      name: "a request beyond the limit",
      way: "requests",
      bytes: "\0\0\0\x65",
      message: /^a message of 101 bytes is announced/,
      limit: 100,
    },
  ],
  pieces: {
    requests: ["\0\0\0\x04\x08\x01\x10\x05", "\0\0\0\x02\x10\x05", "\0\0\0\0", "\0\0\0", "\x08\x02"],
    responses: ["\0\0\0\x02\x08\x01", "\0\0\0\x04\x08\x01\x18\x05", "\0\0\0\0", "\0\0\0", "\x08\x02"],
    lines: {
      requests: ["GET ", "verb: 100", "path: ", '"/a"', "rev: 1", "tag: 1", " ", ","],
      responses: ["rev: 1", "err_code: ", "RANGE", "tag: 1", " ", ","],
    },
  },
  hasMistakes: true,
};
