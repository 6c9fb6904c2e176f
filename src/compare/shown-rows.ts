/** The lines of a comparison as published pages show them: marked, without invisible characters, and not too many. */
import type { DiffRow } from "../play/outcome.ts";
import { formatCount, oneLine } from "../report/text.ts";

export interface ShownRow {
  /** `-`: written by the page or said by the first side; `+`: said by the other one; ` `: the same; `…`: left out. */
  readonly mark: "-" | "+" | " " | "…";
  readonly text: string;
}

/** Lines around each difference. */
const CONTEXT = 3;
const MOST_ROWS = 200;

export function showRows(rows: readonly DiffRow[]): readonly ShownRow[] {
  const isNear = rows.map((_, i) => rows.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(isOther));
  const shown: ShownRow[] = [];
  let left = 0;
  const closeGap = (): void => {
    if (left > 0) shown.push({ mark: "…", text: `${formatCount(left)} more` });
    left = 0;
  };
  for (const [i, row] of rows.entries()) {
    if (!isNear[i] || shown.length >= MOST_ROWS) left++;
    else {
      closeGap();
      shown.push(...showRow(row));
    }
  }
  closeGap();
  return shown;
}

const isOther = ({ kind }: DiffRow): boolean => kind !== "same";

function showRow(row: DiffRow): readonly ShownRow[] {
  const rows: ShownRow[] = [];
  if (row.kind === "same") return [{ mark: " ", text: oneLine(row.received) }];
  if (row.kind !== "received") rows.push({ mark: "-", text: oneLine(row.expected) });
  if (row.kind !== "expected") rows.push({ mark: "+", text: oneLine(row.received) });
  return rows;
}
