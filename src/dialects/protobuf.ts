/**
 * Protocol Buffers behind their lengths, written in the text format: with any schema (protobuf), or with one that is
 * built in (doozer). What they need is loaded with the first document that speaks them.
 */
import type { DialectOptions } from "../base/settings.ts";
import type { Dialect } from "./dialect.ts";
import { readFurtherFields } from "./protobuf-further.ts";
import type { Protocol } from "./protobuf-schema.ts";

type Codecs = typeof import("./protobuf-codec.ts");

function speaking(
  { name, options }: Pick<Dialect, "name" | "options">,
  protocolOf: (options: DialectOptions) => Promise<Protocol>,
): Dialect {
  let codecs: Codecs | undefined;
  const protocols = new Map<string, Protocol>();
  return {
    name,
    ...(options && { options }),
    freeEndings: true,
    async load(given) {
      codecs ??= await import("./protobuf-codec.ts");
      protocols.set(JSON.stringify(given), await protocolOf(given));
    },
    createCodec(_side, context) {
      const protocol = protocols.get(JSON.stringify(context.options));
      if (!codecs || !protocol) throw new Error(`load() of the dialect ${name} was not awaited`);
      return new codecs.ProtobufCodec(protocol, context);
    },
    readReply: readFurtherFields,
  };
}

export const protobuf: Dialect = speaking(
  {
    name: "protobuf",
    options: {
      schema: "path",
      request: "text",
      response: "text",
      framing: ["varint", "uint32be", "uint32le"],
      tag: "text",
      verb: "text",
    },
  },
  async (options) => (await import("./protobuf-options.ts")).protocolOf(options),
);

export const doozer: Dialect = speaking({ name: "doozer" }, async () => (await import("./doozer-schema.ts")).DOOZER);
