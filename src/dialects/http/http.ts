/** HTTP/1.1 as a document shows it: a request, and what of its response the author wrote down. */
import type { Dialect } from "../dialect.ts";
import { readBodyLine } from "./body.ts";
import { HttpCodec } from "./codec.ts";
import { arrangeResponse, compareResponse } from "./comparison.ts";
import { httpMatcher } from "./matcher.ts";
import { WrittenReplies } from "./written.ts";

export const http: Dialect = {
  name: "http",
  isRepeatable: true,
  options: { complete: "boolean", headers: ["exact", "listed"] },
  createCodec: (_side, context) => new HttpCodec(context),
  readReply: readBodyLine,
  createReplyCheck: () => new WrittenReplies(),
  matcher: httpMatcher,
  reopens: true,
  freeEndings: true,
  compare: compareResponse,
  arrange: arrangeResponse,
};
