/** The options of the dialect as the protocol that they name. */
import { didYouMean, oneOf } from "../../base/error.ts";
import type { DialectOptions } from "../../base/settings.ts";
import { OptionError } from "../errors.ts";
import { loadProto, type MessageTypes, ProtoError } from "./proto.ts";
import { type Framing, isInteger, type MessageType, type Protocol } from "./schema.ts";

/** @throws {OptionError} */
export async function protocolOf(options: DialectOptions, within?: string): Promise<Protocol> {
  const { schema, framing = "varint", tag, verb } = options;
  if (schema === undefined)
    throw new OptionError(
      "schema",
      "the dialect protobuf needs a schema: protobuf: {schema: file.proto, request: TYPE, response: TYPE} in the front matter",
    );
  const types = await typesOf(String(schema), within);
  const request = messageNamed(types, options, "request");
  const response = messageNamed(types, options, "response");
  return {
    request,
    response,
    framing: framing as Framing,
    ...(tag !== undefined && { tag: tagOf(`${tag}`, request, response) }),
    ...(verb !== undefined && { verb: verbOf(`${verb}`, request) }),
  };
}

async function typesOf(path: string, within: string | undefined): Promise<MessageTypes> {
  try {
    return await loadProto(path, within);
  } catch (error) {
    if (error instanceof ProtoError) throw new OptionError("schema", error.message);
    throw error;
  }
}

/** A message type by its full name, or by its last word where that is only one's. */
function messageNamed(types: MessageTypes, options: DialectOptions, option: "request" | "response"): MessageType {
  const lines = option === "request" ? "client lines" : "reply lines";
  const name = options[option];
  if (name === undefined)
    throw new OptionError(option, `"${option}" is missing: the message type that ${lines} are of${listed(types)}`);
  const found = types.get(`${name}`);
  if (found) return found;
  const ending = [...types.keys()].filter((one) => one.endsWith(`.${name}`));
  if (ending.length === 1) return types.get(ending[0]!)!;
  if (ending.length > 1) throw new OptionError(option, `"${name}" may be ${oneOf(ending)}; write the whole name`);
  const known = [...types.keys()].flatMap((one) => [one, one.slice(one.lastIndexOf(".") + 1)]);
  const guess = didYouMean(`${name}`, known) || listed(types);
  throw new OptionError(option, `the schema has no message type "${name}"${guess}`);
}

const MOST_LISTED = 12;

function listed(types: MessageTypes): string {
  const names = [...types.keys()].filter((name) => !name.startsWith("google.protobuf."));
  if (names.length === 0) return "; the schema has none";
  return names.length > MOST_LISTED ? "" : `; the schema has ${names.join(", ")}`;
}

function fieldNamed(
  type: MessageType,
  name: string,
  option: "tag" | "verb",
): NonNullable<ReturnType<MessageType["byName"]["get"]>> {
  const found = type.byName.get(name);
  if (!found)
    throw new OptionError(
      option,
      `the message ${type.name} has no field "${name}"${didYouMean(name, type.byName.keys())}`,
    );
  return found;
}

function tagOf(name: string, ...types: readonly [MessageType, MessageType]): NonNullable<Protocol["tag"]> {
  const [request, response] = types.map((type) => {
    const found = fieldNamed(type, name, "tag");
    if (!isInteger(found)) throw new OptionError("tag", `a tag is an integer; ${name} of ${type.name} is none`);
    return found;
  });
  return { request: request!, response: response! };
}

function verbOf(name: string, request: MessageType): NonNullable<Protocol["verb"]> {
  const field = fieldNamed(request, name, "verb");
  if (field.type.kind !== "enum" || field.isRepeated)
    throw new OptionError("verb", `a verb is one value of an enum; ${name} of ${request.name} is none`);
  return { field, values: field.type.enum };
}
