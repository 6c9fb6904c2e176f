/** HTTP/1.1 as a document shows it: a request, and what of its response the author wrote down. */
import type { Dialect } from "./dialect.ts";
import { readBodyLine } from "./http-body.ts";
import { HttpCodec } from "./http-codec.ts";
import { arrangeResponse, compareResponse } from "./http-comparison.ts";
import { httpMatcher } from "./http-matcher.ts";
import { WrittenReplies } from "./http-written.ts";

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
