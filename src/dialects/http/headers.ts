/**
 * Headers and trailers (RFC 9110, section 5) against the written ones: names without regard to case, values without the
 * white space around them, in any order, each written line a header of its own.
 */
import type { ByteString } from "../../base/bytes.ts";
import { decodeText } from "../../base/bytes.ts";
import type { Eol } from "../../base/settings.ts";
import type { Captured } from "../../match/captures.ts";
import type { Part } from "../../match/parts.ts";
import type { Ending, LinePattern } from "../../match/pattern.ts";
import { matchText } from "../../match/text.ts";
import type { Scope } from "../../match/variables.ts";

/** Without the white space around it, which is spaces and tabs and no other byte (RFC 9110, section 5.6.3). */
export function trimSpace(value: ByteString): ByteString {
  let from = 0;
  let to = value.length;
  while (from < to && isSpace(value.charCodeAt(from))) from++;
  while (to > from && isSpace(value.charCodeAt(to - 1))) to--;
  return value.slice(from, to);
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;

/** The members of a list in a header, in small letters. */
export function tokensOf(list: ByteString | undefined): readonly string[] {
  if (list === undefined) return [];
  const tokens = list.toLowerCase().split(",").map(trimSpace);
  return tokens.filter((token) => token !== "");
}

/** A status line that came, without its ending and the space where a reason is empty. */
export const textOfStatus = (line: ByteString): ByteString => trimSpace(line.replace(/\r?\n$/, ""));

/** Whether a body is a stream of events, which may go on for ever (the EventSource part of the HTML standard). */
export const isEventStream = (headers: ReadonlyMap<string, ByteString>): boolean =>
  /^text\/event-stream\s*(?:;|$)/i.test(headers.get("content-type") ?? "");

export type HeadEnding = "\n" | "\r\n";

/** A header line that came. `index` counts the lines of its response. */
export interface ReceivedHeader {
  readonly name: ByteString;
  readonly value: ByteString;
  readonly ending: HeadEnding;
  readonly index: number;
}

export function receivedHeader(line: ByteString, index: number): ReceivedHeader {
  const colon = line.indexOf(":");
  const ending = endingOf(line);
  const value = trimSpace(line.slice(colon + 1, line.endsWith("\n") ? -ending.length : undefined));
  return { name: line.slice(0, colon), value, ending, index };
}

/** The values of headers by their names in small letters; where one is there more than once, its values joined. */
export function valuesByName(headers: Iterable<ReceivedHeader>): ReadonlyMap<string, ByteString> {
  const values = new Map<string, ByteString>();
  for (const header of headers) {
    const name = trimSpace(header.name).toLowerCase();
    const before = values.get(name);
    values.set(name, before === undefined ? header.value : `${before}, ${header.value}`);
  }
  return values;
}

/** What {@link matchHeaders} found. */
export interface HeaderMatch {
  readonly captured: Captured;
  /** Written ones that nothing matched, and those that may be absent: trailers may still bring them. */
  readonly open: readonly LinePattern[];
  /** Those that came and no written one speaks of. */
  readonly free: Iterable<ReceivedHeader>;
  /** What no trailer can mend. `pattern` is undefined for a header that should not be there. */
  readonly problem: HeaderProblem | undefined;
}

export interface HeaderProblem {
  readonly pattern: LinePattern | undefined;
  readonly index: number | undefined;
  readonly detail: string;
  readonly absent?: boolean;
  /** Whether it is about a header that no written one speaks of. */
  readonly unwritten?: boolean;
}

/** Headers that a server adds on its own; they may be there even where no others may. */
const ALWAYS_ALLOWED: ReadonlySet<string> = new Set(["date", "server", "connection", "keep-alive"]);

/** Whether a header that is not written has to be, where no others may be there. */
export const isSurplus = ({ name }: ReceivedHeader): boolean => !ALWAYS_ALLOWED.has(name.toLowerCase());

/** Each written header takes the first received one still free that it matches, those without wildcards first. */
export function matchHeaders(
  written: readonly LinePattern[],
  received: readonly ReceivedHeader[],
  { exact, eol }: { readonly exact: boolean; readonly eol: Eol },
  scope: Scope,
  before: Captured,
): HeaderMatch {
  if (written.length === 0 && !exact) return { captured: before, open: written, free: received, problem: undefined };
  const free = new Set(received);
  const open: LinePattern[] = [];
  let captured = before;
  let problem: HeaderProblem | undefined;
  const take = (pattern: LinePattern): boolean => {
    for (const header of free) {
      const result = matchHeader(pattern, header, eol, scope, captured);
      if (!result) continue;
      captured = result;
      free.delete(header);
      return true;
    }
    return false;
  };
  const once = written.filter(({ repeat, body }) => repeat === "once" && body.kind !== "ellipsis");
  const ordered = [
    ...once.filter(({ literal }) => literal !== undefined),
    ...once.filter(({ literal }) => literal === undefined),
  ];
  const unmatched = ordered.filter((pattern) => !take(pattern));
  for (const pattern of written) {
    if (pattern.repeat === "once") continue;
    open.push(pattern);
    if (take(pattern)) while (pattern.repeat === "any" && take(pattern));
    else unmatched.push(pattern);
  }
  for (const pattern of unmatched) {
    const name = shapeOf(pattern).name?.toLowerCase();
    const other = name === undefined ? undefined : [...free].find((header) => header.name.toLowerCase() === name);
    if (other) problem ??= { pattern, index: other.index, detail: whyDiffers(pattern, other, eol, scope, captured) };
    else if (pattern.repeat === "once") open.push(pattern);
  }
  if (exact && !problem && !written.some(({ body }) => body.kind === "ellipsis")) {
    const further = [...free].find(isSurplus);
    if (further)
      problem = {
        pattern: undefined,
        index: further.index,
        detail: `header "${decodeText(further.name)}" is not written`,
      };
  }
  return { captured, open, free, problem };
}

function whyDiffers(pattern: LinePattern, header: ReceivedHeader, eol: Eol, scope: Scope, captured: Captured): string {
  const name = `header "${shownName(pattern)}"`;
  const wanted = endingDue(pattern, eol);
  const isSame = wanted !== undefined && matchHeader(pattern, { ...header, ending: wanted }, eol, scope, captured);
  return isSame ? `${name} ${endsWrong(header.ending)}` : `${name} differs`;
}

/** The ending that a line of a head has to have; undefined where both are right. */
export function endingDue({ ending }: { readonly ending: Ending }, eol: Eol): HeadEnding | undefined {
  const due = ending === "lf" || ending === "crlf" ? ending : eol;
  return due === "any" ? undefined : due === "lf" ? "\n" : "\r\n";
}

/** A sentence's end about a line of a head that has this ending and should have the other. */
export const endsWrong = (ending: HeadEnding): string =>
  ending === "\n" ? "ends with LF, expected CRLF" : "ends with CRLF, expected LF";

export const endingOf = (line: ByteString): HeadEnding => (line.endsWith("\r\n") ? "\r\n" : "\n");

/** The first of the written headers that has to be there. */
export function missingHeader(open: readonly LinePattern[]): HeaderProblem | undefined {
  const pattern = open.find(({ repeat }) => repeat === "once");
  return pattern && { pattern, index: undefined, detail: `header "${shownName(pattern)}" is missing`, absent: true };
}

const shownName = (pattern: LinePattern): string => decodeText(shapeOf(pattern).name ?? pattern.source);

/** Whether a header that came could be one of the written ones. */
export function matchHeader(
  pattern: LinePattern,
  header: ReceivedHeader,
  eol: Eol,
  scope: Scope,
  captured: Captured,
): Captured | undefined {
  const due = endingDue(pattern, eol);
  if (due !== undefined && due !== header.ending) return undefined;
  const { name, before, after } = shapeOf(pattern);
  if (name === undefined) return matchText(pattern, `${header.name}: ${header.value}`, scope, captured);
  if (name.toLowerCase() !== header.name.toLowerCase()) return undefined;
  return matchText(pattern, before + header.value + after, scope, captured);
}

/**
 * How a written header spells what does not count: the name, and what stands around the value. A header that came is
 * spelt the same before they are compared. `name` is undefined where it holds wildcards.
 */
interface Shape {
  readonly name: ByteString | undefined;
  readonly before: ByteString;
  readonly after: ByteString;
}

const NO_SHAPE: Shape = { name: undefined, before: "", after: "" };

function shapeOf({ body, source }: LinePattern): Shape {
  switch (body.kind) {
    case "text":
      return shapeOfParts(body.parts);
    case "json":
      return shapeOfParts(body.prefix);
    case "bytes":
      return NO_SHAPE;
    case "regex": {
      const name = /^[A-Za-z0-9-]+(?=:)/.exec(source)?.[0];
      return name === undefined ? NO_SHAPE : { name, before: `${name}: `, after: "" };
    }
    case "ellipsis":
      return NO_SHAPE;
    default:
      return body satisfies never;
  }
}

function shapeOfParts(parts: readonly Part[]): Shape {
  const first = parts[0];
  const last = parts.at(-1);
  const match = first?.kind === "text" ? /^([^:]*?)[ \t]*:[ \t]*/.exec(first.bytes) : null;
  if (!match || first?.kind !== "text") return NO_SHAPE;
  const value = last === first ? first.bytes.slice(match[0].length) : last?.kind === "text" ? last.bytes : "";
  return { name: match[1]!, before: match[0], after: /[ \t]*$/.exec(value)![0] };
}
