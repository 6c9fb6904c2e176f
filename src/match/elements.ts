/** A written reply as the parts that BytesMatcher goes through. */
import type { ByteItem } from "./parts.ts";
import type { LinePattern } from "./pattern.ts";
import type { Scope } from "./variables.ts";

/** One step of a reply: a line, any number of lines, a run of bytes, or the rest of a line that has no ending. */
export type Element =
  | { readonly kind: "line"; readonly pattern: LinePattern }
  | { readonly kind: "ellipsis"; readonly pattern: LinePattern }
  | { readonly kind: "bytes"; readonly items: readonly ByteItem[]; readonly patterns: readonly LinePattern[] }
  | { readonly kind: "tail"; readonly pattern: LinePattern };

const hasFreeText = (pattern: LinePattern, names: ReadonlySet<string>, scope: Scope): boolean =>
  pattern.body.kind !== "text" ||
  pattern.placeholders.some(
    ({ name, filter }) => filter === undefined && (name === "_" || (!names.has(name) && scope.get(name) === undefined)),
  );

export function elementsOf(expects: readonly LinePattern[], scope: Scope): readonly Element[] {
  const elements: Element[] = [];
  const names = new Set<string>();
  for (const pattern of expects) {
    const { body } = pattern;
    if (body.kind === "ellipsis") elements.push({ kind: "ellipsis", pattern });
    else if (
      body.kind === "bytes" ||
      (pattern.ending === "none" && body.kind === "text" && !hasFreeText(pattern, names, scope))
    ) {
      const items: readonly ByteItem[] = body.kind === "bytes" ? body.items : body.parts;
      const last = elements.at(-1);
      if (last?.kind === "bytes")
        elements[elements.length - 1] = {
          kind: "bytes",
          items: [...last.items, ...items],
          patterns: [...last.patterns, pattern],
        };
      else elements.push({ kind: "bytes", items, patterns: [pattern] });
    } else elements.push({ kind: pattern.ending === "none" ? "tail" : "line", pattern });
    for (const { name } of pattern.placeholders) names.add(name);
  }
  return elements;
}

/** Whether a reply may go on when it is complete: only silence, a hang-up or the message ends it. */
export function endsOpen(elements: readonly Element[]): boolean {
  const last = elements.at(-1);
  if (!last) return false;
  if (last.kind === "bytes") return last.items.at(-1)?.kind === "bytes";
  return last.kind !== "line" || last.pattern.repeat !== "once";
}
