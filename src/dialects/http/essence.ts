/** What counts in a response where two servers are compared and the document does not write it. */
import { canonicalJson } from "../../match/canonical-json.ts";
import { parseJson } from "../../match/json-reader.ts";
import type { EssenceContext } from "../dialect.ts";
import { receivedHeader } from "./headers.ts";

const STATUS_LINE = /^HTTP\/1\.[01] (\d\d\d)/;

/**
 * A response as reports show it, without interim responses and `Date`; headers by name, in small letters; a body that is JSON
 * in one way of writing it, so that its length does not count.
 */
export function essenceOfResponse(shown: readonly string[], { unordered }: EssenceContext): readonly string[] {
  const from = finalHead(shown);
  const empty = shown.indexOf("", from);
  if (from === shown.length || empty < 0) return shown;
  const [status, ...head] = shown.slice(from, empty);
  const body = shown.slice(empty + 1);
  const json = parseJson(body.join("\n"));
  const headers = head
    .map((line) => receivedHeader(line, 0))
    .map(({ name, value }) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name !== "date" && !(json && name === "content-length"))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}: ${value}`);
  const lines = json ? canonicalJson(json.root) : body;
  return [status!, ...headers, "", ...(unordered ? [...lines].sort() : lines)];
}

/** Where the head of the final response begins; the number of lines where none does. */
function finalHead(shown: readonly string[]): number {
  for (let at = 0; at < shown.length; ) {
    const status = Number(STATUS_LINE.exec(shown[at]!)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) break;
    if (status >= 200 || status === 101) return at;
    const empty = shown.indexOf("", at);
    if (empty < 0) break;
    at = empty + 1;
  }
  return shown.length;
}
