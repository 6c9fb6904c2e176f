import { describe, expect, it } from "vitest";
import { TcpStreams } from "../../../src/record/import/tcp-streams.ts";
import { told } from "./told.ts";

const [CLIENT, SERVER] = [40_000, 6379];
const FIN = "0x0011";
const SYN = "0x0002";
const RESET = "0x0004";
const DATA = "0x0018";

interface Extra {
  readonly flags?: string;
  readonly length?: number;
  readonly stream?: number;
}

let now = 0;
/** A row as tshark prints it. `by` is the port that it comes from. */
function row(
  by: number,
  sequence: number,
  text: string,
  { flags = DATA, length = text.length, stream = 0 }: Extra = {},
): string {
  const to = by === CLIENT ? SERVER : CLIENT;
  const ends = ["127.0.0.1", "", by, "127.0.0.1", "", to];
  const payload = Buffer.from(text, "latin1").toString("hex");
  return [(now++ / 1000).toFixed(9), stream, ...ends, flags, sequence >>> 0, length, payload].join("\t");
}
const read = (...rows: readonly string[]) => {
  const streams = new TcpStreams();
  for (const one of rows) streams.add(one);
  return streams.end();
};
const HERE = "tcp://127.0.0.1:6379";
const OPEN = [row(CLIENT, 99, "", { flags: SYN }), row(SERVER, 499, "", { flags: "0x0012" })];

describe("TCP streams", () => {
  it("are told with their ends", () => {
    const rows = [
      row(CLIENT, 100, "a"),
      row(SERVER, 500, "b"),
      row(SERVER, 501, "", { flags: FIN }),
      row(CLIENT, 101, "", { flags: FIN }),
    ];
    expect(told(read(...OPEN, ...rows))).toEqual([[HERE, "> a", "< b", "< ends", "> ends"]]);
  });

  it("are put in order, and what was sent again is told once", () => {
    const rows = [
      row(CLIENT, 102, "cd"),
      row(CLIENT, 100, "ab"),
      row(CLIENT, 100, "ab"),
      row(CLIENT, 101, "bcde"),
      row(CLIENT, 104, "\0"),
    ];
    expect(told(read(...OPEN, ...rows))).toEqual([[HERE, "> ab", "> cd", "> e"]]);
  });

  it("go on where their numbers wrap around", () => {
    expect(told(read(row(CLIENT, -2, "ab"), row(CLIENT, 2, "ef"), row(CLIENT, 0, "cd")))).toEqual([
      [HERE, "> ab", "> cd", "> ef"],
    ]);
  });

  it("end for both sides with a reset", () => {
    expect(told(read(...OPEN, row(CLIENT, 100, "a"), row(SERVER, 500, "", { flags: RESET })))).toEqual([
      [HERE, "> a", "< ends", "> ends"],
    ]);
  });

  it("have the lower port for a server where the handshake is missing", () => {
    expect(told(read(row(SERVER, 500, "hello"), row(CLIENT, 100, "a")))).toEqual([[HERE, "< hello", "> a"]]);
  });

  it.each([
    ["were lost", () => row(CLIENT, 105, "late")],
    ["were cut", () => row(CLIENT, 101, "cu", { length: 5 })],
  ])("are told up to bytes that %s", (_, gap) => {
    const { conversations, warnings } = read(...OPEN, row(CLIENT, 100, "a"), gap(), row(SERVER, 500, "b"));
    expect(told({ conversations, warnings })).toEqual([[HERE, "> a"]]);
    expect(warnings).toEqual([expect.stringContaining("of a connection bytes are missing")]);
  });

  it("are kept apart", () => {
    const rows = [
      row(CLIENT, 100, "a", { stream: 1 }),
      row(CLIENT, 100, "x", { stream: 2 }),
      row(CLIENT, 101, "b", { stream: 1 }),
    ];
    expect(told(read(...rows))).toEqual([
      [HERE, "> a", "> b"],
      [HERE, "> x"],
    ]);
  });

  it("pass over rows that are none", () => {
    expect(read("", "x", "\t\t\t", "1.0\t0\t\t\t\t\t\t\t\t\t\t").conversations).toEqual([]);
  });
});
