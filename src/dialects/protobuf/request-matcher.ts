/** Written requests against received ones: the messages count, not the order and the layout in which they are written. */
import { type ByteString, decodeText } from "../../base/bytes.ts";
import { boundValue, NOTHING_CAPTURED } from "../../match/captures.ts";
import { matchInOrder } from "../../match/in-order.ts";
import type { Matcher } from "../../match/matcher.ts";
import { type LinePattern, varied } from "../../match/pattern.ts";
import { matchText, splitEnding } from "../../match/text.ts";
import type { Scope } from "../../match/variables.ts";
import type { Comparison, ReceivedLine } from "../dialect.ts";
import { Reader } from "./incoming.ts";
import type { Protocol } from "./schema.ts";
import { readMessage } from "./text.ts";
import { TextError } from "./tokens.ts";

export const requestMatcher = (expects: readonly LinePattern[], scope: Scope, protocol: Protocol): Matcher =>
  matchInOrder(
    expects.map((one) => asReceived(one, scope, protocol)),
    scope,
    { eol: "any", endingOptional: true },
  );

/** For reports. */
export const compareRequests = (
  expects: readonly LinePattern[],
  received: readonly ReceivedLine[],
  scope: Scope,
  protocol: Protocol,
): Comparison => ({
  lines: received.map(({ line }) => shownLine(expects, line, protocol)),
  matches: (pattern, line) =>
    matchText(asReceived(pattern, scope, protocol), splitEnding(line, "any").text, scope, NOTHING_CAPTURED) !==
    undefined,
});

/** A line that came, without its tag where none is written. */
function shownLine(expects: readonly LinePattern[], line: ByteString, { tag }: Protocol): ByteString {
  if (!tag || expects.some(({ source }) => source.includes(`${tag.request.name}:`))) return line;
  const { text, ending } = splitEnding(line, "any");
  return withoutField(text, tag.request.name) + ending;
}

/** A written request as it is shown when it comes. One with a name that has no value stays as it is written. */
function asReceived(pattern: LinePattern, scope: Scope, protocol: Protocol): LinePattern {
  const text = textOf(pattern, scope);
  const bytes = text === undefined ? undefined : shown(text, protocol);
  const tag = protocol.tag?.request.name;
  return varied(pattern, {
    ...(bytes !== undefined && { body: { kind: "text", parts: [{ kind: "text", bytes }] } }),
    literal: undefined,
    // A client chooses its tags; the reply bears the same one. Only where one is written it may count.
    beginning: (line) => (tag === undefined || line === bytes ? line : withoutField(line, tag)),
  });
}

function textOf({ body, literal }: LinePattern, scope: Scope): ByteString | undefined {
  if (literal !== undefined) return literal;
  if (body.kind !== "text") return undefined;
  let text = "";
  for (const part of body.parts) {
    const bytes = part.kind === "text" ? part.bytes : boundValue(part, scope, NOTHING_CAPTURED);
    if (bytes === undefined) return undefined;
    text += bytes;
  }
  return text;
}

function shown(text: ByteString, { request, tag, verb }: Protocol): ByteString | undefined {
  try {
    const message = readMessage(decodeText(text), request, tag?.request, verb);
    const bytes = Buffer.from(message.encode(undefined), "latin1");
    const line = new Reader(request, Number.POSITIVE_INFINITY).request(bytes, verb, []);
    return tag ? withoutField(line, tag.request.name) : line;
  } catch (error) {
    if (error instanceof TextError) return undefined;
    throw error;
  }
}

/** A line without a field of the message itself, which is a number. */
function withoutField(line: ByteString, name: string): ByteString {
  let depth = 0;
  for (const { 0: word, index } of line.matchAll(/"(?:[^"\\]|\\.)*"|[{}]|[^\s{}"]+/g)) {
    if (word === "{") depth++;
    else if (word === "}") depth--;
    else if (depth === 0 && word === `${name}:`) {
      const before = line.slice(0, index).trimEnd();
      const after = line.slice(index).replace(/^\S+ \S+ ?/, "");
      return [before, after].filter(Boolean).join(" ") || "{}";
    }
  }
  return line;
}
