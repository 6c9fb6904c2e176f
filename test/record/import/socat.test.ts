import { describe, expect, it } from "vitest";
import { isSocat, readSocat } from "../../../src/record/import/socat.ts";
import { source, told } from "./told.ts";

const read = (text: string) => readSocat(source(text));
const title = (mark: string, length: number, from = 0): string =>
  `${mark} 2026/01/02 03:04:05.000000007  length=${length} from=${from} to=${from + length - 1}\n`;
const PING = "*1\r\n$4\r\nPING\r\n";
const OPENING = "2026/01/02 03:04:05 socat[7] N opening connection to ";

describe("socat", () => {
  it("reads -v, with its escapes, and blocks that do not end in a line feed", () => {
    const text = `${title(">", 14)}*1\\r\n$4\\r\nPING\\r\n${title("<", 12)}\\a\\b\t\\v\\f\\\\.ab> \\0${title(">", 2, 14)}x\n`;
    expect(isSocat(text)).toBe(true);
    expect(told(read(text))).toEqual([[undefined, `> ${PING}`, "< \x07\b\t\v\f\\.ab> \0", "> x\n"]]);
  });

  it("reads -x, and -x -v", () => {
    const bytes = Array.from({ length: 20 }, (_, i) => i);
    const hex = (from: number, to: number): string =>
      bytes
        .slice(from, to)
        .map((byte) => ` ${byte.toString(16).padStart(2, "0")}`)
        .join("");
    const expected = [[undefined, `> ${String.fromCharCode(...bytes)}`]];
    expect(told(read(`${title(">", 20)}${hex(0, 20)}\n`))).toEqual(expected);
    const both = `${hex(0, 16)}  ................\n${hex(16, 20).padEnd(48)}  ab c\n--\n`;
    expect(told(read(`${title(">", 20)}${both}`))).toEqual(expected);
  });

  it("tells connections apart by their offsets", () => {
    const text = [
      `${title(">", 2)}a\n${title("<", 2)}A\n`,
      `${title(">", 4)}bbb\n${title(">", 2, 2)}c\n${title("<", 2)}B\n${title("<", 2, 2)}C\n`,
    ].join("");
    expect(told(read(text))).toEqual([
      [undefined, "> a\n", "< A\n", "> c\n", "< C\n"],
      [undefined, "> bbb\n", "< B\n"],
    ]);
  });

  it("has a greeting and what answers it in one connection", () => {
    expect(told(read(`${title("<", 2)}A\n${title(">", 2)}b\n${title("<", 2, 2)}C\n`))).toEqual([
      [undefined, "< A\n", "> b\n", "< C\n"],
    ]);
  });

  it.each([
    ["AF=2 127.0.0.1:6379", "tcp://127.0.0.1:6379"],
    ["AF=10 [0000:0000:0000:0000:0000:0000:0000:0001]:80", "tcp://[0000:0000:0000:0000:0000:0000:0000:0001]:80"],
    ['AF=1 "/run/a.sock"', "unix:/run/a.sock"],
  ])("finds the server %s in what -d -d says", (address, target) => {
    expect(told(read(`${OPENING}${address}\n${title(">", 2)}a\n`))[0]?.[0]).toBe(target);
  });

  it("reads around what another process of it says meanwhile", () => {
    const text = `${title(">", 8)}ab\\r${OPENING}AF=2 127.0.0.1:80\n\ncd\\r\n${OPENING}AF=2 127.0.0.1:81\n${title("<", 20)}A\n`;
    expect(() => read(text)).toThrow(expect.objectContaining({ span: expect.objectContaining({ line: 6 }) }));
    expect(told(read(`${text}${"-".repeat(18)}`))).toEqual([
      ["tcp://127.0.0.1:80", "> ab\r\ncd\r\n", `< A\n${"-".repeat(18)}`],
    ]);
  });

  it("warns of dots that may have been bytes", () => {
    expect(read(`${title(">", 3)}a..`).warnings).toEqual([expect.stringContaining("socat -x")]);
    expect(read(`${title(">", 8)}1.5 b...`).warnings).toEqual([]);
  });

  it("says where bytes are missing", () => {
    expect(() => read(`${title(">", 2)}a\n${title("<", 200)}A\n`)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("fewer than 200 bytes"),
        span: expect.objectContaining({ line: 3 }),
      }),
    );
  });
});
