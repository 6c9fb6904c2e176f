/** Lists of regular expressions in a config file. */
import { compileSearch } from "../../base/regex.ts";
import type { Entry } from "../../transcript/value.ts";
import { type Report, showValue } from "./entries.ts";

/** One expression or a list of them. Those with a mistake are reported and left out. */
export function readExpressions(entry: Entry | undefined, report: Report): readonly string[] {
  if (!entry || (entry.value.kind === "scalar" && entry.value.value === null)) return [];
  const items = entry.value.kind === "list" ? entry.value.items : [entry.value];
  return items.flatMap((item) => {
    const tell = (why: string): readonly string[] => {
      report(`${entry.name}: ${why}`, item.span ?? entry.span);
      return [];
    };
    if (item.kind !== "scalar" || item.text === "")
      return tell(`invalid value ${showValue(item)}: use regular expressions, for example ["unknown command"]`);
    try {
      compileSearch(item.text);
      return [item.text];
    } catch (error) {
      return tell(`invalid regular expression "${item.text}": ${(error as Error).message}`);
    }
  });
}
