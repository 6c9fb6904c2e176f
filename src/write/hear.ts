/** Whether a reply as it is to be written matches what came. */
import type { Dialect } from "../dialects/dialect.ts";
import type { Captures, Progress } from "../match/matcher.ts";
import { PatternError } from "../match/parts.ts";
import { type LinePattern, parseReplyLine } from "../match/pattern.ts";
import { createMatcher } from "../play/hearing.ts";
import type { WrittenLine } from "../transcript/model.ts";
import { contextOf, type FailedReply } from "./failed-reply.ts";
import { bindingsOf } from "./needed-names.ts";
import { placeReply, type ReplyLine } from "./reply.ts";

/** @returns what the reply captures; undefined where it does not match, or does not bind the names that are needed. */
export function hear(lines: readonly ReplyLine[], { note, scope, style, needed }: FailedReply): Captures | undefined {
  const { example, received, parts, ends } = note;
  const expects = readAll(placeReply(lines, style, note.sends.length > 0), example.dialect);
  if (!expects || !binds(expects, needed)) return undefined;
  if (expects.length === 0) return received.length === 0 ? NOTHING : undefined;
  const matcher = createMatcher(expects, scope, example.dialect.responses, contextOf(note));
  let progress: Progress = matcher.mayBeEmpty ? "open" : "more";
  for (const [i, line] of received.entries()) {
    if (progress === "done" || progress === "failed") return undefined;
    progress = matcher.feed(line, parts[i] ?? "");
    if (progress !== "failed" && ends.includes(i + 1)) progress = matcher.endMessage();
  }
  if (progress === "more" || progress === "open") progress = matcher.end();
  return (progress === "done" || progress === "open") && matcher.rest === "" ? matcher.captures() : undefined;
}

const NOTHING: Captures = new Map();

function readAll(lines: readonly ReplyLine[], dialect: Dialect): readonly LinePattern[] | undefined {
  const expects: LinePattern[] = [];
  for (const [i, { text, marked }] of lines.entries()) {
    const pattern = readLine({ text, line: i + 1, column: 1, marked }, dialect);
    if (!pattern) return undefined;
    expects.push(pattern);
  }
  return expects;
}

/** A reply line as its dialect reads it; undefined where it has a mistake. */
export function readLine(written: WrittenLine, { suffix, responses }: Dialect): LinePattern | undefined {
  try {
    const pattern = parseReplyLine(written, suffix);
    return responses?.readLine?.(pattern) ?? pattern;
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/** Whether lines that come once bind all of these names. */
function binds(expects: readonly LinePattern[], needed: ReadonlySet<string>): boolean {
  if (needed.size === 0) return true;
  const bound = bindingsOf(expects.filter(({ repeat }) => repeat === "once"));
  return [...needed].every((name) => bound.includes(name));
}
