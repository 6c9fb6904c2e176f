/** Lines over a stream: what is written is sent, what comes is cut at each LF. */
import type { Dialect } from "./dialect.ts";
import { createLineCodec } from "./line-codec.ts";

export const line: Dialect = {
  name: "line",
  sendsAnything: true,
  createCodec: createLineCodec,
};
