/** What was not the same in each round of a reply (`--repeat`), and what to write in its place. */
import type { Varying } from "../play/outcome.ts";
import type { Paint } from "./diff.ts";
import { hanging } from "./pieces.ts";
import { formatCount, oneLine, plural, visible } from "./text.ts";

const INDENT = "      ";
/** So many different texts of one line are shown. */
const MOST_TEXTS = 5;
const MOST_VARYING = 20;

/** The lines to print, a blank one at the end. */
export function renderVarying(varying: readonly Varying[], columns: number, paint: Paint): readonly string[] {
  const shown = varying.slice(0, MOST_VARYING).flatMap((one) => renderOne(one, columns, paint));
  const left = varying.length - MOST_VARYING;
  const more = left > 0 ? [paint.dim(`${INDENT}… ${plural(left, "more line")} …`)] : [];
  return [`${INDENT}${paint.yellow("not the same in each round:")}`, ...shown, ...more, ""];
}

function renderOne({ line, received, missing, proposal }: Varying, columns: number, paint: Paint): readonly string[] {
  if (line === undefined && received.length === 0)
    return [
      `${INDENT}  the order of the lines`,
      `${INDENT}  ${paint.green("write")} ${proposal} after the language of the block`,
    ];
  const place = line === undefined ? "a further line" : `line ${line}`;
  const absent = missing > 0 ? ` (missing in ${plural(missing, "round")})` : "";
  const left = received.length - MOST_TEXTS;
  const more = left > 0 ? [paint.dim(`${INDENT}    … ${formatCount(left)} more …`)] : [];
  const texts = received
    .slice(0, MOST_TEXTS)
    .flatMap((text) => hanging(`${INDENT}    `, INDENT.length + 4, oneLine(text, 300), columns));
  const prefix = `${INDENT}  write `;
  const remedy =
    proposal === undefined
      ? []
      : hanging(`${INDENT}  ${paint.green("write")} `, prefix.length, visible(proposal), columns);
  return [`${INDENT}  ${place}${absent}`, ...texts, ...more, ...remedy];
}
