/** Replies as texts that are equal where the replies are, as far as the page does not say that they may differ. */
import type { DiffRow, ExchangeResult } from "../play/outcome.ts";
import type { Essence } from "./side.ts";

/**
 * Undefined where there is no reply to compare: the exchange was skipped, or is not supported.
 * @param hasRows whether it is known for all sides which lines are as the page writes them. A recording does not tell.
 */
export function replyKey(exchange: ExchangeResult, essence: Essence | undefined, hasRows: boolean): string | undefined {
  const { status, expected, received, diff, failure } = exchange;
  if (status === "skipped" || status === "unsupported") return undefined;
  if (expected.length === 0) {
    const kind = isWrong(exchange) ? failure?.kind : undefined;
    return JSON.stringify([kind, ...linesToCompare(exchange, essence)]);
  }
  if (status === "passed") return "as written";
  return JSON.stringify([failure?.kind, ...(hasRows && diff ? diff.map(rowKey) : received)]);
}

/** Of a reply that the page does not write, the lines that have to be the same. */
export const linesToCompare = (exchange: ExchangeResult, essence: Essence | undefined): readonly string[] =>
  essence?.(exchange) ?? exchange.received;

/**
 * Whether an exchange failed although the page writes no reply: none came where the protocol has one. In a recorded run it
 * fails as well where one came, as that is too much there.
 */
export const isWrong = ({ status, failure }: ExchangeResult): boolean =>
  status === "failed" && failure?.kind !== "extra";

/** A line that is as the page writes it is the same as any other one that is. */
function rowKey(row: DiffRow): readonly string[] {
  if (row.kind === "same") return ["same", row.expected];
  return row.kind === "expected" ? ["missing", row.expected] : ["other", row.received];
}
