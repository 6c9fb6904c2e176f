/** ` ...` at the end of a reply line: a message may have further fields behind those that are written. */
import type { ByteString } from "../base/bytes.ts";
import type { Part } from "../match/parts.ts";
import type { LinePattern } from "../match/pattern.ts";

const FURTHER = " ...";

/** A line that ends in ` ...` is compared with as many fields of a message as it has itself. */
export function readFurtherFields(pattern: LinePattern): LinePattern {
  const { body } = pattern;
  const last = body.kind === "text" ? body.parts.at(-1) : undefined;
  if (body.kind !== "text" || last?.kind !== "text" || !last.bytes.endsWith(FURTHER)) return pattern;
  const parts: readonly Part[] = [
    ...body.parts.slice(0, -1),
    { kind: "text", bytes: last.bytes.slice(0, -FURTHER.length) },
  ];
  const count = boundaries(parts.map((part) => (part.kind === "text" ? part.bytes : "x")).join("")).count + 1;
  return {
    ...pattern,
    body: { kind: "text", parts },
    literal: undefined,
    beginning: (text) => {
      const found = boundaries(text, count);
      if (found.count === count) return text.slice(0, found.at);
      return found.count === count - 1 ? text : undefined;
    },
  };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** How many places between fields there are in a printed message, at most `most`, and where the last of those is. */
function boundaries(text: ByteString, most: number = Number.POSITIVE_INFINITY): { count: number; at: number } {
  let count = 0;
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
    else if (
      code === SPACE &&
      depth === 0 &&
      text.charCodeAt(at - 1) !== COLON &&
      text.charCodeAt(at + 1) !== OPEN &&
      ++count === most
    )
      return { count, at };
  }
  return { count, at: text.length };
}
