/** The failures of a load: each once, with how often it came. */
import type { Scope } from "../match/variables.ts";
import type { Note } from "../play/note.ts";
import type { DocumentError, ExampleResult, Failure, FailureKind } from "../play/outcome.ts";
import { type Differ, Told } from "../play/result.ts";

/** Exchanges that failed at one line of a document in one way. */
export interface FailureGroup {
  readonly path: string;
  readonly count: number;
  /** The first of them, as an example with that exchange alone. */
  readonly example: ExampleResult;
  readonly failure: Failure;
}

/** Why a document could not be played. */
export interface LoadError extends DocumentError {
  readonly path: string;
}

interface Group {
  readonly path: string;
  readonly told: Told;
  count: number;
}

export class Failures {
  readonly #groups = new Map<string, Group>();

  add(path: string, note: Note): void {
    const { kind, line } = note.finding!;
    const key = keyOf(path, kind, line, note);
    const group = this.#groups.get(key);
    if (group) group.count++;
    else this.#groups.set(key, { path, told: new Told(note), count: 1 });
  }

  /** Says more about a failure: how the server ended. */
  async explain(
    path: string,
    note: Note,
    explain: (failure: Failure) => Promise<Failure | undefined>,
  ): Promise<boolean> {
    const { kind, line } = note.finding!;
    const group = this.#groups.get(keyOf(path, kind, line, note));
    if (!group) return false;
    group.told.compare(await loadDiffer(), NO_VALUES);
    const explained = await explain(group.told.failure!);
    if (explained) group.told.explain(explained);
    return explained !== undefined;
  }

  /** All of them, in the order of documents and lines. */
  async groups(): Promise<readonly FailureGroup[]> {
    if (this.#groups.size === 0) return [];
    const differ = await loadDiffer();
    return [...this.#groups.values()]
      .map(({ path, told, count }) => {
        told.compare(differ, NO_VALUES);
        return { path, count, example: exampleOf(told), failure: told.failure! };
      })
      .sort((a, b) => (a.path === b.path ? a.failure.line - b.failure.line : a.path < b.path ? -1 : 1));
  }
}

const keyOf = (path: string, kind: FailureKind, line: number, note: Note): string =>
  `${note.example.line} ${note.line} ${line} ${kind} ${path}`;

/** The values of names at the time of a failure are kept with its note. */
const NO_VALUES: Scope = { get: () => undefined };

async function loadDiffer(): Promise<Differ> {
  const [{ ReplyDiff }, { diffBytes }] = await Promise.all([
    import("../match/diff.ts"),
    import("../match/byte-diff.ts"),
  ]);
  return { ReplyDiff, diffBytes };
}

function exampleOf(told: Told): ExampleResult {
  const { note } = told;
  const { name, headings, line } = note.example;
  const exchange = told.result(false, () => "");
  return { name, headings, line, status: "failed", reason: undefined, attempts: 1, exchanges: [exchange], ms: note.ms };
}
