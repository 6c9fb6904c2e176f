import { describe, expect, it } from "vitest";
import { readCArrays } from "../../../src/record/import/c-arrays.ts";
import { readFollowText } from "../../../src/record/import/follow-text.ts";
import { readFollowYaml } from "../../../src/record/import/follow-yaml.ts";
import { readHexDump } from "../../../src/record/import/hex-rows.ts";
import { source, told } from "./told.ts";

const STEPS = ["> PING\r\n", "< +PONG\r\n", "> \0\xff"];
const BAR = "=".repeat(67);
const heading = (form: string, stream = 0): string =>
  `\n${BAR}\nFollow: tcp,${form}\nFilter: tcp.stream eq ${stream}\nNode 0: 127.0.0.1:4000\nNode 1: 127.0.0.1:6379\n`;
const placed = (line: number, message: string) =>
  expect.objectContaining({ message: expect.stringContaining(message), span: expect.objectContaining({ line }) });

const ROWS = (indent: string): string =>
  `00000000  50 49 4E 47 0d 0a                                 PING..\n${indent}00000000  2b 50 4f 4e 47 0d 0a                              +PONG..\n00000006  00 ff                                             ..\n`;

describe("tshark -z follow", () => {
  it.each([
    ["hex", ROWS("\t")],
    ["raw", "50494e470d0a\n\t2b504f4e470d0a\n00ff\n"],
  ])("reads the %s form", (form, body) => {
    expect(told(readFollowText(source(`${heading(form)}${body}${BAR}\n`)))).toEqual([
      ["tcp://127.0.0.1:6379", ...STEPS],
    ]);
  });

  it("reads the ascii form, whose messages may look like its own lines", () => {
    const inner = `3\n${heading("raw")}${BAR}\n`;
    const text = `${heading("ascii")}6\nPING\r\n\n\t${inner.length}\n${inner}\n2\n.a\n${BAR}\n`;
    expect(told(readFollowText(source(text)))).toEqual([["tcp://127.0.0.1:6379", "> PING\r\n", `< ${inner}`, "> .a"]]);
  });

  it("tells several streams in the order of their numbers", () => {
    const recording = readFollowText(source(`${heading("raw", 1)}62\n${BAR}${heading("raw", 0)}61\n${BAR}\n`));
    expect(told(recording).map(([, said]) => said)).toEqual(["> a", "> b"]);
    const times = recording.conversations.flatMap(({ steps }) => steps.map(({ at }) => at));
    expect(times[0]).toBeLessThan(times[1]!);
  });

  it.each([
    [`${heading("raw")}5g\n`, 7, "hexadecimal"],
    [`${heading("ascii")}6\nPI\n`, 7, "does not have 6 bytes"],
    [`${heading("ascii")}PING\n`, 7, "the length of a message"],
    [heading("ebcdic"), 3, "the form ebcdic"],
    [heading("ascii").replaceAll("tcp", "udp"), 3, "only streams of tcp and tls"],
  ])("refuses %j", (text, line, message) => {
    expect(() => readFollowText(source(text))).toThrow(placed(line, message));
  });
});

describe("a hex dump of Wireshark", () => {
  it("is read", () => {
    expect(told(readHexDump(source(ROWS("    "))))).toEqual([[undefined, ...STEPS]]);
  });

  it.each([
    [ROWS("    ").replace("00000006", "00000016"), 3, "the offset is 00000016, but 00000006 is due"],
    [`${ROWS("    ")}\nmore\n`, 5, "a row of a dump is expected"],
    ["00000000  5g 49", 1, "hexadecimal"],
  ])("is refused: %j", (text, line, message) => {
    expect(() => readHexDump(source(text))).toThrow(placed(line, message));
  });
});

describe("C arrays of Wireshark", () => {
  it("are read", () => {
    const text =
      "char peer0_0[] = { /* Packet 4 */\n0x50, 0x49, 0x4E, 0x47, \n0x0d, 0x0a };\nchar peer1_0[] = { /* Packet 6 */\n0x2b, 0x50, 0x4f, 0x4e, 0x47, 0x0d, 0x0a };\nchar peer0_1[] = {\n0x00, 0xff };\n";
    expect(told(readCArrays(source(text)))).toEqual([[undefined, ...STEPS]]);
  });

  it.each([
    ["char peer0_0[] = {\n0x50, 0x5\n};", 1, "an array of bytes"],
    ["char peer0_0[] = {\n0x50 };\nchar peer1_0[] = {\n0x50, 0x51", 3, "has no end"],
  ])("are refused: %j", (text, line, message) => {
    expect(() => readCArrays(source(text))).toThrow(placed(line, message));
  });
});

describe("YAML of Wireshark", () => {
  const peers =
    "peers:\n  - peer: 0\n    host: 127.0.0.1\n    port: 4000\n  - peer: 1\n    host: ::1\n    port: 6379\n";
  const packet = (peer: number, time: number, data: string): string =>
    `  - packet: 4\n    peer: ${peer}\n    index: 0\n    timestamp: ${time}\n    data: !!binary |\n      ${data}\n`;
  const text = `${peers}packets:\n${packet(0, 1.5, "UElO\n      Rw0K")}${packet(1, 2.5, "K1BPTkcNCg==")}${packet(0, 3, "AP8=")}`;

  it("is read with its times, several streams one after the other", () => {
    const recording = readFollowYaml(source(`${text}${BAR}\n${text}`));
    expect(told(recording)).toEqual(Array(2).fill(["tcp://[::1]:6379", ...STEPS]));
    expect(recording.conversations[0]?.steps.map(({ at }) => at)).toEqual([1500, 2500, 3000]);
  });

  it.each([
    [`${peers}packets:\n  - peer: 3\n`, 1, "packet 1 has no peer"],
    [`${peers}packets:\n  - peer: 0\n    data: x\n`, 1, "packet 1 has no peer"],
    [`${peers}packets: {\n`, 9, "save the stream anew"],
    [`${peers}x: &a [1]\npackets: [*a, *a]\n`, 1, "save the stream anew"],
  ])("is refused: %j", (given, line, message) => {
    expect(() => readFollowYaml(source(given))).toThrow(placed(line, message));
  });
});
