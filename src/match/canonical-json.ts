/** JSON in one way of writing it: members by name, a line each, so that texts of one meaning are the same text. */
import type { Value } from "./json-reader.ts";

/** The lines, without line ends. Members of one name stay in their order. */
export function canonicalJson(value: Value): readonly string[] {
  const lines: string[] = [];
  write(value, "", "", "", lines);
  return lines;
}

function write(value: Value, indent: string, before: string, after: string, lines: string[]): void {
  const list = (open: string, close: string, items: readonly (readonly [string, Value])[]): void => {
    if (items.length === 0) return void lines.push(`${indent}${before}${open}${close}${after}`);
    lines.push(`${indent}${before}${open}`);
    for (const [i, [name, item]] of items.entries())
      write(item, `${indent}  `, name, i < items.length - 1 ? "," : "", lines);
    lines.push(`${indent}${close}${after}`);
  };
  switch (value.kind) {
    case "object": {
      const members = value.members.map(({ key, value: one }) => [`${JSON.stringify(key.text)}: `, one] as const);
      return list(
        "{",
        "}",
        [...members].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
      );
    }
    case "array":
      return list(
        "[",
        "]",
        value.items.flatMap((item) => (item === "..." ? [] : [["", item] as const])),
      );
    case "string":
      return void lines.push(`${indent}${before}${JSON.stringify(value.text)}${after}`);
    case "number":
      return void lines.push(`${indent}${before}${plainNumber(value.canonical)}${after}`);
    case "word":
      return void lines.push(`${indent}${before}${value.word}${after}`);
    case "placeholder":
      return;
    default:
      return value satisfies never;
  }
}

/** `15e-1` as `1.5`; numbers with many zeros stay as they are. */
function plainNumber(canonical: string): string {
  const [, sign = "", digits = "", power = ""] = /^(-?)(\d+)e(-?\d{1,2})$/.exec(canonical) ?? [];
  if (digits === "") return canonical;
  const scale = Number(power);
  if (scale >= 0) return `${sign}${digits}${"0".repeat(scale)}`;
  const padded = digits.padStart(1 - scale, "0");
  return `${sign}${padded.slice(0, scale)}.${padded.slice(scale)}`;
}
