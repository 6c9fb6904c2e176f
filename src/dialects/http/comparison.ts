/**
 * A message as reports lay it beside the written one: the headers that the author wrote, in that order, and no others;
 * trailers among them; the body where one is written. What broke off, broke the rules or was too much is always there.
 */
import { type ByteString, decodeText } from "../../base/bytes.ts";
import type { Eol } from "../../base/settings.ts";
import { NOTHING_CAPTURED } from "../../match/captures.ts";
import type { LinePattern } from "../../match/pattern.ts";
import { matchLine } from "../../match/text.ts";
import type { Scope } from "../../match/variables.ts";
import { inWrittenOrder, pairUp } from "../../match/written-order.ts";
import type { Comparison, ReadingContext, ReceivedLine } from "../dialect.ts";
import { templateOf, whyNotJson } from "./body.ts";
import { areChunksOpen, dataOfChunks } from "./chunked.ts";
import { type MessageForm, matchStart, REQUEST, RESPONSE } from "./head-matcher.ts";
import { endingDue, endingOf, isSurplus, matchHeader, receivedHeader, valuesByName } from "./headers.ts";
import { beginsRequest, headOf, isEmptyLine, namesEndings, writtenResponses } from "./written.ts";

/** What came, by what it is; the pieces of a line put together. */
interface Received {
  /** Each with its empty line. */
  readonly interims: readonly (readonly ByteString[])[];
  readonly head: readonly ByteString[];
  readonly trailers: readonly ByteString[];
  readonly body: readonly ByteString[];
  /** A head or a chunk line that was not complete or not right, and what came after the response. */
  readonly rest: readonly ByteString[];
}

function sort(received: readonly ReceivedLine[]): Received {
  const of = (...parts: readonly string[]): readonly ByteString[] =>
    received.flatMap(({ line, part }) => (parts.includes(part) ? [line] : []));
  const interims: ByteString[][] = [];
  let isNew = true;
  for (const line of of("interim")) {
    if (isNew) interims.push([]);
    interims.at(-1)!.push(line);
    isNew = line === "\r\n" || line === "\n";
  }
  return {
    interims,
    head: of("head", "upgrade"),
    trailers: of("trailer"),
    body: cutAtLf(of("body")),
    rest: cutAtLf(of("cut", "stray", "")),
  };
}

const cutAtLf = (pieces: readonly ByteString[]): readonly ByteString[] =>
  pieces.join("").match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The same with a body as the matcher compares it. */
function withoutChunks(came: Received, written: readonly LinePattern[] | undefined, form: MessageForm): Received {
  const { head, body } = came;
  if (form !== REQUEST || !written) return came;
  const codings = valuesByName(head.slice(1).map(receivedHeader)).get("transfer-encoding");
  return areChunksOpen(headOf(written), codings) ? { ...came, body: cutAtLf([dataOfChunks(body.join(""))]) } : came;
}

/** The whole message to read: trailers stand with the headers, as an author would write them. */
export function arrangeMessage(received: readonly ReceivedLine[]): readonly ByteString[] {
  const { interims, head, trailers, body, rest } = sort(received);
  return [...interims.flat(), ...head.slice(0, -1), ...trailers, ...head.slice(-1), ...body, ...rest];
}

export const compareResponse = (
  expects: readonly LinePattern[],
  received: readonly ReceivedLine[],
  scope: Scope,
  context: ReadingContext,
): Comparison => compare(writtenResponses(expects), received, scope, context, RESPONSE);

export const compareRequest = (
  expects: readonly LinePattern[],
  received: readonly ReceivedLine[],
  scope: Scope,
  context: ReadingContext,
): Comparison => compare(beginsRequest(expects) ? [expects] : [], received, scope, context, REQUEST);

