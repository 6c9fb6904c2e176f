/**
 * What a server says it does not support (`unsupported` in the config file): an exchange that failed by such a line, and
 * what failed after it in its example.
 */
import type { Search } from "../base/regex.ts";
import type { ExchangeResult } from "../play/outcome.ts";

/** What a document writes after a received line whose ending is not the usual one. */
const ENDING = / \((?:no-eol|lf|crlf)\)$/;

/** The lines that came and were not written. */
const unwritten = ({ diff = [], received, repeated }: ExchangeResult): readonly string[] =>
  repeated
    ? received
    : diff.flatMap((row) => (row.kind === "changed" || row.kind === "received" ? [row.received] : []));

/** The reply line by which the server says that it does not support the request; undefined where there is none. */
export function refusalIn(exchange: ExchangeResult, searches: readonly Search[]): string | undefined {
  if (searches.length === 0 || exchange.status !== "failed") return undefined;
  const lines = unwritten(exchange).map((line) => line.replace(ENDING, ""));
  return lines.find((line) => searches.some((finds) => finds(line)));
}

/** Gives the exchanges of one example their status, one after the other. */
export class Refusals {
  readonly #searches: readonly Search[];
  /** The line of the first refusal. */
  #line: string | undefined;

  constructor(searches: readonly Search[]) {
    this.#searches = searches;
  }

  /** Why the example is unsupported, as far as it has come. */
  get reason(): string | undefined {
    return this.#line === undefined ? undefined : `the server says "${this.#line}"`;
  }

  judge(exchange: ExchangeResult): ExchangeResult {
    this.#line ??= refusalIn(exchange, this.#searches);
    const { reason } = this;
    return reason === undefined || exchange.status !== "failed"
      ? exchange
      : { ...exchange, status: "unsupported", reason };
  }
}
