import type { LinePattern } from "../match/pattern.ts";

const isStatusLine = ({ source }: LinePattern): boolean => source.startsWith("HTTP/");

/** Whether a written status line is that of an interim response. 101 is final: behind it the protocol is another one. */
const isInterim = ({ source }: LinePattern): boolean => /^HTTP\/1\.[01] 1(?!01)/.test(source);

/**
 * The responses that a reply writes down: interim ones, which have no body, and then a final one. None where it does not
 * begin with a status line.
 */
export function writtenResponses(expects: readonly LinePattern[]): readonly (readonly LinePattern[])[] {
  const responses: (readonly LinePattern[])[] = [];
  let rest = expects;
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
