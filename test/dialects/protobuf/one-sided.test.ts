/** What only the one-sided codec does; this file goes with it. */
import { expect, it } from "vitest";
import { doozer } from "../../../src/dialects/protobuf/protobuf.ts";
import { expected, outgoing } from "../http/support.ts";
import { hex } from "./support.ts";

await doozer.load?.({});
const open = () => doozer.createCodec("client", { eol: "lf", limit: 1000, host: "localhost", options: {} });

it("objects to a message without a tag in the place of a reply", () => {
  const codec = open();
  codec.begin({ sends: outgoing("REV", "REV"), expects: expected("rev: 1") });
  expect(codec.objection).toBeUndefined();
  codec.decode(hex("00000002 1801"));
  expect(codec.objection).toBe("a message without a tag came; the request with tag 1 has no reply");
  codec.decode(hex("00000002 0801"));
  expect(codec.objection).toBeUndefined();
  codec.begin({ sends: outgoing("REV"), expects: expected("...") });
  codec.decode(hex("00000002 1801"));
  expect(codec.objection).toBeUndefined();
});

it("counts what was asked, and tells what has begun", () => {
  const codec = open();
  codec.begin({ sends: outgoing("REV", "NOP"), expects: [] });
  expect([codec.asked, codec.owed, codec.isWithin]).toEqual([2, 2, false]);
  expect(codec.decode(hex("00000002 0802 0000"))).toEqual([{ lines: ["{}\n"], complete: true, part: "", to: 1 }]);
  expect([codec.owed, codec.isWithin, codec.begun, codec.end(true)]).toEqual([1, true, "\0\0", []]);
});
