/** Bytes as they are, written in hexadecimal: every line is ` (hex)`. */
import type { Dialect } from "./dialect.ts";
import { createLineCodec } from "./line-codec.ts";

export const hex: Dialect = {
  name: "hex",
  suffix: "hex",
  sendsAnything: true,
  createCodec: createLineCodec,
};
