/**
 * Protocol Buffers, each after its length, written in the text format: with any schema (protobuf), or with one that is
 * built in (doozer). What they need is loaded with the first document that speaks them.
 */
import type { DialectOptions } from "../../base/settings.ts";
import type { Dialect } from "../dialect.ts";
import { readFurtherFields } from "./further.ts";
import type { Protocol } from "./schema.ts";

type Messages = typeof import("./messages.ts");

function speaking(
  { name, options }: Pick<Dialect, "name" | "options">,
  protocolOf: (messages: Messages, options: DialectOptions, within?: string) => Protocol | Promise<Protocol>,
): Dialect {
  let messages: Messages | undefined;
  const protocols = new Map<string, Protocol>();
  const loadedFor = (options: DialectOptions): { readonly messages: Messages; readonly protocol: Protocol } => {
    const protocol = protocols.get(JSON.stringify(options));
    if (!messages || !protocol) throw new Error(`load() of the dialect ${name} was not awaited`);
    return { messages, protocol };
  };
  return {
    name,
    ...(options && { options }),
    isLineByLine: true,
    async load(given, within) {
      messages ??= await import("./messages.ts");
      protocols.set(JSON.stringify(given), await protocolOf(messages, given, within));
    },
    createCodec(context) {
      const loaded = loadedFor(context.options);
      return new loaded.messages.ProtobufDuplex(loaded.protocol, context);
    },
    requests: {
      freeEndings: true,
      matcher(expects, scope, { options: given }) {
        const loaded = loadedFor(given);
        return loaded.messages.requestMatcher(expects, scope, loaded.protocol);
      },
      compare(expects, received, scope, { options: given }) {
        const loaded = loadedFor(given);
        return loaded.messages.compareRequests(expects, received, scope, loaded.protocol);
      },
    },
    responses: { freeEndings: true, plainest: "{}", readLine: readFurtherFields },
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
  (messages, options, within) => messages.protocolOf(options, within),
);

export const doozer: Dialect = speaking({ name: "doozer" }, ({ DOOZER }) => DOOZER);
