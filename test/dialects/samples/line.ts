import { line } from "../../../src/dialects/line.ts";
import type { DialectSamples } from "../../contract/dialect-samples.ts";

const message = /^a line has no end within the limit of 10 bytes$/;

export const lineSamples: DialectSamples = {
  dialect: line,
  keeps: "bytes",
  conversations: [
    {
      name: "lines",
      turns: [
        { by: "server", lines: ["220 hello"] },
        { by: "client", lines: ["HELO x"] },
        { by: "server", lines: ["250-ok (lf)", "", "250 last"] },
      ],
    },
    {
      name: "a line without an end",
      turns: [
        { by: "client", lines: ["X"] },
        { by: "server", lines: ["one", "> (no-eol)"] },
        { by: "client", lines: ["Y (no-eol)"] },
      ],
    },
    { name: "bytes of all kinds", turns: [{ by: "server", lines: ["\0\xff\r", "\x80 (lf)", "a\rb"] }] },
  ],
  broken: [
    { name: "a request beyond the limit", way: "requests", bytes: `a\r\n${"b".repeat(11)}`, message, limit: 10 },
    { name: "a reply beyond the limit", way: "responses", bytes: `a\r\n${"b".repeat(11)}\nc\n`, message, limit: 10 },
  ],
  pieces: {
    requests: ["\r\n", "GET"],
    responses: ["\r\n", "line"],
    lines: { requests: ["GET ", "\\", '"'], responses: ["250 ", "\\"] },
  },
  hasMistakes: false,
};
