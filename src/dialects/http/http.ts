/** HTTP/1.1 as a document shows it: a request, and what of its response the author wrote down. */
import type { Dialect, Reading } from "../dialect.ts";
import { readBodyLine } from "./body.ts";
import { arrangeMessage, compareRequest, compareResponse } from "./comparison.ts";
import { HttpConnection } from "./connection.ts";
import { essenceOfResponse } from "./essence.ts";
import { inventResponse } from "./invent.ts";
import { requestMatcher, responseMatcher } from "./matcher.ts";
import { standsAlone } from "./request.ts";
import { endsInterim, WrittenReplies } from "./written.ts";

const requests: Reading = {
  leave: ["HTTP/1.1 100 Continue", ""],
  freeEndings: true,
  readLine: readBodyLine,
  matcher: requestMatcher,
  compare: compareRequest,
  arrange: arrangeMessage,
};

const responses: Reading = {
  freeEndings: true,
  readLine: readBodyLine,
  createCheck: () => new WrittenReplies(),
  goesOn: endsInterim,
  matcher: responseMatcher,
  invent: inventResponse,
  refusal: ["HTTP/1.1 501 Not Implemented", "Content-Type: text/plain", "", "no example matches this request"],
  compare: compareResponse,
  arrange: arrangeMessage,
  essence: essenceOfResponse,
};

export const http: Dialect = {
  name: "http",
  options: { complete: "boolean", headers: ["exact", "listed"] },
  createCodec: (context) => new HttpConnection(context),
  requests,
  responses,
  standsAlone,
  reopens: true,
};
