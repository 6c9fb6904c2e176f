import { describe, expect, test } from "vitest";
import { asksForEncryption } from "../../src/record/postgres.ts";
import { Recording } from "./recording.ts";

const word = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString("latin1");
};
const message = (type: string, body: string): string => type + word(body.length + 4) + body;
const startup = message("", `${word(3 << 16)}user\0a\0\0`);
const ready = message("Z", "I");

async function recorded(...replies: readonly string[]): Promise<Recording> {
  const recording = await Recording.of("tcp://127.0.0.1:5432");
  const connection = recording
    .connect()
    .client(startup)
    .server(message("R", word(0)) + ready);
  for (const reply of replies) connection.client(message("Q", "q\0")).server(reply);
  return recording;
}

/** The rows of the last reply. */
const rows = ({ lines }: Recording): readonly string[] =>
  lines
    .split(/>>> 51 .*\n/)
    .at(-1)!
    .trimEnd()
    .split("\n");

describe("messages of PostgreSQL", () => {
  test("have a row each, also in chunks that end within them, on each connection", async () => {
    const recording = await Recording.of("tcp://127.0.0.1:5432");
    for (let i = 0; i < 2; i++) {
      const connection = recording.connect().client(startup);
      for (const byte of message("R", word(0)) + ready) connection.server(byte);
      connection.client(message("X", "")).close();
    }
    const conversation = `>>> 00 00 00 10 00 03 00 00 "user" 00 61 00 00
52 00 00 00 08 00 00 00 00
5a 00 00 00 05 49
>>> 58 00 00 00 04
`;
    expect(recording.lines).toBe(`${conversation}---\n${conversation}`);
    expect(recording.text).toContain("dialect: hex\n");
  });

  test("leave open the key for cancelling", async () => {
    expect(rows(await recorded(message("K", word(7) + word(123_456))))).toEqual([
      "4b 00 00 00 0c ?? ?? ?? ?? ?? ?? ?? ??",
    ]);
  });

  test("leave open the numbers of what users made", async () => {
    const field = (table: number, type: number): string => `id\0${word(table)}\0\x01${word(type)}\0\x04${word(1)}\0\0`;
    expect(rows(await recorded(message("T", `\0\x02${field(16_384, 23)}${field(1259, 16_400)}`)))).toEqual([
      "54 00 00 00 30 00 02",
      "69 64 00 ?? ?? ?? ?? 00 01 00 00 00 17 00 04 00 00 00 01 00 00",
      "69 64 00 00 00 04 eb 00 01 ?? ?? ?? ?? 00 04 00 00 00 01 00 00",
    ]);
  });

  test("leave open times of the present, with their lengths", async () => {
    const value = (text: string): string => word(text.length) + text;
    const time = message("D", `\0\x03${value("2026-01-02 03:04:05.1+00")}${word(0xffff_ffff)}${value("abc")}`);
    const other = message("D", `\0\x01${value("2020-01-02 03:04:05+00")}`);
    expect(rows(await recorded(time + other))).toEqual([
      "44 ?? ?? ?? ?? 00 03",
      '?? ?? ?? ?? "{{_}}"',
      "ff ff ff ff",
      '00 00 00 03 "abc"',
      '44 00 00 00 20 00 01 00 00 00 16 "2020-01-02 03:04:05+00"',
    ]);
  });

  test("that are not what they say are bytes", async () => {
    expect(rows(await recorded(message("T", "\0\x01id") + message("D", "\0\x01\0\0\0\x09a")))).toEqual([
      "54 00 00 00 08 00 01 69 64",
      "44 00 00 00 0b 00 01 00 00 00 09 61",
    ]);
  });

  test("that ask for a password in a new way each time are a warning", async () => {
    const recording = await recorded(message("R", `${word(10)}SCRAM-SHA-256\0\0`));
    expect(recording.warnings).toEqual([expect.stringContaining("a challenge that is different each time")]);
  });
});

test.each([
  [word(8) + word(80_877_103), true],
  [word(8) + word(80_877_104), true],
  [startup, false],
  ["", false],
  ["GET / HT", false],
])("%j asks for encryption: %s", (bytes, expected) => {
  expect(asksForEncryption(Buffer.from(bytes, "latin1"))).toBe(expected);
});
