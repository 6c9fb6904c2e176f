import { hex } from "../../../src/dialects/hex.ts";
import type { DialectSamples } from "../../contract/dialect-samples.ts";

export const hexSamples: DialectSamples = {
  dialect: hex,
  keeps: "bytes",
  conversations: [
    {
      name: "bytes",
      turns: [
        { by: "client", lines: ["\x10\x0c (no-eol)", "\n (no-eol)"] },
        { by: "server", lines: ["\x20\x02\0\0\n\xff (no-eol)", "\n (no-eol)", "\r (no-eol)"] },
      ],
    },
  ],
  broken: [{ name: "beyond the limit", way: "responses", bytes: "\0\0\0\0", message: /^a line has no end/, limit: 3 }],
  pieces: { requests: ["\0", "\xff"], responses: ["\x20\x02"], lines: { requests: ["\0"], responses: ["\xff"] } },
  hasMistakes: false,
};
