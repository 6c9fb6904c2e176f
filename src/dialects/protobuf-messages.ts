/** What protobuf and doozer load with the first document that speaks them. */
export { DOOZER } from "./doozer-schema.ts";
export { ProtobufCodec } from "./protobuf-codec.ts";
export { protocolOf } from "./protobuf-options.ts";
