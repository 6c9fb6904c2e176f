/**
 * A response as reports lay it beside the written one: the headers that the author wrote, in that order, and no others;
 * trailers among them; the body where one is written.
 */
import { type ByteString, decodeText, encodeText } from "../base/bytes.ts";
import { parseJson } from "../match/json.ts";
import type { LinePattern } from "../match/pattern.ts";
import { matchLine, matchText, NOTHING_CAPTURED } from "../match/text.ts";
import type { Scope } from "../match/variables.ts";
import type { Comparison } from "./dialect.ts";
import { matchHeader, receivedHeader } from "./http-headers.ts";

const EMPTY_LINE = /^\r?\n$/;
const FIELD_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/;

export function compareResponse(
  expects: readonly LinePattern[],
  received: readonly ByteString[],
  scope: Scope,
): Comparison {
  const empty = expects.findIndex(({ source }) => source === "");
  const headers = expects.slice(1, empty < 0 ? expects.length : empty);
  const bodyAt = received.findIndex((line) => EMPTY_LINE.test(line));
  const isHeader = (pattern: LinePattern): boolean => headers.includes(pattern);
  const matches = (pattern: LinePattern, line: ByteString): boolean => {
    if (pattern === expects[0]) return matchesStatus(pattern, line, scope);
    if (isHeader(pattern)) return matchHeader(pattern, receivedHeader(line, 0), scope, NOTHING_CAPTURED) !== undefined;
    return matchLine(pattern, line, { eol: "any", endingOptional: true }, scope, NOTHING_CAPTURED) !== undefined;
  };
  if (!expects[0]?.source.startsWith("HTTP/") || bodyAt < 0) return { lines: received, matches };

  const body = received.slice(bodyAt + 1);
  const free = [...received.slice(1, bodyAt), ...body.filter((line) => FIELD_LINE.test(line))];
  const written = headers.flatMap((pattern) => {
    const exact = free.findIndex((line) => matches(pattern, line));
    const name = /^[^:]*/.exec(pattern.source)![0].trim().toLowerCase();
    const at = exact >= 0 ? exact : free.findIndex((line) => line.slice(0, line.indexOf(":")).toLowerCase() === name);
    return at < 0 ? [] : free.splice(at, 1);
  });
  const showsBody = empty >= 0 && empty < expects.length - 1;
  return {
    lines: [
      received[0]!,
      ...written,
      ...(showsBody ? [received[bodyAt]!, ...layOut(body, expects.length - empty - 1)] : []),
    ],
    matches,
  };
}

function matchesStatus(pattern: LinePattern, line: ByteString, scope: Scope): boolean {
  const text = line.trimEnd();
  return [text.slice(0, "HTTP/1.1 200".length), text].some(
    (one) => matchText(pattern, one, scope, NOTHING_CAPTURED) !== undefined,
  );
}

/** A JSON text on one line, written over as many as the author used, if no number is too long to survive that. */
function layOut(body: readonly ByteString[], writtenLines: number): readonly ByteString[] {
  const text = decodeText(body.join(""));
  if (writtenLines < 3 || body.length > 1 || /\d{16}/.test(text) || !/^[{[]/.test(text) || !parseJson(text))
    return body;
  return JSON.stringify(JSON.parse(text), null, 2)
    .split("\n")
    .map((line) => encodeText(`${line}\n`));
}
