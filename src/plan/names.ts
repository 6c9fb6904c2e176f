/**
 * Which names are bound where: before anything is sent, a client line must not use a name that no variable and no line
 * above it binds, and an example cannot run without what another one captures.
 */
import type { WiredocError } from "../base/error.ts";
import type { Part } from "../match/parts.ts";
import { type Binding, ExampleNames } from "./example-names.ts";
import type { Move } from "./moves.ts";
import type { Permissions } from "./permissions.ts";
import type { PlannedExample } from "./planned.ts";
import { neededNames } from "./variables.ts";

export interface NamesOfExample {
  /** Why it cannot run, where it uses a name captured only by examples that do not run. */
  readonly lacking: string | undefined;
  /** The names that it is the first to bind. */
  readonly captures: readonly string[];
}

const NO_NAMES: NamesOfExample = { lacking: undefined, captures: [] };

/** Whether a move uses and binds no name, as most do, and nothing about its wildcards has to be checked. */
function namesNothing(move: Move): boolean {
  if (move.kind !== "say" || !move.isKnown) return false;
  if (move.by === "client") return true;
  const { lines } = move;
  for (let i = 0; i < lines.length; i++) if (lines[i]!.groups.length > 0 || lines[i]!.ending === "none") return false;
  return true;
}

/** Takes the examples of a document in their order; mistakes go to `report`. */
export class Names {
  readonly #written: ReadonlyMap<string, readonly Part[]>;
  readonly #permissions: Permissions;
  readonly #file: string;
  readonly #report: (error: WiredocError) => void;
  readonly #needs: (name: string) => ReadonlySet<string>;
  /** Bound by an example that runs, or only by examples that do not. */
  readonly #bound = new Set<string>();
  readonly #missing = new Map<string, Binding>();
  /** The bound names that only openings bind: each opening captures them again. */
  readonly #byOpenings = new Set<string>();

  constructor(
    written: ReadonlyMap<string, readonly Part[]>,
    permissions: Permissions,
    file: string,
    report: (error: WiredocError) => void,
  ) {
    this.#written = written;
    this.#permissions = permissions;
    this.#file = file;
    this.#report = report;
    this.#needs = neededNames(written);
  }

  /** Goes through the lines of the next example. */
  enter(example: string, moves: readonly Move[], runs: boolean, role: PlannedExample["role"]): NamesOfExample {
    if (moves.every(namesNothing)) return NO_NAMES;
    const names = new ExampleNames({
      file: this.#file,
      written: this.#written,
      needs: this.#needs,
      bound: this.#bound,
      missing: this.#missing,
      permissions: this.#permissions,
      report: this.#report,
    });
    for (const move of moves) names.read(move);
    const { own, lacking } = names;
    const captures = [...own.keys()].filter((name) => !this.#bound.has(name) || this.#byOpenings.has(name));
    for (const name of captures) {
      if (role === "opening") this.#byOpenings.add(name);
      else this.#byOpenings.delete(name);
    }
    // What comes anytime is forgotten.
    if (role !== "anytime") this.#keep(example, own, runs && lacking === undefined);
    return { lacking, captures };
  }

  #keep(example: string, own: ReadonlyMap<string, number>, runs: boolean): void {
    for (const [name, line] of own) {
      if (runs) {
        this.#bound.add(name);
        this.#missing.delete(name);
      } else if (!this.#bound.has(name) && !this.#missing.has(name)) this.#missing.set(name, { example, line });
    }
  }
}
