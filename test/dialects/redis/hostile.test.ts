import fc from "fast-check";
import { expect, test } from "vitest";
import { codec, decode, latin1 } from "./support.ts";
import { anything, encode, push } from "./values.ts";

const whole = (bytes: Uint8Array, limit = 100_000) => decode(codec({}, { limit }).responses, bytes);
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
const stream = fc
  .array(fc.oneof(anything, push), { maxLength: 4 })
  .map((values) => latin1(values.map((value) => encode(value)).join("")));

/** Pieces that make a decoder think. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\r\n",
        "\r",
        "\n",
        "+",
        "-",
        ":",
        "$",
        "*",
        "%",
        "~",
        ">",
        "|",
        "_",
        "#t",
        ",",
        "(",
        "!",
        "=",
        ".",
        ";",
      ),
      fc.constantFrom("?", "-1", "0", "1", "2", "3", "2147483647", "4294967296", "9".repeat(30), "txt:", "inf", "ab"),
      fc.constantFrom(
        "*1\r\n",
        "%1\r\n",
        "|1\r\n",
        "$?\r\n",
        "*?\r\n",
        ";2\r\nab\r\n",
        ";0\r\n",
        ".\r\n",
        "+OK\r\n",
        ":1\r\n",
      ),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => latin1(pieces.join("")));

const mutated = fc
  .tuple(
    stream,
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom("set", "insert", "delete"))),
  )
  .map(([bytes, changes]) => {
    const mutable = [...bytes];
    for (const [place, byte, change] of changes) {
      const at = place % (mutable.length + 1);
      if (change === "insert") mutable.splice(at, 0, byte);
      else if (change === "delete") mutable.splice(at, 1);
      else mutable[at] = byte;
    }
    return Uint8Array.from(mutable);
  });

const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), soup, mutated, stream);

test("no bytes do more than break the framing, however they are cut", () => {
  fc.assert(
    fc.property(anyBytes, sizes, (bytes, pieces) => {
      expect(decode(codec({}, { limit: 100_000 }).responses, bytes, ...pieces)).toEqual(whole(bytes));
    }),
    { numRuns: 3000 },
  );
});

test("nor under a limit, and nothing larger than it comes out", () => {
  fc.assert(
    fc.property(anyBytes, sizes, fc.integer({ min: 1, max: 200 }), (bytes, pieces, limit) => {
      const decoded = decode(codec({}, { limit }).responses, bytes, ...pieces);
      expect(decoded).toEqual(whole(bytes, limit));
      for (const message of decoded.messages) expect(message.length).toBeLessThanOrEqual(limit + 2);
    }),
    { numRuns: 2000 },
  );
});

test("what a server may send is no mistake", () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      expect(whole(bytes, 10_000_000).error).toBeUndefined();
    }),
  );
});

test("what comes in pieces of its own is shown as what comes at once", () => {
  fc.assert(
    fc.property(anything, (value) => {
      expect(whole(latin1(encode(value, true)), 10_000_000)).toEqual(whole(latin1(encode(value)), 10_000_000));
    }),
  );
});

test("what is announced takes no memory before it comes", () => {
  const before = process.memoryUsage();
  const codecs = Array.from({ length: 1000 }, () => codec({}, { limit: 2 ** 40 }));
  for (const one of codecs) {
    one.responses.decode(latin1("*1000000000\r\n%1000000000\r\n$1000000000\r\nx"));
  }
  const after = process.memoryUsage();
  expect(after.rss - before.rss).toBeLessThan(200e6);
});
