/** ` ...` at the end of a reply line: a message may have further fields after those that are written. */
import type { ByteString } from "../../base/bytes.ts";
import type { Part } from "../../match/parts.ts";
import { type LinePattern, varied } from "../../match/pattern.ts";

const FURTHER = " ...";
/** Stands for a placeholder while fields are counted: nothing that is printed holds it. */
const PLACEHOLDER = "\0";

/** A line that ends in ` ...` is compared with as many fields of a message as it has itself. */
export function readFurtherFields(pattern: LinePattern): LinePattern {
  const { body } = pattern;
  const last = body.kind === "text" ? body.parts.at(-1) : undefined;
  if (body.kind !== "text" || last?.kind !== "text" || !last.bytes.endsWith(FURTHER)) return pattern;
  const parts: readonly Part[] = [
    ...body.parts.slice(0, -1),
    { kind: "text", bytes: last.bytes.slice(0, -FURTHER.length) },
  ];
  const spaces = 2 * countFields(parts.map((part) => (part.kind === "text" ? part.bytes : PLACEHOLDER)).join(""));
  return varied(pattern, {
    body: { kind: "text", parts },
    literal: undefined,
    beginning: (text) => {
      const end = spaceIn(text, spaces);
      if (end !== undefined) return text.slice(0, end);
      return text === "{}" || spaceIn(text, spaces - 1) !== undefined ? text : undefined;
    },
  });
}

/** A field is two words, its name and its value; a placeholder by itself is a whole one. */
function countFields(text: ByteString): number {
  let fields = 0;
  for (let rest: ByteString | undefined = text; rest !== undefined; fields++) {
    const end = spaceIn(rest, rest.startsWith(`${PLACEHOLDER} `) ? 1 : 2);
    rest = end === undefined ? undefined : rest.slice(end + 1);
  }
  return fields;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Where the space of this count is, of those outside of texts in quotes and of messages in braces. */
function spaceIn(text: ByteString, count: number): number | undefined {
  let left = count;
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isQuoted) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) isQuoted = false;
    } else if (code === QUOTE) isQuoted = true;
    else if (code === OPEN) depth++;
    else if (code === CLOSE) depth--;
    else if (code === SPACE && depth === 0 && --left === 0) return at;
  }
  return undefined;
}
