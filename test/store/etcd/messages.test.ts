import fc from "fast-check";
import { expect, test } from "vitest";
import { changesOf, createGrouper, SENTINEL } from "../../../src/store/etcd/changes.ts";
import {
  decodeRange,
  decodeToken,
  decodeTransaction,
  decodeWatch,
  encodeRange,
  encodeTransaction,
  type WatchEvent,
} from "../../../src/store/etcd/messages.ts";
import { Past } from "../../../src/store/etcd/past.ts";
import { ChangeWindow } from "../../../src/store/etcd/window.ts";
import { Glob } from "../../../src/store/glob.ts";

const NOTHING = new Uint8Array(0);
const event = (revision: number, key: string, text?: string): WatchEvent => ({
  key,
  revision,
  deleted: text === undefined,
  value: text ? Buffer.from(text) : NOTHING,
});

test("bytes that are no message are an error at most", () => {
  const valid = encodeTransaction({
    compare: [{ kind: "missing", key: "/a", end: "/b" }],
    success: [{ kind: "put", key: "/a", value: Buffer.from("x") }],
    failure: [{ kind: "txn", compare: [], success: [{ kind: "range", key: "/a" }], failure: [] }],
  });
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.nat(valid.length).map((length) => valid.subarray(0, length)),
    fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, byte]) => Uint8Array.from(valid).fill(byte, at, at + 1)),
  );
  fc.assert(
    fc.property(some, (message) => {
      for (const decode of [decodeRange, decodeTransaction, decodeWatch, decodeToken]) {
        try {
          decode(message);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test("messages that hold themselves thousands of times are an error", () => {
  let nested: Uint8Array = NOTHING;
  for (let i = 0; i < 20_000; i++) {
    const inner = Buffer.concat([Buffer.of(0x22), varint(nested.length), nested]);
    nested = Buffer.concat([Buffer.of(0x1a), varint(inner.length), inner]);
  }
  expect(() => decodeTransaction(nested)).toThrow();
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.of(...bytes, value);
}

test("a range is written with what it has", () => {
  expect(
    Buffer.from(encodeRange({ key: "\xff", end: "b", revision: 300, limit: 1, keysOnly: true })).toString("hex"),
  ).toBe("0a01ff120162180120ac024001");
});

test("one change a revision, but for those who write several files in one", () => {
  const set = { kind: "set", revision: 7, path: "/a", value: Buffer.from("x") };
  const del = { kind: "del", revision: 7, path: "/a/b", value: NOTHING };
  const nop = { kind: "nop", revision: 7, path: "/", value: NOTHING };
  expect(changesOf(7, [event(7, "/a", "x")])).toEqual([set]);
  expect(changesOf(7, [event(7, SENTINEL, "")])).toEqual([nop]);
  expect(changesOf(7, [event(7, "/a"), event(7, SENTINEL, "/a/b")])).toEqual([del]);
  expect(changesOf(7, [event(7, SENTINEL, "not a path")])).toEqual([nop]);
  expect(changesOf(7, [event(7, SENTINEL)])).toEqual([nop]);
  expect(changesOf(7, [event(7, "other", "x"), event(7, "/", "x"), event(7, "/a_b", "x")])).toEqual([nop]);
  expect(changesOf(7, [event(7, "/a", "x"), event(7, "other"), event(7, "/a/b")])).toMatchObject([set, del]);
});

test("a revision whose events come in several messages is told once it is whole", () => {
  const group = createGrouper();
  expect(group([event(2, "/a", "x"), event(3, "/b", "x")], false)).toMatchObject([{ path: "/a" }]);
  expect(group([event(3, SENTINEL, "/b/c")], false)).toEqual([]);
  expect(group([event(4, "/d", "x")], true)).toMatchObject([
    { kind: "del", path: "/b/c", revision: 3 },
    { kind: "set", path: "/d", revision: 4 },
  ]);
});

test("the window keeps so many changes and so many bytes", () => {
  const window = new ChangeWindow(1);
  for (let revision = 1; revision <= 20_000; revision++)
    window.push({ kind: "set", revision, path: `/${revision}`, value: NOTHING });
  const first = 20_001 - 4096;
  expect([first - 1, first, 20_000, 20_001].map((revision) => window.covers(revision))).toEqual([
    ...[false, true, true, false],
  ]);
  expect(window.next).toBe(20_001);
  expect(window.find(new Glob("/*"), first)).toMatchObject({ revision: first });
  expect(window.find(new Glob("/19999"), first)).toMatchObject({ revision: 19_999 });
  expect(window.find(new Glob("/19999"), 20_000)).toBeUndefined();
  for (let revision = 20_001; revision <= 20_100; revision++)
    window.push({ kind: "set", revision, path: "/large", value: new Uint8Array(1_000_000) });
  expect([20_084, 20_085, 20_100].map((revision) => window.covers(revision))).toEqual([false, true, true]);
});

test("the past keeps what was used last, in so many parts", () => {
  const past = new Past();
  for (let from = 100; from <= 2000; from += 100) {
    const part = past.begin(from);
    for (let revision = from; revision < from + 10; revision++)
      part.push({ kind: "set", revision, path: `/${revision}`, value: new Uint8Array(100_000) });
    past.keep(part);
    expect(past.at(109)?.next).toBe(110);
  }
  expect(past.at(500)).toBeUndefined();
  expect(past.at(505)).toBeUndefined();
  expect([605, 609, 610].map((revision) => past.at(revision)?.next)).toEqual([610, 610, undefined]);
  expect(past.at(2009)?.find(new Glob("/*"), 2009)).toMatchObject({ path: "/2009" });
  // Of a part the last changes, up to its bytes.
  const large = past.begin(3000);
  for (let revision = 3000; revision < 3100; revision++)
    large.push({ kind: "set", revision, path: "/large", value: new Uint8Array(100_000) });
  past.keep(large);
  expect([3079, 3080, 3099].map((revision) => past.at(revision) === large)).toEqual([false, true, true]);
});
