/** What a document answers to what (`--mode match`): each exchange is a rule of its own. */
import type { Dialect } from "../dialects/dialect.ts";
import type { Move, Say } from "../plan/moves.ts";
import type { PlannedExample } from "../plan/planned.ts";

export interface Rule {
  readonly example: PlannedExample;
  readonly request: Say;
  /** What the server says and does after it, on its connection. */
  readonly answer: readonly Move[];
  /** Names that get a new value with each answer. */
  readonly binds: readonly string[];
}

/** The rules in the order of the document. Examples in another dialect are none: one address speaks one dialect. */
export function rulesOf(examples: readonly PlannedExample[], dialect: Dialect): readonly Rule[] {
  const known = new Set<string>(namesIn(greetingOf(examples)?.moves ?? []));
  return examples
    .filter((example) => example.role === "example" && example.skip === undefined && example.dialect === dialect)
    .flatMap((example) =>
      example.moves.flatMap((request, at) => {
        if (request.kind !== "say" || request.by !== "client") return [];
        const answer = answerAfter(example.moves, at);
        const binds = namesIn(answer).filter((name) => !known.has(name));
        for (const name of binds) known.add(name);
        return [{ example, request, answer, binds }];
      }),
    );
}

/** What the server says before any client has spoken: in the opening, or where the first example begins so. */
export function greetingOf(examples: readonly PlannedExample[]): PlannedExample | undefined {
  const opening = examples.findLast(({ role, skip }) => role === "opening" && skip === undefined);
  if (opening) return opening;
  const first = examples.find(({ role, skip }) => role === "example" && skip === undefined);
  const end = first?.moves.findIndex((move) => move.by === "client") ?? 0;
  const moves = first?.moves.slice(0, end < 0 ? undefined : end) ?? [];
  return first && moves.length > 0 ? { ...first, moves } : undefined;
}

function answerAfter(moves: readonly Move[], at: number): readonly Move[] {
  const { on } = moves[at]!;
  const later = moves.slice(at + 1).filter((move) => move.on === on);
  const next = later.findIndex((move) => move.kind === "say" && move.by === "client");
  return later
    .slice(0, next < 0 ? undefined : next)
    .filter((move) => move.by === "server" || (move.kind === "act" && move.act === "starttls"));
}

/** The names that server lines bind, or use. */
const namesIn = (moves: readonly Move[]): readonly string[] =>
  moves.flatMap((move) =>
    move.kind === "say" && move.by === "server"
      ? move.lines.flatMap(({ placeholders, groups }) => [
          ...groups,
          ...placeholders.filter(({ filter }) => !filter).map(({ name }) => name),
        ])
      : [],
  );
