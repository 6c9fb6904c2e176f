/** What of a reply is written where: its responses, their heads, and whether that can be an answer to a request at all. */
import type { LinePattern } from "../../match/pattern.ts";
import type { ReplyCheck, ReplyMistake } from "../dialect.ts";

const isStatusLine = ({ source }: LinePattern): boolean => source.startsWith("HTTP/");

/** Whether a written status line is that of an interim response. 101 is final: after it the protocol is another one. */
const isInterim = ({ source }: LinePattern): boolean => /^HTTP\/1\.[01] 1(?!01)/.test(source);

/** Whether written lines begin as a request does. */
export const beginsRequest = ([first]: readonly LinePattern[]): boolean =>
  first !== undefined && / HTTP(?:\/|\\\/)/.test(first.source);

/** Whether a line is the empty one that ends a head. A suffix may say how it ends. */
export const isEmptyLine = ({ body, literal }: LinePattern): boolean => body.kind === "text" && literal === "";

/** A reply without the empty lines before its first one, which are layout: nothing can come before a status line. */
export function withoutLayout(expects: readonly LinePattern[]): readonly LinePattern[] {
  const first = expects.findIndex((line) => !isEmptyLine(line) || line.marked);
  return first > 0 ? expects.slice(first) : expects;
}

/**
 * The responses that a reply writes down: interim ones, which have no body, and then a final one. None where it does not
 * begin with a status line.
 */
export function writtenResponses(expects: readonly LinePattern[]): readonly (readonly LinePattern[])[] {
  const responses: (readonly LinePattern[])[] = [];
  let rest = withoutLayout(expects);
  while (rest[0] && isStatusLine(rest[0])) {
    const next = isInterim(rest[0]) ? rest.findIndex((line, i) => i > 0 && isStatusLine(line)) : -1;
    const end = next < 0 ? rest.length : next;
    responses.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return responses;
}

export const isInterimResponse = (lines: readonly LinePattern[] | undefined): boolean =>
  lines?.[0] !== undefined && isInterim(lines[0]);

/** Whether the last response that a reply writes down is an interim one. */
export const endsInterim = (expects: readonly LinePattern[]): boolean =>
  expects.some(isInterim) && isInterimResponse(writtenResponses(expects).at(-1));

/** The written head of a response: its status line and headers. */
export function headOf(response: readonly LinePattern[]): readonly LinePattern[] {
  const end = response.findIndex(isEmptyLine);
  return end < 0 ? response : response.slice(0, end);
}

/** Whether a reply says how a line of a head ends, so that more than one ending may come. */
export const namesEndings = (responses: readonly (readonly LinePattern[])[]): boolean =>
  responses.some((response) => {
    const end = response.findIndex(isEmptyLine);
    return response.some(({ ending }, i) => (end < 0 || i <= end) && (ending === "lf" || ending === "crlf"));
  });

/** Checks the replies of one connection to its requests, in their order: after a change of protocol they are lines. */
export class WrittenReplies implements ReplyCheck {
  isTunnel = false;

  /** @param request the first client line. */
  check(request: string, expects: readonly LinePattern[]): readonly ReplyMistake[] {
    const written = withoutLayout(expects);
    const [first] = written;
    if (this.isTunnel || !first) return [];
    const responses = writtenResponses(written);
    if (responses.length === 0) {
      if (canBeAnything(first)) return [];
      return [
        { pattern: first, message: 'a reply to a request begins with a status line: for example "HTTP/1.1 200"' },
      ];
    }
    const status = responses.at(-1)![0]!.source;
    this.isTunnel = /^HTTP\/1\.[01] 101/.test(status) || (/^CONNECT /.test(request) && /^HTTP\/1\.[01] 2/.test(status));
    const mistakes: ReplyMistake[] = [];
    for (const response of responses) {
      const mistake = mistakeInHead(response);
      if (mistake) mistakes.push(mistake);
    }
    return mistakes;
  }
}

/** The first line of a written head that no line of a head can match: one without an ending before all others. */
function mistakeInHead(response: readonly LinePattern[]): ReplyMistake | undefined {
  let wrong: LinePattern | undefined;
  for (let i = 0; i < response.length; i++) {
    const line = response[i]!;
    if (isEmptyLine(line)) break;
    if (line.body.kind === "text" && line.ending === "none") return { pattern: line, message: NO_ENDING };
    if (i > 0 && wrong === undefined && !canBeHeader(line)) wrong = line;
  }
  return wrong && { pattern: wrong, message: NO_HEADER };
}

const NO_HEADER = 'this line is not a header ("Name: value"): write an empty line between the headers and the body';

const NO_ENDING = "status lines and headers always have a line ending: leave out (no-eol)";

/** Whether the beginning of a line is left to what comes. */
function canBeAnything({ body }: LinePattern): boolean {
  return (
    body.kind === "ellipsis" || body.kind === "regex" || (body.kind === "text" && body.parts[0]?.kind === "placeholder")
  );
}

/** Whether a written line can match a header: a name and a colon, or a pattern that leaves them open. */
function canBeHeader({ body }: LinePattern): boolean {
  if (body.kind === "ellipsis" || body.kind === "regex") return true;
  if (body.kind === "bytes") return false;
  const parts = body.kind === "json" ? body.prefix : body.parts;
  for (const part of parts) {
    if (part.kind === "placeholder") continue;
    const colon = part.bytes.indexOf(":");
    const name = colon < 0 ? part.bytes : part.bytes.slice(0, colon).replace(/[ \t]+$/, "");
    if (/[^!#$%&'*+.^_`|~0-9A-Za-z-]/.test(name)) return false;
    if (colon >= 0) return colon > 0 || part !== parts[0];
  }
  return parts.some(({ kind }) => kind === "placeholder");
}
