/** What counts in replies that no document writes, where two servers are compared. */
import { describe, expect, it } from "vitest";
import { essenceOfReplies } from "../../../src/dialects/redis/essence.ts";

const essence = (sent: string, replies: string, unordered = true): readonly string[] =>
  essenceOfReplies(replies.split("\n"), { sent: sent.split("\n"), unordered });

describe("the order of elements", () => {
  it("counts without the attribute", () => {
    expect(essence("SMEMBERS s", '1) "b"\n2) "a"', false)).toEqual(['1) "b"', '2) "a"']);
  });

  it.each([
    ["a set", "SMEMBERS s", '1) "b"\n2) "a"', '1) "a"\n2) "b"'],
    ["a map", "HGETALL h", '1# "b" => "1"\n2# "a" => "2"', '1# "a" => "2"\n2# "b" => "1"'],
    ["fields and values by turns", "hgetall h", '1) "b"\n2) "1"\n3) "a"\n4) "2"', '1) "a"\n2) "2"\n3) "b"\n4) "1"'],
    ["each level", "X", '1) 1) "d"\n   2) "c"\n2) 1) "a"', '1) 1) "a"\n2) 1) "c"\n   2) "d"'],
    [
      "each of several replies",
      "DEL s\nSMEMBERS s\nSMEMBERS t",
      '(integer) 1\n1) "b"\n2) "a"\n1) "d"\n2) "c"',
      '(integer) 1\n1) "a"\n2) "b"\n1) "c"\n2) "d"',
    ],
  ])("does not count in %s", (_, sent, replies, sorted) => {
    expect(essence(sent, replies)).toEqual(sorted.split("\n"));
  });

  it.each([
    ["a value of another field", "HGETALL h", '1) "a"\n2) "1"\n3) "b"\n4) "2"', '1) "a"\n2) "2"\n3) "b"\n4) "1"'],
    ["an element on another level", "X", '1) 1) "a"\n2) 1) "b"', '1) 1) "a"\n   2) "b"'],
    ["another number of one element", "X", '1) "a"\n2) "a"', '1) "a"'],
    ["another order of replies", "GET a\nGET b", '"1"\n"2"', '"2"\n"1"'],
  ])("does not hide %s", (_, sent, one, other) => {
    expect(essence(sent, one)).not.toEqual(essence(sent, other));
  });
});
