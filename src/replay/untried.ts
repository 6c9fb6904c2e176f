/** What examples lack where exchanges were not tried: names that nothing has bound. */
import type { LinePattern } from "../match/pattern.ts";
import { answerTo } from "../plan/moves.ts";
import type { PlannedExample } from "../plan/planned.ts";
import type { Variables } from "../plan/variables.ts";
import { Note } from "../play/note.ts";

export class Untried {
  readonly #variables: Variables;
  /** Names that a reply would have bound, with its line and why it has not. */
  readonly #unbound = new Map<string, { readonly line: number; readonly why: string }>();

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  /** An exchange was not tried, or the server does not support it. */
  add({ expects, line }: Note, why = "was not tried"): void {
    for (const name of namesBoundBy(expects))
      if (this.#variables.get(name) === undefined) this.#unbound.set(name, { line, why });
  }

  /** Why an example cannot be played, where it uses a name that is free only because an exchange was not tried. */
  reasonFor(example: PlannedExample): string | undefined {
    if (this.#unbound.size === 0) return undefined;
    for (const move of example.moves) {
      if (move.kind !== "say") continue;
      if (move.by === "server") for (const name of namesBoundBy(move.lines)) this.#unbound.delete(name);
      else
        for (const { name } of move.lines.flatMap(({ placeholders }) => placeholders)) {
          const unbound = this.#unbound.get(name);
          if (unbound && this.#variables.get(name) === undefined)
            return `not tried: line ${unbound.line} binds {{${name}}}, and that line ${unbound.why}`;
        }
    }
    return undefined;
  }
}

/** The exchanges of an example that is not played. */
export function untriedNotes(example: PlannedExample, reason: string): readonly Note[] {
  const notes: Note[] = [];
  for (let at = 0; at < example.moves.length; at++) {
    const move = example.moves[at]!;
    if (move.kind !== "say") continue;
    const answer = answerTo(move, example.moves[at + 1]);
    if (answer) at++;
    const note = new Note(move, answer, example, "client");
    note.skipReason = reason;
    notes.push(note);
  }
  return notes;
}

const namesBoundBy = (expects: readonly LinePattern[]): readonly string[] =>
  expects.flatMap(({ placeholders, groups }) => [...placeholders.map(({ name }) => name), ...groups]);
