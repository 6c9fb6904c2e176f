/**
 * Doozer's messages (server/msg.proto of ha/doozerd; proto2), a length of four bytes in front of each. `other_tag` is
 * ignored by servers. Verbs and errors that are not here are sent and shown by their numbers.
 */
import { enumType, field, messageType, type Protocol } from "./schema.ts";

const VERBS = enumType("Verb", {
  GET: 1,
  SET: 2,
  DEL: 3,
  REV: 5,
  WAIT: 6,
  NOP: 7,
  WALK: 9,
  GETDIR: 14,
  STAT: 16,
  SELF: 20,
  ACCESS: 99,
});

const ERRORS = enumType("Err", {
  TAG_IN_USE: 1,
  UNKNOWN_VERB: 2,
  READONLY: 3,
  TOO_LATE: 4,
  REV_MISMATCH: 5,
  BAD_PATH: 6,
  MISSING_ARG: 7,
  RANGE: 8,
  NOTDIR: 20,
  ISDIR: 21,
  NOENT: 22,
  OTHER: 127,
});

const requestTag = field("tag", 1, "int32");
const verb = field("verb", 2, VERBS);
const responseTag = field("tag", 1, "int32");

export const DOOZER: Protocol = {
  request: messageType("Request", [
    requestTag,
    verb,
    field("path", 4, "string"),
    field("value", 5, "bytes"),
    field("other_tag", 6, "int32"),
    field("offset", 7, "int32"),
    field("rev", 9, "int64"),
  ]),
  response: messageType("Response", [
    responseTag,
    field("flags", 2, "int32"),
    field("rev", 3, "int64"),
    field("path", 5, "string"),
    field("value", 6, "bytes"),
    field("len", 8, "int32"),
    field("err_code", 100, ERRORS),
    field("err_detail", 101, "string"),
  ]),
  framing: "uint32be",
  tag: { request: requestTag, response: responseTag },
  verb: { field: verb, values: VERBS },
};
