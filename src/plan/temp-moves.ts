import type { LinePattern, LineTemplate } from "../match/pattern.ts";
import type { Act, Move, Say } from "./moves.ts";
import type { PlannedStep } from "./planned.ts";

function pattern(t: LineTemplate): LinePattern {
  const literal = t.parts.every((p) => p.kind === "text")
    ? t.parts.map((p) => (p.kind === "text" ? p.bytes : "")).join("")
    : undefined;
  return {
    source: t.source,
    line: t.line,
    column: t.column,
    marked: true,
    body: t.isBytes ? { kind: "bytes", items: t.parts } : { kind: "text", parts: t.parts },
    ending: t.ending,
    repeat: "once",
    literal,
    placeholders: t.placeholders,
    groups: [],
  };
}

export function toMoves(steps: readonly PlannedStep[]): readonly Move[] {
  const moves: Move[] = [];
  for (const step of steps) {
    if (step.kind === "exchange") {
      const { connection: on, line, isKnown } = step;
      const first: Say | undefined =
        step.sends.length > 0
          ? { kind: "say", by: "client", on, line, lines: step.sends.map(pattern), answers: undefined, isKnown }
          : undefined;
      if (first) moves.push(first);
      if (step.expects.length > 0)
        moves.push({ kind: "say", by: "server", on, line, lines: step.expects, answers: first, isKnown });
      continue;
    }
    const { connection: on, line, argument, verb } = step;
    if (verb === "wait" || verb === "silence")
      moves.push({ kind: "pause", by: verb === "wait" ? "client" : "server", on, line, duration: argument });
    else {
      const act: Act["act"] = verb === "connect" ? "open" : verb === "closed" ? "close" : verb;
      moves.push({ kind: "act", by: verb === "closed" ? "server" : "client", act, on, line, argument });
    }
  }
  return moves;
}
