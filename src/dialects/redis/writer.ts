/** Values as RESP has them on the wire; the inverse of reader.ts. */
import type { ByteString } from "../../base/bytes.ts";
import { isAggregate, type RespValue, type Scalar } from "./value.ts";

const AGGREGATES = { array: "*", set: "~", map: "%", push: ">" } as const;
const LINES = { simple: "+", integer: ":", double: ",", "big number": "(", boolean: "#" } as const;

/** The bytes of a value. Those of null depend on the version of the protocol. */
export function writeValue(value: RespValue, version: 2 | 3): ByteString {
  const attributes = value.attributes ? writeElements("|", value.attributes, value.attributes.length / 2, version) : "";
  if (!isAggregate(value)) return attributes + writeScalar(value, version);
  const { kind, elements } = value;
  const count = kind === "map" ? elements.length / 2 : elements.length;
  return attributes + writeElements(AGGREGATES[kind], elements, count, version);
}

function writeElements(type: string, elements: readonly RespValue[], count: number, version: 2 | 3): ByteString {
  return `${type}${count}\r\n${elements.map((element) => writeValue(element, version)).join("")}`;
}

function writeScalar({ kind, text }: Scalar, version: 2 | 3): ByteString {
  switch (kind) {
    case "string":
      return writeText("$", text);
    case "verbatim":
      return writeText("=", `txt:${text}`);
    case "error":
      return /[\r\n]/.test(text) ? writeText("!", text) : `-${text}\r\n`;
    case "null":
      return version === 3 ? "_\r\n" : "$-1\r\n";
    default:
      return `${LINES[kind]}${text}\r\n`;
  }
}

const writeText = (type: string, text: ByteString): ByteString => `${type}${text.length}\r\n${text}\r\n`;
