/** What protobuf and doozer load with the first document that speaks them: a file of its own beside the bundle. */
export { DOOZER } from "./doozer-schema.ts";
export { ProtobufCodec } from "./protobuf-codec.ts";
export { protocolOf } from "./protobuf-options.ts";
