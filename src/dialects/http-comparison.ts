/**
 * A response as reports lay it beside the written one: the headers that the author wrote, in that order, and no others;
 * trailers among them; the body where one is written.
 */
import { type ByteString, decodeText, encodeText } from "../base/bytes.ts";
import { NOTHING_CAPTURED } from "../match/captures.ts";
import { parseJson } from "../match/json-reader.ts";
import type { LinePattern } from "../match/pattern.ts";
import { matchLine, matchText } from "../match/text.ts";
import type { Scope } from "../match/variables.ts";
import type { Comparison, ReceivedLine } from "./dialect.ts";
import { matchHeader, receivedHeader } from "./http-headers.ts";

/** The whole response to read: trailers stand with the headers, as an author would write them. */
export function arrangeResponse(received: readonly ReceivedLine[]): readonly ByteString[] {
  const trailers = received.filter(({ part }) => part === "trailer");
  if (trailers.length === 0) return received.map(({ line }) => line);
  const head = received.filter(({ part }) => part === "head");
  const rest = received.filter(({ part }) => part !== "head" && part !== "trailer");
  return [...head.slice(0, -1), ...trailers, ...head.slice(-1), ...rest].map(({ line }) => line);
}

export function compareResponse(
  expects: readonly LinePattern[],
  received: readonly ReceivedLine[],
  scope: Scope,
): Comparison {
  const empty = expects.findIndex(({ source }) => source === "");
  const headers = expects.slice(1, empty < 0 ? expects.length : empty);
  const matches = (pattern: LinePattern, line: ByteString): boolean => {
    if (pattern === expects[0] && isStatus) return matchesStatus(pattern, line, scope);
    if (isStatus && headers.includes(pattern))
      return matchHeader(pattern, receivedHeader(line, 0), scope, NOTHING_CAPTURED) !== undefined;
    return matchLine(pattern, line, { eol: "any", endingOptional: true }, scope, NOTHING_CAPTURED) !== undefined;
  };
  const isStatus = expects[0]?.source.startsWith("HTTP/") === true;
  const lines = received.map(({ line }) => line);
  const [status, ...head] = received.flatMap(({ line, part }) => (part === "head" ? [line] : []));
  if (!isStatus || status === undefined) return { lines, matches };

  const free = [...head.slice(0, -1), ...received.flatMap(({ line, part }) => (part === "trailer" ? [line] : []))];
  const written = headers.flatMap((pattern) => {
    const exact = free.findIndex((line) => matches(pattern, line));
    const name = /^[^:]*/.exec(pattern.source)![0].trim().toLowerCase();
    const at = exact >= 0 ? exact : free.findIndex((line) => line.slice(0, line.indexOf(":")).toLowerCase() === name);
    return at < 0 ? [] : free.splice(at, 1);
  });
  const body = received.flatMap(({ line, part }) => (part === "body" ? [line] : []));
  const showsBody = empty >= 0 && empty < expects.length - 1;
  const shownBody = showsBody ? [head.at(-1) ?? "", ...layOut(body, expects.length - empty - 1)] : [];
  return { lines: [status, ...written, ...shownBody], matches };
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
