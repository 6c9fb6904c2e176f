/** Responses as reports show them, read back; and what counts in one where two servers are compared. */
import { type ByteString, decodeText, encodeText } from "../../base/bytes.ts";
import { canonicalJson } from "../../match/canonical-json.ts";
import { parseJson } from "../../match/json-reader.ts";
import type { ReceivedLine } from "../dialect.ts";
import { isSurplus, receivedHeader } from "./headers.ts";

const STATUS_LINE = /^HTTP\/1\.[01] (\d\d\d)/;
const isEmpty = (line: ByteString): boolean => line === "\r\n" || line === "\n";

/** The inverse of `arrangeMessage`, but for trailers, which stay with the headers. */
export function recallResponse(shown: readonly ByteString[]): readonly ReceivedLine[] {
  const received: ReceivedLine[] = [];
  let at = 0;
  for (let status = statusOf(shown[at]); status !== undefined; status = statusOf(shown[at])) {
    const isInterim = status < 200 && status !== 101;
    const part = isInterim ? "interim" : "head";
    while (at < shown.length && !isEmpty(shown[at]!)) received.push({ line: shown[at++]!, part });
    if (at < shown.length) received.push({ line: shown[at++]!, part });
    if (!isInterim) break;
  }
  const part = at > 0 ? "body" : "cut";
  return [...received, ...shown.slice(at).map((line) => ({ line, part }))];
}

function statusOf(line: ByteString | undefined): number | undefined {
  const [, digits] = STATUS_LINE.exec(line ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Without interim responses and the headers that servers add on their own (`Date` and its like); headers by name; a body
 * that is JSON in one way of writing it.
 */
export function essenceOfResponse(received: readonly ReceivedLine[]): readonly ByteString[] {
  const of = (part: string): readonly ByteString[] => received.flatMap((one) => (one.part === part ? [one.line] : []));
  const [status, ...rest] = of("head");
  const headers = rest.filter((line) => !isEmpty(line) && isSurplus(receivedHeader(line, 0)));
  const body = of("body");
  const json = parseJson(decodeText(body.join("")));
  return [
    ...(status === undefined ? [] : [status]),
    ...headers
      .map((line) => [nameOf(line), line] as const)
      .sort(byName)
      .map(([, line]) => line),
    ...rest.filter(isEmpty),
    ...(json ? canonicalJson(json.root).map((line) => `${encodeText(line)}\n`) : body),
    ...of("cut"),
  ];
}

const nameOf = (line: ByteString): string => receivedHeader(line, 0).name.toLowerCase();
const byName = ([a]: readonly [string, ByteString], [b]: readonly [string, ByteString]): number =>
  a < b ? -1 : a > b ? 1 : 0;
