/** The names in the lines of one example: which it binds, and whether those that it uses are bound. */
import { didYouMean, WiredocError } from "../base/error.ts";
import type { Part, Placeholder } from "../match/parts.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Act, Move, Pause, Say } from "./moves.ts";
import type { Permissions } from "./permissions.ts";

/** The reply line that captures a name. */
export interface Binding {
  readonly example: string;
  readonly line: number;
}

/** The names that are known where an example begins. */
export interface NamesAbove {
  readonly file: string;
  /** The variables. */
  readonly written: ReadonlyMap<string, readonly Part[]>;
  /** The names that have to be known for the value of a name. */
  readonly needs: (name: string) => ReadonlySet<string>;
  /** Captured by an example that runs. */
  readonly bound: ReadonlySet<string>;
  /** Captured only by examples that do not run. */
  readonly missing: ReadonlyMap<string, Binding>;
  readonly permissions: Permissions;
  readonly report: (error: WiredocError) => void;
}

const AS_TEXT = "; braces that are meant as text are written \\{{";
const HOW_TO_BIND = "a reply line above, --var, or vars in the front matter can bind it";

export class ExampleNames {
  /** The names that its replies bind, with the line of each. */
  readonly own: Map<string, number> = new Map<string, number>();
  /** Why it cannot run, where it uses a name that only examples bind that do not run. */
  lacking: string | undefined;
  readonly #above: NamesAbove;

  constructor(above: NamesAbove) {
    this.#above = above;
  }

  read(move: Move): void {
    if (move.kind !== "say") this.#readArgument(move);
    else if (move.by === "server") this.#readReply(move);
    else if (!move.isKnown) this.#readRequest(move);
  }

  #readArgument(move: Act | Pause): void {
    for (const part of move.kind === "act" ? move.argument : move.duration)
      if (part.kind === "placeholder") this.#use(part, move.line, HOW_TO_BIND);
  }

  #readRequest({ lines }: Say): void {
    for (const { line, placeholders } of lines) for (const one of placeholders) this.#use(one, line, HOW_TO_BIND);
  }

  #readReply({ lines }: Say): void {
    for (let i = 0; i < lines.length; i++) {
      const pattern = lines[i]!;
      if (i < lines.length - 1 && this.#endsOpenly(pattern))
        this.#mistake(
          "bad-suffix",
          "where a (no-eol) line ends cannot be seen if it holds a wildcard; it stands only at the end of a reply",
          pattern.line,
          pattern.column,
        );
      if (pattern.placeholders.length === 0 && pattern.groups.length === 0) continue;
      if (pattern.repeat === "once") this.#bindAll(pattern);
      else this.#useAll(pattern);
    }
  }

  /** A line that comes once binds its names. */
  #bindAll({ line, placeholders, groups }: LinePattern): void {
    for (const one of placeholders) {
      if (one.filter) this.#use(one, line, `{{${one.name}|${one.filter}}} is made of a value that must be known`);
      else this.#bind(one, line);
    }
    for (const name of groups) if (!this.own.has(name)) this.own.set(name, line);
  }

  /** A line that may never come binds nothing. */
  #useAll({ line, column, placeholders, groups, repeat }: LinePattern): void {
    const mark = repeat === "optional" ? "(?)" : "(*)";
    const why = `a line with ${mark} may never come, so it binds nothing; write {{_}}, or bind the name before`;
    for (const one of placeholders) if (one.name !== "_") this.#use(one, line, why);
    for (const name of groups)
      if (name !== "_" && !this.#isBound(name) && !this.#above.missing.has(name))
        this.#mistake("unbound-name", `nothing above binds the group "${name}"; ${why}`, line, column);
  }

  #bind(placeholder: Placeholder, line: number): void {
    const { name } = placeholder;
    if (name === "_" || this.#above.written.has(name)) return;
    if (isGiven(name)) this.#use(placeholder, line, "");
    else if (!this.own.has(name)) this.own.set(name, line);
  }

  #use(placeholder: Placeholder, line: number, why: string): void {
    const { needs, permissions, missing, report, file, written, bound } = this.#above;
    for (const name of needs(placeholder.name)) {
      if (name.startsWith("env.")) {
        const mistake = permissions.checkVariable(name, { file, line, column: placeholder.column });
        if (mistake) report(mistake);
      } else if (!this.#isBound(name)) {
        const by = missing.get(name);
        if (by)
          this.lacking ??= `it uses {{${name}}}, which is captured in "${by.example}" (line ${by.line}), and that was not run`;
        else {
          const near = didYouMean(name, [...written.keys(), ...bound, ...this.own.keys()]);
          const message = `nothing above binds {{${name}}}${near}; ${why}${AS_TEXT}`;
          this.#mistake("unbound-name", message, line, placeholder.column);
        }
      }
    }
  }

  #isBound(name: string): boolean {
    const { bound, written } = this.#above;
    return bound.has(name) || this.own.has(name) || written.has(name) || isGiven(name);
  }

  /** Whether a ` (no-eol)` line holds a wildcard, so that only silence tells where it ends. */
  #endsOpenly({ ending, body, placeholders }: LinePattern): boolean {
    if (ending !== "none" || body.kind === "bytes") return false;
    return body.kind !== "text" || placeholders.some(({ name, filter }) => !filter && !this.#isBound(name));
  }

  #mistake(code: "unbound-name" | "bad-suffix", message: string, line: number, column: number): void {
    this.#above.report(new WiredocError(code, message, { file: this.#above.file, line, column }));
  }
}

/** `env.NAME` and `connection.name`: the run knows them. */
const isGiven = (name: string): boolean => name === "connection.name" || name.startsWith("env.");
