/** The exchanges of one example on several sides, each beside those that belong to the same lines of the page. */
import type { ExchangeResult } from "../play/outcome.ts";
import type { SideExample } from "./side.ts";

/** One exchange, of each side. */
export type Row = readonly (ExchangeResult | undefined)[];

/** The exchanges of the example itself: with them stands that of an opening that failed, which is written further up. */
export const ownExchanges = ({ line, exchanges }: SideExample): readonly ExchangeResult[] =>
  exchanges.filter((exchange) => exchange.line >= line);

/** Openings first, each in a row of its own, as only those sides have them on which they failed. */
export function rowsOf(results: readonly (SideExample | undefined)[]): readonly Row[] {
  const own = results.map((result) => (result ? ownExchanges(result) : []));
  const openings = results.map((result) => result?.exchanges.filter(({ line }) => line < result.line) ?? []);
  const lines = new Set(openings.flat().map(({ line }) => line));
  return [
    ...[...lines].map((at): Row => openings.map((side) => side.find(({ line }) => line === at))),
    ...Array.from({ length: Math.max(...own.map(({ length }) => length)) }, (_, i): Row => own.map((side) => side[i])),
  ];
}