/** @param written one message, and the interim ones before it. */
function compare(
  written: readonly (readonly LinePattern[])[],
  received: readonly ReceivedLine[],
  scope: Scope,
  { eol, unordered, options }: ReadingContext,
  form: MessageForm,
): Comparison {
  const came = withoutChunks(sort(received), written.at(-1), form);
  const starts = new Set(written.map(([start]) => start));
  const headers = new Set(written.flatMap((response) => headOf(response).slice(1)));
  const separators = new Set(written.map((message) => message.find(isEmptyLine)));
  const isWrong = (line: ByteString): boolean => eol !== "any" && line.endsWith("\n") && endingOf(line) !== dueBy(eol);
  const matches = (pattern: LinePattern, line: ByteString): boolean => {
    const due = separators.has(pattern) ? endingDue(pattern, eol) : undefined;
    if (due !== undefined && line.endsWith("\n") && due !== endingOf(line)) return false;
    if (starts.has(pattern)) return startsAlike(pattern, line, eol, scope, form);
    if (headers.has(pattern))
      return matchHeader(pattern, receivedHeader(line, 0), eol, scope, NOTHING_CAPTURED) !== undefined;
    return matchLine(pattern, line, { eol: "any", endingOptional: true }, scope, NOTHING_CAPTURED) !== undefined;
  };
  const last = written.at(-1);
  if (!last) return { lines: received.map(({ line }) => line), matches };

  const named = new Set<ByteString>();
  const headLines = (response: readonly LinePattern[], head: readonly ByteString[]): readonly ByteString[] => {
    const patterns = headOf(response);
    const { pairs: lines, free } = linesOfHead(patterns, head, matches);
    for (const [pattern, line] of lines) {
      const due = endingDue(pattern, eol);
      if (due !== undefined && (pattern.ending !== "written" || endingOf(line) !== due)) named.add(line);
    }
    const isExact = options.headers === "exact" && !patterns.some(({ body }) => body.kind === "ellipsis");
    const wrong = free.filter(isWrong);
    for (const line of wrong) named.add(line);
    const tooMany = free.filter((line) => wrong.includes(line) || (isExact && isSurplus(receivedHeader(line, 0))));
    return [...lines.map(([, line]) => line), ...tooMany];
  };

  const isFinal = came.head.length > 0;
  const lines: ByteString[] = [];
  let json: Comparison["json"];
  let note: Comparison["note"];
  let left = came.interims;
  for (const response of isFinal ? written.slice(0, -1) : written) {
    const fits = (interim: readonly ByteString[]): boolean =>
      headOf(response).every((pattern) => interim.some((line) => matches(pattern, line)));
    const fitting = left.find(fits) ?? left.find(([status]) => matches(response[0]!, status!));
    if (!fitting) continue;
    left = left.slice(left.indexOf(fitting) + 1);
    lines.push(...headLines(response, fitting));
    if (response.some(isEmptyLine)) lines.push(fitting.at(-1)!);
  }
  // Where no final response came, the ones that were passed over are all there is to see.
  if (!isFinal) lines.push(...left.flat());
  else if (!namesEndings(written)) lines.push(...left.flat().filter(isWrong));
  const [empty] = came.head.slice(-1);
  for (const line of [...left.flat(), ...came.rest, empty ?? ""]) if (isWrong(line)) named.add(line);
  if (empty !== undefined) {
    lines.push(...headLines(last, [...came.head.slice(0, -1), ...came.trailers]));
    const at = last.findIndex(isEmptyLine);
    const body = at < 0 ? [] : last.slice(at + 1);
    if (at >= 0 && body.length > 0) {
      lines.push(empty);
      const template = templateOf(body);
      const text = decodeText(came.body.join(""));
      const why = whyNotJson(body, text);
      if (why !== undefined) note = { patterns: body, text: why };
      else if (template) json = { patterns: body, template, from: lines.length, to: lines.length + came.body.length };
      lines.push(...(unordered && !json ? inWrittenOrder(body, came.body, matches) : came.body));
      // A mark for an empty body is met by nothing.
      if (body.length === 1 && body[0]!.source === "" && body[0]!.marked && came.body.length === 0) lines.push("");
    } else if (at >= 0) lines.push(empty);
    if (at >= 0 && body.length === 0 && last[at]!.marked) lines.push(...came.body);
    else if (
      body.length === 0 &&
      came.rest.length === 0 &&
      last.every((one) => lines.some((line) => matches(one, line)))
    )
      lines.push(...(at < 0 ? [empty] : []), ...came.body);
  }
  lines.push(...came.rest);
  return { lines, matches, json, note, namesEnding: (line) => named.has(line) };
}

const dueBy = (eol: Eol): string => (eol === "lf" ? "\n" : "\r\n");

/** The lines of a head that written ones speak of, in their order, and the others. */
function linesOfHead(
  written: readonly LinePattern[],
  head: readonly ByteString[],
  matches: (pattern: LinePattern, line: ByteString) => boolean,
): { readonly pairs: readonly (readonly [LinePattern, ByteString])[]; readonly free: readonly ByteString[] } {
  const [status, ...lines] = head;
  const [first, ...headers] = written;
  if (status === undefined || !first) return { pairs: [], free: [] };
  const { pairs, free } = pairUp(headers, lines, matches);
  for (const pattern of headers) {
    if (pairs.has(pattern)) continue;
    const name = nameOf(pattern.source);
    const at = free.findIndex((line) => nameOf(line) === name);
    if (at >= 0) pairs.set(pattern, free.splice(at, 1)[0]!);
  }
  const paired = headers.flatMap((one) => (pairs.has(one) ? [[one, pairs.get(one)!] as const] : []));
  return { pairs: [[first, status], ...paired], free };
}

const nameOf = (header: string): string => /^[^:]*/.exec(header)![0].trim().toLowerCase();

function startsAlike(pattern: LinePattern, line: ByteString, eol: Eol, scope: Scope, form: MessageForm): boolean {
  const due = endingDue(pattern, eol);
  if (due !== undefined && line.endsWith("\n") && endingOf(line) !== due) return false;
  return matchStart(pattern, line, scope, form) !== undefined;
}
