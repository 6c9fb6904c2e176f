/** Replies that a document leaves out, for a player that reads and keeps them all the same. */
import { answerTo, type Move, type Say } from "./moves.ts";
import type { PlannedDocument, PlannedExample } from "./planned.ts";

/**
 * The document with an answer of no lines after each client say that has none: it is read, and nothing in it is wrong. None
 * is added where the document says what comes: lines in a later exchange that sends nothing, or silence.
 */
export function withUnwrittenReplies(document: PlannedDocument): PlannedDocument {
  const examples = document.examples.map((example, i) =>
    example.role === "example" ? { ...example, moves: withAnswers(example.moves, movesAfter(document, i)) } : example,
  );
  return { ...document, examples };
}

/** What is played after an example on the same connections. */
const movesAfter = ({ examples, connection }: PlannedDocument, at: number): readonly Move[] =>
  connection === "example"
    ? []
    : examples
        .slice(at + 1)
        .flatMap(({ role, moves, fresh }: PlannedExample) => (role === "example" && !fresh ? moves : []));

function withAnswers(moves: readonly Move[], after: readonly Move[]): readonly Move[] {
  return moves.flatMap((move, at) => {
    if (move.kind !== "say" || move.by === "server" || answerTo(move, moves[at + 1])) return [move];
    const next = moves.slice(at + 1).find(isOn(move)) ?? after.find(isOn(move));
    return next?.by === "server" && next.kind !== "act" ? [move] : [move, unwrittenAnswer(move)];
  });
}

const isOn =
  ({ on }: Say) =>
  (move: Move): boolean =>
    move.on === on;

const unwrittenAnswer = (answers: Say): Say => ({
  kind: "say",
  by: "server",
  on: answers.on,
  line: answers.line,
  lines: [],
  answers,
  isKnown: true,
});
