/** What `opening` and `anytime` examples may be made of (format guide, section 2). */
import { type ErrorCode, WiredocError } from "../base/error.ts";
import type { Attributes } from "../transcript/model.ts";
import type { Move, Say } from "./moves.ts";
import type { PlannedExample } from "./planned.ts";

/** Takes a mistake; the column is 1 where the whole line is meant. */
type TakeMistake = (code: ErrorCode, message: string, line: number, column?: number) => void;

export function roleOf({ opening, anytime }: Attributes): PlannedExample["role"] {
  if (opening) return "opening";
  return anytime ? "anytime" : "example";
}

/** Checks the moves of an example that begins at `line`. */
export function checkRole(
  attributes: Attributes,
  moves: readonly Move[],
  file: string,
  line: number,
  report: (error: WiredocError) => void,
): void {
  const mistake: TakeMistake = (code, message, at, column = 1) =>
    report(new WiredocError(code, message, { file, line: at, column }));
  if (attributes.opening && attributes.anytime)
    mistake("bad-example", "an example is an opening or may come anytime, not both", line);
  const role = roleOf(attributes);
  if (role === "example") return;
  const stray = moves.find(({ on }) => on !== "");
  if (stray)
    mistake("bad-example", `an ${role} example speaks on the connection it is played on; it names none`, stray.line);
  if (role === "opening") checkOpening(moves, mistake);
  else checkAnytime(moves, line, mistake);
}

function checkOpening(moves: readonly Move[], mistake: TakeMistake): void {
  const connect = moves.find((move) => move.kind === "act" && move.act === "open");
  if (connect)
    mistake(
      "bad-example",
      "an opening is played on each connection that is opened; it opens none itself",
      connect.line,
    );
}

function checkAnytime([first, ...rest]: readonly Move[], line: number, mistake: TakeMistake): void {
  const isAnswered = rest.length === 0 || (rest.length === 1 && isSay(rest[0]) && rest[0].by === "client");
  if (!isSay(first) || first.by !== "server" || !isAnswered) {
    mistake("bad-example", "an anytime example is reply lines, then the client lines that answer them", line);
    return;
  }
  const endless = first.lines.find(({ ending }) => ending === "none");
  if (endless)
    mistake(
      "bad-suffix",
      "what may come anytime is known by whole lines; (hex) and (no-eol) do not go with anytime",
      endless.line,
      endless.column,
    );
}

const isSay = (move: Move | undefined): move is Say => move?.kind === "say";
