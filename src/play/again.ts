/** What may be sent once more where a server closed its connection without an answer. */
import type { Encoded } from "../dialects/codec.ts";

/** Whether all that was sent is idempotent (RFC 9110, section 9.2.2). */
export const isIdempotent = (sent: Encoded | undefined): boolean =>
  sent !== undefined &&
  sent.withheld === undefined &&
  sent.requests.length > 0 &&
  sent.requests.every((request) => request.isIdempotent);
