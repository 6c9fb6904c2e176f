/**
 * Replies as redis-cli writes them, read back to values; the inverse of render.ts. Where lines could stand for several
 * values, the plainest is taken: what looks like an aggregate, a string in quotes or `(nil)` is one, any other line is a
 * simple string. What is read is written again and compared: it is never shown with other lines than these.
 *
 * Non-goals: texts of several lines whose first line looks like another kind of value, or a further one like an element;
 * and which commands have replies for people (`unrenderRaw`): the caller knows the command.
 */
import { type ByteString, decodeText } from "../../base/bytes.ts";
import type { OutgoingLine } from "../codec.ts";
import { LineError } from "../errors.ts";
import { render } from "./render.ts";
import { labelAt, ReplyReader } from "./reply-reader.ts";
import { textOf } from "./texts.ts";
import type { Aggregate, RespValue, Scalar } from "./value.ts";

/** One reply that was read, and the index of the line after it. */
export interface Unrendered {
  readonly value: RespValue;
  readonly end: number;
}

/**
 * Reads one reply, from a line on.
 * @param hasTexts whether a text may go on over several lines, as a verbatim string does.
 * @throws {LineError}
 */
export function unrender(lines: readonly OutgoingLine[], from: number, hasTexts: boolean): Unrendered {
  const isAlone = lines.length === from + 1;
  try {
    const reply = readReply(lines, from, hasTexts);
    if (!isAlone) checkNext(lines[reply.end]);
    return reply;
  } catch (error) {
    // A single line can always be a text of its own.
    if (!isAlone || !(error instanceof LineError)) throw error;
    return { value: textOf([lines[from]!.bytes], "simple"), end: from + 1 };
  }
}

function readReply(lines: readonly OutgoingLine[], from: number, hasTexts: boolean): Unrendered {
  const reader = new ReplyReader(lines, from, hasTexts);
  const value = reader.read();
  const { end } = reader;
  const written = render(value, Number.POSITIVE_INFINITY);
  for (let i = from; i < end; i++) {
    const line = lines[i]!;
    const instead = written[i - from];
    if (instead !== line.bytes)
      throw new LineError(line, `redis-cli writes this line as: ${decodeText(instead ?? "")}`);
  }
  return { value, end };
}

/** An element of no aggregate is a mistake in its number, its type or its indentation. */
function checkNext(line: OutgoingLine | undefined): void {
  const label = line && labelAt(line.bytes, 0);
  if (!label || label.number === 1) return;
  throw new LineError(
    line,
    `no element ${label.number}${label.separator} can follow here; the line above ends its reply`,
  );
}

/** A reply that redis-cli shows as it is, as that to INFO: one text with these lines. */
export function unrenderRaw(lines: readonly OutgoingLine[], name: string, version: 2 | 3): RespValue {
  const texts = lines.map(({ bytes }) => bytes);
  const [first] = texts;
  if (texts.length === 1 && first === "QUEUED") return textOf(texts, "simple");
  if (texts.length === 1 && /^(?:ERR|NOAUTH|NOPERM) /.test(first!)) return textOf(texts, "error");
  const ending = name === "INFO" || texts.some((text) => text.endsWith("\r")) ? "\r\n" : "\n";
  const text = texts.map((text) => text + ending).join("");
  return { kind: version === 3 ? "verbatim" : "string", text, attributes: undefined };
}

/** The short form of a push that names changed keys; undefined: these lines are none. A key may hold LF, not `', '`. */
export function unrenderInvalidation(lines: readonly OutgoingLine[], from: number): Unrendered | undefined {
  const HEAD = "-> invalidate: ";
  const first = lines[from]?.bytes;
  if (!first?.startsWith(HEAD)) return undefined;
  let end = from + 1;
  let text = first.slice(HEAD.length);
  while (text !== "" && !/^'[\s\S]*'$/.test(text) && end < lines.length) text += `\n${lines[end++]!.bytes}`;
  if (text !== "" && !/^'[\s\S]*'$/.test(text)) return undefined;
  const keys = text === "" ? [] : text.slice(1, -1).split("', '");
  const string = (text: ByteString): Scalar => ({ kind: "string", text, attributes: undefined });
  const array: Aggregate = { kind: "array", elements: keys.map(string), attributes: undefined };
  return { value: { kind: "push", elements: [string("invalidate"), array], attributes: undefined }, end };
}
