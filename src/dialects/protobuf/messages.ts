/** What protobuf and doozer load with the first document that speaks them. */

export { DOOZER } from "./doozer-schema.ts";
export { ProtobufDuplex } from "./duplex.ts";
export { protocolOf } from "./options.ts";
export { compareRequests, requestMatcher } from "./request-matcher.ts";
