import type { Scope } from "../match/variables.ts";
import type { PlannedExchange } from "../plan/planned.ts";

/** The first name that is needed and free: in a client line, or with a filter. */
export function unboundName(
  { sends, expects }: PlannedExchange,
  scope: Scope,
): { readonly name: string; readonly line: number } | undefined {
  for (const { line, placeholders } of sends) {
    for (const { name } of placeholders) if (scope.get(name) === undefined) return { name, line };
  }
  const binds = new Set(
    expects.flatMap(({ placeholders }) => placeholders.filter(({ filter }) => !filter).map(({ name }) => name)),
  );
  for (const { line, placeholders } of expects) {
    for (const { name, filter } of placeholders)
      if (filter && !binds.has(name) && scope.get(name) === undefined) return { name, line };
  }
  return undefined;
}
