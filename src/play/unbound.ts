import type { LinePattern } from "../match/pattern.ts";
import type { Scope } from "../match/variables.ts";
import type { Note } from "./note.ts";

/** The first name that is needed and free: in a client line, or with a filter. */
export function unboundName(
  { sends, expects }: Note,
  scope: Scope,
): { readonly name: string; readonly line: number } | undefined {
  for (const { line, placeholders } of sends) {
    for (const { name } of placeholders) if (scope.get(name) === undefined) return { name, line };
  }
  for (const { line, placeholders } of expects) {
    for (const { name, filter } of placeholders)
      if (filter && scope.get(name) === undefined && !binds(expects, name)) return { name, line };
  }
  return undefined;
}

const binds = (expects: readonly LinePattern[], name: string): boolean =>
  expects.some(({ placeholders }) => placeholders.some((one) => one.name === name && !one.filter));
