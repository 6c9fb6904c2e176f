/**
 * Which names are bound where: before anything is sent, a client line must not use a name that no variable and no line
 * above it binds, and an example cannot run without what another one captures.
 */
import { didYouMean, WiredocError } from "../base/error.ts";
import type { Part, Placeholder } from "../match/parts.ts";
import type { LinePattern } from "../match/pattern.ts";
import type { Leave } from "./leave.ts";
import type { Act, Move, Pause, Say } from "./moves.ts";
import type { PlannedExample } from "./planned.ts";
import { neededNames } from "./variables.ts";

export interface Names {
  /** Goes through the lines of the next example of a document. */
  enter(name: string, moves: readonly Move[], runs: boolean, role: PlannedExample["role"]): NamesOfExample;
}

export interface NamesOfExample {
  /** Why it cannot run, where it uses a name captured only by examples that do not run. */
  readonly lacking: string | undefined;
  /** The names that it is the first to bind. */
  readonly captures: readonly string[];
}

interface Binding {
  readonly example: string;
  readonly line: number;
}

const AS_TEXT = "; braces that are meant as text are written \\{{";

export function nameChecker(
  written: ReadonlyMap<string, readonly Part[]>,
  leave: Leave,
  file: string,
  report: (error: WiredocError) => void,
): Names {
  /** Bound by an example that runs, or by one that does not. */
  const bound = new Set<string>();
  const missing = new Map<string, Binding>();
  /** Of those bound, the ones that only openings bind: each captures them anew. */
  const byOpenings = new Set<string>();

  const needs = neededNames(written);

  return {
    enter(exampleName, moves, runs, role) {
      const own = new Map<string, number>();
      let lacking: string | undefined;
      const check = (placeholder: Placeholder, line: number, why: string): void => {
        const span = { file, line, column: placeholder.column };
        for (const name of needs(placeholder.name)) {
          if (name === "connection.name" || bound.has(name) || own.has(name) || written.has(name)) continue;
          if (name.startsWith("env.")) {
            const mistake = leave.variable(name, span);
            if (mistake) report(mistake);
            continue;
          }
          const by = missing.get(name);
          if (by)
            lacking ??= `it uses {{${name}}}, which is captured in "${by.example}" (line ${by.line}), and that was not run`;
          else {
            const near = didYouMean(name, [...written.keys(), ...bound, ...own.keys()]);
            report(new WiredocError("unbound-name", `nothing above binds {{${name}}}${near}; ${why}${AS_TEXT}`, span));
          }
        }
      };
      const bind = (placeholder: Placeholder, line: number): void => {
        if (placeholder.name === "_" || written.has(placeholder.name)) return;
        if (placeholder.name.startsWith("env.") || placeholder.name === "connection.name") check(placeholder, line, "");
        else if (!own.has(placeholder.name)) own.set(placeholder.name, line);
      };
      const checkReply = (pattern: LinePattern): void => {
        const { line, repeat, placeholders, groups } = pattern;
        const isBound = (name: string): boolean =>
          name === "_" ||
          bound.has(name) ||
          own.has(name) ||
          written.has(name) ||
          missing.has(name) ||
          name.includes(".");
        if (repeat !== "once") {
          const mark = repeat === "optional" ? "(?)" : "(*)";
          const why = `a line with ${mark} may never come, so it binds nothing; write {{_}}, or bind the name before`;
          for (const one of placeholders) if (one.name !== "_") check(one, line, why);
          for (const name of groups) {
            if (!isBound(name))
              report(
                new WiredocError("unbound-name", `nothing above binds the group "${name}"; ${why}`, {
                  file,
                  line,
                  column: pattern.column,
                }),
              );
          }
          return;
        }
        for (const one of placeholders) {
          if (one.filter) check(one, line, `{{${one.name}|${one.filter}}} is made of a value that must be known`);
          else bind(one, line);
        }
        for (const name of groups) if (!own.has(name)) own.set(name, line);
      };
      const isBoundHere = (name: string): boolean =>
        bound.has(name) || own.has(name) || written.has(name) || name.includes(".");
      const checkSaid = ({ lines }: Say): void => {
        for (const { line, placeholders } of lines)
          for (const one of placeholders)
            check(one, line, "a reply line above, --var, or vars in the front matter can bind it");
      };
      const checkAwaited = ({ lines }: Say): void => {
        for (let i = 0; i < lines.length; i++) {
          const pattern = lines[i]!;
          if (i < lines.length - 1 && endsOpenly(pattern, isBoundHere)) {
            report(
              new WiredocError(
                "bad-suffix",
                "where a (no-eol) line ends cannot be seen if it holds a wildcard; it stands only at the end of a reply",
                { file, line: pattern.line, column: pattern.column },
              ),
            );
          }
          if (pattern.placeholders.length > 0 || pattern.groups.length > 0) checkReply(pattern);
        }
      };
      const checkArgument = (move: Act | Pause): void => {
        for (const part of move.kind === "act" ? move.argument : move.duration)
          if (part.kind === "placeholder")
            check(part, move.line, "a reply line above, --var, or vars in the front matter can bind it");
      };
      for (const move of moves) {
        if (move.kind !== "say") checkArgument(move);
        else if (move.by === "server") checkAwaited(move);
        else if (!move.isKnown) checkSaid(move);
      }
      const runsIndeed = runs && lacking === undefined;
      const captures = [...own.keys()].filter((name) => !bound.has(name) || byOpenings.has(name));
      for (const name of captures) {
        if (role === "opening") byOpenings.add(name);
        else byOpenings.delete(name);
      }
      for (const [name, line] of role === "anytime" ? [] : own) {
        if (runsIndeed) {
          bound.add(name);
          missing.delete(name);
        } else if (!bound.has(name) && !missing.has(name)) missing.set(name, { example: exampleName, line });
      }
      return { lacking, captures };
    },
  };
}

/** Whether a ` (no-eol)` line holds a wildcard, so that only silence tells where it ends. */
function endsOpenly(pattern: LinePattern, isBound: (name: string) => boolean): boolean {
  if (pattern.ending !== "none" || pattern.body.kind === "bytes") return false;
  return pattern.body.kind !== "text" || pattern.placeholders.some(({ name, filter }) => !filter && !isBound(name));
}
