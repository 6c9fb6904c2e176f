/**
 * A written line against a range of bytes, without cutting it out first: the same answer as {@link matchText} gives for
 * the text of that range, for the lines that most replies are made of.
 */
import type { ByteString } from "../base/bytes.ts";
import { type Captured, capture, lookUp } from "./captures.ts";
import { isWithin } from "./characters.ts";
import { fits } from "./fit.ts";
import type { Part } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import type { Scope } from "./variables.ts";

/** A line of text that comes once and ends as the document says, with one placeholder at most and no choice in it. */
export type PlainLine = LinePattern & { readonly body: { readonly kind: "text"; readonly parts: readonly Part[] } };

export function isPlainLine(pattern: LinePattern): pattern is PlainLine {
  if (pattern.ending !== "written" || pattern.repeat !== "once") return false;
  if (pattern.literal !== undefined) return true;
  if (pattern.body.kind !== "text" || pattern.beginning || pattern.placeholders.length !== 1) return false;
  const { filter, type } = pattern.placeholders[0]!;
  return filter === undefined && type.kind !== "regex";
}

/** What the bytes from `from` up to `to`, a line without its ending, capture; undefined where they do not match. */
export function matchInPlace(
  line: PlainLine,
  bytes: ByteString,
  from: number,
  to: number,
  scope: Scope,
  captured: Captured,
): Captured | undefined {
  const { literal } = line;
  if (literal !== undefined)
    return to - from === literal.length && bytes.startsWith(literal, from) ? captured : undefined;
  const { parts } = line.body;
  const first = parts[0]!;
  const last = parts[parts.length - 1]!;
  const start = first.kind === "text" ? from + first.bytes.length : from;
  const end = last.kind === "text" ? to - last.bytes.length : to;
  if (start > end) return undefined;
  if (first.kind === "text" && !bytes.startsWith(first.bytes, from)) return undefined;
  if (last.kind === "text" && !bytes.startsWith(last.bytes, end)) return undefined;
  const placeholder = line.placeholders[0]!;
  const bound = lookUp(placeholder.name, scope, captured);
  if (bound !== undefined) return end - start === bound.length && bytes.startsWith(bound, start) ? captured : undefined;
  if (end < to && isWithin(bytes, start, end)) return undefined;
  const value = bytes.slice(start, end);
  return fits(placeholder, value) ? capture(captured, placeholder.name, value) : undefined;
}
