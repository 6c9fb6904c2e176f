import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DOOZER } from "../../../src/dialects/protobuf/doozer-schema.ts";
import { protocolOf } from "../../../src/dialects/protobuf/options.ts";
import type { MessageType } from "../../../src/dialects/protobuf/schema.ts";
import { DOOZER_PROTO, hex, receive, send, singly, speakingDoozer } from "./support.ts";

/** Frames of a real doozerd: what was sent, and what it answered. `<empty>` is a request of nothing but its tag. */
const ROWS = readFileSync(join(import.meta.dirname, "../../fixtures/doozer-frames.tsv"), "utf8")
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((row) => row.split("\t") as [request: string, requestFrame: string, replyFrame: string, reply: string]);

const ANSWERED = ROWS.filter(([, request, reply]) => request !== "" && reply !== "");
const WATCHED = ROWS.filter(([, request, reply]) => request === "" || reply === "");
const line = (request: string): string => (request === "<empty>" ? "" : request);
const open = await speakingDoozer();

describe("doozer", () => {
  it("has enough frames to compare with", () => {
    expect(ANSWERED.length).toBeGreaterThan(180);
    expect(WATCHED.length).toBeGreaterThan(50);
  });

  const [codec, single] = [open(), open()];
  it.each(ANSWERED)(
    "sends %j as the recorded frame, and reads the answer",
    (request, requestFrame, replyFrame, reply) => {
      expect(send(codec, [line(request)])).toBe(requestFrame);
      // What the author tags is shown with its tag, and a tag that is filled in is not.
      expect(receive(codec, [hex(replyFrame)])).toEqual([reply]);
      send(single, [line(request)]);
      expect(receive(single, singly(hex(replyFrame)))).toEqual([reply]);
    },
  );

  const waiting = open();
  it.each(WATCHED)("leaves %j open until its reply comes (%s %s %s)", (request, requestFrame, replyFrame, reply) => {
    if (requestFrame !== "") expect(send(waiting, [line(request)])).toBe(requestFrame);
    else expect(receive(waiting, [hex(replyFrame)])).toEqual([reply]);
  });

  it("has the schema of Doozer's .proto file", async () => {
    const schema = { schema: DOOZER_PROTO, tag: "tag", verb: "verb", framing: "uint32be" };
    const read = await protocolOf({ ...schema, request: "Request", response: "Response" });
    const plain = ({ fields, byName }: MessageType): unknown => [[...fields], [...byName.keys()]];
    expect(plain(DOOZER.request)).toEqual(plain(read.request));
    expect(plain(DOOZER.response)).toEqual(plain(read.response));
    expect([DOOZER.framing, DOOZER.tag, DOOZER.verb]).toEqual([read.framing, read.tag, read.verb]);
  });

  it("shows errors and verbs that it does not know by their numbers", () => {
    const connection = open();
    expect(send(connection, ["verb: 4 offset: -1"])).toBe("0000000f" + "08011004" + "38ffffffffffffffffff01");
    expect(receive(connection, [hex("00000007 0801 a00609 3801")])).toEqual(["7: 1 err_code: 9"]);
  });
});
